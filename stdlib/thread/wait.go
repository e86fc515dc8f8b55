package thread

import (
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// waiter is a thread that waits for what another will give it: a lock, an
// item, room in a queue. The giver takes the waiter off its list and hands the
// thing over there and then. Nobody who comes by before the thread runs again
// can snatch it away, so waiters are served in the order they came; and one
// that gives up is no longer on a list, so nothing is handed to the dead.
type waiter struct {
	thread     *interp.Thread
	prev, next *waiter
	served     bool
	closed     bool       // served, with the news that the queue is closed
	value      lua.LValue // the item got, or to be put
}

// waiters is a list of them, longest waiting first.
type waiters struct{ first, last *waiter }

// wait waits to be served: nil, ErrTimeout after d if limited, or the reason
// why the thread was interrupted. A wait of no length lets others run once, so
// that a loop which asks again and again does not keep them from answering.
func (l *waiters) wait(w *waiter, d time.Duration, limited bool) error {
	l.add(w)
	err := w.wait(d, limited)
	if err != nil {
		l.remove(w)
	}
	return err
}

func (w *waiter) wait(d time.Duration, limited bool) error {
	if !limited {
		return w.thread.WaitUntil(time.Time{}, w.done)
	}
	deadline := time.Now().Add(d)
	if d == 0 {
		if err := w.thread.Yield(); err != nil {
			return err
		}
	}
	return w.thread.WaitUntil(deadline, w.done)
}

func (w *waiter) done() bool { return w.served }

// serve takes the longest waiting thread off the list and wakes it; nil when
// nobody waits. Threads of a script that was stopped, and that had no turn yet to
// take themselves off, are passed over.
func (l *waiters) serve() *waiter {
	w := l.first
	for w != nil && w.thread.Stopped() {
		w = w.next
	}
	if w != nil {
		l.remove(w)
		w.served = true
		w.thread.Unpark()
	}
	return w
}

func (l *waiters) add(w *waiter) {
	if w.prev = l.last; w.prev == nil {
		l.first = w
	} else {
		w.prev.next = w
	}
	l.last = w
}

func (l *waiters) remove(w *waiter) {
	if w.prev == nil {
		l.first = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		l.last = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.prev, w.next = nil, nil
}

// giveWay comes before everything that may wait; see interp.Thread.GiveWay.
func giveWay(s *interp.State) {
	if err := s.Thread().GiveWay(); err != nil {
		s.Raise(err)
	}
}

// answer ends a call that returns whether it got what it waited for.
func answer(s *interp.State, err error) int {
	if err != nil && err != interp.ErrTimeout {
		return s.Raise(err)
	}
	return s.Return(lua.LBool(err == nil))
}
