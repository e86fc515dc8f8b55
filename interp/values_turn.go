package interp

import (
	"slices"
	"sync/atomic"
	"time"

	"wirelua/interp/internal/turn"
)

// turnTime is how long a host function may keep the turn.
const turnTime = 100 * time.Millisecond

// turns takes the turn away from host functions that keep it too long: those
// that wait for something, or for the interpreter itself, which without that would
// be a deadlock that nothing tells the reason of. Go's scheduler does the same
// with threads that stay in a system call.
//
// A timer looks every turnTime which call is under way. One that it sees a second
// time loses the turn, and takes it again when it returns. Until then no other such
// function begins: what they share needs no lock of the host's. But what a function calls
// in its own interpreter may call others, since it waits for that.
type turns struct {
	turn    *turn.Scheduler // the interpreter's
	current atomic.Uint64   // the call under way; 0: none, or it has lost the turn
	calls   uint64          // for who has the turn, as are the next two
	late    []uint64        // the calls that have lost the turn, each nested in the one before
	waiting WaitList        // for the last of them to return
	armed   atomic.Bool
	timer   atomic.Pointer[time.Timer]
	seen    uint64 // the timer's own
}

// await waits until th may call a function in turn.
func (t *turns) await(th *Thread) error {
	return t.waiting.Await(th, func() bool { return t.free(th) }, time.Time{})
}

func (t *turns) free(th *Thread) bool { return t.latest() == 0 || t.latest() == th.within }

// latest returns the call whose function is running without the turn; 0 if there is
// none.
func (t *turns) latest() uint64 {
	if len(t.late) == 0 {
		return 0
	}
	return t.late[len(t.late)-1]
}

// begin is called with the turn, before the function.
func (t *turns) begin() uint64 {
	t.calls++
	call := t.calls
	t.current.Store(call)
	t.arm()
	return call
}

// end is called after the function, and returns with the turn.
func (t *turns) end(call uint64) {
	if t.current.CompareAndSwap(call, 0) {
		return
	}
	t.turn.Take()
	t.late = slices.DeleteFunc(t.late, func(c uint64) bool { return c == call })
	t.waiting.WakeAll()
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
		t.late = append(t.late, call)
		t.turn.Leave()
	}
	t.seen = call
	t.armed.Store(false)
	if t.current.Load() != 0 {
		t.arm()
	}
}
