//go:build unix

package sys

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// FromConn returns an FD for the socket of a connection or listener of the host's,
// with a descriptor of its own. It needs no door: what the host hands over, the
// script may use. unix.ENOTSOCK is the answer when c is something else.
func (n *Net) FromConn(c syscall.Conn) (*FD, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return nil, err
	}
	fd, typ := -1, 0
	if e := raw.Control(func(p uintptr) {
		if typ, err = unix.GetsockoptInt(int(p), unix.SOL_SOCKET, unix.SO_TYPE); err == nil {
			fd, err = dup(int(p))
		}
	}); e != nil {
		return nil, e
	}
	if err != nil {
		return nil, err
	}
	family, err := FamilyOf(fd)
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	return n.New(fd, family, typ, ProtoOf(fd))
}

// File returns the socket for the host, with a descriptor of its own.
func (f *FD) File() (*os.File, error) {
	if f.fd < 0 {
		return nil, unix.EBADF
	}
	fd, err := dup(f.fd)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "socket"), nil
}
