package channel

import (
	"reflect"
	"sync"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// operation is something to be done on channels that may have to wait. Its wait
// ends when it is done, or by interrupt; which of the two Go decides, so that a
// cancelled thread has not taken a value that nobody will then see.
type operation interface {
	try() bool                    // does it if that is possible at once
	wait()                        // does it, or is interrupted
	done() bool                   // whether wait has done it
	waits() *waker                // how to wake it
	sendsTo() []reflect.Value     // the channels it may send to
	prepare(wake <-chan struct{}) // comes before the first wait
}

// wait does op, or raises the reason why the thread was interrupted.
func wait(s *interp.State, op operation) {
	t := s.Thread()
	s.GiveWay()
	if op.try() {
		return
	}
	w := op.waits()
	w.wake = make(chan struct{}, 1)
	op.prepare(w.wake)
	senders := sendersOf(s)
	for _, ch := range op.sendsTo() {
		senders.add(ch, w)
		defer senders.remove(ch, w)
	}
	for !op.done() {
		if err := t.CheckCancel(); err != nil {
			s.Raise(err)
		}
		t.Outside(op.wait, w.interrupt)
	}
}

// waker is the part of an operation that another thread can wake it by.
type waker struct {
	wake   chan struct{}
	inside sync.Mutex // held while wait does something with a channel
	ended  bool
}

func (w *waker) done() bool               { return w.ended }
func (w *waker) waits() *waker            { return w }
func (w *waker) prepare(<-chan struct{})  {}
func (w *waker) sendsTo() []reflect.Value { return nil }

func (w *waker) interrupt() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// senders are an interpreter's threads that wait to send. Go lets nobody close a
// channel that others may be sending to: it takes that for a race. So close has them
// step back first, and then they find the channel closed.
type senders map[uintptr]map[*waker]struct{} // by the channel's address

type sendersKey struct{}

func sendersOf(s *interp.State) senders {
	return s.Interp().Local(sendersKey{}, func() any { return senders{} }).(senders)
}

func (all senders) add(ch reflect.Value, w *waker) {
	key := ch.Pointer()
	if all[key] == nil {
		all[key] = map[*waker]struct{}{}
	}
	all[key][w] = struct{}{}
}

func (all senders) remove(ch reflect.Value, w *waker) {
	key := ch.Pointer()
	delete(all[key], w)
	if len(all[key]) == 0 {
		delete(all, key)
	}
}

// close closes ch while no sender is inside; false when it was closed before.
func (all senders) close(ch reflect.Value) (ok bool) {
	for w := range all[ch.Pointer()] {
		w.interrupt()
		w.inside.Lock()
		defer w.inside.Unlock()
	}
	defer func() { ok = recover() == nil }()
	ch.Close()
	return true
}

// receiving is an operation: take a value from ch.
type receiving struct {
	waker
	ch chan lua.LValue
	v  lua.LValue
	ok bool
}

func (r *receiving) try() bool {
	select {
	case r.v, r.ok = <-r.ch:
		return true
	default:
		return false
	}
}

func (r *receiving) wait() { // needs no turn: closing wakes receivers in good order
	select {
	case r.v, r.ok = <-r.ch:
		r.ended = true
	case <-r.wake:
	}
}

// sending is an operation: put v into ch. Go answers with a panic when ch is
// closed, before or meanwhile.
type sending struct {
	waker
	ch     chan lua.LValue
	v      lua.LValue
	closed bool
}

func (x *sending) try() (done bool) {
	defer x.recover(&done)
	select {
	case x.ch <- x.v:
		return true
	default:
		return false
	}
}

func (x *sending) sendsTo() []reflect.Value { return []reflect.Value{reflect.ValueOf(x.ch)} }

func (x *sending) wait() {
	x.inside.Lock()
	defer x.inside.Unlock()
	defer x.recover(&x.ended)
	select {
	case x.ch <- x.v:
		x.ended = true
	case <-x.wake:
	}
}

func (x *sending) recover(done *bool) {
	if recover() != nil {
		x.closed, *done = true, true
	}
}
