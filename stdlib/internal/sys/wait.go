//go:build unix

package sys

import (
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
)

// syscaller makes a system call: see interp.SystemCall. The calls made most, receiving and sending,
// are objects that are used again.
type syscaller = interp.SystemCall

// callFunc is a syscaller made of a function, called again when a signal interrupts it.
type callFunc func(fd int) error

func (c callFunc) Try(fd int) error {
	for {
		if err := c(fd); err != unix.EINTR {
			return err
		}
	}
}

// do makes a system call that may have to wait until the descriptor is readable
// or, with write, writable: any number of times until it returns something else than EAGAIN,
// which do then returns. When it cannot wait (a non-blocking limit) that is EAGAIN, at
// the deadline interp.ErrTimeout, once closed EBADF, and when the thread is
// interrupted the reason for that.
func (f *FD) do(s *interp.State, write bool, lim Limit, call syscaller) error {
	if f.fd < 0 {
		return unix.EBADF
	}
	if lim.Nonblock {
		return call.Try(f.fd)
	}
	if f.patience != (patience{}) && f.Timeout < 0 && lim.Deadline.IsZero() {
		return f.doPatiently(s, write, call)
	}
	return f.doWithin(s, write, lim, call)
}

// doPatiently is do for a descriptor that the system was told to let wait only so long.
func (f *FD) doPatiently(s *interp.State, write bool, call syscaller) error {
	d := f.Patience(write)
	if d == 0 {
		return f.doWithin(s, write, Limit{}, call)
	}
	s.Thread().Anew() // called again it would wait as long again
	err := f.doWithin(s, write, Limit{Deadline: time.Now().Add(d)}, call)
	if err == interp.ErrTimeout {
		err = unix.EAGAIN
	}
	return err
}

func (f *FD) doWithin(s *interp.State, write bool, lim Limit, call syscaller) error {
	if f.chaos != nil {
		return f.chaos.do(f, s, write, lim, call)
	}
	return f.desc.Do(s.Thread(), write, lim.Deadline, call)
}

// Await waits until the descriptor is readable or, with write, writable, for who makes calls
// with Once.
func (f *FD) Await(s *interp.State, write bool, lim Limit) error {
	events := int16(unix.POLLIN)
	if write {
		events = unix.POLLOUT
	}
	return f.do(s, write, lim, callFunc(func(fd int) error { return pollOne(fd, events) }))
}

// pollWithin waits for a descriptor without a Thread, for a moment.
func pollWithin(fd int, events int16, d time.Duration) bool {
	fds := []unix.PollFd{{Fd: int32(fd), Events: events}}
	for end := time.Now().Add(d); ; {
		n, err := unix.Poll(fds, int(max(time.Until(end), 0)/time.Millisecond))
		if err != unix.EINTR {
			return err == nil && n > 0
		}
	}
}
