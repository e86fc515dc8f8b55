//go:build unix

package conn

import (
	"errors"
	"math"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/trace"
	"wirelua/stdlib/internal/sys"
)

// Relay copies both ways between two connections until both have ended, and
// returns the bytes that went from a to b and from b to a, also when it fails. What
// was read ahead goes first. The end of one direction is passed on; a connection's
// timeout is how long it may be idle.
func Relay(s *interp.State, a, b *Conn) (ab, ba int64, err error) {
	r := &relay{begun: time.Now()}
	there, back := r.direction(s, a, b), r.direction(s, b, a)
	events := func(err error) []trace.Event { return []trace.Event{there.told(err), back.told(err)} }
	err = sys.NetOf(s.Interp()).Moving(s, there.event, events, func() error { return s.Beside(there.run, back.run) })
	return there.sent, back.sent, err
}

// relay is a call of Relay.
type relay struct {
	begun time.Time
	moved atomic.Int64 // nanoseconds from then to when bytes were moved last, one way or the other
}

// direction is one way of a relay.
type direction struct {
	move
	event trace.Event
	err   error
}

func (r *relay) direction(s *interp.State, from, to *Conn) *direction {
	d := &direction{move: move{from: &connSource{Conn: from}, to: to, left: math.MaxInt64}, event: event(s, from, "relay")}
	d.in, d.out = r.patience(from, false), r.patience(to, true)
	d.moved = func() { r.moved.Store(int64(time.Since(r.begun))) }
	return d
}

// patience is how long c may be idle from when it last was not: its timeout, or else the system's.
func (r *relay) patience(c *Conn, write bool) func() sys.Limit {
	return func() sys.Limit {
		t := c.t.Traits().Timeout
		if t < 0 {
			t = c.t.Traits().Patience(write)
		}
		if t > 0 {
			return sys.Limit{Deadline: r.begun.Add(time.Duration(r.moved.Load()) + t)}
		}
		return sys.Limit{}
	}
}

// run moves bytes until the end, which it passes on.
func (d *direction) run(s *interp.State) error {
	if d.err = d.move.run(s); d.err == nil {
		d.err = d.to.About(d.to.t.Finish(s, d.out()))
	}
	return d.err
}

func (d *direction) told(err error) trace.Event {
	e := d.event
	if e.N, e.Err = d.sent, d.err; errors.Is(e.Err, unix.ECANCELED) {
		e.Err = err // which ended it
	}
	return e
}
