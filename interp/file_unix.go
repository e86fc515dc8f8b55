//go:build unix

package interp

import (
	"io"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// openFlags keep open(2) from waiting; see openFile.
const openFlags = unix.O_NONBLOCK | unix.O_NOCTTY

// setBlocking makes calls on f wait: Go left it as openFlags have made it.
func setBlocking(f *os.File) {
	if raw, err := f.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { _ = unix.SetNonblock(int(fd), false) })
	}
}

// tryIO reads or writes what goes without waiting; syscall.EAGAIN when nothing does.
func tryIO(f *os.File, write bool, p []byte) (n int, err error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return 0, err
	}
	rawErr := raw.Control(func(fd uintptr) {
		for {
			if write {
				n, err = unix.Write(int(fd), p)
			} else {
				n, err = unix.Read(int(fd), p)
			}
			if err != unix.EINTR {
				return
			}
		}
	})
	switch {
	case rawErr != nil:
		return 0, os.ErrClosed
	case err != nil:
		return 0, err
	case n == 0 && !write && len(p) > 0:
		return 0, io.EOF
	case n < len(p) && write:
		return n, syscall.EAGAIN
	}
	return n, nil
}

// noReader reports whether opening name failed since it is a FIFO that nobody
// reads yet.
func noReader(name string, err error) bool {
	errno, ok := err.(*fs.PathError)
	if !ok || errno.Err != unix.ENXIO {
		return false
	}
	info, statErr := os.Stat(name)
	return statErr == nil && info.Mode()&fs.ModeNamedPipe != 0
}

// hasWriter reports whether somebody has opened the FIFO f to write to it. The byte
// it may have to read to find out is the first of f's.
func hasWriter(f *os.File) (first []byte, ok bool) {
	hungUp := false
	if raw, err := f.SyscallConn(); err == nil && runtime.GOOS == "linux" {
		// On Linux a FIFO hangs up only after somebody was there.
		_ = raw.Control(func(fd uintptr) {
			fds := []unix.PollFd{{Fd: int32(fd)}}
			_, _ = unix.Poll(fds, 0)
			hungUp = fds[0].Revents&unix.POLLHUP != 0
		})
	}
	var b [1]byte
	n, err := tryIO(f, false, b[:])
	return b[:n], hungUp || err != io.EOF
}

// cpuTime returns how long the process has been computing.
func cpuTime() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// ownGroup gives a program a process group of its own, so that killing it ends
// also those that it started.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func kill(cmd *exec.Cmd) {
	if cmd.SysProcAttr != nil && cmd.SysProcAttr.Setpgid {
		_ = unix.Kill(-cmd.Process.Pid, unix.SIGKILL)
	}
	_ = cmd.Process.Kill()
}

// exitStatus returns how a program ended, as io.popen's close tells ("exit" or
// "signal", and its number) and as os.execute does: the status of wait(2).
func exitStatus(p *os.ProcessState) (how string, code, raw int) {
	ws, ok := p.Sys().(syscall.WaitStatus)
	switch {
	case !ok:
		return "exit", p.ExitCode(), p.ExitCode() << 8
	case ws.Signaled():
		return "signal", int(ws.Signal()), int(ws)
	}
	return "exit", ws.ExitStatus(), int(ws)
}
