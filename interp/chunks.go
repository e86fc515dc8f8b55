package interp

import (
	"context"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
)

// Chunk is a piece of Lua source; Name is what errors call it.
type Chunk struct {
	Name, Source string

	// Path, if set, is the file that Source was read from: then the folder it is in is the
	// script's own, from which require and dofile may load what Policy keeps from io.open.
	Path string

	unread bool // Source is in the file, still
}

// RunChunks runs pieces of source one after the other, until one fails, as
// RunFile runs a file: together they are one script, whose threads go on
// from one piece to the next. Each gets args as "..."; arg0 is what they find as
// arg[0].
func (in *Interpreter) RunChunks(ctx context.Context, arg0 string, args []string, chunks ...Chunk) error {
	return in.runChunks(ctx, true, nil, arg0, args, chunks)
}

// StartChunks is what front.Prompt says.
func (in frontEnd) StartChunks(ctx context.Context, exit func(code int), arg0 string, args []string, chunks ...Chunk) error {
	return in.runChunks(ctx, false, exit, arg0, args, chunks)
}

func (in *Interpreter) runChunks(ctx context.Context, wait bool, exit func(int), arg0 string, args []string, chunks []Chunk) error {
	return in.enter(ctx, wait, &script{exit, arg0, args, chunks})
}

// script is the visit of chunks that are run one after the other.
type script struct {
	exit   func(int)
	arg0   string
	args   []string
	chunks []Chunk
}

func (c *script) begin(s *State) error {
	s.thread.run.exit = c.exit
	vs := make([]lua.LValue, len(c.args))
	for i, a := range c.args {
		vs[i] = lua.LString(a)
	}
	s.in.setArgs(c.arg0, vs)
	for _, chunk := range c.chunks {
		fn, failure := s.compileChunk(chunk)
		if failure != nil {
			return failure
		}
		s.enterFolder(chunk.Path)
		if _, failure := s.invoke(fn, vs); failure != nil {
			return failure
		}
		s.SetTop(0)
	}
	return nil
}

func (c *script) end(*State) error { return nil }

// enterFolder makes the folder of the script in the file called name, "" if it is none, that of s's run,
// and of calls that come after it.
func (s *State) enterFolder(name string) {
	s.in.folder = s.in.codeFolder(name)
	s.thread.run.folder = s.in.folder
}

func (s *State) compileChunk(c Chunk) (fn *lua.LFunction, failure *Error) {
	if c.unread {
		if c.Source, failure = s.readScript(c.Path); failure != nil {
			return nil, failure
		}
	}
	if c.Path != "" {
		return s.compileFile(c.Source, fileName(c.Name))
	}
	return s.compile(c.Source, plainName(c.Name))
}

// RunFile runs a Lua file: its main chunk and the threads started from it, and
// returns when all but daemon threads have ended. args, if there are any, replace
// Config.Args. The file is looked for in Config.FS, and is the host's choice: no
// policy is asked. Where require looks, and what the fence leaves it, is this file's folder for all
// threads that it starts; a Call has the folder of what began last. Globals stay for further calls, and so do daemon threads.
// What the chunk returns is dropped. For that there are Compile and RunInto, or, of a file in Config.FS:
//
//	err := in.CallInto(ctx, &plugin, "dofile", "plugin.lua")
//
// When ctx ends, all of them stop at once, waiting or computing alike, and the
// error is the context's: errors.Is finds context.Canceled, DeadlineExceeded, and
// context.Cause's, if that is another. Any other failure, a syntax error too, is an
// *Error, os.exit(n) an *ExitError (nil for 0), and ErrClosed what Close makes of it. The
// interpreter can be used again after each of them but the last.
func (in *Interpreter) RunFile(ctx context.Context, name string, args ...string) error {
	if len(args) == 0 {
		args = in.config.Args
	}
	return in.RunChunks(ctx, name, args, Chunk{Name: name, Path: name, unread: true})
}

// RunString runs Lua source as RunFile does a file; name is what errors call it. No
// folder is its own: require and dofile load what Config.FS has, or Policy.Read
// allows.
func (in *Interpreter) RunString(ctx context.Context, name, source string) error {
	return in.RunChunks(ctx, name, in.config.Args, Chunk{Name: name, Source: source})
}

// setArgs sets the global arg, as lua(1) does.
func (in *Interpreter) setArgs(name string, args []lua.LValue) {
	t := in.root.CreateTable(len(args), 1)
	t.RawSetInt(0, lua.LString(name))
	for i, a := range args {
		t.RawSetInt(i+1, a)
	}
	for i, word := range in.config.Before {
		t.RawSetInt(i-len(in.config.Before), lua.LString(word))
	}
	glua.Put(in.root.G.Global, "arg", t)
}
