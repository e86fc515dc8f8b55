package interp

import (
	"math"
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
	may     bool      // the function that runs may be left
	left    bool      // and is
	resumed bool      // it runs again, having been left
	called  bool      // its State was left in pcall, and another goes on
	frame   int32     // the call of what runs again: its number among those of its State
	in      *WaitList // where it is left; nil elsewhere
	lock    *Mutex    // for which it was left there; see Thread.quit
}

// steps is what a State has that runs in steps: a thread's, or that of a protected call in one.
type steps struct {
	stepped bool
	phase   phase
	raises  bool           // pcall raises what lies on top, for the run was stopped
	args    int8           // how many arguments the function has that it is left in, which lie on the stack with it
	wanted  int16          // how many results of that are wanted
	within  *lua.LFunction // pcall or xpcall, while another State runs for it
	handler lua.LValue     // xpcall's, of what it calls; nil for all others
}

// phase is what a State does in its next step.
type phase uint8

const (
	begins   phase = iota // calls the function that lies on it
	again                 // calls the function again that it was left in
	answered              // goes on: the results of what it was left in lie on it
)

// errLeft unwinds a function that is left, which takes it for a call that may not wait.
var errLeft error = syscall.EAGAIN

// called is f as the VM calls it.
func (f *Function) called() lua.LGFunction {
	if f.Restarts {
		return func(l *lua.LState) int { return f.restart(stateOf(l)) }
	}
	fn := f.Fn
	return func(l *lua.LState) int { return fn(stateOf(l)) }
}

// restart calls f, which may be left.
func (f *Function) restart(s *State) int {
	t, n := s.thread, s.l.GetTop()
	if !s.stepped || t.top != s || t.light.may || n > math.MaxInt8 {
		return f.Fn(s)
	}
	t.light.may = true
	results := f.Fn(s)
	t.light.may = false
	if !t.light.left {
		return results
	}
	wanted := glua.Leave(s.l, n)
	if !t.light.resumed {
		s.wanted = int16(wanted)
	}
	s.args = int8(n)
	return -1 // gopher-lua's way to say "yield"
}

// leftFunction returns the function that a thread was left in whose stack s is; nil when it was not.
func (s *State) leftFunction() *lua.LFunction {
	if s.stepped && s.thread.top == s && s.thread.light.left {
		fn, _ := s.l.Get(s.l.GetTop() - int(s.args)).(*lua.LFunction)
		return fn
	}
	return nil
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
	t.light.left = true
	t.task.SetDeadline(deadline)
}

func (t *Thread) mayLeave() bool {
	return t.light.may && glua.CanLeave(t.top.l)
}

// Stay is for functions with Function.Restarts: from here on the call is not left, since it has done, or
// is about to do, what cannot be done twice.
func (t *Thread) Stay() { t.light.may = false }

// Anew is Stay for a call that waits for another thing from here on than it may have been left for, and by another
// deadline.
func (t *Thread) Anew() { t.light.may, t.light.resumed = false, false }

// Resumed reports whether the call was left in its wait, and has been called again: then it goes on to wait
// for the same, without looking whether it need, since it may have got it.
func (t *Thread) Resumed() bool { return t.light.resumed }

// Wants reports whether what called the running function takes an nth result of it. A function whose further results
// take making need not make those that nobody takes. It is for who has the turn.
func (s *State) Wants(n int) bool {
	f := glua.Top(s.l)
	wanted := f.NRet
	if p := &s.thread.light; p.resumed && s.stepped && s.thread.top == s && int(p.frame) == f.Idx {
		wanted = int(s.wanted)
	}
	return wanted == lua.MultRet || n <= wanted
}

// due is the deadline of a wait that may have begun before its function was called again.
func (t *Thread) due(deadline time.Time) time.Time {
	if t.light.resumed {
		return t.task.Deadline()
	}
	return deadline
}

// begin makes t run fn(args...) in steps.
func (t *Thread) begin(fn *lua.LFunction, args []lua.LValue) {
	s := t.in.borrow(t, nil)
	s.stepped = true
	s.Push(fn)
	for _, a := range args {
		s.Push(a)
	}
	t.task.Steps((*stepper)(t))
}

// stepper is a thread as the scheduler runs it.
type stepper Thread

func (t *stepper) Step() (over bool) { return (*Thread)(t).step() }

// step runs t until it waits, or to its end.
func (t *Thread) step() (over bool) {
	returned := false
	defer func() {
		if !returned {
			t.goexit()
		}
	}()
	for {
		s := t.top
		over, failure := s.advance()
		switch {
		case t.light.called: // it is another's turn, in the same thread
			t.light.called = false
			continue
		case over && s.up != nil:
			s.up.answer(s)
			continue
		case over:
			t.end(s, failure)
		}
		returned = true
		return over
	}
}

// advance runs a step of s's, and reports whether it was the last. What a protected call ended
// with is in s.caught.
func (s *State) advance() (over bool, failure *Error) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		s.thread.giveUp()
		switch {
		case s.up == nil:
			over, failure = true, s.recovered(v)
		default:
			over = true
			s.catch(v, s.handler)
		}
	}()
	s.l.Parent = s.in.parent
	s.l.G.CurrentThread = s.l
	switch phase := s.phase; {
	case phase == begins:
		s.phase = again
		s.l.Call(s.GetTop()-1, lua.MultRet)
	case phase == again:
		s.goOn()
	case s.raises:
		v := s.Get(-1)
		s.Push(s.in.raises)
		s.Push(v)
		s.Call(1, 0)
	default:
		s.phase = again
		glua.Continue(s.l)
	}
	s.keep()
	return !s.thread.light.left && !s.thread.light.called, nil
}

// giveUp is for a call that has failed, which may have been left before: t waits for nothing any more.
func (t *Thread) giveUp() {
	t.quit()
	if t.light = (light{}); t.task.Queued() {
		t.task.Dequeue()
	}
}

// goOn calls the function again that s was left in, and, unless it is left again, goes on with what
// called it.
func (s *State) goOn() {
	l, p := s.l, &s.thread.light
	p.left, p.resumed, p.frame = false, true, 0
	if caller := glua.Top(l); caller != nil {
		p.frame = int32(caller.Idx) + 1
	}
	args := int(s.args)
	bottom := l.GetTop() - args - 1
	l.Call(args, lua.MultRet)
	if p.left {
		return
	}
	if t := &s.thread.task; t.Queued() {
		t.Dequeue()
	}
	p.resumed = false
	s.thread.quit()
	s.adjust(bottom)
	glua.Continue(l)
}

// adjust makes what lies on s above so many values as many as are wanted there: what is missing is nil.
func (s *State) adjust(above int) {
	if s.wanted != lua.MultRet {
		s.l.SetTop(above + int(s.wanted))
	}
}

// hands reports whether pcall or xpcall on s can be left: another State goes on then, and the thread
// needs no stack of Go's for that either.
func (s *State) hands() bool {
	t := s.thread
	return s.stepped && t.top == s && !t.light.may && !s.tooDeep() && glua.CanLeave(s.l)
}

// handOver leaves s in pcall or xpcall, whose arguments are, from position first on, the function and its own.
func (s *State) handOver(handler lua.LValue, first int) int {
	s.within, s.phase = glua.Top(s.l).Fn, answered
	c := s.in.borrow(s.thread, s)
	c.stepped, c.handler = true, handler
	c.l.Panic = raised(handler)
	s.moveTo(c, s.GetTop()-first+1)
	s.wanted = int16(glua.Leave(s.l, -1))
	s.thread.light.called = true
	return -1
}

// answer gives s, which was left in pcall, what the call on c ended with.
func (s *State) answer(c *State) {
	above := s.GetTop()
	if err := c.caught; err == nil {
		s.Push(lua.LTrue)
		c.moveTo(s, c.GetTop())
		c.giveBack(true)
	} else {
		v := errorValue(err)
		c.caught = nil
		c.giveBack(false)        // its stack has not been unwound
		s.raises = s.stop.Load() // nothing goes on after this; the traceback shall name this call
		s.Push(lua.LFalse)
		s.Push(v)
	}
	if !s.raises {
		s.adjust(above)
	}
	s.within = nil
}

// keep takes from Parent what was moved there: the results when s is over.
func (s *State) keep() {
	p := s.in.parent
	n := p.GetTop() - 1 // the first is true
	if n < 0 {
		return // it was a function of Go's, and has returned
	}
	if s.l.Dead {
		s.l.SetTop(0)
		p.XMoveTo(s.l, n)
	}
	p.SetTop(0)
}
