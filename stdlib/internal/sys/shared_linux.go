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

// sendNow is send without waiting on a descriptor that may block.
func sendNow(fd int, p []byte, flags int, to unix.Sockaddr) (int, error) {
	return send(fd, p, flags|unix.MSG_DONTWAIT, to)
}

// readNow and writeNow are for pipes that may block.
func readNow(fd int, p []byte) (int, error) {
	n, err := unix.Preadv2(fd, [][]byte{p}, -1, unix.RWF_NOWAIT)
	if err == unix.EOPNOTSUPP || err == unix.ENOSYS {
		return readLooking(fd, p)
	}
	return n, err
}

func writeNow(fd int, p []byte) (int, error) {
	n, err := unix.Pwritev2(fd, [][]byte{p}, -1, unix.RWF_NOWAIT)
	if err == unix.EOPNOTSUPP || err == unix.ENOSYS {
		return writeLooking(fd, p)
	}
	return n, err
}
