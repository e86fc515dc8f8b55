//go:build unix

package sys

import (
	"golang.org/x/sys/unix"

	"wirelua/interp"
)

// FromFD returns an FD for a copy of a descriptor. What is negative of family,
// type and proto is read off the descriptor.
func (n *Net) FromFD(fd, family, typ, proto int) (*FD, error) {
	if err := n.MayUse(fd); err != nil {
		return nil, err
	}
	copied, err := dup(fd)
	if err != nil {
		return nil, err
	}
	if typ < 0 {
		if typ, err = unix.GetsockoptInt(copied, unix.SOL_SOCKET, unix.SO_TYPE); err != nil {
			unix.Close(copied)
			return nil, err
		}
	}
	if family < 0 {
		if family, err = FamilyOf(copied); err != nil {
			unix.Close(copied)
			return nil, err
		}
	}
	if proto < 0 {
		proto = ProtoOf(copied)
	}
	return n.New(copied, family, typ, proto)
}

// CloseFD closes a bare descriptor number, as one that detach or recv_fds gave.
// A number that a socket of this interpreter has closes that socket.
func (n *Net) CloseFD(fd int) error {
	if err := n.MayUse(fd); err != nil {
		return err
	}
	for p := range n.open {
		if f := p.Value(); f != nil && f.fd == fd {
			return f.Close()
		}
	}
	return n.closeGiven(fd)
}

// Give notes that the script came by a descriptor that nothing here holds: by
// detach, or received from another process. It may then use it.
func (n *Net) Give(fd int) { n.given[fd] = nil }

// MayUse reports whether the script may use a descriptor by its number. A
// script inside the fence may use those it came by itself, not the host's.
func (n *Net) MayUse(fd int) error {
	if n.free {
		return nil
	}
	if _, ok := n.given[fd]; ok {
		return nil
	}
	for p := range n.open {
		if f := p.Value(); f != nil && f.fd == fd {
			return nil
		}
	}
	return &interp.OpError{Code: "EACCES", Errno: unix.EACCES,
		Message: "not allowed: a script inside the fence may use only descriptors it came by itself"}
}
