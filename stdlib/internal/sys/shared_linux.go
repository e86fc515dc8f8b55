package sys

import "golang.org/x/sys/unix"

// Pipe returns the descriptors of a pipe: its reader and its writer, which block
// and are close-on-exec.
func Pipe() (fds [2]int, err error) {
	err = unix.Pipe2(fds[:], unix.O_CLOEXEC)
	return fds, err
}

// acceptWaiting is accept(2) on a descriptor that may block; what it returns does not.
func acceptWaiting(fd int) (int, unix.Sockaddr, error) { return accept(fd) }
