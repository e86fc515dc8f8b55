package sys

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// disconnect dissolves a datagram socket's connect: connect(2) to no address, as Linux has it.
func disconnect(fd, _ int) error {
	none := unix.RawSockaddrAny{Addr: unix.RawSockaddr{Family: unix.AF_UNSPEC}}
	_, _, errno := unix.RawSyscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&none)), unix.SizeofSockaddrInet4)
	if errno != 0 {
		return errno
	}
	return nil
}
