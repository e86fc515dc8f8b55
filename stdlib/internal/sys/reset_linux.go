package sys

import "golang.org/x/sys/unix"

// fionread asks how many bytes can be received.
const fionread = unix.TIOCINQ

// reset resets the connection, and reports whether it was one. Linux has TCP do that when it dissolves
// one; a Unix socket can only be ended both ways.
func (f *FD) reset(fd int) bool {
	if _, err := unix.Getpeername(fd); err != nil || f.Type != unix.SOCK_STREAM {
		return false
	}
	if f.Family == unix.AF_UNIX {
		return unix.Shutdown(fd, unix.SHUT_RDWR) == nil
	}
	return disconnect(fd, f.Family) == nil
}
