package interp

import (
	"syscall"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
)

// A thread that waits, with nothing but calls of Lua's below the function that it waits in, needs
// no stack of Go's: its State is left there, as yield leaves a coroutine's, and gone on with
// once it can. Ten thousand connections then wait in half the memory, and are served
// with fewer lines of the cache.
//
// A function says by Function.Restarts that it can be left: its wait fails with errLeft, which
// unwinds it. When the thread is woken the function is called again, from its beginning and on
// the same State, and finds what it waits for, or the reason to give up. So what it raises is
// raised where it would have been, and nothing else has to know.

// light is what a thread of Lua's has for that.
type light struct {
	able     bool // it runs in steps
	may      bool // the function that runs may be left
	left     bool // and is
	resumed  bool // it runs again, having been left
	results  int  // how many results of the function are wanted
	args     int  // how many arguments it has, which lie on the stack with it
	deadline time.Time
	in       *WaitList // where it is left; nil elsewhere
}

// errLeft unwinds a function that is left, which takes it for a call that may not wait.
var errLeft error = syscall.EAGAIN

// maxRestartArgs is how many arguments a function may have that is left.
const maxRestartArgs = 4

// restart calls f, which may be left.
func (f *Function) restart(s *State) int {
	t, n := s.thread, s.l.GetTop()
	if !t.light.able || s.up != nil || s.co != nil || t.top != s || t.light.may || n > maxRestartArgs {
		return f.Fn(s)
	}
	var args [maxRestartArgs]lua.LValue
	for i := range n {
		args[i] = s.l.Get(i + 1)
	}
	t.light.may = true
	results := f.Fn(s)
	t.light.may = false
	if !t.light.left {
		return results
	}
	frame := glua.Top(s.l)
	if !t.light.resumed {
		t.light.results = frame.NRet
	}
	s.l.SetTop(0)
	s.l.Push(frame.Fn)
	for _, v := range args[:n] {
		s.l.Push(v)
	}
	return -1 // gopher-lua's way to say "yield": these are moved to Parent
}

// leave leaves the function that t runs, until t is woken or the deadline: then the wait has to
// fail with errLeft. It reports false when that cannot be, and t has to park.
func (t *Thread) leave(deadline time.Time) bool {
	if !t.mayLeave() || !t.task.Suspend(deadline) {
		return false
	}
	t.leftUntil(deadline)
	return true
}

func (t *Thread) leftUntil(deadline time.Time) {
	t.in.worked.Add(1)
	t.light.left, t.light.deadline = true, deadline
}

func (t *Thread) mayLeave() bool {
	return t.light.may && glua.Top(t.top.l).OnlyCalls()
}

// Stay is for functions with Function.Restarts: from here on the call is not left, since it has done, or
// is about to do, what cannot be done twice.
func (t *Thread) Stay() { t.light.may = false }

// due is the deadline of a wait that may have begun before its function was called again.
func (t *Thread) due(deadline time.Time) time.Time {
	if t.light.resumed {
		return t.light.deadline
	}
	return deadline
}

// begin makes t run fn(args...) in steps.
func (t *Thread) begin(fn *lua.LFunction, args []lua.LValue) {
	t.light.able = true
	var s *State
	t.task.Steps(func() (over bool) {
		returned := false
		defer func() {
			if !returned {
				t.goexit()
			}
		}()
		var failure *Error
		if s == nil {
			s = t.in.borrow(t, nil)
			over, failure = s.advance(func() { s.start(fn, args) })
			fn, args = nil, nil
		} else {
			over, failure = s.advance(s.goOn)
		}
		if returned = true; over {
			t.end(s, failure)
		}
		return over
	})
}

// advance runs a step of s's, and reports whether it was the last.
func (s *State) advance(step func()) (over bool, failure *Error) {
	defer func() {
		if v := recover(); v != nil {
			over, failure = true, s.recovered(v)
		}
	}()
	s.l.Parent = s.in.parent
	s.l.G.CurrentThread = s.l
	step()
	return !s.thread.light.left, nil
}

func (s *State) start(fn *lua.LFunction, args []lua.LValue) {
	s.Push(fn)
	for _, a := range args {
		s.Push(a)
	}
	s.l.Call(len(args), lua.MultRet)
	s.keep()
}

// goOn calls the function again that s was left in, and, unless it is left again, goes on with what
// called it.
func (s *State) goOn() {
	l, p := s.l, &s.thread.light
	p.left, p.resumed = false, true
	bottom := l.GetTop() - p.args - 1
	l.Call(p.args, lua.MultRet)
	if p.left {
		s.keep()
		return
	}
	if t := &s.thread.task; t.Queued() {
		t.Dequeue()
	}
	p.resumed, p.deadline, p.in = false, time.Time{}, nil
	if p.results != lua.MultRet {
		l.SetTop(bottom + p.results) // what is missing is nil
	}
	glua.Continue(l)
	s.keep()
}

// keep takes from Parent what was moved there: the function that s was left in and its arguments,
// or the results when s is over.
func (s *State) keep() {
	p := s.in.parent
	n := p.GetTop() - 1 // the first is true
	if s.l.Dead {
		s.l.SetTop(0)
	} else {
		s.thread.light.args = n - 1
	}
	p.XMoveTo(s.l, n)
	p.SetTop(0)
}
