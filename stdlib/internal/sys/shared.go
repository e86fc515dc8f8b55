//go:build unix

package sys

import (
	"errors"
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
		if err := errors.Join(c.rd.settle(s), c.wr.settle(s)); err != nil {
			return err
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
		fds, _ := unix.ParseUnixRights(&m)
		for _, fd := range fds {
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

// tryConnect is connect(2), which has no flag not to wait: the mode is changed
// for the moment that it takes. Nobody else minds, but who would at the very same
// time begin a call on a socket that is not even connected.
func (f *FD) tryConnect(fd int, sa unix.Sockaddr) error {
	if !f.shared.Load() || !blocking(fd) {
		return unix.Connect(fd, sa)
	}
	_ = unix.SetNonblock(fd, true)
	err := unix.Connect(fd, sa)
	_ = unix.SetNonblock(fd, false)
	return err
}

var errShared = errors.New("shared")

// accepting is an accept(2) that waits on a goroutine of its own.
type accepting struct {
	done bool
	fd   int
	from unix.Sockaddr
	err  error
}

// acceptShared is accept(2) on a listener that others have, too. That call has no
// flag not to wait, and setting O_NONBLOCK meanwhile would make a child's accept
// fail that begins in that moment. So it is made once poll(2) tells of a
// connection, and on a goroutine of its own: when another process was faster,
// it waits for the next connection. Who cannot wait so long leaves it under way,
// and the next accept here gets what it brings.
func (f *FD) acceptShared(s *interp.State, lim Limit) (int, unix.Sockaddr, error) {
	for f.fd >= 0 {
		if !blocking(f.fd) {
			nfd, sa := -1, unix.Sockaddr(nil)
			err := f.do(s, false, lim, callFunc(func(fd int) (err error) {
				nfd, sa, err = accept(fd)
				return err
			}))
			return nfd, sa, err
		}
		a := f.kin.accepting
		if a == nil {
			if err := f.do(s, false, lim, callFunc(readable)); err != nil {
				return -1, nil, err
			}
			if a = f.kin.accepting; a == nil {
				a = f.beginAccept()
			}
		}
		if err := f.await(s, a, lim); err != nil {
			return -1, nil, err
		}
		if !a.done || f.kin.accepting != a { // closed, or another thread has it
			continue
		}
		f.kin.accepting = nil
		if a.err != unix.ECONNABORTED {
			return a.fd, a.from, a.err
		}
	}
	return -1, nil, unix.EBADF
}

// grace is how long a call that must not wait gives an accept(2) whose connection
// has been seen.
const grace = 5 * time.Millisecond

func (f *FD) await(s *interp.State, a *accepting, lim Limit) error {
	if lim.Nonblock {
		lim.Deadline = time.Now().Add(grace)
	}
	t := s.Thread()
	f.rd.queue = append(f.rd.queue, t)
	err := t.WaitUntil(lim.Deadline, func() bool { return a.done || f.fd < 0 || f.kin.accepting != a })
	f.rd.leave(t)
	if err == interp.ErrTimeout && lim.Nonblock {
		return unix.EAGAIN
	}
	return err
}

// beginAccept begins an accept(2) that may wait. Nothing can end it but a
// connection: when no socket here listens any more by then, that is closed.
func (f *FD) beginAccept() *accepting {
	a, k, n := &accepting{fd: -1}, f.kin, f.net
	fd, err := dup(f.fd)
	if err != nil {
		a.err, a.done = err, true
		k.accepting = a
		return a
	}
	k.accepting = a
	go func() {
		nfd, sa, err := acceptWaiting(fd)
		for err == unix.EINTR {
			nfd, sa, err = acceptWaiting(fd)
		}
		unix.Close(fd)
		n.in.Locked(func() {
			a.fd, a.from, a.err, a.done = nfd, sa, err, true
			for p := range n.open {
				if c := p.Value(); c != nil && c.kin == k {
					c.rd.wakeAll()
				}
			}
			k.drop(n)
		})
	}()
	return a
}

// drop closes a connection that was accepted for sockets that are closed.
func (k *kin) drop(n *Net) {
	if k == nil || k.accepting == nil || !k.accepting.done {
		return
	}
	for p := range n.open {
		if c := p.Value(); c != nil && c.kin == k {
			return
		}
	}
	if k.accepting.err == nil {
		unix.Close(k.accepting.fd)
	}
	k.accepting = nil
}

// Pending reports whether a connection was accepted that nobody has taken yet.
func (f *FD) Pending() bool { return f.kin != nil && f.kin.accepting != nil && f.kin.accepting.done }

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
