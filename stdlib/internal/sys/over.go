//go:build unix

package sys

import (
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/trace"
)

// What follows is for protocols that are spoken over a descriptor, such as TLS,
// which make their system calls themselves.

// Traffic keeps what a protocol moves, for the observer. Moved returns what that was since it was last
// asked, in order.
type Traffic interface {
	Moved() []Part
}

// Part is what went one way before something went the other, or nothing: what was received is
// at its end.
type Part struct {
	Sent bool
	Data []byte
}

// Over makes do one operation of a protocol's: do makes its calls with Do and Once. What
// came and went meanwhile is told as send and recv, carried for a layer above.
func (f *FD) Over(s *interp.State, t Traffic, do func() error) error {
	o := f.net.overs.take()
	o.steps = do
	return f.over(s, t, Limit{}, o)
}

// OverOne is Over for one call, which is made as Do makes it.
func (f *FD) OverOne(s *interp.State, t Traffic, write bool, lim Limit, call interp.SystemCall) error {
	o := f.net.overs.take()
	o.write, o.call = write, call
	return f.over(s, t, lim, o)
}

func (f *FD) over(s *interp.State, t Traffic, lim Limit, o *op) error {
	o.Op, o.Carried = "recv", true
	if o.write {
		o.Op = "send"
	}
	if f.Observed() {
		o.events = func(error) []trace.Event { return told(o.Event, t.Moved()) }
	}
	err := f.run(s, lim, o)
	*o = op{}
	f.net.overs.put(o)
	return err
}

// told returns what the observer hears of an operation that moved parts: each of them, and then how it
// failed.
func told(e trace.Event, parts []Part) (events []trace.Event) {
	failed := e
	e.Err = nil
	for _, p := range parts {
		if e.Op, e.Data = "recv", p.Data; p.Sent {
			e.Op = "send"
		}
		events = append(events, e)
	}
	if failed.Err != nil {
		events = append(events, failed)
	}
	return events
}

// Above has do do an operation one layer above the socket, which makes those of the socket itself:
// it may complete the event. It is for who is observed.
func (f *FD) Above(s *interp.State, e trace.Event, do func(e *trace.Event) error) error {
	o := &op{Event: e}
	o.steps = func() error { return do(&o.Event) }
	return f.run(s, Limit{}, o)
}

// Do makes call, as all other calls of the package are made: without the turn and
// on a non-blocking descriptor, any number of times until it returns something
// else than EAGAIN. In between Do waits until the descriptor is readable or, with
// write, writable. When it cannot wait (a non-blocking limit) it calls once,
// with the turn, at the deadline it returns interp.ErrTimeout, once closed
// EBADF, and when the thread is interrupted the reason for that.
func (f *FD) Do(s *interp.State, write bool, lim Limit, call func() error) error {
	return f.do(s, write, lim, callFunc(func(int) error { return call() }))
}

// Once makes call without the turn, waiting for nothing but call itself.
func (f *FD) Once(s *interp.State, call func() error) error {
	if f.fd < 0 {
		return unix.EBADF
	}
	err := error(unix.EBADF)
	s.Thread().Outside(func() { f.Hold(func() { err = call() }) }, nil) // it is done before long
	return err
}

// Hold calls fn, during which the descriptor's number stays its own. It reports
// false, and calls nothing, when the descriptor is closed. The turn is not needed.
func (f *FD) Hold(fn func()) bool {
	return f.num.hold(func(int) { fn() })
}

// Busy reports whether a thread waits to receive or, with write, to send, or moves bytes.
func (f *FD) Busy(write bool) bool {
	return f.users > 0 || f.desc.Busy(write)
}

// Use counts, n being 1 or -1, who moves bytes in calls of which one may not be under way now:
// the descriptor cannot be given away meanwhile.
func (f *FD) Use(n int) { f.users += int32(n) }

// Observed reports whether there is an observer.
func (f *FD) Observed() bool { return f.net.Observed() }
