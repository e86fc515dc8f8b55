//go:build unix && !linux

package sys

import "golang.org/x/sys/unix"

// disconnect dissolves a datagram socket's connect: connect(2) to a null address, which fails when
// that is done.
func disconnect(fd, family int) error {
	var none unix.Sockaddr = &unix.SockaddrInet4{}
	if family == unix.AF_INET6 {
		none = &unix.SockaddrInet6{}
	}
	if err := unix.Connect(fd, none); err != unix.EADDRNOTAVAIL && err != unix.EAFNOSUPPORT && err != unix.EINVAL {
		return err
	}
	return nil
}
