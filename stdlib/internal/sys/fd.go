//go:build unix

package sys

import (
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/trace"
)

// Traits are what scripts see of a socket as fields.
type Traits struct {
	// Timeout is how long one call may wait: negative is for ever, 0 not at all.
	Timeout time.Duration
	Family  int
	Type    int
	Proto   int

	patience // with Timeout negative
}

// patience is how long the system lets a call wait that blocks, by SO_RCVTIMEO and SO_SNDTIMEO: 0 is for ever.
// What it then answers is EAGAIN.
type patience struct{ receiving, sending time.Duration }

// Patience is how long, for receiving or, with write, for sending.
func (p *patience) Patience(write bool) time.Duration {
	if write {
		return p.sending
	}
	return p.receiving
}

// FD is a descriptor that threads wait for. A descriptor nobody refers to any more is
// closed by the collector.
type FD struct {
	Traits

	// With these, what each call needs is two lines of the cache: see interp.State.
	net    *Net
	fd     int // -1 once closed
	desc   *interp.Desc
	chaos  *Disturbance // nil: it is not disturbed
	linger bool         // SO_LINGER was set, on this or a copy of it that was made later
	plenty bool         // the last recv gave more than 32 KB
	deaf   bool         // it, or a copy, was shut down for receiving
	shared atomic.Bool  // others may make it block: see Share
	gone   atomic.Bool  // closed by Abandon, which cannot set fd for want of the turn

	num  *tracked
	seen *trace.Socket // what the observer was last told of it; nil: nothing
	origin
	number uint64 // as reports have it: see Net.Number; 0 for what is no socket
	polls  int32  // how many a Poller watches, of which this is the instance
	users  int32  // calls that move bytes from or to it: see Use
	kin    *kin   // what the copies of it have in common; nil while there is none

	tenancy *tenancy // nil without a Keeper

	Watches interp.Watches // of what was read from it and not handed out
}

// origin is what is known of how a socket came to its address.
type origin struct {
	made  bool // by socket(2) here, so that nobody else can have bound it
	bound bool // by Bind, or a copy of one that was
	mate  int8 // what is added to its number for that of the other end, of a socketpair; 0 elsewhere
	port  int  // that Bind was asked for: 0 is any
}

// New takes over the descriptor fd, which it makes non-blocking. It closes fd
// when it fails.
func (n *Net) New(fd, family, typ, proto int) (*FD, error) {
	if err := n.room(1); err != nil {
		unix.Close(fd)
		return nil, err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return n.adopt(fd, family, typ, proto), nil
}

// adopt takes over a descriptor that is non-blocking already.
func (n *Net) adopt(fd, family, typ, proto int) *FD {
	f := &FD{net: n, desc: n.in.NewDesc(fd), Traits: Traits{Family: family, Type: typ, Proto: proto, Timeout: n.DefaultTimeout}, chaos: n.disturbance()}
	n.track(f, fd)
	if family != noFamily {
		f.number = n.Number()
	}
	return f
}

// Socket opens a socket. s is nil when that is not the script's doing.
func (n *Net) Socket(s *interp.State, family, typ, proto int) (*FD, error) {
	f, err := n.opening(s, trace.Event{Op: "socket"}, func() error { return n.mayOpen(1, ordinary(family, typ&0xff, proto)) },
		func() (*FD, error) { return n.socket(family, typ, proto) })
	if err == nil {
		f.chaos.of(s)
	}
	return f, err
}

// mayOpen reports whether so many descriptors may be opened, of an ordinary kind or not.
func (n *Net) mayOpen(count int, ordinary bool) error {
	if !n.free && !ordinary {
		if err := n.policy.Raw(); err != nil {
			return err
		}
	}
	return n.room(count)
}

func (n *Net) socket(family, typ, proto int) (*FD, error) {
	fd, err := socket(family, typ, proto)
	if err != nil {
		return nil, err
	}
	f := n.adopt(fd, family, typ&0xff, proto)
	f.made = true
	f.begin(typ)
	return f, nil
}

// begin has a descriptor begin as its type asks for, into which SOCK_NONBLOCK may be mixed.
func (f *FD) begin(typ int) {
	if typ&sockNonblock != 0 {
		f.Timeout = 0
	}
}

// ordinary reports whether a kind of socket reaches only what its addresses say. The
// others are raw ones, under whatever name: Linux has AF_INET with SOCK_PACKET,
// and protocols such as SCTP connect by way of their options.
func ordinary(family, typ, proto int) bool {
	switch family {
	case unix.AF_UNIX:
		return true
	case unix.AF_INET, unix.AF_INET6:
		switch typ {
		case unix.SOCK_STREAM:
			return proto == 0 || proto == unix.IPPROTO_TCP
		case unix.SOCK_DGRAM:
			return proto == 0 || proto == unix.IPPROTO_UDP
		}
	}
	return false
}

// Pair opens two sockets that are connected to each other. s is nil when that is not
// the script's doing.
func (n *Net) Pair(s *interp.State, family, typ, proto int) (a, b *FD, err error) {
	o := &op{Event: trace.Event{Op: "socketpair", FD: -1}}
	// Of other families systems make pairs only for who has the rights, and Linux loads
	// a module of the kernel's to find out.
	o.door = func() error { return n.mayOpen(2, family == unix.AF_UNIX) }
	o.steps = func() (err error) {
		a, b, err = n.pair(family, typ, proto)
		return err
	}
	o.events = func(err error) []trace.Event {
		if err != nil {
			return []trace.Event{o.Event}
		}
		one, other := o.Event, o.Event
		one.FD, one.Socket = a.fd, a.Describe()
		other.FD, other.Socket = b.fd, b.Describe()
		return []trace.Event{one, other}
	}
	if err = n.run(s, Limit{}, o); err == nil {
		pairs(s, a, b)
		n.noteMaker(s, a)
		n.noteMaker(s, b)
	}
	return a, b, err
}

func (n *Net) pair(family, typ, proto int) (a, b *FD, err error) {
	fds, err := socketpair(family, typ, proto)
	if err != nil {
		return nil, nil, err
	}
	a, b = n.adopt(fds[0], family, typ&0xff, proto), n.adopt(fds[1], family, typ&0xff, proto)
	a.mate, b.mate = 1, -1
	a.begin(typ)
	b.begin(typ)
	return a, b, nil
}

// Fileno returns the descriptor's number, -1 once it is closed.
func (f *FD) Fileno() int { return f.fd }

// Net returns the Net it belongs to.
func (f *FD) Net() *Net { return f.net }

// Close closes the descriptor. Threads that wait on it wake, and find EBADF.
// Closing it again does nothing.
func (f *FD) Close() error { return f.close(f.num.close) }

func (f *FD) close(closing func() error) error {
	if f.fd < 0 {
		return nil
	}
	f.chaos.sendLast(f)
	f.net.keeper.keep(f)
	f.fd = -1
	f.net.untrack(f.num)
	f.desc.Forget(f.kin != nil || f.shared.Load())
	err := closing()
	f.kin.drop(f.net)
	f.kin.wake()
	return err
}

// CloseFor is Close for a script, of which the observer hears.
func (f *FD) CloseFor(s *interp.State) error {
	if f.fd < 0 {
		return nil
	}
	return f.run(s, atOnce, &op{Event: trace.Event{Op: "close", By: "script"}, steps: func() error { return f.CloseUntold(s) }})
}

// CloseUntold is CloseFor, but for the observer.
func (f *FD) CloseUntold(s *interp.State) error {
	if f.fd < 0 || !f.lingers() {
		return f.Close()
	}
	return f.close(func() error { return f.net.closeLingering(s, f.num.close) })
}

// Detach gives the descriptor away: its number, still open and still
// non-blocking. Waiters find EBADF.
func (f *FD) Detach(s *interp.State) (fd int, err error) {
	fd = f.fd
	return fd, f.run(s, atOnce, &op{Event: trace.Event{Op: "detach"}, steps: func() error { f.detach(); return nil }})
}

func (f *FD) detach() {
	fd := f.fd
	f.fd = -1
	g := &given{num: f.num.give(), kin: f.kin, foreign: f.shared.Load(), seen: f.seen, made: f.num.made, origin: f.origin}
	f.net.untrack(f.num)
	f.net.given[fd] = g
	f.desc.Forget(true)
	f.kin.wake()
}

// Dup returns a copy with a descriptor of its own.
func (f *FD) Dup(s *interp.State) (*FD, error) {
	e := trace.Event{Op: "dup"}
	if f.Observed() {
		e.Socket = f.Describe()
	}
	return f.net.opening(s, e, func() error { return f.net.room(1) }, f.dup)
}

func (f *FD) dup() (*FD, error) {
	if f.fd < 0 {
		return nil, unix.EBADF
	}
	fd, err := dup(f.fd)
	if err != nil {
		return nil, err
	}
	if f.kin == nil {
		f.kin = new(kin)
	}
	c := f.net.adoptCopy(fd, f.Family, f.Type, f.Proto, f.kin, f.shared.Load())
	c.origin, c.chaos, c.patience, c.deaf, c.mate, c.tenancy = f.origin, f.chaos, f.patience, f.deaf, 0, f.tenancy
	return c, nil
}

// Limit is how long one call of a script may wait, all its system calls
// together. It is taken once when the call begins.
type Limit struct {
	Nonblock bool
	Deadline time.Time // zero: none, but what the system was told: see patience
}

// Limit returns the limit that a call beginning now has.
func (t *Traits) Limit() Limit {
	switch {
	case t.Timeout < 0:
		return Limit{}
	case t.Timeout == 0:
		return Limit{Nonblock: true}
	}
	return Limit{Deadline: time.Now().Add(t.Timeout)}
}

// Begin is the limit of a call with MSG_ flags that begins now. One that must not wait lets others in
// now and then, as one that waits does, and before it has done anything: so a loop that polls
// ends when another thread says so. It raises an error when the thread is interrupted.
func (l Limit) Begin(s *interp.State, flags int) Limit {
	l = l.flagged(flags)
	if l.Nonblock {
		s.GiveWay()
	}
	return l
}

// flagged is the limit of a call with MSG_ flags. Nothing waits for a socket's queue of errors.
func (l Limit) flagged(flags int) Limit {
	l.Nonblock = l.Nonblock || flags&(unix.MSG_DONTWAIT|msgErrqueue) != 0
	return l
}

// OutOfBand reports whether a call with MSG_ flags receives what is beside the stream, which no call
// waits for: urgent data, the queue of errors.
func OutOfBand(flags int) bool { return flags&(unix.MSG_OOB|msgErrqueue) != 0 }

// ErrClosed is the errno of a closed descriptor.
const ErrClosed = unix.EBADF
