package interp

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	lua "github.com/yuin/gopher-lua"
)

// Call calls the global function called name with args, and returns its results. The name may
// have dots: "plugin.on_request", or a module's "json.encode". Arguments become Lua values
// and results Go values as told at Set and Get.
//
//	out, err := in.Call(ctx, "handle", "x", 42, conn)
//
// A net.Conn or net.Listener among the arguments is the script's from then on, and the script's to close, also when it
// fails: client:with(fn) does that, and what nobody closes stays open until the collector finds it, or Close. It is the
// host's still when there was no such function, and after ErrClosed. A host that wants to close it itself, whatever the script
// does, gives struct{ net.Conn }{conn}: that is the same connection for both. A socket among the results is the
// host's to close, and the script's, too: see Get.
//
// It waits until the function returns, but not for threads that it started: they
// go on until they end, or until Close. When ctx ends, the function stops at
// once, waiting or computing alike, and the error is the context's. Otherwise a
// failure is an *Error, os.exit(n) an *ExitError, and a value that cannot be
// converted an error that names the path to it: the function may have run then.
//
// Any number of goroutines may call it at once: the calls take turns, and one
// that waits lets others in. A host function that a script called may call it,
// too, if it takes a context.Context; see Set.
func (in *Interpreter) Call(ctx context.Context, name string, args ...any) ([]any, error) {
	c := callings.Get().(*calling)
	c.what, c.name, c.args = "Call", name, args
	out, err := c.values(ctx, in)
	c.release()
	return out, err
}

// CallInto is Call that stores the result in what ptr points to, by the rules for
// arguments of host functions: a struct takes a table's fields by their names, upper and lower case being two, and a pointer to an *Object
// is a handle rather than a copy. Several results go to an &Results{&a, &b}. What the function does not return, or returns as
// nil, is the zero value, be that 0, "", a nil *Object or the zero Func; what it returns beyond the targets is dropped. When it fails, what ptr points to may
// have been set in part.
//
//	var reply struct { // of {status = 200, body = "..."}
//		Status int    `json:"status"`
//		Body   []byte `json:"body"`
//	}
//	err := in.CallInto(ctx, &reply, "plugin.on_request", request)
func (in *Interpreter) CallInto(ctx context.Context, ptr any, name string, args ...any) error {
	c := callings.Get().(*calling)
	c.what, c.name, c.args, c.into = "Call", name, args, ptr
	err := c.run(ctx, in)
	c.release()
	return err
}

// Results are pointers to where the results of a call go, the first to the first: as the target of CallInto and
// RunInto. One that is nil drops its result.
//
//	var status int
//	var body []byte
//	err := in.CallInto(ctx, &interp.Results{&status, &body}, "handle", request)
type Results []any

// Call calls the function, in all as Interpreter.Call does: with the same
// conversions, waits and errors; but os.exit is an *ExitError with the status 0, too. A host
// function that a script called, and that returns this error, ends that script with
// it. The zero Func, which nil becomes, fails. For results in Go's own types there is Object.CallInto: what is asked for as
// an *Object instead of a Func is a handle on the function, whose name is "".
func (f Func) Call(ctx context.Context, args ...any) ([]any, error) {
	if f.fn == nil {
		return nil, errors.New("interp: Call of the zero Func: there was nil where a function should have been")
	}
	var exited atomic.Pointer[ExitError]
	c := calling{what: "Call", from: f.fn, args: args, exit: func(code int) { exited.Store(&ExitError{Code: code}) }}
	out, err := c.values(ctx, f.in)
	if e := exited.Load(); err == nil && e != nil {
		return nil, e
	}
	return out, err
}

// calling is a visit that calls one function. Its results are those of Go.
type calling struct {
	what, name string     // name it in errors: "Call", "plugin.on_request"
	from       lua.LValue // what name is looked for in, or, without a name, what is called; nil: the global variables
	method     bool       // what holds the function is its first argument
	chunk      *Program   // what is called, if that is not nil
	source     string     // what is called, compiled first, if that is not ""
	args       []any
	into       any // a pointer, or *Results; nil: all results go to out
	out        []any
	exit       func(int)
	wait       bool // for threads that it starts
}

// callings are those of calls that have returned.
var callings = sync.Pool{New: func() any { return new(calling) }}

func (c *calling) release() {
	*c = calling{}
	callings.Put(c)
}

func (c *calling) values(ctx context.Context, in *Interpreter) ([]any, error) {
	if err := c.run(ctx, in); err != nil {
		return nil, err
	}
	return c.out, nil
}

func (c *calling) run(ctx context.Context, in *Interpreter) error {
	if err := c.ready(); err != nil {
		return err
	}
	return in.enter(ctx, c.wait, c)
}

// ready looks at where the results go.
func (c *calling) ready() error {
	for i := range c.targets() {
		if ptr := c.target(i); ptr != nil || !c.several() {
			if _, err := targetOf(ptr); err != nil {
				return c.failed(": %w", err)
			}
		}
	}
	return nil
}

// several reports whether each result has a target of its own.
func (c *calling) several() bool {
	list, several := c.into.(*Results)
	return several && list != nil
}

// targets returns how many results there are targets for.
func (c *calling) targets() int {
	switch {
	case c.into == nil:
		return 0
	case c.several():
		return len(*c.into.(*Results))
	}
	return 1
}

// target returns the pointer that a result goes to, from 0; nil drops it.
func (c *calling) target(i int) any {
	if c.several() {
		return (*c.into.(*Results))[i]
	}
	return c.into
}

// failed is the error of what is no script's failure.
func (c *calling) failed(format string, args ...any) error {
	label := c.what
	if c.name != "" {
		label += " " + c.name
	}
	return fmt.Errorf("interp: "+label+format, args...)
}

func (c *calling) begin(s *State) error {
	s.thread.run.exit = c.exit
	if err := c.push(s); err != nil {
		return err
	}
	if _, failure := s.invokePushed(); failure != nil {
		return failure
	}
	return nil
}

// push lays the function and its arguments on s, which is empty.
func (c *calling) push(s *State) error {
	fn, self, err := c.function(s)
	if err != nil {
		if _, raised := err.(*Error); raised {
			return err
		}
		return c.failed(": %w", err)
	}
	s.Push(fn)
	if self != nil {
		s.Push(self)
	}
	if err := c.pushArgs(s); err != nil {
		return err
	}
	if c.isChunk() {
		s.enterFolder("")
		s.in.setArgs(c.name, s.values(2))
	}
	return nil
}

func (c *calling) pushArgs(s *State) error {
	conv := toLua{in: s.in, effort: effort{stop: s.stop}}
	for i, a := range c.args {
		v, err := conv.any("argument", a)
		if err != nil {
			return c.failed(": argument %d%w", i+1, err)
		}
		s.Push(v)
	}
	if c.isChunk() && len(c.args) == 0 {
		for _, a := range s.in.config.Args {
			s.Push(lua.LString(a))
		}
	}
	return nil
}

func (c *calling) isChunk() bool { return c.chunk != nil || c.what == "Eval" }

// function returns what is called, and self if it is a method.
func (c *calling) function(s *State) (fn, self lua.LValue, err error) {
	switch {
	case c.chunk != nil:
		return s.instance(c.chunk.proto), nil, nil
	case c.what == "Eval":
		f, failure := s.compile(c.source, plainName(c.name))
		if failure != nil {
			return nil, nil, failure
		}
		return f, nil, nil
	case c.from != nil && c.name == "":
		return c.from, nil, s.in.callable(s, c.from)
	}
	from := c.from
	if from == nil {
		from = s.in.root.G.Global
		if f, is := s.in.root.G.Global.RawGetString(c.name).(*lua.LFunction); is && strings.IndexByte(c.name, '.') < 0 {
			return f, nil, nil
		}
	}
	holder, fn, err := s.find(from, c.name)
	switch {
	case err != nil:
		return nil, nil, err
	case fn == lua.LNil && holder == lua.LValue(s.in.root.G.Global):
		return nil, nil, errNoGlobal
	case fn == lua.LNil:
		return nil, nil, errNoFunction
	case c.method:
		self = holder
	}
	return fn, self, s.in.callable(s, fn)
}

// callable says what is wrong with calling v.
func (in *Interpreter) callable(s *State, v lua.LValue) error {
	if callable(s, v) {
		return nil
	}
	return fmt.Errorf("%s cannot be called", in.aKind(v))
}

var errNoGlobal = errors.New("no global function of that name")

// end takes the results, which lie on s.
func (c *calling) end(s *State) error {
	conv := fromLua{in: s.in, effort: effort{stop: s.stop}}
	if c.into == nil {
		c.out = make([]any, s.GetTop())
		for i := range c.out {
			var err error
			if c.out[i], err = conv.value(s.Get(i + 1)); err != nil {
				c.out = nil
				return c.failed(": result %d%w", i+1, err)
			}
		}
		return nil
	}
	for i := range c.targets() {
		if ptr := c.target(i); ptr != nil {
			if err := conv.into(ptr, s.Get(i+1)); err != nil {
				return c.failed(": result %d%w", i+1, err)
			}
		}
	}
	return nil
}
