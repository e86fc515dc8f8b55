package interp

import (
	"errors"
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/compile"
	"wirelua/interp/syntax"
)

// MaxSource is how many bytes a chunk's source may have: its tree takes some thirty times as much
// memory.
const MaxSource = 8 << 20

// constants are the functions that code calls, as all has them.
var constants = compile.Options{Concat: concatenation, Pop: popping}

// compile turns source into a function, for what is no script's own.
func (in *Interpreter) compile(source, name string) (*lua.LFunction, *Error) {
	return in.compileUntil(source, plainName(name), new(stopFlag))
}

// compile turns a chunk, source or what string.dump gave, into a function, unless the run is
// stopped.
func (s *State) compile(source string, name chunkName) (*lua.LFunction, *Error) {
	if isDump(source) {
		return s.undump(source, name)
	}
	fn, failure := s.in.compileUntil(source, name, s.stop)
	if fn != nil {
		fn.Env = s.base().l.Env // the thread's globals, which setfenv(0, t) changes
	}
	return fn, failure
}

func (in *Interpreter) compileUntil(source string, name chunkName, stop *stopFlag) (*lua.LFunction, *Error) {
	proto, failure := compileSource(source, name, stop)
	if failure != nil {
		return nil, failure
	}
	return in.root.NewFunctionFromProto(proto), nil
}

// notCompiled is the failure of what is no fault of the syntax.
func notCompiled(name string, why any) *Error {
	msg := fmt.Sprintf("%s: cannot compile: %v", name, why)
	return &Error{Message: msg, value: lua.LString(msg), clean: true}
}

// compileSource compiles source, unless stop is set. A file's first line that begins with
// '#' is skipped, as lua(1) does, so that scripts can be executable files. Any goroutine
// may call it.
func compileSource(source string, name chunkName, stop *stopFlag) (*lua.FunctionProto, *Error) {
	if len(source) > MaxSource {
		return nil, notCompiled(name.display, fmt.Sprintf("%d bytes of source; at most %d", len(source), MaxSource))
	}
	opts := []syntax.Option{syntax.Stop(stop.Load)}
	if !name.text {
		opts = append(opts, syntax.SkipFirstLine())
	}
	chunk, err := syntax.Parse(name.display, source, opts...)
	var proto *lua.FunctionProto
	if err == nil {
		how := constants
		how.Source, how.Stop = name.source, stop.Load
		proto, err = compile.Compile(chunk, how)
	}
	switch {
	case errors.Is(err, syntax.ErrStopped):
		return nil, notCompiled(name.display, errStopped)
	case err != nil:
		err = name.named(err)
		return nil, &Error{Message: err.Error(), value: lua.LString(err.Error()), cause: err, clean: true}
	}
	return proto, nil
}
