//go:build unix

package sys

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
)

// What follows is for protocols that are spoken over a descriptor, such as TLS,
// which make their system calls themselves.

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

// TryReceive reads from a stream socket without waiting: EAGAIN when there is nothing,
// 0 at the end. fd is the descriptor's number, which a call of Do, Once or Hold
// keeps its own. The lock is not needed.
func (f *FD) TryReceive(fd int, p []byte) (n int, err error) {
	for {
		if f.shared.Load() {
			n, _, err = unix.Recvfrom(fd, p, unix.MSG_DONTWAIT)
		} else {
			n, err = unix.Read(fd, p)
		}
		if err != unix.EINTR {
			return max(n, 0), err
		}
	}
}

// TrySend writes to a stream socket what it takes without waiting. See TryReceive.
func (f *FD) TrySend(fd int, p []byte) (n int, err error) {
	for {
		if f.shared.Load() {
			n, err = sendNow(fd, p, 0, nil)
		} else {
			n, err = send(fd, p, 0, nil)
		}
		if err != unix.EINTR {
			return max(n, 0), err
		}
	}
}

// Buffer lends a buffer of at least n bytes. It is given back with Put to the
// pool, unless that is nil.
func Buffer(n int) (*[]byte, *sync.Pool) { return buffer(n) }

// Observed reports whether there is an observer.
func (f *FD) Observed() bool { return f.net.observer != nil }

// Observe tells the observer of bytes that a call, begun at start, moved.
func (f *FD) Observe(s *interp.State, op string, start time.Time, data []byte, err error) {
	f.observe(s, op, start, "", data, err)
}
