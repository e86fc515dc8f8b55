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
		s := StateOf(l)
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
	context  bool // the first parameter is a context
	beside   bool // runs without the turn
	pinned   bool // has Lua's own values, which only who has the turn may touch
	fails    bool // the last result is an error
	spread   bool // the first result is a list of results
}

// call is the Lua function.
func (h *hostFunc) call(s *State) int {
	c := &hostCall{h: h, t: s.thread, args: h.arguments(s)}
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
		v, err := conv.value(s.unnamed.Name, r)
		if err != nil {
			s.RaiseError("result %d of '%s'%v", i+1, s.unnamed.Name, err)
		}
		s.Push(v)
	}
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

// arguments converts what the script gave.
func (h *hostFunc) arguments(s *State) []reflect.Value {
	n := max(s.GetTop(), len(h.params))
	args := make([]reflect.Value, 0, n+1)
	conv := fromLua{in: h.in, effort: effort{stop: s.stop}}
	arg := func(n int, t reflect.Type) {
		v := reflect.New(t).Elem()
		if err := conv.assign(v, s.Get(n)); err != nil {
			s.ArgError(n, "%v", trimmed(err))
		}
		args = append(args, v)
	}
	params, first := h.params, 1
	if h.context {
		args = append(args, reflect.Value{}) // run puts it there
		params = params[1:]
	}
	for i, t := range params {
		arg(first+i, t)
	}
	if h.variadic {
		for i := first + len(params); i <= s.GetTop(); i++ {
			arg(i, h.rest)
		}
	}
	return args
}

// hostCall is one call of a host function.
type hostCall struct {
	h       *hostFunc
	t       *Thread
	args    []reflect.Value
	results []reflect.Value
	err     error
	ctx     context.Context
	cancel  context.CancelCauseFunc
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
	c.ctx, c.cancel = context.WithCancelCause(c.t.run.context())
	defer c.cancel(nil)
	if c.h.context {
		c.args[0] = reflect.ValueOf(s.nested(c.ctx))
	}
	c.t.Outside(c.invoke, c.interrupt)
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
		c.cancel(c.t.run.cause)
	} else if c.t.cancel {
		c.cancel(context.Canceled)
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
	if len(t.late) == 0 || !onStack(inTurnName) {
		return 0
	}
	return t.latest()
}

// calledByHost reports whether a host function, of any interpreter, is what calls on this goroutine.
func (in *Interpreter) calledByHost() bool { return in.hosted > 0 && onStack(invokeName) }

// onStack reports whether this goroutine is inside the function of that name.
func onStack(name string) bool {
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

var (
	inTurnName = runtime.FuncForPC(reflect.ValueOf((*hostCall).inTurn).Pointer()).Name()
	invokeName = runtime.FuncForPC(reflect.ValueOf((*hostCall).invoke).Pointer()).Name()
)
