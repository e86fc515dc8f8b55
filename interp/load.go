package interp

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// loadLib are the functions that compile what a script gives them.
var loadLib = library{funcs: []Function{
	{Name: "loadstring", Args: "source[, name]", Doc: "source as a function; nil and the message when it is no Lua", Manual: `
		source string: Lua, or what string.dump gave in this process
		name string?: what messages call it: "=name" is just that, "@name" a file; else its own text
		-> function: not yet called
		or nil, message: it is no Lua
		> print(loadstring("return 1 + 1")()) --> 2
		> print(loadstring("return +", "=typed")) --> nil	typed:1: unexpected symbol near '+'
		`, Fn: luaLoadstring},
	{Name: "load", Args: "source or function[, name[, mode[, env]]]", Doc: "as loadstring; a function is called for one piece after the other, until it returns nil or \"\"", Manual: `
		source string|function: Lua, or what string.dump gave; a function returns the next piece with each call
		name string?: as loadstring's
		mode "b"|"t"|"bt"?: whether only code of string.dump's, only text, or both are taken
		env table?: its globals; those of all others when left out
		-> function: not yet called
		or nil, message: it is no Lua
		> local pieces = {"return ", "x"}
		> print(load(function() return table.remove(pieces, 1) end, "=pieces", "t", {x = 3})()) --> 3
		`, Fn: luaLoad},
	{Name: "loadfile", Args: "[name[, mode[, env]]]", Doc: "as loadstring, the text of a file, or of standard input; may wait", Manual: `
		name string?: a path; without it standard input
		mode "b"|"t"|"bt"?: as load's
		env table?: as load's
		-> function: not yet called
		or nil, message: there is no such file, it may not be read, or it is no Lua
		> local f = assert(io.open("config.lua", "w"))
		> f:write("port = 8080") f:close()
		> local config = {}
		> assert(loadfile("config.lua", "t", config))()
		> print(config.port) --> 8080
		`, Fn: luaLoadfile},
	{Name: "dofile", Args: "[name]", Doc: "what the text of a file, or of standard input, returns; may wait", Manual: `
		name string?: a path; without it standard input
		-> any ...: what it returns
		! any: there is no such file, it is no Lua, or it raised the error
		> local f = assert(io.open("list.lua", "w"))
		> f:write("return 'a', 'b'") f:close()
		> print(dofile("list.lua")) --> a	b
		`, Fn: luaDofile},
}}

func luaLoadstring(s *State) int {
	source := s.Str(1)
	return s.pushCompiled(source, givenName(s.OptStr(2, source)), "bt", nil)
}

func luaLoad(s *State) int {
	if _, ok := s.Get(1).(*lua.LFunction); !ok {
		source := s.Str(1)
		return s.pushCompiled(source, givenName(s.OptStr(2, source)), s.mode(3), s.env(4))
	}
	name, mode, env := givenName(s.OptStr(2, "=(load)")), s.mode(3), s.env(4)
	source, failure := s.readPieces()
	if failure != nil {
		return s.Return(lua.LNil, failure)
	}
	return s.pushCompiled(source, name, mode, env)
}

// mode returns argument n, the kinds of chunk that may be loaded: "t" for text, "b" for
// what string.dump gives.
func (s *State) mode(n int) string {
	mode := s.OptStr(n, "bt")
	if strings.Trim(mode, "bt") != "" || mode == "" {
		s.ArgError(n, "mode must be \"t\", \"b\" or \"bt\", got \"%s\"", mode)
	}
	return mode
}

// env returns argument n, the table of a chunk's globals; nil when there is none.
func (s *State) env(n int) *lua.LTable {
	if s.Absent(n) {
		return nil
	}
	return s.Table(n)
}

// readPieces calls the function that is argument 1 until it has no more to give. What it
// raises is the failure, nil being none, as it is of load's.
func (s *State) readPieces() (source string, failure lua.LValue) {
	var b strings.Builder
	work := s.Work()
	for b.Len() <= MaxSource { // compiling tells of more
		work.Spend(10)
		top := s.GetTop()
		s.Push(s.Get(1))
		n := s.protect(top+1, false)
		ok, piece := s.Get(-n), s.Get(1-n)
		if n == 1 {
			piece = lua.LNil
		}
		s.SetTop(top)
		switch {
		case ok == lua.LFalse:
			return "", piece
		case piece == lua.LNil || piece == lua.LString(""):
			return b.String(), nil
		}
		text, isText := s.Text(piece)
		if !isText {
			return "", lua.LString("reader function must return a string")
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

// pushCompiled pushes a chunk as a function, with env for its globals if that is not nil; or
// nil and what is wrong with it.
func (s *State) pushCompiled(source string, name chunkName, mode string, env *lua.LTable) int {
	kind := "text"
	if isDump(source) {
		kind = "binary"
	}
	if !strings.Contains(mode, kind[:1]) {
		return s.Return(lua.LNil, lua.LString("attempt to load a "+kind+" chunk (mode is '"+mode+"')"))
	}
	fn, err := s.compile(source, name)
	if err != nil {
		return s.Return(lua.LNil, lua.LString(err.Message))
	}
	if env != nil {
		fn.Env = env
	}
	return s.Return(fn)
}

// sourceArg reads the file that argument 1 names, or standard input.
func (s *State) sourceArg() (source string, name chunkName, err error) {
	if s.Absent(1) {
		source, err = s.in.streams.ReadAll(s)
		return source, plainName("stdin"), err
	}
	name = fileName(s.Str(1))
	source, err = s.readCode(name.display)
	return source, name, err
}

func luaLoadfile(s *State) int {
	mode, env := s.mode(2), s.env(3)
	source, name, err := s.sourceArg()
	switch {
	case err == nil:
		return s.pushCompiled(source, name, mode, env)
	case Interrupted(err):
		return s.Raise(err)
	}
	s.NoteRefusal(err)
	return s.Return(lua.LNil, lua.LString(fileMessage(name.display, err)))
}

func luaDofile(s *State) int {
	source, name, err := s.sourceArg()
	if err != nil {
		s.Raise(About(err, name.display))
	}
	fn, failure := s.compileFile(source, name)
	if failure != nil {
		s.Error(failure.value, 0)
	}
	s.SetTop(0)
	s.Push(fn)
	s.Call(0, lua.MultRet)
	return s.GetTop()
}
