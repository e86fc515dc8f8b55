package interp

import (
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
)

// coroutineLib has functions that know of threads, pass stops on, and refuse what would corrupt the stack,
// which gopher-lua's do not.
var coroutineLib = library{name: lua.CoroutineLibName, funcs: []Function{
	{Name: "create", Args: "fn", Fn: coroutineCreate},
	{Name: "resume", Args: "co, ...", Fn: func(s *State) int { return s.resumeTop(s.coroutineArg(1)) }},
	{Name: "wrap", Args: "fn", Fn: coroutineWrap},
	{Name: "status", Args: "co", Fn: coroutineStatus},
	{Name: "running", Fn: coroutineRunning},
	{Name: "isyieldable", Fn: func(s *State) int { return s.Return(lua.LBool(s.yieldError() == "")) }},
	{Name: "yield", Args: "...", Fn: coroutineYield},
}}

// newCoroutine makes a coroutine of argument 1.
func (s *State) newCoroutine() *lua.LState {
	fn, ok := s.Get(1).(*lua.LFunction)
	if !ok {
		s.TypeError(1, "function")
	}
	in := s.in
	if fn.IsG { // gopher-lua loses the results of a Go function started so
		if in.chunk == nil {
			in.chunk, _ = in.compile("local f = ... return function(...) return f(...) end", goChunk)
		}
		r := in.root
		r.Push(in.chunk)
		r.Push(fn)
		r.Call(1, 1)
		fn = r.Get(-1).(*lua.LFunction)
		r.SetTop(0)
	}
	l := glua.NewCoroutine(in.root, fn, room(callDepth))
	l.Env = s.base().l.Env
	c := &State{l: l, in: in, co: &coroutine{}}
	c.adopt(s.thread, nil)
	l.SetContext((*starting)(c))
	return l
}

// resumeTop resumes the coroutine given as argument 1 of the running Go
// function, and returns the number of values pushed: true or false, and
// what was yielded, returned or raised.
func (s *State) resumeTop(c *State) int {
	switch {
	case c.l.Dead:
		return s.Return(lua.LFalse, lua.LString("cannot resume dead coroutine"))
	case c.co == nil || c.co.active:
		return s.Return(lua.LFalse, lua.LString("cannot resume non-suspended coroutine"))
	case s.tooDeep():
		return s.Return(lua.LFalse, lua.LString(tooDeep))
	}
	if c.ranOut() {
		c.l.Dead = true
		s.l.Insert(lua.LTrue, 2)
		return s.GetTop() - 1
	}
	c.adopt(s.thread, s)
	c.co.active, c.co.resumed = true, true
	c.co.left, c.co.leftAt = nil, lua.Debug{}
	defer func() { c.co.active, c.up, s.thread.top = false, nil, s }()
	s.l.G.CurrentThread = s.l
	c.fillYield(s)
	s.thread.top = c
	n := glua.Resume()(s.l)
	if c.l.Dead && n == 2 && s.Get(-2) == lua.LFalse {
		s.Replace(s.GetTop(), died(s.Get(-1))) // where it was is gone
	}
	return n
}

func coroutineCreate(s *State) int {
	s.Push(s.newCoroutine())
	return 1
}

func coroutineWrap(s *State) int {
	l := s.newCoroutine()
	s.Push(s.NewFunction("wrap", func(s *State) int {
		s.l.Insert(l, 1)
		n := s.resumeTop(stateOf(l))
		if first := s.GetTop() - n + 1; s.Get(first) == lua.LFalse {
			s.Error(s.Get(first+1), 0)
		}
		return n - 1
	}, l))
	return 1
}

func coroutineStatus(s *State) int {
	c := s.coroutineArg(1)
	status := "suspended"
	switch {
	case c.l.Dead:
		status = "dead"
	case c.co == nil || c == s.enclosing():
		status = "running"
	case c.co.active:
		status = "normal"
	}
	return s.Return(lua.LString(status))
}

func coroutineRunning(s *State) int {
	if c := s.enclosing(); c != nil {
		return s.Return(c.l)
	}
	return s.Return(lua.LNil) // as Lua 5.1 has it for the main thread
}

func coroutineYield(s *State) int {
	if msg := s.yieldError(); msg != "" {
		s.RaiseError("%s", msg)
	}
	s.co.left = s.runningGo()
	return -1 // gopher-lua's way to say "yield"
}

// starting is the hook of a coroutine until its first instruction. gopher-lua sets what
// errors do when it resumes one for the first time, so that ours comes after that: they
// are put in Lua's words while there still is the stack that they name.
type starting State

func (h *starting) Done() <-chan struct{} {
	s := (*State)(h)
	s.l.Panic = dying
	s.l.SetContext((*hook)(s))
	return (*hook)(s).Done()
}

// dying notes where a coroutine stands that an error is about to end.
func dying(l *lua.LState) {
	s := stateOf(l)
	if d, fn := s.frame(0); fn != nil && !fn.IsG {
		s.co.left, s.co.leftAt = fn, lua.Debug{Name: s.calledAs(0, d), CurrentLine: d.CurrentLine}
	}
	rethrow(l)
}

func (h *starting) Err() error                  { return (*hook)(h).Err() }
func (h *starting) Deadline() (time.Time, bool) { return time.Time{}, false }
func (h *starting) Value(any) any               { return nil }

// ranOut reports whether a suspended coroutine has nothing left to do: its function ended in
// "return coroutine.yield(...)", a tail call, for which gopher-lua takes the last frame away
// before it yields. What it is resumed with are its results.
func (c *State) ranOut() bool {
	_, ok := c.l.GetStack(0)
	return c.co.resumed && !ok
}

// fillYield adds to the arguments that s resumes c with what the yield there wants as
// results: gopher-lua leaves nothing where there should be nil, not even that.
func (c *State) fillYield(s *State) {
	i := c.instruction(0)
	if i.fn == nil || i.code().Op() != lua.OP_CALL {
		return // at its beginning
	}
	for want := i.code().C() - 1; s.GetTop()-1 < want; {
		s.Push(lua.LNil)
	}
}

// died is the error that a coroutine ended with, which gopher-lua has of a panic as
// a text like any other.
func died(v lua.LValue) lua.LValue {
	text, _ := v.(lua.LString)
	switch {
	case glua.IsFault(v):
		return lua.LString(internalError)
	case glua.IsOverflow(string(text)):
		return lua.LString("stack overflow")
	}
	return v
}

// coroutineArg returns argument n, a coroutine.
func (s *State) coroutineArg(n int) *State {
	l, ok := s.Get(n).(*lua.LState)
	if !ok {
		s.TypeError(n, "coroutine")
	}
	return stateOf(l)
}

// enclosing returns the coroutine that s runs in, looking through protected
// calls; nil on a thread's own stack.
func (s *State) enclosing() *State {
	for ; s != nil; s = s.up {
		if s.co != nil {
			return s
		}
	}
	return nil
}

// yieldError says why the running function may not yield, or "". Lua 5.1 yields
// only across Lua calls; gopher-lua does not check, and a yield inside a
// metamethod, an iterator or a callback leaves its stack in ruins. So we look
// at each frame: a Go function below, or a Lua function that is at anything but
// a call instruction, is a boundary.
func (s *State) yieldError() string {
	if s.co == nil {
		if s.enclosing() != nil {
			return "attempt to yield across a protected call"
		}
		return "attempt to yield from outside a coroutine"
	}
	top := glua.Top(s.l)
	if top == nil {
		return ""
	}
	for f := top.Parent; f != nil; f = f.Parent {
		switch {
		case f.Fn.IsG:
			return "attempt to yield across a Go function"
		case !f.Calls():
			return "attempt to yield across a metamethod or an iterator"
		}
	}
	return ""
}
