package interp

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"

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
	return compileBy(compile.Compile, source, name, stop)
}

// compileBy is compileSource with what makes code of the tree.
func compileBy(compiler func(*syntax.Chunk, compile.Options) (*lua.FunctionProto, error), source string, name chunkName, stop *stopFlag) (*lua.FunctionProto, *Error) {
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
		proto, err = compiler(chunk, how)
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

// Program is compiled Lua. It never changes: any number of interpreters and goroutines may run one at the same time,
// and what they hold of it is this one.
type Program struct {
	name  string
	proto *lua.FunctionProto
}

// Compile compiles Lua source; name is what errors call it. A failure is an *Error; if errors.Is finds
// io.ErrUnexpectedEOF in it, source ends too early, and may be Lua once more of it is there. It needs
// no interpreter, and any goroutine may call it. A first line that begins with '#' is skipped.
//
//	prog, err := interp.Compile("plugin.lua", source) // once
//	out, err := in.Run(ctx, prog)                     // in each interpreter
func Compile(name, source string) (*Program, error) {
	proto, failure := compileSource(source, plainName(name), new(stopFlag))
	if failure != nil {
		return nil, failure
	}
	return &Program{name, proto}, nil
}

// Name returns the name that the program was compiled with.
func (p *Program) Name() string { return p.name }

// instance makes a function of compiled code.
func (s *State) instance(proto *lua.FunctionProto) *lua.LFunction {
	fn := s.in.root.NewFunctionFromProto(proto)
	fn.Env = s.base().l.Env // the thread's globals, which setfenv(0, t) changes
	return fn
}

// dumpHeader is what a binary chunk of Lua 5.1's begins with on a machine of today's:
// libraries look at it to learn how numbers are stored.
const dumpHeader = "\x1bLuaQ\x00\x01\x04\x08\x04\x08\x00"

// dumpKey signs what string.dump gives. The VM does with code what that says, so that code
// made up by a script could do what no script may: only what this process has made itself
// is loaded.
var dumpKey = sync.OnceValue(func() []byte {
	key := make([]byte, sha256.Size)
	rand.Read(key) // never fails
	return key
})

func signature(code string) string {
	mac := hmac.New(sha256.New, dumpKey())
	mac.Write([]byte(code))
	return string(mac.Sum(nil))
}

// isDump reports whether a chunk is no text.
func isDump(chunk string) bool { return strings.HasPrefix(chunk, dumpHeader[:1]) }

// undump returns the function that string.dump made a chunk of, or what is wrong.
func (s *State) undump(chunk string, name chunkName) (*lua.LFunction, *Error) {
	rest, ok := strings.CutPrefix(chunk, dumpHeader)
	if !ok || len(rest) < sha256.Size {
		return nil, notCompiled(name.display, "bad header in precompiled chunk")
	}
	sum, code := rest[:sha256.Size], rest[sha256.Size:]
	if !hmac.Equal([]byte(sum), []byte(signature(code))) {
		return nil, notCompiled(name.display, "the precompiled chunk is not of this process; load its source")
	}
	proto, err := constants.FromBinary([]byte(code))
	if err != nil {
		return nil, notCompiled(name.display, err)
	}
	fn := s.base().l.NewFunctionFromProto(proto)
	for i := range fn.Upvalues {
		fn.Upvalues[i] = &lua.Upvalue{}
		fn.Upvalues[i].SetValue(lua.LNil)
	}
	return fn, nil
}
