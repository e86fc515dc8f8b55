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

// lowWater is how much a socket takes without waiting when it is writable at all.
const lowWater = 1024

// sendNow is send without waiting on a descriptor that may block. Not all of
// these systems heed MSG_DONTWAIT where it is about sending.
func sendNow(fd int, p []byte, flags int, to unix.Sockaddr) (int, error) {
	if err := pollOne(fd, unix.POLLOUT); err != nil {
		return 0, err
	}
	if to == nil {
		if typ, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE); err == nil && typ == unix.SOCK_STREAM {
			p = p[:min(len(p), lowWater)]
		}
	}
	return send(fd, p, flags|unix.MSG_DONTWAIT, to)
}

// readNow and writeNow are for pipes that may block.
func readNow(fd int, p []byte) (int, error)  { return readLooking(fd, p) }
func writeNow(fd int, p []byte) (int, error) { return writeLooking(fd, p) }
