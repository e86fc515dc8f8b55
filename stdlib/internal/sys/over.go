//go:build unix

package sys

import (
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/trace"
)

// What follows is for protocols that are spoken over a descriptor, such as TLS,
// which make their system calls themselves.

// Over makes do one operation of a protocol's: do makes its calls with Do and Once. What
// came and went meanwhile, which moved returns, is told as send and recv, unless told is false.
func (f *FD) Over(s *interp.State, moved func() (received, sent []byte, told bool), do func() error) error {
	o := &op{Event: trace.Event{Op: "recv"}, steps: do}
	if f.Observed() {
		o.events = func(error) (events []trace.Event) {
			received, sent, told := moved()
			if e := o.Event; told && len(sent) > 0 {
				e.Op, e.Data = "send", sent
				events = append(events, e)
			}
			if e := o.Event; told && (len(received) > 0 || len(sent) == 0) {
				e.Data = received
				events = append(events, e)
			}
			return events
		}
	}
	return f.run(s, Limit{}, o)
}

// Do makes call, as all other calls of the package are made: without the lock and
// on a non-blocking descriptor, any number of times until it returns something
// else than EAGAIN. In between Do waits until the descriptor is readable or, with
// write, writable. When it cannot wait (a non-blocking limit) it calls once,
// holding the lock, at the deadline it returns interp.ErrTimeout, once closed
// EBADF, and when the thread is interrupted the reason for that.
func (f *FD) Do(s *interp.State, write bool, lim Limit, call func() error) error {
	return f.do(s, write, lim, callFunc(func(int) error { return call() }))
}

// Once makes call without the lock, waiting for nothing but call itself.
func (f *FD) Once(s *interp.State, call func() error) error {
	if f.fd < 0 {
		return unix.EBADF
	}
	o := &once{f: f, call: call}
	s.Thread().Wait(o)
	return o.err
}

type once struct {
	f    *FD
	call func() error
	err  error
}

func (o *once) Wait() {
	if !o.f.Hold(func() { o.err = o.call() }) {
		o.err = unix.EBADF
	}
}

func (o *once) Interrupt() {} // it is done before long

// Hold calls fn, during which the descriptor's number stays its own. It reports
// false, and calls nothing, when the descriptor is closed. The lock is not needed.
func (f *FD) Hold(fn func()) bool {
	return f.raw.Control(func(uintptr) { fn() }) == nil
}

// Busy reports whether a thread waits to receive or, with write, to send.
func (f *FD) Busy(write bool) bool {
	d := &f.rd
	if write {
		d = &f.wr
	}
	return d.busy != nil || len(d.queue) > 0
}

// Observed reports whether there is an observer.
func (f *FD) Observed() bool { return f.net.Observed() }
