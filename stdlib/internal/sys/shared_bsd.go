//go:build unix && !linux

package sys

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// Pipe returns the descriptors of a pipe: its reader and its writer, which block
// and are close-on-exec.
func Pipe() (fds [2]int, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err = unix.Pipe(fds[:]); err == nil {
		unix.CloseOnExec(fds[0])
		unix.CloseOnExec(fds[1])
	}
	return fds, err
}

// acceptWaiting is accept(2) on a descriptor that may block; what it returns does
// not. It cannot hold the fork lock for as long as it may wait.
func acceptWaiting(fd int) (int, unix.Sockaddr, error) {
	nfd, sa, err := unix.Accept(fd)
	nfd, err = prepared(nfd, err)
	return nfd, sa, err
}
