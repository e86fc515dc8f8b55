//go:build unix

package sys

import (
	"golang.org/x/sys/unix"

	"wirelua/interp"
)

// O_NONBLOCK does not belong to a descriptor but to what it describes, and that
// is one for all processes that were handed it. A child expects its descriptors
// to block; the scheduler needs ours not to. So a descriptor that others have, too,
// is left as they want it, and the calls on it ask not to wait each by itself:
// with MSG_DONTWAIT, or by looking first where there is nothing like it. It is
// the same for one that came from outside, whose mode anybody may change at any
// time. Descriptors that are ours alone have the flag, and cost nothing more.

// kin is what the copies of a descriptor within one interpreter share.
type kin struct {
	accepting *accepting // begun by acceptShared
	waiting   interp.WaitList
}

// wake has those look that wait for an accept of kin's.
func (k *kin) wake() {
	if k != nil {
		k.waiting.WakeAll()
	}
}

// adoptCopy takes over a copy of another descriptor of the same kin. The mode of
// a foreign one stays as it was found.
func (n *Net) adoptCopy(fd, family, typ, proto int, k *kin, foreign bool) *FD {
	if !foreign {
		_ = unix.SetNonblock(fd, true)
	}
	f := n.adopt(fd, family, typ, proto)
	f.kin = k
	f.shared.Store(foreign)
	return f
}

func blocking(fd int) bool {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	return err == nil && flags&unix.O_NONBLOCK == 0
}

// Share makes the descriptor block for everybody else who has it, a child that
// it is handed to; the calls made here go on keeping to their limits.
func (f *FD) Share(s *interp.State) error {
	if err := f.lend(s); err != nil {
		return err
	}
	return unix.SetNonblock(f.fd, false)
}

// lend prepares f and its copies for others changing the mode.
func (f *FD) lend(s *interp.State) error {
	if f.fd < 0 {
		return unix.EBADF
	}
	if f.shared.Load() {
		return nil
	}
	all := f.copies()
	for _, c := range all {
		if c.users > 0 { // splice would wait for a descriptor that blocks
			return &interp.OpError{Code: "EBUSY", Errno: unix.EBUSY, Message: "another thread is moving bytes from or to the socket"}
		}
	}
	if f.kin == nil {
		f.kin = new(kin)
	}
	for _, c := range all {
		c.shared.Store(true)
	}
	return nil
}

// lendAll lends what was sent to another process as ancillary data.
func (n *Net) lendAll(s *interp.State, oob []byte) {
	messages, _ := unix.ParseSocketControlMessage(oob)
	for _, m := range messages {
		for _, fd := range rights(m) {
			if f := n.Find(fd); f != nil {
				_ = f.lend(s) // it is gone already: an error would come too late
			}
		}
	}
}

// copies returns f and what else of this interpreter has the same description.
func (f *FD) copies() []*FD {
	all := []*FD{f}
	if f.kin == nil {
		return all
	}
	for t := range f.net.open {
		if c := t.of.Value(); c != nil && c != f && c.kin == f.kin {
			all = append(all, c)
		}
	}
	return all
}

// dontwait is the flag of calls that receive or send.
func (f *FD) dontwait() int {
	if f.shared.Load() {
		return unix.MSG_DONTWAIT
	}
	return 0
}

// readable is EAGAIN while there is nothing to read or accept.
func readable(fd int) error { return pollOne(fd, unix.POLLIN) }

func pollOne(fd int, events int16) error {
	fds := []unix.PollFd{{Fd: int32(fd), Events: events}}
	n, err := unix.Poll(fds, 0)
	for err == unix.EINTR {
		n, err = unix.Poll(fds, 0)
	}
	if err == nil && n == 0 {
		err = unix.EAGAIN
	}
	return err
}
