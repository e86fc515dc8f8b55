package interp

import (
	"sync"
	"sync/atomic"
	"time"
)

// turnTime is how long a host function may keep the turn.
const turnTime = 100 * time.Millisecond

// turns takes the lock away from host functions that keep it too long: those
// that wait for something, or for the interpreter itself, which without that would
// be a deadlock that nothing tells the reason of. Go's scheduler does the same
// with threads that stay in a system call.
//
// A timer looks every turnTime which call is under way. One that it sees a second
// time loses the lock, and takes it again when it returns.
type turns struct {
	lock    sync.Locker   // the interpreter's
	current atomic.Uint64 // the call under way; 0: none, or it has lost the lock
	calls   uint64        // guarded by lock
	armed   atomic.Bool
	timer   atomic.Pointer[time.Timer]
	seen    uint64 // the timer's own
}

// begin is called with the lock held, before the function.
func (t *turns) begin() uint64 {
	t.calls++
	call := t.calls
	t.current.Store(call)
	t.arm()
	return call
}

// end is called after the function, and returns with the lock held.
func (t *turns) end(call uint64) {
	if !t.current.CompareAndSwap(call, 0) {
		t.lock.Lock()
	}
}

func (t *turns) arm() {
	if !t.armed.CompareAndSwap(false, true) {
		return
	}
	if timer := t.timer.Load(); timer != nil {
		timer.Reset(turnTime)
	} else {
		t.timer.Store(time.AfterFunc(turnTime, t.look))
	}
}

// look runs on the timer's goroutine.
func (t *turns) look() {
	call := t.current.Load()
	if call != 0 && call == t.seen && t.current.CompareAndSwap(call, 0) {
		t.lock.Unlock()
	}
	t.seen = call
	t.armed.Store(false)
	if t.current.Load() != 0 {
		t.arm()
	}
}
