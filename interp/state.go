package interp

import (
	"context"
	"sync/atomic"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// State is one Lua stack: that of a thread, of a coroutine, or of a protected
// call. Go functions of modules receive the State they are called on.
// A State may be used only by the function that runs on it, while that has the
// interpreter's turn, as every function called by Lua has.
type State struct {
	l       *lua.LState
	in      *Interpreter
	thread  *Thread
	stop    *stopFlag  // the thread's run's, one load away from the VM's loop
	up      *State     // who waits for this one: its resumer, or its pcall
	co      *coroutine // the coroutine this stack belongs to; nil on a thread's own
	deep    bool
	caught  *lua.ApiError // what a protected call ended with
	unnamed *Function     // what runs, when it was made by NewFunction
	hooked  *debugHook    // of a thread's or coroutine's first State
	nesting
}

// hook is a State seen as the context.Context that gopher-lua asks, once per
// instruction, whether to go on. Done returns nil until the run is stopped:
// receiving from a nil channel is the cheapest "no" there is.
type hook State

var closedChan = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

func (h *hook) Done() <-chan struct{} {
	if h.stop.word.Load() != goOn {
		return h.interrupted()
	}
	return nil
}

// interrupted is Done when there is something to be done.
func (h *hook) interrupted() <-chan struct{} {
	s := (*State)(h)
	if s.attend(); h.stop.Load() {
		return closedChan
	}
	if hook := s.base().hooked; hook != nil {
		hook.step(s)
	}
	return nil
}

// attend does what the watch has asked for.
func (s *State) attend() {
	if r := s.thread.run; s.stop.asked() {
		if s.in.toMeasure.Swap(false) {
			r.measure()
		}
		if s.in.toQueue.Swap(false) && !s.stop.Load() {
			memory.crowd.wait(r)
		}
	}
}

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

func (h *hook) Err() error {
	if h.stop.Load() {
		return errStopped
	}
	return nil
}

func (h *hook) Deadline() (time.Time, bool) { return time.Time{}, false }
func (h *hook) Value(any) any               { return nil }

var _ context.Context = (*hook)(nil)

// StateOf returns the State that runs on l; l must belong to an Interpreter.
func StateOf(l *lua.LState) *State {
	if h, ok := l.Context().(*hook); ok {
		return (*State)(h)
	}
	return (*State)(l.Context().(*starting))
}

// Interp returns the interpreter the state belongs to.
func (s *State) Interp() *Interpreter { return s.in }

// Thread returns the Lua thread that runs on this state.
func (s *State) Thread() *Thread { return s.thread }

// newState makes a State on a fresh Lua stack.
func (in *Interpreter) newState(deep bool) *State {
	o := &in.root.Options
	if deep {
		o.CallStackSize, o.RegistryGrowStep = mainCallDepth, mainRegistryGrow
	}
	l, _ := in.root.NewThread()
	o.CallStackSize, o.RegistryGrowStep = callDepth, registryGrow
	s := &State{l: l, in: in, deep: deep}
	l.SetContext((*hook)(s))
	l.Panic = uncaught
	return s
}

// adopt makes s part of t's work, on behalf of up.
func (s *State) adopt(t *Thread, up *State) {
	s.thread, s.stop, s.up, s.nesting = t, &t.run.stopped, up, t.nesting
	if up != nil {
		s.nesting = up.inside()
	}
}

// borrow takes a clean stack, reusing finished ones: a server that starts a
// thread or makes a protected call per request would otherwise pay for each in
// garbage.
func (in *Interpreter) borrow(t *Thread, up *State) *State {
	var s *State
	deep := t.deep && (up == nil && t.depth < maxDeep || up != nil && up.depth+1 < maxDeep)
	free := &in.free[class(deep)]
	if n := len(*free); n > 0 {
		s = (*free)[n-1]
		(*free)[n-1] = nil
		*free = (*free)[:n-1]
	} else {
		s = in.newState(deep)
	}
	s.adopt(t, up)
	t.top = s
	return s
}

func class(deep bool) int {
	if deep {
		return 1
	}
	return 0
}

// maxFree is how many idle stacks are kept, ordinary ones and those of main
// threads; the rest is the collector's.
var maxFree = [2]int{256, 32}

// giveBack returns a stack whose call has ended. One that a Go panic went
// through may have variables still attached to it, and is dropped.
func (s *State) giveBack(clean bool) {
	s.setHook(nil)
	s.thread.top = s.up
	s.thread, s.up, s.stop = nil, nil, nil
	free := &s.in.free[class(s.deep)]
	if !clean || len(*free) >= maxFree[class(s.deep)] {
		return
	}
	s.SetTop(0)
	s.l.Env = s.in.root.Env
	*free = append(*free, s)
}

// moveTo moves the top n values of s to the top of to.
func (s *State) moveTo(to *State, n int) { s.l.XMoveTo(to.l, n) }

// values returns copies of the values from position first to the top.
func (s *State) values(first int) []lua.LValue {
	n := s.GetTop()
	if n < first {
		return nil
	}
	vs := make([]lua.LValue, 0, n-first+1)
	for i := first; i <= n; i++ {
		vs = append(vs, s.Get(i))
	}
	return vs
}

// CheckStop returns nil, or the reason to give up once the run was stopped. It is for
// functions of modules that take long without waiting.
func (s *State) CheckStop() error {
	if s.stop.Load() {
		return errStopped
	}
	return nil
}

// Return pushes the values and returns their number, as a Go function called by
// Lua must.
func (s *State) Return(vs ...lua.LValue) int {
	for _, v := range vs {
		s.Push(v)
	}
	return len(vs)
}

// True pushes true: what a call with nothing else to return returns, so that
// assert(call()) reads naturally.
func (s *State) True() int { s.Push(lua.LTrue); return 1 }
