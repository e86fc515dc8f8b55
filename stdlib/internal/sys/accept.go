//go:build unix

package sys

import (
	"errors"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/trace"
	"wirelua/stdlib/internal/addr"
)

// Accept takes a connection: accept(2). The client has the default timeout.
func (f *FD) Accept(s *interp.State, lim Limit) (c *FD, peer *addr.Addr, err error) {
	o := &op{Event: trace.Event{Op: "accept"}, door: func() error { return f.net.room(1) }}
	o.steps = func() error {
		nfd, sa, err := f.accept(s, lim)
		if err != nil {
			return err
		}
		if err = f.net.room(1); err != nil { // others have opened some while this waited
			unix.Close(nfd)
			return err
		}
		c, peer = f.net.adopt(nfd, f.Family, f.Type, f.Proto), addr.From(sa, f.Family)
		c.chaos.accepted(f, peer)
		o.made, o.addr = c, peer
		if f.patience != (patience{}) {
			c.patience = patienceOf(nfd) // some systems hand it on
		}
		return nil
	}
	return c, peer, f.run(s, lim, o)
}

func (f *FD) accept(s *interp.State, lim Limit) (nfd int, sa unix.Sockaddr, err error) {
	err = f.do(s, false, lim, callFunc(func(fd int) (err error) {
		if f.shared.Load() {
			return errShared
		}
		if err := f.net.room(1); err != nil { // others have opened some: the client stays in the queue
			return err
		}
		nfd, sa, err = f.chaos.accept(f, fd)
		for err == unix.ECONNABORTED {
			nfd, sa, err = f.chaos.accept(f, fd)
		}
		if err == unix.EAGAIN && f.deaf && !lim.Nonblock { // which a Unix socket says to who does not wait
			err = unix.EINVAL
		}
		return err
	}))
	if err == errShared {
		s.Thread().Stay()
		return f.acceptShared(s, lim)
	}
	return nfd, sa, err
}

var errShared = errors.New("shared")

// accepting is an accept(2) that waits on a goroutine of its own.
type accepting struct {
	at       *addr.Addr // where it listens
	typ      int
	returned chan struct{}

	done bool // from here on they are for who has the turn
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
				nfd, sa, err = f.chaos.accept(f, fd)
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
		if err := f.awaitAccept(s, a, lim); err != nil {
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

func (f *FD) awaitAccept(s *interp.State, a *accepting, lim Limit) error {
	if lim.Nonblock {
		lim.Deadline = time.Now().Add(grace)
	}
	err := f.kin.waiting.Await(s.Thread(), func() bool { return a.done || f.fd < 0 || f.kin.accepting != a }, lim.Deadline)
	if err == interp.ErrTimeout && lim.Nonblock {
		return unix.EAGAIN
	}
	return err
}

// beginAccept begins an accept(2) that may wait. Nothing can end it but a
// connection, not even closing the socket; see wake.
func (f *FD) beginAccept() *accepting {
	a, k, n := &accepting{typ: f.Type, returned: make(chan struct{}), fd: -1}, f.kin, f.net
	k.accepting = a
	a.at, a.err = f.Sockname()
	fd := -1
	if a.err == nil {
		a.err = n.room(1)
	}
	if a.err == nil {
		fd, a.err = dup(f.fd)
	}
	if a.done = a.err != nil; a.done {
		return a
	}
	if n.accepts == nil {
		n.accepts = map[*accepting]struct{}{}
	}
	n.accepts[a] = struct{}{}
	go func() {
		nfd, sa, err := acceptWaiting(fd)
		for err == unix.EINTR {
			nfd, sa, err = acceptWaiting(fd)
		}
		unix.Close(fd)
		close(a.returned)
		n.in.WithTurn(func() {
			a.fd, a.from, a.err, a.done = nfd, sa, err, true
			delete(n.accepts, a)
			k.waiting.WakeAll()
			k.tell(n)
			k.drop(n)
		})
	}()
	return a
}

// wake ends the accept when the interpreter closes: with a connection, which
// another process might take instead.
func (a *accepting) wake() {
	to := *a.at
	if to.Family != unix.AF_UNIX && to.IP.IsUnspecified() {
		if to.IP = netip.IPv6Loopback(); to.Family == unix.AF_INET {
			to.IP = netip.AddrFrom4([4]byte{127, 0, 0, 1})
		}
	}
	for range 20 {
		fd, err := socket(to.Family, a.typ, 0)
		if err != nil {
			return
		}
		_ = connect(fd, to.Sockaddr())
		select {
		case <-a.returned:
		case <-time.After(5 * time.Millisecond):
		}
		unix.Close(fd)
		select {
		case <-a.returned:
			return
		default:
		}
	}
}

// tell wakes who waits in select for a socket that has a connection to be taken now.
func (k *kin) tell(n *Net) {
	for t := range n.open {
		if c := t.of.Value(); c != nil && c.kin == k {
			c.Watches.Tell()
		}
	}
}

// drop closes a connection that was accepted for sockets that are closed.
func (k *kin) drop(n *Net) {
	if k == nil || k.accepting == nil || !k.accepting.done {
		return
	}
	for t := range n.open {
		if c := t.of.Value(); c != nil && c.kin == k {
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
