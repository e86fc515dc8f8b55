package interp

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"
)

// maxSource bounds a chunk: gopher-lua takes some hundred times its size in
// memory to compile it.
const maxSource = 8 << 20

// compile turns source into a function, for what is no script's own.
func (in *Interpreter) compile(source, name string) (*lua.LFunction, *Error) {
	proto, failure := compileSource(source, name, new(atomic.Bool))
	if failure != nil {
		return nil, failure
	}
	return in.root.NewFunctionFromProto(proto), nil
}

// quickSource is what is compiled in no time, whatever is in it.
const quickSource = 32 << 10

// compile turns source into a function. Nothing stops gopher-lua's compiler on its
// way, so one that is at work for long when the run is stopped is left behind. It
// touches nothing of the interpreter, and comes to an end by itself: see weigh.
func (s *State) compile(source, name string) (fn *lua.LFunction, failure *Error) {
	defer func() {
		if fn != nil {
			fn.Env = s.base().Env // the thread's globals, which setfenv(0, t) changes
		}
	}()
	if len(source) <= quickSource {
		return s.in.compile(source, name)
	}
	stop, done := s.stop, make(chan struct{})
	var proto *lua.FunctionProto
	go func() {
		defer close(done)
		proto, failure = compileSource(source, name, stop)
	}()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-done:
			if failure != nil {
				return nil, failure
			}
			return s.in.root.NewFunctionFromProto(proto), nil
		case <-look.C:
			if stop.Load() {
				return nil, notCompiled(name, errStopped)
			}
		}
	}
}

// notCompiled is the failure of what is no fault of the syntax.
func notCompiled(name string, why any) *Error {
	msg := fmt.Sprintf("%s: cannot compile: %v", name, why)
	return &Error{Message: msg, value: lua.LString(msg), clean: true}
}

// compileSource compiles source as far as stop lets it. A first line that begins
// with '#' is skipped, as lua(1) does, so that scripts can be executable files. Any
// goroutine may call it.
func compileSource(source, name string, stop *atomic.Bool) (proto *lua.FunctionProto, failure *Error) {
	defer func() {
		// The compiler gives up with a panic on what it has no room for.
		if v := recover(); v != nil {
			proto, failure = nil, notCompiled(name, v)
		}
	}()
	if len(source) > maxSource {
		return nil, notCompiled(name, fmt.Sprintf("%d bytes of source; at most %d", len(source), maxSource))
	}
	if strings.HasPrefix(source, "#") {
		_, rest, found := strings.Cut(source, "\n")
		source = "\n" + rest
		if !found {
			source = ""
		}
	}
	chunk, err := parse.Parse(&stoppable{strings.NewReader(source), stop}, name)
	if err == nil {
		longest := weigh(chunk)
		fixAssigns(chunk)
		standIn := fixConcats(chunk, longest)
		if proto, err = lua.Compile(chunk, name); err == nil {
			putConcats(proto, standIn)
		}
	}
	if err != nil {
		msg := syntaxMessage(name, source, err)
		return nil, &Error{Message: msg, value: lua.LString(msg), cause: syntaxCause(err), clean: true}
	}
	clip(proto)
	return proto, nil
}

// stoppable is source that ends early when its reader is to stop.
type stoppable struct {
	r    *strings.Reader
	stop *atomic.Bool
}

func (r *stoppable) Read(p []byte) (int, error) {
	if r.stop.Load() {
		return 0, io.EOF
	}
	return r.r.Read(p[:min(len(p), 4096)])
}

// clip gives back the room that functions' code has to spare: 12 KB for each,
// however small.
func clip(p *lua.FunctionProto) {
	p.Code = slices.Clone(p.Code)
	p.DbgSourcePositions = slices.Clone(p.DbgSourcePositions)
	for _, f := range p.FunctionPrototypes {
		clip(f)
	}
}
