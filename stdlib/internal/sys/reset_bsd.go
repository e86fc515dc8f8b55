//go:build unix && !linux

package sys

import "golang.org/x/sys/unix"

// fionread asks how many bytes can be received.
const fionread = 0x4004667f

// reset ends the connection, and reports whether it was one. These systems have no call for a reset
// but closing: the other end hears of the end now.
func (f *FD) reset(fd int) bool {
	if _, err := unix.Getpeername(fd); err != nil || f.Type != unix.SOCK_STREAM {
		return false
	}
	_ = unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	return unix.Shutdown(fd, unix.SHUT_RDWR) == nil
}
