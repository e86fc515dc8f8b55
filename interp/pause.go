package interp

import (
	"syscall"
	"time"
)

// Pause waits until a moment though a call might succeed: nil then, at the deadline (none when zero)
// ErrTimeout, after Forget EBADF, and when the thread is interrupted the reason. Calls of others wait behind
// it, as they do for one that Do makes.
func (d *Desc) Pause(t *Thread, write bool, until, deadline time.Time) error {
	if !t.task.Queued() {
		d.d.Enqueue(&t.task, write)
	}
	defer t.task.Dequeue()
	err := t.pause(until, deadline, func() bool { return d.d.Number() < 0 })
	if d.d.Number() < 0 {
		return syscall.EBADF
	}
	return err
}

// Pause waits until a moment, or until Wake: nil then, at the deadline (none when zero) ErrTimeout, and when t
// is interrupted the reason.
func (l *WaitList) Pause(t *Thread, until, deadline time.Time) error {
	if t.task.Queued() { // see await
		t.task.Dequeue()
	}
	t.quit()
	t.quit()
	l.add(t)
	err := t.pause(until, deadline, func() bool { return t.list == nil })
	if t.list == l {
		l.remove(t)
	}
	return err
}

// pause is a wait within a call that may wait for something else after it: so the function that t runs is
// not left in it, and the deadline that the call was left with stays what it is.
func (t *Thread) pause(until, deadline time.Time, over func() bool) error {
	deadline = t.due(deadline)
	defer func() { t.task.SetDeadline(deadline) }()
	for !over() && time.Now().Before(until) {
		if err := t.CheckCancel(); err != nil {
			return err
		}
		end := until
		if !deadline.IsZero() && deadline.Before(until) {
			if end = deadline; !time.Now().Before(end) {
				return ErrTimeout
			}
		}
		t.Park(end)
	}
	return nil
}
