//go:build unix && !linux

package main

import (
	"os"
	"syscall"
)

// deadlySignals are those that end a process which does not handle them, beside Ctrl-C and SIGTERM. Left to
// itself Go lets most of them pass, and shows its stacks for the others.
var deadlySignals = []os.Signal{
	syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGABRT, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGALRM,
	syscall.SIGVTALRM, syscall.SIGXCPU, syscall.SIGXFSZ,
}

// die cannot end the process by a signal here: its status says by which.
func die(syscall.Signal) {}
