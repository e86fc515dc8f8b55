//go:build unix

package sys

import (
	"golang.org/x/sys/unix"
)

// noFamily is the family of an FD that is no socket.
const noFamily = -1

// Pipe opens a pipe, both of its ends for the interpreter.
func (n *Net) Pipe() (r, w *FD, err error) {
	if err := n.room(2); err != nil {
		return nil, nil, err
	}
	fds, err := Pipe()
	if err != nil {
		return nil, nil, err
	}
	for _, fd := range fds {
		_ = unix.SetNonblock(fd, true)
	}
	return n.adoptPipe(fds[0]), n.adoptPipe(fds[1]), nil
}

// PipeEnd opens a pipe of which the interpreter has one end, and somebody else
// the other, a bare descriptor that blocks and is close-on-exec.
func (n *Net) PipeEnd(write bool) (ours *FD, theirs int, err error) {
	if err := n.room(2); err != nil {
		return nil, -1, err
	}
	fds, err := Pipe()
	if err != nil {
		return nil, -1, err
	}
	if write {
		fds[0], fds[1] = fds[1], fds[0]
	}
	_ = unix.SetNonblock(fds[0], true)
	return n.adoptPipe(fds[0]), fds[1], nil
}

func (n *Net) adoptPipe(fd int) *FD {
	f := n.adopt(fd, noFamily, 0, 0)
	f.Timeout = -1
	return f
}

// OpenPipe takes over a descriptor that is a pipe or a socket. When something
// here has it already, it is a copy of that one that is opened.
func (n *Net) OpenPipe(fd int) (*FD, error) {
	if err := n.MayUse(fd); err != nil {
		return nil, err
	}
	if err := n.room(1); err != nil {
		return nil, err
	}
	k, foreign := n.kinOf(fd)
	own, err := n.Own(fd)
	if err != nil {
		return nil, err
	}
	family, err := FamilyOf(own)
	if err != nil {
		family = noFamily
	}
	f := n.adoptCopy(own, family, 0, 0, k, foreign)
	f.Timeout = -1
	return f, nil
}

// Own returns a descriptor that is the caller's to close, and close-on-exec: fd
// itself, if the script had that by its number only, or a copy of it. The
// standard streams are the host's.
func (n *Net) Own(fd int) (int, error) {
	g := n.given[fd]
	if bare := fd > 2 && n.Find(fd) == nil; bare {
		if delete(n.given, fd); g != nil && g.num != nil {
			g.num.give()
		}
		_, err := unix.FcntlInt(uintptr(fd), unix.F_SETFD, unix.FD_CLOEXEC)
		return fd, err
	}
	copied, err := dup(fd)
	if err == nil && g != nil {
		err = n.closeGiven(fd) // there is a copy: it does not linger
	}
	return copied, err
}

// Copy returns a copy of a descriptor that is something else's, as one that the script came by.
func (n *Net) Copy(fd int) (int, error) {
	if err := n.room(1); err != nil {
		return -1, err
	}
	copied, err := dup(fd)
	if err == nil {
		n.given[copied] = &given{foreign: true}
	}
	return copied, err
}

// Dup returns a copy of a bare descriptor, close-on-exec.
func Dup(fd int) (int, error) { return dup(fd) }

// Abandon writes what there is room for within a moment, and closes the
// descriptor. It may be called without the turn, by the collector; the FD must
// not be used any more.
func (f *FD) Abandon(rest []byte) {
	f.TryWrite(rest)
	f.gone.Store(true) // before the number can be another's
	_ = f.num.close()
}
