//go:build unix

package sys

import (
	"os"
	"sync/atomic"
	"syscall"
	"time"
	"weak"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/trace"
)

// FD is a descriptor on Go's poller. A descriptor nobody refers to any more is
// closed by the collector.
type FD struct {
	// Timeout is how long one call may wait: negative is for ever, 0 not at all.
	Timeout time.Duration
	Family  int
	Type    int
	Proto   int

	net    *Net
	file   *os.File
	raw    syscall.RawConn
	fd     int // -1 once closed
	rd, wr side
	self   weak.Pointer[FD]

	origin
	plenty bool        // the last recv gave more than 32 KB
	shared atomic.Bool // others may make it block: see Share
	gone   atomic.Bool // closed by Abandon, which cannot set fd for want of the lock
	kin    *kin        // what the copies of it have in common; nil while there is none
}

// origin is what is known of how a socket came to its address.
type origin struct {
	made  bool // by socket(2) here, so that nobody else can have bound it
	bound bool // by Bind, or a copy of one that was
	port  int  // that Bind was asked for: 0 is any
}

// New takes over the descriptor fd, which it makes non-blocking. It closes fd
// when it fails.
func (n *Net) New(fd, family, typ, proto int) (*FD, error) {
	if err := n.room(1); err != nil {
		unix.Close(fd)
		return nil, err
	}
	// os.NewFile puts a descriptor on the poller only if it finds it so.
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return n.adopt(fd, family, typ, proto), nil
}

// adopt takes over a descriptor that is non-blocking already.
func (n *Net) adopt(fd, family, typ, proto int) *FD {
	f := &FD{net: n, fd: fd, Family: family, Type: typ, Proto: proto, Timeout: n.DefaultTimeout}
	f.file = os.NewFile(uintptr(fd), "socket")
	f.raw, _ = f.file.SyscallConn()
	n.track(f)
	return f
}

// Socket opens a socket. s is nil when that is not the script's doing.
func (n *Net) Socket(s *interp.State, family, typ, proto int) (*FD, error) {
	start := n.Now()
	f, err := n.socket(family, typ, proto)
	n.opened(s, "socket", start, f, err)
	return f, err
}

func (n *Net) socket(family, typ, proto int) (*FD, error) {
	if !n.free && !ordinary(family, typ&0xff, proto) {
		if err := n.policy.Raw(); err != nil {
			return nil, err
		}
	}
	if err := n.room(1); err != nil {
		return nil, err
	}
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
	start := n.Now()
	a, b, err = n.pair(family, typ, proto)
	n.opened(s, "socketpair", start, a, err)
	if err == nil {
		n.opened(s, "socketpair", start, b, nil)
	}
	return a, b, err
}

func (n *Net) pair(family, typ, proto int) (a, b *FD, err error) {
	// Of other families systems make pairs only for who has the rights, and Linux loads
	// a module of the kernel's to find out.
	if !n.free && family != unix.AF_UNIX {
		if err := n.policy.Raw(); err != nil {
			return nil, nil, err
		}
	}
	if err := n.room(2); err != nil {
		return nil, nil, err
	}
	fds, err := socketpair(family, typ, proto)
	if err != nil {
		return nil, nil, err
	}
	a, b = n.adopt(fds[0], family, typ&0xff, proto), n.adopt(fds[1], family, typ&0xff, proto)
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
func (f *FD) Close() error {
	if f.fd < 0 {
		return nil
	}
	f.fd = -1
	delete(f.net.open, f.self)
	err := f.file.Close()
	f.kin.drop(f.net)
	f.rd.wakeAll()
	f.wr.wakeAll()
	return err
}

// CloseFor is Close for a script, of which the observer hears.
func (f *FD) CloseFor(s *interp.State) error {
	fd, start := f.fd, f.net.Now()
	err := f.Close()
	if fd >= 0 {
		f.net.Report(s, start, trace.Event{Op: "close", FD: fd, Err: err})
	}
	return err
}

// Detach gives the descriptor away: its number, still open and still
// non-blocking. Waiters find EBADF. The os.File stays around until CloseFD, since
// neither it nor the poller can let go of a descriptor without closing it.
func (f *FD) Detach(s *interp.State) (int, error) {
	if f.fd < 0 {
		return -1, unix.EBADF
	}
	f.observe(s, "detach", f.net.Now(), "", nil, nil)
	fd := f.fd
	f.fd = -1
	delete(f.net.open, f.self)
	f.net.given[fd] = &given{file: f.file, kin: f.kin, foreign: f.shared.Load(), origin: f.origin}
	f.rd.wakeAll()
	f.wr.wakeAll()
	for _, d := range []*side{&f.rd, &f.wr} {
		if d.busy != nil {
			d.Interrupt()
		}
	}
	return fd, nil
}

// Dup returns a copy with a descriptor of its own.
func (f *FD) Dup(s *interp.State) (*FD, error) {
	if f.fd < 0 {
		return nil, unix.EBADF
	}
	start := f.net.Now()
	c, err := f.dup()
	f.net.opened(s, "dup", start, c, err)
	return c, err
}

func (f *FD) dup() (*FD, error) {
	if err := f.net.room(1); err != nil {
		return nil, err
	}
	fd, err := dup(f.fd)
	if err != nil {
		return nil, err
	}
	if f.kin == nil {
		f.kin = new(kin)
	}
	c := f.net.adoptCopy(fd, f.Family, f.Type, f.Proto, f.kin, f.shared.Load())
	c.origin = f.origin
	return c, nil
}

// Limit is how long one call of a script may wait, all its system calls
// together. It is taken once when the call begins.
type Limit struct {
	Nonblock bool
	Deadline time.Time // zero: none
}

// Limit returns the limit that a call beginning now has.
func (f *FD) Limit() Limit {
	switch {
	case f.Timeout < 0:
		return Limit{}
	case f.Timeout == 0:
		return Limit{Nonblock: true}
	}
	return Limit{Deadline: time.Now().Add(f.Timeout)}
}

// side is one direction of a descriptor. Go's poller takes one waiter for each,
// so further threads queue up until that one is done.
type side struct {
	busy  *interp.Thread   // who waits on the poller
	queue []*interp.Thread // who waits for its turn
	turns uint32           // how often somebody waited there
	stale bool             // the poller's deadline is not "none"
	write bool
	done  bool
	fd    *FD
	call  syscaller
	tried func(fd uintptr) bool // makes the call, and says whether that was all
	err   error
}

func (f *FD) side(write bool) *side {
	d := &f.rd
	if write {
		d = &f.wr
	}
	if d.tried == nil {
		d.write, d.fd = write, f
		d.tried = func(fd uintptr) bool {
			d.err = again(int(fd), d.call)
			d.done = d.err != unix.EAGAIN
			return d.done
		}
	}
	return d
}

// syscaller makes a system call.
type syscaller interface{ call(fd int) error }

// callFunc is a syscaller made of a function. The calls made most, receiving and
// sending, are objects that are used again.
type callFunc func(fd int) error

func (c callFunc) call(fd int) error { return c(fd) }

// again makes a system call until it is not interrupted by a signal.
func again(fd int, c syscaller) error {
	for {
		if err := c.call(fd); err != unix.EINTR {
			return err
		}
	}
}

// do makes a system call that may have to wait until the descriptor is readable
// or, with write, writable. The call is made without the lock, at any time and
// any number of times until it returns something else than EAGAIN, which do
// then returns. When it cannot wait (a non-blocking limit) that is EAGAIN, at
// the deadline interp.ErrTimeout, once closed EBADF, and when the thread is
// interrupted the reason for that.
func (f *FD) do(s *interp.State, write bool, lim Limit, call syscaller) error {
	if f.fd < 0 {
		return unix.EBADF
	}
	if lim.Nonblock {
		return again(f.fd, call)
	}
	t := s.Thread()
	d := f.side(write)
	for {
		if f.fd < 0 {
			return unix.EBADF
		}
		if err := t.CheckCancel(); err != nil {
			return err
		}
		if !lim.Deadline.IsZero() && !time.Now().Before(lim.Deadline) {
			// A call that need not wait succeeds however late it is.
			if err := again(f.fd, call); err != unix.EAGAIN {
				return err
			}
			return interp.ErrTimeout
		}
		if d.busy != nil {
			d.queue = append(d.queue, t)
			t.Park(lim.Deadline)
			d.leave(t)
			continue
		}
		if d.wait(t, lim.Deadline, call) {
			return d.err
		}
	}
}

// wait makes the call without the lock until it need not wait, and reports
// whether it came to that.
func (d *side) wait(t *interp.Thread, deadline time.Time, call syscaller) bool {
	if d.stale || !deadline.IsZero() {
		d.setDeadline(deadline)
		d.stale = !deadline.IsZero()
	}
	d.busy, d.call, d.done = t, call, false
	d.turns++
	t.Wait(d)
	d.busy, d.call = nil, nil
	if len(d.queue) > 0 {
		d.queue[0].Unpark()
	}
	return d.done
}

func (d *side) setDeadline(t time.Time) {
	if d.write {
		d.fd.file.SetWriteDeadline(t)
	} else {
		d.fd.file.SetReadDeadline(t)
	}
}

// Wait and Interrupt make a side something that a thread can wait in.
func (d *side) Wait() {
	if d.write {
		d.fd.raw.Write(d.tried)
	} else {
		d.fd.raw.Read(d.tried)
	}
}

func (d *side) Interrupt() {
	d.stale = true
	d.setDeadline(longAgo)
}

var longAgo = time.Unix(1, 0)

func (d *side) leave(t *interp.Thread) {
	for i, q := range d.queue {
		if q == t {
			d.queue = append(d.queue[:i], d.queue[i+1:]...)
			break
		}
	}
	if d.busy == nil && len(d.queue) > 0 {
		d.queue[0].Unpark()
	}
}

func (d *side) wakeAll() {
	for _, t := range d.queue {
		t.Unpark()
	}
}

// observe tells the observer, if there is one, of a call that began at start.
func (f *FD) observe(s *interp.State, op string, start time.Time, addr string, data []byte, err error) {
	if f.net.observer == nil {
		return
	}
	f.net.Report(s, start, trace.Event{Op: op, FD: f.fd, Address: addr, Data: data, Err: err})
}

// ErrClosed is the errno of a closed descriptor.
const ErrClosed = unix.EBADF
