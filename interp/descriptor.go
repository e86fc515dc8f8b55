package interp

import (
	"syscall"
	"time"

	"wirelua/interp/internal/turn"
)

// Desc is a descriptor that threads wait for: an open one that does not block, or on which
// calls are made that do not. It is for modules, and all of it for who has the turn. Forget must be
// called before the descriptor is closed.
type Desc struct{ d turn.Desc }

// DescriptorsToWait is how many descriptors an interpreter opens in order to wait for
// others, however many it waits for. A module that uses Desc counts them: see
// CountDescriptors.
const DescriptorsToWait = turn.Descriptors

// NewDesc makes fd a descriptor that threads can wait for.
func (in *Engine) NewDesc(fd int) *Desc {
	d := &Desc{}
	d.d.Init(in.turn, fd)
	return d
}

// SystemCall is what Desc.Do makes. Try makes it, and returns syscall.EAGAIN when it would have to wait.
type SystemCall interface{ Try(fd int) error }

// Do makes a call, again and again until it returns something else than EAGAIN, which Do
// then returns. In between t waits until the descriptor is readable or, with write,
// writable; threads that wait for the same do so in the order in which they came. At the deadline (none
// when zero) the error is ErrTimeout, after Forget EBADF, and when the thread is
// interrupted the reason for that. A call that need not wait succeeds however late it is.
func (d *Desc) Do(t *Thread, write bool, deadline time.Time, call SystemCall) error {
	if err := t.CheckCancel(); err != nil {
		return err
	}
	if t.owesTurn() { // who always finds something to do would keep the turn for ever
		if t.mayLeave() {
			t.task.SuspendReady()
			t.leftUntil(t.due(deadline))
			return errLeft
		}
		t.task.Yield()
	}
	if d.d.May(&t.task, write) {
		if err := call.Try(d.d.Number()); err != syscall.EAGAIN {
			if t.task.Queued() {
				t.task.Dequeue()
			}
			return err
		}
		if err := d.d.Missed(write); err != nil {
			return err
		}
	}
	return d.wait(t, write, t.due(deadline), call)
}

// owesTurn counts calls that need not wait, and reports whether it is time to let others run.
func (t *Thread) owesTurn() bool {
	if t.ready++; t.ready < maxReady {
		return false
	}
	t.ready = 0
	return true
}

// maxReady is how many calls may be made that need not wait before others have their turn; one that
// moves many bytes counts as one more for each perCall of them: a megabyte in all, and what one
// call moves beyond that.
const (
	maxReady = 64
	perCall  = 16 << 10
)

// Moved notes that a call has moved n bytes.
func (t *Thread) Moved(n int) {
	if n >= perCall {
		t.ready = uint8(min(int(t.ready)+n/perCall, maxReady))
	}
}

// wait is Do when the call has to wait.
func (d *Desc) wait(t *Thread, write bool, deadline time.Time, call SystemCall) (err error) {
	if !t.task.Queued() {
		d.d.Enqueue(&t.task, write)
	}
	defer func() {
		if err != errLeft {
			t.task.Dequeue()
		}
	}()
	for {
		if !deadline.IsZero() && !time.Now().Before(deadline) {
			if err := call.Try(d.d.Number()); err != syscall.EAGAIN {
				return err
			}
			return ErrTimeout
		}
		if t.leave(deadline) {
			return errLeft
		}
		t.Park(deadline)
		if d.d.Number() < 0 {
			return syscall.EBADF
		}
		if err := t.CheckCancel(); err != nil {
			return err
		}
		if !d.d.May(&t.task, write) {
			continue
		}
		if err := call.Try(d.d.Number()); err != syscall.EAGAIN {
			return err
		}
		if err := d.d.Missed(write); err != nil {
			return err
		}
	}
}

// Wake has those that wait make their calls again, for a reason that the system does not tell of.
func (d *Desc) Wake() { d.d.Wake() }

// Busy reports whether a thread waits to receive or, with write, to send.
func (d *Desc) Busy(write bool) bool { return d.d.Busy(write) }

// Drained notes that a call has read less than it had room for, from a stream: the next is not
// made before the system tells of more.
func (d *Desc) Drained() { d.d.Drained() }

// Forget is called before the descriptor is closed or given away: whoever waits finds EBADF.
// copied says that other descriptors may be copies of it.
func (d *Desc) Forget(copied bool) { d.d.Forget(copied) }
