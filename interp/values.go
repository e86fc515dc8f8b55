package interp

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync/atomic"

	lua "github.com/yuin/gopher-lua"
)

// Call calls the global function called name with args, and returns its results.
// Arguments become Lua values and results Go values as told at Set and Get; a
// net.Conn or net.Listener among the arguments is the script's from then on.
//
//	out, err := in.Call(ctx, "handle", "x", 42, conn)
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
	return in.call(ctx, nil, "Call "+name, args, func() (lua.LValue, error) {
		fn := in.root.G.Global.RawGetString(name)
		if fn == lua.LNil {
			return nil, errors.New("no global function of that name")
		}
		return fn, nil
	})
}

// call is Call and Func.Call; what names it in errors, find returns the function.
func (in *Interpreter) call(ctx context.Context, exit func(int), what string, args []any, find func() (lua.LValue, error)) (out []any, err error) {
	var convErr error // of a value, not of the script
	_, err = in.enter(ctx, false, func(s *State) ([]lua.LValue, *Error) {
		s.thread.run.exit = exit
		fn, err := find()
		if err != nil {
			convErr = fmt.Errorf("interp: %s: %w", what, err)
			return nil, nil
		}
		vs := make([]lua.LValue, len(args))
		conv := toLua{in: in, effort: effort{stop: s.stop}}
		for i, a := range args {
			if vs[i], err = conv.any("argument", a); err != nil {
				convErr = fmt.Errorf("interp: %s: argument %d%w", what, i+1, err)
				return nil, nil
			}
		}
		n, failure := s.invoke(fn, vs)
		if failure != nil {
			return nil, failure
		}
		out, convErr = s.results(what, s.values(s.GetTop()-n+1))
		return nil, nil
	})
	if err == nil {
		err = convErr
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *State) results(what string, vs []lua.LValue) ([]any, error) {
	out := make([]any, len(vs))
	c := fromLua{in: s.in, effort: effort{stop: s.stop}}
	for i, v := range vs {
		var err error
		if out[i], err = c.value(v); err != nil {
			return nil, fmt.Errorf("interp: %s: result %d%w", what, i+1, err)
		}
	}
	return out, nil
}

// Set sets a global variable. It waits for its turn: until a running script waits
// for something, or ends. This is what Go values become:
//
//	nil; nil pointers, functions...   nil
//	bool                              boolean
//	string, []byte, [n]byte           string
//	integers, floats                  number; an integer that a number can't hold exactly is an error
//	time.Duration                     number, of seconds
//	slices, arrays                    table with keys 1..n
//	maps                              table; keys may be strings, numbers and booleans
//	structs                           table of the exported fields
//	pointers                          what they point to
//	functions                         function
//	error                             error object; raised, or back in Go, it is the same error
//	Func                              function; one of another interpreter is called there
//	lua.LValue                        what it is, if it is this interpreter's
//	channels, net.Conn, net.Listener  channel, socket: if Config.Modules has these modules
//
// Fields are named as in encoding/json: by their tag, with "-", omitempty and
// omitzero honoured; those of an embedded struct are the outer one's. Tables are
// copies: the Go value does not change with them. A map, slice or pointer that is
// found twice becomes one table. What takes more than 2^24 values or 256 MB of bytes
// is an error.
//
// # Functions
//
// A function's parameters may be of all of these types. Arguments are checked:
// "bad argument #1 to 'f' (number expected, got string)". Those left out, and nil,
// are zero values; further ones go to a variadic parameter, or nowhere. A last result of
// type error is raised when it is not nil, as an error object (code EOTHER, when it is
// no system error); if no script catches it, errors.Is and errors.As find it
// in what RunFile or Call returns. A panic is an error, too; see PanicError.
//
// A function that takes a context.Context as its first parameter runs beside the
// script: other threads go on, it may wait, and it may call the Interpreter's
// methods and Funcs. Several threads may be in it at once. Its context ends when the
// run is stopped (its own context, os.exit, Close) or the thread cancelled, and has
// the values of the context that RunFile or Call was given:
//
//	in.Set("fetch", func(ctx context.Context, url string) (string, error) { ... })
//
// Any other runs in the script's turn: nothing else happens in the interpreter
// meanwhile, and it costs less. It should be quick: one that takes longer than a tenth
// of a second, since it waits for something or for the interpreter itself, loses the
// turn to others until it returns. But it is never called twice at once, nor is
// another such function of the interpreter's: threads that call one wait until it has
// returned. So what only these functions use needs no lock, if they are one
// interpreter's; and one that waits for another of them to be called waits for ever:
// it needs a context. What they call in the interpreter may call them again, before
// they go on. A function that takes a Func counts as one with a context.
//
// Functions with a context need a lock around what they share, with each other and
// with the others.
//
// A function must not return, nor call into the interpreter, while it keeps its goroutine bound to
// a thread of the system (runtime.LockOSThread): threads of scripts are coroutines, which
// Go ends the process for rather than go on with elsewhere. What needs a thread of its own has a
// goroutine of its own.
//
// A func(*State) int is a function as modules have them; see Function.
func (in *Interpreter) Set(name string, value any) error {
	in.turn.Lock()
	defer in.turn.Unlock()
	if in.closed {
		return ErrClosed
	}
	v, err := in.toLua(name, value)
	if err != nil {
		return fmt.Errorf("interp: Set %s%w", name, err)
	}
	in.root.G.Global.RawSetString(name, v)
	return nil
}

// Get returns a global variable, nil when there is none of that name. It waits for
// its turn, as Set does. This is what Lua values become:
//
//	nil, boolean, number, string  nil, bool, float64, string
//	table                         []any, if its keys are 1..n or it has none; else map[string]any
//	function                      Func
//	error object                  error
//	channel                       the channel that Go gave; chan lua.LValue for one made in Lua
//	socket                        net.Conn or net.Listener, with a descriptor of its own
//
// Keys of a map that are no strings are named as tostring does. Two keys of one
// name, a table that contains itself, and what has no form in Go are errors that
// name the path to it: "state.peers[2].conn: a thread has no form in Go". A
// table that is found twice is one slice or map in Go, too.
func (in *Interpreter) Get(name string) (any, error) {
	in.turn.Lock()
	defer in.turn.Unlock()
	if in.closed {
		return nil, ErrClosed
	}
	c := fromLua{in: in}
	v, err := c.value(in.root.G.Global.RawGetString(name))
	if err != nil {
		return nil, fmt.Errorf("interp: Get %s%w", name, err)
	}
	return v, nil
}

// ToLua returns a Go value as Lua sees it, as Set does. It is for modules: the
// caller must have the turn, as every function that Lua called has it.
func (in *Interpreter) ToLua(v any) (lua.LValue, error) {
	lv, err := in.toLua("?", v)
	return lv, trimmed(err)
}

// FromLua returns a Lua value as Go sees it, as Get does. It is for modules: the
// caller must have the turn, as every function that Lua called has it.
func (in *Interpreter) FromLua(v lua.LValue) (any, error) {
	c := fromLua{in: in}
	out, err := c.value(v)
	return out, trimmed(err)
}

// Assign stores a Lua value in what ptr points to, by the rules for arguments of host
// functions. What the error says is good for ArgError: "number expected, got
// string". It is for modules: the caller must have the turn, as every function
// that Lua called has it.
//
//	var opts struct{ Port int; Name string `json:"name"` }
//	if err := s.Interp().Assign(s.Get(1), &opts); err != nil {
//		s.ArgError(1, "%v", err)
//	}
func (in *Interpreter) Assign(v lua.LValue, ptr any) error {
	c := fromLua{in: in}
	return trimmed(c.assign(reflect.ValueOf(ptr).Elem(), v))
}

// Call calls the function, in all as Interpreter.Call does: with the same
// conversions, waits and errors; but os.exit is an *ExitError with the status 0, too. A host
// function that a script called, and that returns this error, ends that script with
// it. The zero Func fails.
func (f Func) Call(ctx context.Context, args ...any) ([]any, error) {
	if f.fn == nil {
		return nil, errors.New("interp: Call of a Func that is no function")
	}
	var exited atomic.Pointer[ExitError]
	out, err := f.in.call(ctx, func(code int) { exited.Store(&ExitError{Code: code}) }, "Call", args,
		func() (lua.LValue, error) { return f.fn, nil })
	if e := exited.Load(); err == nil && e != nil {
		return nil, e
	}
	return out, err
}
