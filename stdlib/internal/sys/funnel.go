//go:build unix

package sys

import (
	"os"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/trace"
	"wirelua/stdlib/internal/addr"
)

// op is one operation of a script's: what is asked of the policy, what is done, and what
// the observer is told, in that order. See Net.run.
type op struct {
	trace.Event            // as far as it is known before run, or the call fills it in; without Op it is not told
	addr        *addr.Addr // what Event.Address is made of, for who is observed
	made        *FD        // what it has opened
	to          target     // whom it connects or sends to, for which the connect door is asked
	f           *FD        // what it is done on; nil when that is only to be opened

	door  func() error // asks what else there is to ask; nil: nothing
	write bool         // it waits until the descriptor is writable, not readable
	call  syscaller    // the system call, which is made until it need not wait
	steps func() error // instead of call, when one call is not all

	// events, if there is one, returns the events that it is told as instead of its own,
	// with all that differs; err is how it ended.
	events func(err error) []trace.Event
}

// target is whom an operation connects or sends to.
type target struct {
	addr *addr.Addr    // nil: nobody, or whom the socket is connected to
	name string        // what it was resolved from; for the policy
	sa   unix.Sockaddr // what a system call is given, once the door was asked
	held *os.File      // a Unix socket's, lest a link takes its place meanwhile
}

// atOnce is the limit of calls that never wait.
var atOnce = Limit{Nonblock: true}

// run is the one way that an operation of a script's goes: its door is asked, then whether
// the descriptor is open, the call is made, waiting as long as lim says while it
// cannot go on, and the observer hears how it ended. A descriptor that was
// closed before asks no door. s may be nil for what cannot wait: then nobody is told.
func (n *Net) run(s *interp.State, lim Limit, o *op) error {
	var err error
	if n.observer == nil || s == nil || o.Op == "" {
		err = o.perform(s, lim)
	} else {
		err = n.observed(s, lim, o)
	}
	if o.made != nil {
		n.noteMaker(s, o.made)
	}
	return err
}

// tell is the one place where the observer hears of something.
func (n *Net) tell(e trace.Event) { n.observer.Observe(e) }

// run is Net.run for an operation on f.
func (f *FD) run(s *interp.State, lim Limit, o *op) error {
	o.f, o.FD = f, f.fd
	return f.net.run(s, lim, o)
}

// forget makes an operation ready to be used again for the same.
func (o *op) forget() {
	if o.f.Observed() {
		o.Event = trace.Event{Op: o.Op}
	}
	o.f, o.addr, o.Data = nil, nil, nil
}

func (o *op) perform(s *interp.State, lim Limit) error {
	if o.f != nil && o.f.fd < 0 {
		return unix.EBADF
	}
	if o.door != nil {
		if err := o.door(); err != nil {
			return err
		}
	}
	if o.to.addr != nil {
		defer o.to.release()
		if err := o.to.ask(s, o.f); err != nil {
			return err
		}
	}
	switch {
	case o.f != nil && o.f.fd < 0:
		return unix.EBADF // closed while the policy looked a name up
	case o.steps != nil:
		return o.steps()
	}
	return o.f.do(s, o.write, lim, o.call)
}

// ask asks the connect door, and notes what a system call is to be given.
func (t *target) ask(s *interp.State, f *FD) error {
	dest, err := f.mayConnect(s, t.addr, t.name)
	if err == nil {
		t.sa, t.held, err = f.reach(dest)
	}
	return err
}

func (t *target) release() {
	if t.held != nil {
		t.held.Close()
	}
}

// Closed is an operation on something that the script has closed: EBADF. name is how the observer
// knows it; "" is not told.
func (f *FD) Closed(s *interp.State, name string) error {
	e := trace.Event{Op: name}
	if f.Observed() {
		e.Socket = f.Describe()
	}
	return f.net.Elsewhere(s, e, func(*trace.Event) error { return unix.EBADF })
}

// Elsewhere is run for what has no descriptor: a connection of the host's, a name server. do does
// it, and may complete the event.
func (n *Net) Elsewhere(s *interp.State, e trace.Event, do func(e *trace.Event) error) error {
	o := &op{Event: e}
	o.FD = -1
	o.steps = func() error { return do(&o.Event) }
	return n.run(s, Limit{}, o)
}
