//go:build unix

package sys

import (
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
)

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
			d.err = d.call.call(int(fd))
			d.done = d.err != unix.EAGAIN
			return d.done
		}
	}
	return d
}

// syscaller makes a system call.
type syscaller interface{ call(fd int) error }

// callFunc is a syscaller made of a function, called again when a signal interrupts it. The calls
// made most, receiving and sending, are objects that are used again.
type callFunc func(fd int) error

func (c callFunc) call(fd int) error {
	for {
		if err := c(fd); err != unix.EINTR {
			return err
		}
	}
}

// do makes a system call that may have to wait until the descriptor is readable
// or, with write, writable. The call is made without the turn, at any time and
// any number of times until it returns something else than EAGAIN, which do
// then returns. When it cannot wait (a non-blocking limit) that is EAGAIN, at
// the deadline interp.ErrTimeout, once closed EBADF, and when the thread is
// interrupted the reason for that.
func (f *FD) do(s *interp.State, write bool, lim Limit, call syscaller) error {
	if f.fd < 0 {
		return unix.EBADF
	}
	if lim.Nonblock {
		return call.call(f.fd)
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
			if err := call.call(f.fd); err != unix.EAGAIN {
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

// wait makes the call without the turn until it need not wait, and reports
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
