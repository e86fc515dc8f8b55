package interp

import (
	"errors"
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
)

// Protected calls run on a stack of their own. gopher-lua's own pcall shares
// the caller's stack, and when it catches an error it detaches the caller's
// local variables from the closures that use them (its issue 448). On a stack
// of its own nothing but the failed call is unwound.

// invoke calls fn(args...) on the empty stack s, and leaves the results on it.
// It returns their number, or what ended the call; the stack is of no use then.
// It has no PCall in it, so that the Go stack of a thread that waits stays
// within 4 KB.
func (s *State) invoke(fn lua.LValue, args []lua.LValue) (n int, failure *Error) {
	defer func() {
		if v := recover(); v != nil {
			failure = s.recovered(v)
		}
	}()
	s.Push(fn)
	for _, a := range args {
		s.Push(a)
	}
	s.Call(len(args), lua.MultRet)
	return s.GetTop(), nil
}

// invokePushed is invoke for a function that lies on s with its arguments, and nothing else.
func (s *State) invokePushed() (n int, failure *Error) {
	defer func() {
		if v := recover(); v != nil {
			failure = s.recovered(v)
		}
	}()
	s.Call(s.GetTop()-1, lua.MultRet)
	return s.GetTop(), nil
}

// protected runs what fn does on s, which may raise errors, and returns what ended it.
func (s *State) protected(fn func()) (failure error) {
	defer func() {
		if v := recover(); v != nil {
			failure = s.recovered(v)
		}
	}()
	fn()
	return nil
}

// uncaught is what gopher-lua calls with an error on the top of a stack that no
// protected call stands on: the traceback is noted while there is one.
func uncaught(l *lua.LState) {
	s := stateOf(l)
	v := reword(l.Get(-1), s)
	panic(&lua.ApiError{Type: lua.ApiErrorRun, Object: v, StackTrace: s.traceback(0)})
}

// handling is the lowest function of a protected call: argument 1 is xpcall's
// handler, which runs where the error was raised, or nil: for a panic of Go's, as an
// overflow of the stack is one, on a stack of its own above. It catches what the call ends
// with, and returns as if nothing had happened: PCall, below it, then unwinds the stack all
// the same. An error that reached PCall would get a traceback of gopher-lua's, which takes
// long, on a deep stack for a second.
func handling(s *State) int {
	handler := s.Get(1)
	s.l.Panic = raised(handler)
	defer func() {
		if v := recover(); v != nil {
			s.catch(v, handler)
		}
	}()
	s.Call(s.GetTop()-2, lua.MultRet)
	return s.GetTop() - 1
}

// raised is what gopher-lua calls with an error on the top of a stack, before it is unwound: xpcall's handler, if
// there is one, is told.
func raised(handler lua.LValue) func(*lua.LState) {
	if handler == lua.LNil {
		return rethrow
	}
	return func(l *lua.LState) {
		s := stateOf(l)
		v := reword(l.Get(-1), s)
		s.thread.giveUp() // the handler may wait for something else
		l.Panic = handlerFailed
		l.Push(handler)
		l.Push(v)
		l.Call(1, 1)
		panic(&lua.ApiError{Type: lua.ApiErrorError, Object: l.Get(-1)})
	}
}

// catch notes what the protected call on s, which has not been unwound, has ended with.
func (s *State) catch(panicked any, handler lua.LValue) {
	var ok bool
	if s.caught, ok = panicked.(*lua.ApiError); !ok {
		s.caught, _ = s.panicked(panicked)
		s.caught.Object = s.told(handler, s.caught.Object)
	}
}

// told returns what a handler, if there is one, makes of an error that no more fits on
// the stack s, which has not been unwound.
func (s *State) told(handler, v lua.LValue) lua.LValue {
	if handler == lua.LNil {
		return v
	}
	if s.tooDeep() {
		return lua.LString(tooDeep)
	}
	c := s.in.borrow(s.thread, s)
	for _, v := range []lua.LValue{s.in.handling, lua.LNil, handler, v} {
		c.Push(v)
	}
	_ = c.l.PCall(3, 1, nil) // handling catches all
	err := c.caught
	if err == nil {
		v = c.Get(-1)
	} else {
		v, c.caught = inHandler, nil
	}
	c.giveBack(err == nil || err.Type != lua.ApiErrorPanic)
	return v
}

// inHandler is what a call ends with whose handler raises an error: as in Lua 5.1, which
// knows no more of either error by then.
const inHandler = lua.LString("error in error handling")

func handlerFailed(l *lua.LState) {
	if stateOf(l).stop.Load() {
		rethrow(l)
	}
	panic(&lua.ApiError{Type: lua.ApiErrorError, Object: inHandler})
}

func rethrow(l *lua.LState) {
	v := reword(l.Get(-1), stateOf(l))
	panic(&lua.ApiError{Type: lua.ApiErrorError, Object: v})
}

// protect calls the function at position first of s, with the arguments above
// it, on a stack of its own. It pushes true and the results, or false and the
// error, onto s and returns their number. With a handler, position first holds
// that, and the function comes above it.
func (s *State) protect(first int, handled bool) int {
	if s.tooDeep() {
		return s.Return(lua.LFalse, lua.LString(tooDeep))
	}
	c := s.in.borrow(s.thread, s)
	handler := lua.LValue(lua.LNil)
	n := s.GetTop() - first + 1
	c.Push(s.in.handling)
	if handled {
		handler = s.Get(first)
	} else {
		c.Push(handler)
		n++
	}
	s.moveTo(c, s.GetTop()-first+1)
	_ = c.l.PCall(n, lua.MultRet, nil) // handling catches all
	err := c.caught
	if err == nil {
		n := c.GetTop()
		s.Push(lua.LTrue)
		c.moveTo(s, n)
		c.giveBack(true)
		return n + 1
	}
	c.caught = nil
	panicked := err.Type == lua.ApiErrorPanic
	v := errorValue(err)
	c.giveBack(!panicked)
	if s.stop.Load() {
		s.Error(v, 0) // nothing goes on after this; the traceback shall name this call
	}
	return s.Return(lua.LFalse, v)
}

// With is the method with(fn, ...) of everything that can be closed. It calls fn(object,
// ...), then end, whatever happened, and returns fn's results or raises its error. If fn
// raised none, an error of end is raised.
func With(s *State, end func() error) int {
	s.Callable(2)
	fn := s.Get(2)
	s.Replace(2, s.Get(1))
	s.Replace(1, fn)
	// Not a protected call: an error goes its way with the traceback of where
	// it was raised.
	returned := false
	defer func() {
		if err := end(); err != nil && returned {
			s.Raise(err)
		}
	}()
	s.Call(s.GetTop()-1, lua.MultRet)
	returned = true
	return s.GetTop()
}

// errorValue returns what Lua sees of an error that gopher-lua caught.
func errorValue(e *lua.ApiError) lua.LValue {
	if e.Type == lua.ApiErrorPanic {
		return e.Object
	}
	return reword(e.Object, nil)
}

// protectLib are the functions about errors.
var protectLib = library{funcs: []Function{
	{Name: "pcall", Args: "fn, ...", Fn: basePcall},
	{Name: "xpcall", Args: "fn, handler, ...", Fn: baseXpcall},
	{Name: "error", Args: "value, level", Fn: baseError},
	{Name: "assert", Args: "value, message, ...", Fn: baseAssert},
}}

// What protected calls are made of. Interpreters know them by fields, since these functions refer to each other.
var (
	handlingFunction = sharedFunction(&Function{Fn: handling})
	raisingFunction  = sharedFunction(&Function{Name: "pcall", Fn: func(s *State) int { s.Error(s.Get(1), 0); return 0 }})
)

func basePcall(s *State) int {
	v := s.any(1)
	if !callable(s, v) {
		return s.Return(lua.LFalse, uncallable(v))
	}
	if s.hands() {
		return s.handOver(lua.LNil, 1)
	}
	return s.protect(1, false)
}

func uncallable(v lua.LValue) lua.LValue {
	return lua.LString("attempt to call a " + v.Type().String() + " value")
}

func baseXpcall(s *State) int {
	fn, handler := s.any(1), s.any(2)
	s.Replace(1, handler)
	s.Replace(2, fn)
	if !callable(s, fn) {
		s.SetTop(1)
		s.Push(s.in.raises) // the handler is told, too
		s.Push(uncallable(fn))
	}
	if s.hands() {
		return s.handOver(handler, 2)
	}
	return s.protect(1, true)
}

func baseError(s *State) int {
	v := s.Get(1)
	if msg, ok := v.(lua.LString); ok {
		if level := s.OptInt(2, 1); level > 0 {
			if a, _ := s.activation(level); a.fn != nil && !a.fn.IsG {
				v = lua.LString(fmt.Sprintf("%s:%d: %s", a.fn.Proto.SourceName, a.d.CurrentLine, string(msg)))
			}
		}
	}
	s.Error(v, 0)
	return 0
}

func baseAssert(s *State) int {
	if lua.LVAsBool(s.any(1)) {
		return s.GetTop()
	}
	if msg := s.Get(2); msg != lua.LNil {
		s.Error(msg, 0)
	}
	s.Error(lua.LString("assertion failed!"), 0)
	return 0
}

// recovered describes what a panic ended a thread's function with.
func (s *State) recovered(v any) *Error {
	if err, ok := v.(*lua.ApiError); ok {
		return s.failure(err)
	}
	err, overflow := s.panicked(v)
	err.StackTrace = s.traceback(0)
	if overflow {
		return s.failure(err)
	}
	p := newPanicError(v)
	err.StackTrace = p.report() + err.StackTrace
	failure := s.failure(err)
	if !failure.stopped() {
		failure.cause = p
	}
	return failure
}

// panicked describes a panic that is no error of Lua's, but of a Go function, or
// gopher-lua's way to say that there are too many calls in each other.
func (s *State) panicked(v any) (err *lua.ApiError, overflow bool) {
	msg := attempt("", func() string { return fmt.Sprint(v) })
	switch overflow = glua.IsOverflow(msg); {
	case overflow:
		msg = "stack overflow"
		if at := attempt("", func() string { return s.where(0) }); at != "" {
			msg = at + ": " + msg
		}
	case goFault(v):
		msg = internalError
	default:
		msg = "internal error: " + msg
	}
	return &lua.ApiError{Type: lua.ApiErrorPanic, Object: lua.LString(msg)}, overflow
}

// failure turns what PCall caught on s into an *Error.
func (s *State) failure(err error) *Error {
	apiErr, ok := err.(*lua.ApiError)
	if !ok {
		return &Error{Message: err.Error(), cause: err}
	}
	v := errorValue(apiErr)
	e := &Error{value: s.in.lend(v), Traceback: apiErr.StackTrace, clean: apiErr.Type != lua.ApiErrorPanic}
	if s.thread.run.stopped.Load() {
		e.cause = errStopped
		e.Message = "stopped"
		return e
	}
	e.Message = internalError
	_ = Guard(func() error { e.Message, e.cause = s.describeError(v); return nil })
	var p *PanicError
	if errors.As(e.cause, &p) {
		e.Traceback = p.report() + e.Traceback
	}
	return e
}

// describeError says in words what was raised, and the Go error in it.
func (s *State) describeError(v lua.LValue) (string, error) {
	switch v := v.(type) {
	case lua.LString, lua.LNumber:
		return v.String(), nil
	case *lua.LUserData:
		if e, ok := v.Value.(*OpError); ok {
			if e.Where != "" {
				return e.Where + ": " + e.Error(), e
			}
			return e.Error(), e
		}
		if e, ok := v.Value.(error); ok {
			return e.Error(), e
		}
	}
	if fn, ok := s.GetMetaField(v, "__tostring").(*lua.LFunction); ok {
		// On a stack of its own: that of the error is as it was when it was raised.
		c := s.in.borrow(s.thread, s)
		defer c.giveBack(true)
		c.Push(fn)
		c.Push(v)
		if c.protect(1, false) == 2 && c.Get(-2) == lua.LTrue {
			return c.Get(-1).String(), nil
		}
	}
	return fmt.Sprintf("(error object is a %s value)", v.Type()), nil
}
