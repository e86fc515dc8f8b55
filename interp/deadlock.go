package interp

import (
	"strings"

	"wirelua/interp/dump"
)

// deadlock is the cause of a run's end that was found to wait for ever.
type deadlock struct{ report string }

func (d *deadlock) Error() string { return ErrDeadlock.Error() }
func (d *deadlock) Unwrap() error { return ErrDeadlock }

// MayWake has fn asked whether something outside may yet have a thread go on that waits for another, or
// start one: a handler of signals. It is for modules, and called with the turn.
func (in *Engine) MayWake(fn func() bool) { in.mayWake = append(in.mayWake, fn) }

// findDeadlock is called with the turn when nothing runs, and nobody waits for a descriptor, a deadline
// or a function without the turn.
func (in *Interpreter) findDeadlock() {
	var dead []*run
	for _, r := range in.runs.all() {
		for _, t := range r.threads.all {
			switch {
			case !t.waitsForThreads():
				return
			case t.id == 0:
				dead = append(dead, r)
			}
		}
	}
	for _, may := range in.mayWake {
		if may() {
			return
		}
	}
	if len(dead) == 0 { // what calls have left behind: the next call may wake them
		return
	}
	cause := &deadlock{strings.TrimSuffix(dump.Text(in.threadsNow(nil, in.runs.all(), nil)), "\n")}
	for _, r := range dead {
		r.halt(cause)
	}
}

// waitsForThreads reports whether nothing but another thread can have t go on.
func (t *Thread) waitsForThreads() bool {
	parked, limited := t.task.Parked()
	return parked && !limited && !t.cancel && (t.list != nil && t.list.Of != nil || t.run.waiting == t)
}
