package interp

import (
	"cmp"
	"time"
)

// WaitList is a list of the threads that wait for one thing; who waits longest is first.
// Its zero value is empty. Only who has the turn may use it; goroutines of a module's
// own use it within Engine.WithTurn.
type WaitList struct {
	first, last *Thread

	// Of, if set, says that what they wait for is another thread's to give them, such as a lock: no
	// descriptor, no goroutine and nothing of the system's will. Reports name it by its word.
	Of Awaited
}

// Awaited is what threads wait for that other threads give them. Awaited returns the word that
// reports have for it: "lock held by thread-2". It is called with the turn.
type Awaited interface{ Awaited() string }

// standing is where a thread stands on a list. It waits for one thing at a time.
type standing struct {
	list       *WaitList // nil: on none, or woken
	prev, next *Thread
	held       any // see WaitWith
}

// Wait puts t on the list and waits until Wake has taken it off again, returning nil; at the
// deadline (none when zero) it returns ErrTimeout, and when interrupted the reason. Who was woken
// has what it was woken for, even if it was cancelled or stopped at the same time: nothing that is
// handed over gets lost. Who gave up is not on the list any more, and nothing is handed to it.
func (l *WaitList) Wait(t *Thread, deadline time.Time) error {
	if t.light.in != l { // else it was left there, and is called again
		t.quit()
		l.add(t)
	}
	t.light.in = nil
	_, err := t.await(func() bool { return t.list == nil }, deadline)
	switch {
	case err == errLeft:
		t.light.in = l
	case err != nil:
		l.remove(t)
	}
	return err
}

// WaitWith is Wait for who hands v over to the thread that wakes it, or is handed something by that:
// it returns what Exchange gave for v.
func (l *WaitList) WaitWith(t *Thread, v any, deadline time.Time) (any, error) {
	if !t.Resumed() { // else it may have been handed something meanwhile
		t.held = v
	}
	err := l.Wait(t, deadline)
	if err == errLeft {
		return nil, err
	}
	v, t.held = t.held, nil
	return v, err
}

// Exchange wakes the thread that waits longest, and gives it v for what it holds. ok is false when
// nobody waits.
func (l *WaitList) Exchange(v any) (held any, ok bool) {
	t := l.Wake()
	if t == nil {
		return nil, false
	}
	held, t.held = t.held, v
	return held, true
}

// Await waits until done reports true, as Thread.Await does: who makes it true wakes one of the
// list, or all. Who cannot use that any more, since it was stopped, wakes the next.
func (l *WaitList) Await(t *Thread, done func() bool, deadline time.Time) error {
	for waited := false; ; waited = true {
		switch {
		case !done():
		case waited && t.Stopped(): // which may be why: the traceback shall name this call
			l.Wake()
			return errStopped
		default:
			return nil
		}
		if err := l.Wait(t, deadline); err != nil {
			return err
		}
	}
}

// Wake takes the thread that waits longest off the list, wakes and returns it; nil when nobody
// waits. Those that were stopped, and had no turn yet to take themselves off, are passed over.
func (l *WaitList) Wake() *Thread {
	t := l.first
	for t != nil && t.Stopped() {
		t = t.next
	}
	if t != nil {
		l.remove(t)
		t.Unpark()
	}
	return t
}

// WakeAll wakes all who wait now, even if they are on the list again before others have run.
func (l *WaitList) WakeAll() {
	for l.Wake() != nil {
	}
}

func (l *WaitList) add(t *Thread) {
	t.list, t.prev = l, l.last
	if l.last == nil {
		l.first = t
	} else {
		l.last.next = t
	}
	l.last = t
}

func (l *WaitList) remove(t *Thread) {
	if t.prev == nil {
		l.first = t.next
	} else {
		t.prev.next = t.next
	}
	if t.next == nil {
		l.last = t.prev
	} else {
		t.next.prev = t.prev
	}
	t.list, t.prev, t.next = nil, nil, nil
}

// Mutex lets one thread at a time do something in which it waits. (Between two waits no
// thread interferes anyway.) Its zero value is free. When it is unlocked while threads
// wait for it, the first of them gets it, and no other thread can take it in between.
type Mutex struct {
	holder  *Thread
	waiting WaitList

	// Name is what reports call it, "lock", where it is one to scripts, too; "" where it guards
	// what they use.
	Name string
}

// Lock takes the mutex, waiting until it is free; see WaitList.Wait for when it gives up. A thread
// that has it already would wait for itself.
func (m *Mutex) Lock(t *Thread, deadline time.Time) error {
	if m.holder == nil {
		m.holder = t
		return nil
	}
	m.waiting.Of = m
	if err := m.waiting.Wait(t, deadline); err != nil {
		if err == errLeft {
			t.light.lock = m
		}
		return err
	}
	t.light.lock = nil
	if t.Stopped() { // it will do nothing with it
		m.Unlock()
		return errStopped
	}
	return nil
}

// Unlock gives the mutex to who waits longest, or makes it free.
func (m *Mutex) Unlock() { m.holder = m.waiting.Wake() }

// quit gives up what t was left waiting for, when it did not wait for that again: called again, it
// found that it need not. It may have been given it meanwhile.
func (t *Thread) quit() {
	p := &t.light
	if p.in != nil && t.list == p.in {
		p.in.remove(t)
	}
	if m := p.lock; m != nil && m.holder == t {
		m.Unlock()
	}
	p.in, p.lock = nil, nil
}

// Awaited makes a mutex what threads wait for.
func (m *Mutex) Awaited() string {
	text := cmp.Or(m.Name, "its turn at what is")
	if m.holder == nil {
		return text
	}
	text += " held by " + m.holder.Name
	if m.holder.ended {
		text += ", which has ended"
	}
	return text
}

// Holder returns the thread that has the mutex; nil when it is free.
func (m *Mutex) Holder() *Thread { return m.holder }
