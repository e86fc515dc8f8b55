package interp

import (
	"context"
	"errors"
	"reflect"
	"runtime"

	lua "github.com/yuin/gopher-lua"
)

// closure makes a Lua function of f, whose name goes with it: the table of known
// functions would keep every function alive that a host ever handed over.
func (in *Interpreter) closure(f *Function) *lua.LFunction {
	return in.root.NewFunction(func(l *lua.LState) int {
		s := stateOf(l)
		old := s.unnamed
		s.unnamed = f
		n := f.Fn(s)
		s.unnamed = old
		return n
	})
}

var contextType = reflect.TypeFor[context.Context]()

// hostFunction makes a Lua function of a function of the host's; see Set.
func (in *Interpreter) hostFunction(name string, fn reflect.Value) *lua.LFunction {
	return in.closure(&Function{Name: name, Fn: in.newHostFunc(fn).call})
}

func (in *Interpreter) newHostFunc(fn reflect.Value) *hostFunc {
	t := fn.Type()
	h := &hostFunc{in: in, fn: fn}
	for i := range t.NumIn() {
		p := t.In(i)
		h.params = append(h.params, p)
		h.beside = h.beside || i == 0 && p == contextType || p == funcType || p == objectType
		h.pinned = h.pinned || p.Implements(luaIface) || p == luaIface
	}
	h.context = t.NumIn() > 0 && t.In(0) == contextType
	if h.variadic = t.IsVariadic(); h.variadic {
		h.rest = t.In(t.NumIn() - 1).Elem()
		h.params = h.params[:len(h.params)-1]
	}
	if n := t.NumOut(); n > 0 && t.Out(n-1) == errorIface {
		h.fails = true
	}
	return h
}

// hostFunc is a function of the host's.
type hostFunc struct {
	in       *Interpreter
	fn       reflect.Value
	params   []reflect.Type // without the variadic one
	rest     reflect.Type   // of one variadic argument
	variadic bool
	context  bool        // the first parameter is a context
	beside   bool        // runs without the turn
	pinned   bool        // has Lua's own values, which only who has the turn may touch
	fails    bool        // the last result is an error
	spread   bool        // the first result is a list of results
	free     []*hostCall // that have returned
}

// call is the Lua function.
func (h *hostFunc) call(s *State) int {
	c := h.newCall()
	c.t = s.thread
	c.convert(s)
	if err := c.run(s); err != nil {
		return s.Raise(err)
	}
	results := c.results
	if h.fails {
		last := results[len(results)-1]
		results = results[:len(results)-1]
		if err, _ := last.Interface().(error); err != nil {
			h.raise(s, c, err)
		}
	}
	if h.spread {
		results = elements(results[0])
	}
	conv := toLua{in: h.in, effort: effort{stop: s.stop}}
	for i, r := range results {
		v, err := conv.any(s.unnamed.Name, r.Interface())
		if err != nil {
			s.RaiseError("result %d of '%s'%v", i+1, s.unnamed.Name, err)
		}
		s.Push(v)
	}
	h.keep(c)
	return len(results)
}

func elements(list reflect.Value) []reflect.Value {
	all := make([]reflect.Value, list.Len())
	for i := range all {
		all[i] = list.Index(i)
	}
	return all
}

// raise raises what the function returned: a function that gave up because its
// thread was cancelled says so in its own words, and scripts expect ECANCELED.
func (h *hostFunc) raise(s *State, c *hostCall, err error) {
	if c.ctx != nil && errors.Is(err, context.Canceled) {
		if reason := s.thread.CheckCancel(); reason != nil {
			s.Raise(reason)
		}
	}
	var exit *ExitError
	if errors.As(err, &exit) {
		s.Exit(exit.Code)
	}
	if e, ok := err.(*Error); ok {
		s.Error(h.in.errorObject(e), 0)
	}
	s.Raise(hostError(err))
}

// hostCall is one call of a host function.
type hostCall struct {
	h       *hostFunc
	t       *Thread
	slots   []any           // pointers to where its arguments are
	args    []reflect.Value // what these point to, and variadic ones
	ctx     *hostContext
	results []reflect.Value
	err     error

	calls, interrupts func() // invoke and interrupt
}

// maxHostCalls is how many calls of a function are kept for further ones: those under way at once are few.
const maxHostCalls = 4

func (h *hostFunc) newCall() *hostCall {
	if n := len(h.free) - 1; n >= 0 {
		c := h.free[n]
		h.free = h.free[:n]
		return c
	}
	c := &hostCall{h: h}
	c.calls, c.interrupts = c.invoke, c.interrupt
	for _, t := range h.params {
		slot := reflect.New(t)
		c.slots, c.args = append(c.slots, slot.Interface()), append(c.args, slot.Elem())
	}
	return c
}

// keep keeps a call that has returned, with nothing of what it was about.
func (h *hostFunc) keep(c *hostCall) {
	if len(h.free) == maxHostCalls {
		return
	}
	n := len(c.slots)
	clear(c.args[n:])
	c.args = c.args[:n]
	for _, a := range c.args {
		a.SetZero()
	}
	c.t, c.ctx, c.results, c.err = nil, nil, nil, nil
	h.free = append(h.free, c)
}

// convert converts the arguments that the script gave.
func (c *hostCall) convert(s *State) {
	conv := fromLua{in: c.h.in, effort: effort{stop: s.stop}}
	slots := c.slots
	if c.h.context {
		slots = slots[1:] // run puts it there
	}
	for i, slot := range slots {
		if err := conv.into(slot, s.Get(i+1)); err != nil {
			s.ArgError(i+1, "%v", trimmed(err))
		}
	}
	for i := len(slots) + 1; c.h.variadic && i <= s.GetTop(); i++ {
		arg := reflect.New(c.h.rest)
		if err := conv.into(arg.Interface(), s.Get(i)); err != nil {
			s.ArgError(i, "%v", trimmed(err))
		}
		c.args = append(c.args, arg.Elem())
	}
}

func (c *hostCall) run(s *State) error {
	c.h.in.hosted++
	defer func() { c.h.in.hosted-- }()
	if !c.h.beside {
		if err := c.h.in.turns.await(c.t); err != nil {
			return err
		}
		c.inTurn()
		return c.err
	}
	if err := c.t.CheckCancel(); err != nil {
		return err
	}
	c.ctx = &hostContext{values: c.t.run.base, nesting: s.inside()}
	defer c.ctx.end(nil)
	if c.h.context {
		*c.slots[0].(*context.Context) = c.ctx
	}
	c.t.Outside(c.calls, c.interrupts)
	if c.t.run.stopped.Load() && c.err == nil {
		return errStopped // here, not at the next line
	}
	return c.err
}

// inTurn calls the function with the turn.
func (c *hostCall) inTurn() {
	if !c.h.pinned {
		turn := c.h.in.turns.begin()
		defer c.h.in.turns.end(turn)
	}
	c.invoke()
}

// interrupt ends the function's context, if the interruption is no false alarm.
func (c *hostCall) interrupt() {
	if c.t.run.stopped.Load() {
		c.ctx.end(c.t.run.cause)
	} else if c.t.cancel {
		c.ctx.end(context.Canceled)
	}
}

func (c *hostCall) invoke() {
	c.err = Guard(func() error {
		c.results = c.h.fn.Call(c.args)
		return nil
	})
}

// caller returns the call whose function is what calls the interpreter now, on this
// goroutine, when it has lost the turn for that; else 0.
func (t *turns) caller() uint64 {
	if len(t.late) == 0 || !onStack((*hostCall).inTurn) {
		return 0
	}
	return t.latest()
}

// calledByHost reports whether a host function, of any interpreter, is what calls on this goroutine.
func (in *Interpreter) calledByHost() bool { return in.hosted > 0 && onStack((*hostCall).invoke) }

// onStack reports whether this goroutine is inside the function fn.
func onStack(fn any) bool {
	name := runtime.FuncForPC(reflect.ValueOf(fn).Pointer()).Name()
	pcs := make([]uintptr, maxGoCalls)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs)])
	for {
		f, more := frames.Next()
		if f.Function == name {
			return true
		}
		if !more {
			return false
		}
	}
}
