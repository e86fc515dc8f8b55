package main

import (
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// deadlySignals are those that end a process which does not handle them, beside Ctrl-C and SIGTERM. Left to
// itself Go lets most of them pass, and shows its stacks for the others. It has no say over what is not
// here: SIGPROF and SIGPIPE, which are its own, and those of faults.
var deadlySignals = []os.Signal{
	syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGABRT, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGALRM,
	syscall.SIGVTALRM, syscall.SIGXCPU, syscall.SIGXFSZ, syscall.SIGIO, syscall.SIGPWR,
}

// die ends the process by a signal, as the system does when nothing handles it, so that whoever
// waits for the process sees that. It returns if that cannot be.
func die(sig syscall.Signal) {
	var byDefault [8]uint64 // a struct sigaction, which is shorter, of zeros
	_, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(&byDefault)), 0, 8, 0, 0)
	if errno == 0 && unix.Kill(os.Getpid(), sig) == nil {
		time.Sleep(time.Second) // it is on its way
	}
}
