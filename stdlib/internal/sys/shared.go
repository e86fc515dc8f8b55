//go:build unix

package sys

import (
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
)

// O_NONBLOCK does not belong to a descriptor but to what it describes, and that
// is one for all processes that were handed it. A child expects its descriptors
// to block; the poller needs ours not to. So a descriptor that others have, too,
// is left as they want it, and the calls on it ask not to wait each by itself:
// with MSG_DONTWAIT, or by looking first where there is nothing like it. It is
// the same for one that came from outside, whose mode anybody may change at any
// time. Descriptors that are ours alone have the flag, and cost nothing more.

// kin is what the copies of a descriptor within one interpreter share.
type kin struct {
	accepting *accepting // begun by acceptShared
}

// adoptCopy takes over a copy of another descriptor of the same kin. The mode of
// a foreign one stays as it was found.
func (n *Net) adoptCopy(fd, family, typ, proto int, k *kin, foreign bool) *FD {
	// The poller takes only what it finds non-blocking, so for a moment it is.
	was := blocking(fd)
	if was {
		_ = unix.SetNonblock(fd, true)
	}
	f := n.adopt(fd, family, typ, proto)
	f.kin = k
	f.shared.Store(foreign)
	if was && foreign {
		_ = unix.SetNonblock(fd, false)
	}
	return f
}

func blocking(fd int) bool {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	return err == nil && flags&unix.O_NONBLOCK == 0
}

// Share makes the descriptor block for everybody else who has it, a child that
// it is handed to; the calls made here go on keeping to their limits. It may
// wait for a moment, until the calls that are under way know.
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
		if c.rd.relaying() || c.wr.relaying() {
			return &interp.OpError{Code: "EBUSY", Errno: unix.EBUSY, Message: "a relay is using the socket"}
		}
	}
	if f.kin == nil {
		f.kin = new(kin)
	}
	for _, c := range all {
		c.shared.Store(true)
	}
	for _, c := range all {
		for _, d := range []*side{&c.rd, &c.wr} {
			if err := d.settle(s); err != nil {
				return err
			}
		}
	}
	if f.fd < 0 {
		return unix.EBADF
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
	for p := range f.net.open {
		if c := p.Value(); c != nil && c != f && c.kin == f.kin {
			all = append(all, c)
		}
	}
	return all
}

// relaying reports whether a relay has the side: it makes its own calls.
func (d *side) relaying() bool { return d.busy != nil && d.call == nil }

// settle waits until no call is under way that began before now. Such a call is
// made again, and sees by then what has changed.
func (d *side) settle(s *interp.State) error {
	for turns := d.turns; d.busy != nil && d.turns == turns; {
		d.Interrupt()
		if err := s.Thread().Sleep(100 * time.Microsecond); err != nil {
			return err
		}
	}
	return nil
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
	if err == nil && n == 0 {
		err = unix.EAGAIN
	}
	return err
}
