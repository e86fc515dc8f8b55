package interp

import (
	"context"
	"time"
)

// There are two ways to wait, and both give up the turn: Await, for what another thread or goroutine
// does, which it then tells by Unpark or a WaitList, and of which Block, Sleep and Desc's are made;
// and Outside, for what has to be called and takes long.

// Await waits until done reports true, returning nil; at the deadline (none when zero) it returns
// ErrTimeout, and when interrupted the reason. done is called with the turn, and must not wait.
// Whoever makes it true calls Unpark afterwards. A wait of no length lets others run once, so that
// a loop which asks again and again does not keep them from answering.
func (t *Thread) Await(done func() bool, deadline time.Time) error {
	waited, err := t.await(done, deadline)
	if waited && err == nil && t.Stopped() { // which may be why: the traceback shall name this call
		return errStopped
	}
	return err
}

// await is Await for what is not undone when the thread was stopped; it says whether it waited.
func (t *Thread) await(done func() bool, deadline time.Time) (waited bool, err error) {
	deadline, waited = t.due(deadline), t.light.resumed
	if t.task.Queued() {
		// It was left in a wait for a descriptor, and called again waits for something else first, perhaps
		// for a thread that is behind it there.
		t.task.Dequeue()
	}
	for ; ; waited = true {
		if done() {
			return waited, nil
		}
		if err := t.CheckCancel(); err != nil {
			return waited, err
		}
		switch {
		case deadline.IsZero() || time.Now().Before(deadline):
			if t.leave(deadline) {
				return waited, errLeft
			}
			t.Park(deadline)
		case waited:
			return waited, ErrTimeout
		default:
			if err := t.Yield(); err != nil {
				return waited, err
			}
		}
	}
}

// Park waits until Unpark, until deadline (none when zero), or until the thread is interrupted.
// It may return early: callers loop until what they wait for has come, CheckCancel fails, or the
// deadline has passed. Await is that loop.
func (t *Thread) Park(deadline time.Time) {
	t.leaves()
	t.task.Park(deadline)
	t.isBack()
}

// Unpark ends t's present Park, or if there is none the next.
func (t *Thread) Unpark() { t.task.Unpark() }

// Sleep waits for d. If d is negative it waits for ever, and if d is 0 it is Yield.
func (t *Thread) Sleep(d time.Duration) error {
	if d == 0 {
		return t.Yield()
	}
	var deadline time.Time
	if d > 0 {
		deadline = time.Now().Add(d)
	}
	err := t.Await(func() bool { return false }, deadline)
	if err == ErrTimeout {
		err = nil
	}
	return err
}

// Yield lets other threads run that can go on.
func (t *Thread) Yield() error {
	if err := t.CheckCancel(); err != nil {
		return err
	}
	t.in.worked.Add(1)
	t.task.Yield()
	return nil
}

// giveWay is State.GiveWay, with the error returned.
func (t *Thread) giveWay() error {
	if !t.owesTurn() {
		return nil
	}
	return t.Yield()
}

// GiveWay is for calls that may wait, when they can go on at once, and for those that ask whether they
// would have to: it yields now and then. Without it a thread that always finds its queue filled or its
// lock free would keep the turn for ever, and a loop that asks for something
// only another thread can do would never see it done. It is called before the call does anything. It
// raises an error when the thread is interrupted.
func (s *State) GiveWay() {
	if err := s.thread.giveWay(); err != nil {
		s.Raise(err)
	}
}

// Block runs fn on another goroutine and waits for it. When the thread is interrupted ctx ends and
// Block returns at once with the reason, leaving fn to end by itself: fn must not touch anything
// that the caller goes on to use, but when Block returns nil.
func (t *Thread) Block(fn func(ctx context.Context)) error {
	if err := t.CheckCancel(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var failure error // a panic's, or errGoexit
	over := false
	t.in.wg.Add(1)
	Aside(func() error { fn(ctx); return nil }, func(err error) {
		defer t.in.wg.Done()
		t.in.Engine().WithTurn(func() { failure, over = err, true; t.Unpark() })
	})
	if _, err := t.await(func() bool { return over }, time.Time{}); err != nil {
		return err
	}
	return failure
}

// Outside calls fn, which may take its time, without the turn, on the thread's own goroutine. It
// takes the turn again when fn returns, and also when that panics or ends the goroutine: what that
// unwinds then believes that it has it. interrupt, if there is one, makes fn end early. Another
// goroutine calls it, which has the turn; it must not wait itself, and may come when fn has ended
// already. The caller finds out what happened; CheckCancel tells whether the wait was ended from
// outside.
func (t *Thread) Outside(fn, interrupt func()) {
	if t.early = interrupt; interrupt == nil {
		t.early = func() {}
	}
	t.leaves()
	t.task.Leave()
	defer t.resume()
	fn()
}

// Wait calls fn, which waits for what comes from outside the interpreter, a net.Conn's Read for example,
// as Outside does: without the turn, on the thread's own goroutine, while other threads run. So fn
// must touch nothing that needs the turn. interrupt makes fn return early, and may be called when it
// has already: it must do no harm then. Wait returns fn's error, or, if fn failed when the thread had
// been interrupted, or that was so before, the reason for that; see Interrupted. What fn got in spite of that is
// not lost: then the error is nil.
func (t *Thread) Wait(fn func() error, interrupt func()) (err error) {
	if err := t.CheckCancel(); err != nil {
		return err
	}
	t.Outside(func() { err = fn() }, interrupt)
	if err != nil {
		if stop := t.CheckCancel(); stop != nil {
			return stop
		}
	}
	return err
}

func (t *Thread) resume() {
	t.task.Return()
	t.early = nil
	t.isBack()
}

// leaves and isBack come before and after a wait, and measure it for who observes.
func (t *Thread) leaves() {
	t.in.worked.Add(1)
	if t.in.config.Observer != nil {
		if t.waits == nil {
			t.waits = &waits{}
		}
		t.waits.since = time.Now()
	}
}

func (t *Thread) isBack() {
	if t.waits != nil {
		t.waits.took += time.Since(t.waits.since)
	}
}

// waits are those of a thread until now.
type waits struct {
	since time.Time // when it last gave the turn up to wait
	took  time.Duration
}

// Waited returns how long the thread has waited until now: for what it waited for, and for the turn
// after that. It is for who tells the observer: without one nothing is measured.
func (t *Thread) Waited() time.Duration {
	if t.waits == nil {
		return 0
	}
	return t.waits.took
}
