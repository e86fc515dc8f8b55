//go:build unix

package sys

import (
	"errors"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/chaos"
)

// Disturbance is what Config.Chaos does to one connection, or to one socket that has none. A call is
// decided about when it is first tried, and the decision stays until the call has done
// something: so neither a call that is made again once the descriptor is ready, nor a loop that polls,
// changes what happens to the calls after it. nil disturbs nothing. The turn is not needed, but where
// a method says so.
type Disturbance struct {
	net    *Net
	thread int // whose socket it is: it is a part of the name

	mu         sync.Mutex
	name       string // by which chaos decides; "" until there is a call
	meant      bool   // the peer is one that Spec.Means
	connecting bool   // a connect is under way, which has been decided about
	dead       bool   // it has been reset
	sides      [2]disturbedSide
	clients    int   // how many were accepted
	late       *late // a datagram that is to go after the next one
}

// disturbedSide is one direction: of what is received, or accepted, and of what is sent.
type disturbedSide struct {
	stream  chaos.Stream
	hit     chaos.Hit
	decided bool      // hit is about the call under way
	begun   bool      // and its delay has begun
	until   time.Time // which it may not be made before
	held    bool      // and for that it was answered EAGAIN last
	free    time.Time // when what has moved is through, at the rate that there is
}

func (d *Disturbance) side(write bool) *disturbedSide {
	if write {
		return &d.sides[1]
	}
	return &d.sides[0]
}

// errHeld is what a call fails with that is to be made later, though the descriptor is ready.
var errHeld = errors.New("held back")

// heldCall is a call that a Disturbance may hold back.
type heldCall struct {
	d     *Disturbance
	write bool
	call  syscaller
}

// Try makes the call. EAGAIN is for the system to end, errHeld for the clock.
func (c *heldCall) Try(fd int) error {
	if time.Now().Before(c.d.heldUntil(c.write)) {
		return errHeld
	}
	err := c.call.Try(fd)
	if err == unix.EAGAIN && !c.d.heldUntil(c.write).IsZero() {
		return errHeld
	}
	return err
}

// heldUntil is when a call may be made that was held back; zero when none was.
func (d *Disturbance) heldUntil(write bool) time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.side(write); s.held {
		return s.until
	}
	return time.Time{}
}

// do is FD.do for a descriptor that is disturbed.
func (d *Disturbance) do(f *FD, s *interp.State, write bool, lim Limit, call syscaller) error {
	c := heldCall{d, write, call}
	for {
		err := f.desc.Do(s.Thread(), write, lim.Deadline, &c)
		if err != errHeld {
			return err
		}
		if err := f.desc.Pause(s.Thread(), write, d.heldUntil(write), lim.Deadline); err != nil {
			return err
		}
	}
}

// decide decides about a call, unless that has been done. The error is EAGAIN while it is not to be made.
// ready says whether there is something to receive, or room to send: a delay begins then.
func (d *Disturbance) decide(write bool, delay func(chaos.Hit) time.Duration, ready func() error) (chaos.Hit, error) {
	s := d.side(write)
	if !s.decided {
		s.hit, s.decided, s.begun, s.until = s.stream.Next(), true, false, time.Time{}
		if s.hit.Is(chaos.Bandwidth) {
			s.until = s.free
		}
	}
	wait := delay(s.hit)
	if !s.begun && (wait > 0 || s.hit.Is(chaos.Reset)) {
		if err := ready(); err != nil {
			s.held = false
			return s.hit, err
		}
		if s.begun = true; wait > 0 {
			s.until = later(s.until, time.Now().Add(wait))
		}
	}
	if s.held = time.Now().Before(s.until); s.held {
		return s.hit, unix.EAGAIN
	}
	return s.hit, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// done notes how a call ended that has moved n bytes.
func (d *Disturbance) done(write bool, n int, err error) {
	s := d.side(write)
	if s.held = false; err == unix.EAGAIN {
		return
	}
	s.decided = false
	if s.hit.Is(chaos.Bandwidth) {
		s.free = later(s.free, time.Now()).Add(d.net.chaos.Lasts(n))
	}
}

// part is how many of n bytes a call on a stream may move.
func (d *Disturbance) part(h chaos.Hit, k chaos.Kind, n int) int {
	if h.Is(k) {
		n = h.Part(n)
	}
	if piece := d.net.chaos.Piece(); h.Is(chaos.Bandwidth) && piece > 0 {
		n = min(n, piece)
	}
	return n
}

func callDelay(h chaos.Hit) time.Duration   { return h.Delay }
func acceptDelay(h chaos.Hit) time.Duration { return h.Accept }

// in is FD.in for a descriptor that is disturbed.
func (d *Disturbance) in(f *FD, fd int, k *packet) (n int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.know(f, fd); !d.meant || k.flags&(msgErrqueue|unix.MSG_OOB) != 0 {
		return f.take(fd, k)
	}
	if d.dead {
		return 0, nil
	}
	h, err := d.decide(false, callDelay, func() error { return f.arrived(fd) })
	if err != nil {
		return 0, err
	}
	if h.Is(chaos.Reset) && f.reset(fd) {
		d.dead, err = true, unix.ECONNRESET
	} else {
		n, err = d.receive(f, fd, k, h)
	}
	if k.flags&unix.MSG_PEEK != 0 {
		d.done(false, 0, err)
	} else {
		d.done(false, n, err)
	}
	return n, err
}

// arrived is EAGAIN while a call that receives would wait: one on what is not connected fails at once.
func (f *FD) arrived(fd int) error {
	err := readable(fd)
	if err == unix.EAGAIN && f.Type != unix.SOCK_DGRAM {
		if _, e := unix.Getpeername(fd); e != nil {
			return nil
		}
	}
	return err
}

// receive receives what may be received of what there is.
func (d *Disturbance) receive(f *FD, fd int, k *packet, h chaos.Hit) (n int, err error) {
	room := max(len(k.p), k.count)
	there, err := f.there(fd)
	switch {
	case err != nil: // with EAGAIN what comes from now on is the next call's
		return 0, err
	case there == 0:
		return f.take(fd, k)
	}
	few := d.part(h, chaos.ShortRead, min(there, room))
	if few >= min(there, room) {
		return f.take(fd, k)
	}
	some := *k
	some.p, some.count = some.p[:min(few, len(some.p))], min(few, some.count)
	n, err = f.take(fd, &some)
	k.peer, k.noob, k.got, k.cut = some.peer, some.noob, some.got, true
	return n, err
}

// there is how much a stream has to receive; 0 at its end, and for what is no stream. Nothing is EAGAIN, which
// FIONREAD alone does not tell from the end.
func (f *FD) there(fd int) (n int, err error) {
	if f.Type != unix.SOCK_STREAM {
		return 0, nil
	}
	for {
		if n, err = unix.IoctlGetInt(fd, fionread); err != nil || n > 0 {
			return max(n, 0), nil // what takes no FIONREAD is no stream
		}
		if n, err = f.take(fd, &packet{p: make([]byte, 1), flags: unix.MSG_PEEK}); n == 0 {
			return 0, err
		}
	}
}

// out is FD.out for a descriptor that is disturbed.
func (d *Disturbance) out(f *FD, fd int, k *packet) (n int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.know(f, fd); !d.meant && !d.meansOne(f, k) {
		return f.give(fd, k)
	}
	if d.dead {
		return 0, unix.EPIPE
	}
	h, err := d.decide(true, callDelay, func() error { return nil })
	switch {
	case err != nil:
		return 0, err
	case h.Is(chaos.Reset) && f.reset(fd):
		d.dead, err = true, unix.ECONNRESET
	case f.Type == unix.SOCK_STREAM:
		n, err = d.send(f, fd, k, h)
	default:
		n, err = d.sendDatagram(f, fd, k, h)
	}
	d.done(true, n, err)
	return n, err
}

// send sends what of it may be sent.
func (d *Disturbance) send(f *FD, fd int, k *packet, h chaos.Hit) (n int, err error) {
	all := k.size()
	few := d.part(h, chaos.ShortWrite, all)
	if few >= all {
		return f.give(fd, k)
	}
	some := *k
	switch k.kind {
	case plain:
		some.p = some.p[:few]
	case aMessage:
		some.pieces = first(some.pieces, few)
	default:
		some.count = few
	}
	n, err = f.give(fd, &some)
	k.offset = some.offset
	return n, err
}

// size is how many bytes there are to send.
func (k *packet) size() (n int) {
	switch k.kind {
	case plain:
		return len(k.p)
	case aMessage:
		for _, p := range k.pieces {
			n += len(p)
		}
		return n
	}
	return k.count
}

// first returns the first n bytes of pieces.
func first(pieces [][]byte, n int) (some [][]byte) {
	for _, p := range pieces {
		if n == 0 {
			break
		}
		p = p[:min(n, len(p))]
		n -= len(p)
		some = append(some, p)
	}
	return some
}

// accept is the system call of the same name, which a Disturbance may put off.
func (d *Disturbance) accept(f *FD, fd int) (nfd int, sa unix.Sockaddr, err error) {
	if d == nil {
		return accept(fd)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.know(f, fd); d.meant {
		if _, err := d.decide(false, acceptDelay, func() error { return readable(fd) }); err != nil {
			return -1, nil, err
		}
	}
	nfd, sa, err = accept(fd)
	d.done(false, 0, err)
	return nfd, sa, err
}
