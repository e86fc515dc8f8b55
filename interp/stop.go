package interp

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
)

// stopFlag tells a run's threads, at the next instruction, to stop, or to attend to what
// the watch over memory wants of them: one word, since the VM asks each time.
type stopFlag struct{ word atomic.Uint32 }

const (
	goOn = iota
	stopNow
	attendNow
	hooked // there may be hooks: attend at each instruction
)

// Load reports whether the run is stopped: what functions ask that take long.
func (f *stopFlag) Load() bool { return f.word.Load() == stopNow }

// Store stops the run for good.
func (f *stopFlag) Store() { f.word.Store(stopNow) }

// ask has the run attend to the watch, unless it is stopped.
func (f *stopFlag) ask() { f.word.CompareAndSwap(goOn, attendNow) }

// hook has the run attend at each instruction from now on, or no more, unless it is
// stopped.
func (f *stopFlag) hook(on bool) {
	switch {
	case !on:
		f.word.CompareAndSwap(hooked, goOn)
	case !f.word.CompareAndSwap(goOn, hooked):
		f.word.CompareAndSwap(attendNow, hooked)
	}
}

// asked reports whether it is to; it has been asked then.
func (f *stopFlag) asked() bool {
	return f.word.CompareAndSwap(attendNow, goOn) || f.word.Load() == hooked
}

// question is asked by who has not the turn, and answered by a thread that computes, which keeps
// that: see stopFlag.ask.
type question[By any] struct{ answer func(By) }

// questions are those of an interpreter.
type questions[By any] struct {
	mu  sync.Mutex
	all []*question[By]
}

func (qs *questions[By]) put(q *question[By]) {
	qs.mu.Lock()
	defer qs.mu.Unlock()
	qs.all = append(qs.all, q)
}

// remove reports whether q was not yet answered.
func (qs *questions[By]) remove(q *question[By]) bool {
	qs.mu.Lock()
	defer qs.mu.Unlock()
	i := slices.Index(qs.all, q)
	if i < 0 {
		return false
	}
	qs.all = slices.Delete(qs.all, i, i+1)
	return true
}

// answer is for who has the turn.
func (qs *questions[By]) answer(by By) {
	qs.mu.Lock()
	all := qs.all
	qs.all = nil
	qs.mu.Unlock()
	for _, q := range all {
		q.answer(by)
	}
}

// errStopped is what waits and the VM report once their run was stopped. The
// cause is the run's; scripts never get to see this one, since the VM raises it
// again at each instruction.
var errStopped = errors.New("stopped")
