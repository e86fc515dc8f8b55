//go:build unix

package sys

import (
	"fmt"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/trace"
)

// FromFD returns an FD for a copy of a descriptor. What is negative of family,
// type and proto is read off the descriptor; all of them are inside the fence, where
// they decide which door is asked.
func (n *Net) FromFD(s *interp.State, fd, family, typ, proto int) (*FD, error) {
	e := trace.Event{Op: "dup", Socket: n.described(fd)}
	return n.opening(s, e, func() error { return n.mayCopy(fd) },
		func() (*FD, error) { return n.fromFD(fd, family, typ, proto) })
}

// described is what the observer was told of a descriptor that the script may use; nil when that is nothing.
func (n *Net) described(fd int) *trace.Socket {
	if f := n.Find(fd); f != nil && n.Observed() {
		return f.Describe()
	}
	if g := n.given[fd]; g != nil {
		return g.seen
	}
	return nil
}

func (n *Net) fromFD(fd, family, typ, proto int) (*FD, error) {
	flags := max(typ, 0)
	if typ > 0 {
		typ &= 0xff
	}
	if !n.free {
		family, typ, proto = -1, -1, -1
	}
	if err := n.room(1); err != nil {
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
	kin, foreign := n.kinOf(fd)
	f := n.adoptCopy(copied, family, typ, proto, kin, foreign)
	f.begin(flags)
	f.patience = patienceOf(copied)
	if of := n.Find(fd); of != nil {
		f.origin, f.chaos, f.deaf = of.origin, of.chaos, of.deaf
	} else if g := n.given[fd]; g != nil {
		f.origin = g.origin
	}
	return f, nil
}

// kinOf returns what a copy of a descriptor has in common with it, and whether
// other processes may have it, too.
func (n *Net) kinOf(fd int) (k *kin, foreign bool) {
	if f := n.Find(fd); f != nil {
		if f.kin == nil {
			f.kin = new(kin)
		}
		return f.kin, f.shared.Load()
	}
	if g := n.given[fd]; g != nil {
		if g.kin == nil {
			g.kin = new(kin)
		}
		return g.kin, g.foreign
	}
	return new(kin), true // inherited
}

// CloseFD closes a bare descriptor number, as one that detach or recv_fds gave.
// A number that a socket of this interpreter has closes that socket.
func (n *Net) CloseFD(s *interp.State, fd int) error {
	if err := n.MayTake(fd); err != nil {
		return err
	}
	if f := n.Find(fd); f != nil {
		return f.CloseFor(s)
	}
	e := trace.Event{Op: "close", FD: fd, By: "script", Socket: n.described(fd)}
	return n.run(s, atOnce, &op{Event: e, steps: func() error {
		bare := n.forget(fd)
		if lingers(fd) {
			return n.closeLingering(s, bare.close)
		}
		return bare.close()
	}})
}

// mayCopy reports whether the script may have a copy of a descriptor. What the runtime works with
// besides sockets is none of its business.
func (n *Net) mayCopy(fd int) error {
	if _, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE); err != nil {
		return n.MayTake(fd)
	}
	return n.MayUse(fd)
}

// MayTake reports whether the script may have a descriptor, by its number, as its own, to close it.
// One that it did not come by itself is what the program was started with, and those are not
// close-on-exec; all others are what the runtime works with.
func (n *Net) MayTake(fd int) error {
	if err := n.MayUse(fd); err != nil || n.given[fd] != nil || n.Find(fd) != nil {
		return err
	}
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	if err == nil && flags&unix.FD_CLOEXEC != 0 {
		return &interp.OpError{Code: "EBADF", Errno: unix.EBADF,
			Message: fmt.Sprintf("descriptor %d is not the script's own; use what it belongs to", fd)}
	}
	return nil
}

// IsOpen reports whether fd is the number of an open descriptor.
func IsOpen(fd int) bool {
	_, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	return err == nil
}

// MayUse reports whether the script may use a descriptor by its number. A
// script inside the fence may use those it came by itself, not the host's.
func (n *Net) MayUse(fd int) error {
	if n.free || n.given[fd] != nil || n.Find(fd) != nil || n.policy.Everything() {
		return nil
	}
	return &interp.OpError{Code: "EACCES", Errno: unix.EACCES,
		Message: "not allowed: a script inside the fence may use only descriptors it came by itself"}
}
