package interp

import (
	"sync"

	"wirelua/interp/internal/glua"
)

// newState makes a State on a fresh Lua stack.
func (in *Interpreter) newState(deep bool) *State {
	r := room(threadDepth)
	if deep { // see deepCalls
		r.Calls, r.Step = glua.FramesPerSegment, mainRegistryGrow
	}
	l := glua.NewThread(in.root, r)
	s := &State{l: l, in: in, deep: deep}
	l.SetContext((*hook)(s))
	l.Panic = uncaught
	return s
}

// room is that of a stack that has few values to begin with.
func room(calls int) glua.Room {
	return glua.Room{Values: registryStart, Step: registryGrow, Most: registryMax, Calls: calls}
}

// adopt makes s part of t's work, on behalf of up.
func (s *State) adopt(t *Thread, up *State) {
	s.thread, s.stop, s.up, s.nesting = t, &t.run.stopped, up, t.nesting
	if s.co != nil {
		t.run.known = true
	}
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
	if deep {
		s.room = deepCalls.Get().(*glua.Calls)
		s.room.Lend(s.l)
	}
	s.adopt(t, up)
	t.top = s
	return s
}

// deepCalls are what main threads have their calls in: one that nobody uses need not have room for
// thousands.
var deepCalls = sync.Pool{New: func() any { return glua.NewCalls(mainCallDepth) }}

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
	s.l.Dead, s.l.Parent, s.l.Panic, s.steps = false, nil, uncaught, steps{}
	s.thread.top = s.up
	s.thread, s.up, s.stop = nil, nil, nil
	free := &s.in.free[class(s.deep)]
	if !clean || len(*free) >= maxFree[class(s.deep)] {
		return
	}
	s.SetTop(0)
	if s.deep {
		s.room.Return(s.l)
		deepCalls.Put(s.room)
		s.room = nil
	}
	s.l.Env = s.in.root.Env
	*free = append(*free, s)
}
