//go:build unix

// Package io holds the module io: Lua 5.1's, on the interpreter's own streams and file rules.
package io

import (
	"os"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/interp/file"
	"wirelua/stdlib/internal/child"
)

// Module is the module io: files, the standard streams, and programs to read from or write to.
//
//	for line in io.lines("/etc/hosts") do print(line) end
//	local f = assert(io.open("out.txt", "w"))
//	f:write("one line\n")
//	f:close()
//	print(io.popen("uname"):read())
//
// Failures are answers, as in Lua 5.1: nil, a message and an errno. Files are the host's, as far
// as the policy's read and write doors are open; popen is the run door's. io.stdin, io.stdout and
// io.stderr are what the interpreter's Config has, which print, dofile and loadfile use, too.
// Reading standard input, a pipe or a FIFO lets other threads run. What is left open when
// the interpreter closes is closed then, and programs are ended.
var Module = &interp.Module{
	Name:  "io",
	Doc:   "files, the standard streams, and programs to read from or write to; failures are answers: nil, a message and an errno",
	Early: true,
	Funcs: []interp.Function{
		{Name: "open", Args: `name[, mode="r"]`, Doc: `opens a file to be read ("r"), written anew ("w") or at its end ("a"), or both ("r+", "w+", "a+"); returns the file. May wait, for a FIFO's other end`, Manual: `
		name string: a path
		mode string?: with a "b" at the end it means the same
		-> file: open
		or nil, message, errno: there is no such file, or the system or the policy does not allow it
		> local f = assert(io.open("notes.txt", "w"))
		> f:write("one\n", 2, "\n") f:close()
		> for line in io.lines("notes.txt") do io.write("<", line, ">\n") end
		> --> <one>
		> --> <2>
		`, Fn: open},
		{Name: "close", Args: "[file]", Doc: "closes a file, or the one that io.write uses; true, and for a program's pipe how it ended: \"exit\" or \"signal\", and the number. May wait", Manual: `
		file file?: the one to close
		-> true: always
		or nil, message, errno: what was buffered could not be written
		> local f = io.popen("exit 3")
		> print(io.close(f)) --> true	exit	3
		`, Fn: closeFile},
		{Name: "read", Args: "[format, ...]", Doc: "reads standard input, or what io.input has set, as file:read does. Waits", Manual: `
		... string|integer: formats: "*l" (default), "*L", "*a", "*n", or a number of bytes
		format string|integer?: "*l" (when left out), "*L", "*a", "*n", or a number of bytes
		-> string|number|nil ...: a value for each format
		> io.input(io.popen("echo hello"))
		> print(io.read()) --> hello
		`, Fn: read},
		{Name: "write", Args: "value, ...", Doc: "writes strings and numbers to standard output, or what io.output has set; returns the file. May wait", Manual: `
		... string|number: what is written, without anything between
		value string|number: what is written, without anything between; addresses and errors are taken, too
		-> file: the one written to
		or nil, message, errno: it failed
		> io.write("1 + 1 = ", 1 + 1, "\n") --> 1 + 1 = 2
		`, Fn: write},
		{Name: "lines", Args: "[name[, format, ...]]", Doc: "an iterator that reads lines, or what the formats say, from a file, which it closes at its end, or from what io.read reads. Waits", Manual: `
		name string?: a file's; without it standard input's lines
		... string|integer: formats, as read's
		format string|integer?: as io.read's
		-> fun():string?: an iterator
		! any: there is no such file
		> io.open("lines.txt", "w"):with(function(f) f:write("a\nb\n") end)
		> for line in io.lines("lines.txt") do print(line) end
		> --> a
		> --> b
		`, Fn: lines},
		{Name: "flush", Args: "", Doc: "sends off what io.write has buffered; true. May wait", Manual: `
		-> true: always
		> io.write("first, ") io.flush()
		> print("then this") --> first, then this
		`, Fn: flush},
		{Name: "input", Args: "[file or name]", Doc: "sets what io.read reads, if anything is given; returns the file. May wait", Manual: `
		file file|string?: an open file, or a path
		-> file: which io.read reads
		! any: there is no such file
		> print(io.input() == io.stdin) --> true
		`, Fn: input},
		{Name: "output", Args: "[file or name]", Doc: "sets what io.write and print write, if anything is given; returns the file. May wait", Manual: `
		file file|string?: an open file, or a path, which is written anew
		-> file: which io.write writes
		! any: the file cannot be written
		> print(io.output() == io.stdout) --> true
		`, Fn: output},
		{Name: "type", Args: "value", Doc: `"file" or "closed file"; nil for what is no file`, Manual: `
		value any: whatever it is
		-> string?: which of the two
		> print(io.type(io.stdout), io.type(42)) --> file	nil
		`, Fn: typeOf},
		{Name: "tmpfile", Args: "", Doc: "a new file without a name, for reading and writing: it is gone when it is closed", Manual: `
		-> file: empty
		or nil, message, errno: the policy does not allow it, or there is no room
		> local f = io.tmpfile()
		> f:write("kept") f:seek("set")
		> print(f:read("*a")) --> kept
		`, Fn: tmpfile},
		{Name: "popen", Args: `command[, mode="r"]`, Doc: `has the shell run a command; a file that reads its output, or writes its input ("w"). Waits for it to be loaded, and close for its end`, Manual: `
		command string: for sh -c
		mode "r"|"w"?: which end of it
		-> file: whose close tells how the command ended
		or nil, message, errno: the policy does not allow it, or there is no shell
		> local f = io.popen("echo hello")
		> print(f:read()) --> hello
		> f:close()
		`, Fn: popen},
	},
	Types: []*interp.Type{file.Type},
	Groups: []interp.Group{{Doc: "The standard streams:", Fields: []interp.Field{
		{Name: "stdin", Type: "file", Doc: "standard input"},
		{Name: "stdout", Type: "file", Doc: "standard output"},
		{Name: "stderr", Type: "file", Doc: "standard error, which is not buffered"},
	}}},
	Open: func(in *interp.Engine, table *lua.LTable) {
		l := libraryOf(in)
		in.SetStreams(l)
		table.RawSetString("stdin", l.input)
		table.RawSetString("stdout", l.output)
		table.RawSetString("stderr", file.Object(in, file.StandardOf(in).Stderr))
	},
}

// library is what the functions of one interpreter's share: the files that io.read and io.write use.
type library struct {
	*file.Standard
	input, output *lua.LUserData
}

// Print is Standard's, but that print writes where io.write does, as long as that is open.
func (l *library) Print(s *interp.State, text string) error {
	f := l.output.Value.(*file.File)
	if f.Closed() {
		f = l.Stdout
	}
	_, err := f.Write(s, text)
	return err
}

type libraryKey struct{}

func libraryOf(in *interp.Engine) *library {
	return in.Local(libraryKey{}, func() any {
		standard := file.StandardOf(in)
		return &library{standard, file.Object(in, standard.Stdin), file.Object(in, standard.Stdout)}
	}).(*library)
}

// currentInput returns what io.read uses.
func currentInput(s *interp.State) *file.File {
	return mustBeOpen(s, libraryOf(s.Interp()).input, "input")
}

// currentOutput returns what io.write uses.
func currentOutput(s *interp.State) (*file.File, *lua.LUserData) {
	ud := libraryOf(s.Interp()).output
	return mustBeOpen(s, ud, "output"), ud
}

func mustBeOpen(s *interp.State, ud *lua.LUserData, which string) *file.File {
	f := ud.Value.(*file.File)
	if f.Closed() {
		s.RaiseError("standard %s file is closed", which)
	}
	return f
}

// openModes are fopen's, without the b that means nothing here.
var openModes = map[string]int{
	"r":  os.O_RDONLY,
	"w":  os.O_WRONLY | os.O_CREATE | os.O_TRUNC,
	"a":  os.O_WRONLY | os.O_CREATE | os.O_APPEND,
	"r+": os.O_RDWR,
	"w+": os.O_RDWR | os.O_CREATE | os.O_TRUNC,
	"a+": os.O_RDWR | os.O_CREATE | os.O_APPEND,
}

// openMode parses fopen's mode.
func openMode(mode string) (flag int, ok bool) {
	if len(mode) > 3 || strings.Count(mode, "b") > 1 || strings.HasPrefix(mode, "b") {
		return 0, false
	}
	flag, ok = openModes[strings.Replace(mode, "b", "", 1)]
	return flag, ok
}

func open(s *interp.State) int {
	name := s.Str(1)
	flag, ok := openMode(s.OptStr(2, "r"))
	if !ok {
		s.ArgError(2, "invalid mode '%s'", s.Str(2))
	}
	f, err := file.Open(s, name, flag)
	if err != nil {
		return file.Answer(s, name, err)
	}
	return file.Push(s, f)
}

func closeFile(s *interp.State) int {
	if s.GetTop() == 0 {
		f, _ := currentOutput(s)
		return f.CloseValues(s)
	}
	return file.Arg(s, 1).CloseValues(s)
}

func read(s *interp.State) int {
	var room [4]file.Format
	return currentInput(s).ReadValues(s, file.Formats(s, room[:0], 1))
}

func write(s *interp.State) int {
	f, ud := currentOutput(s)
	return f.WriteValues(s, ud, 1)
}

func flush(s *interp.State) int {
	f, _ := currentOutput(s)
	if err := f.Flush(s); err != nil {
		return f.Fail(s, err)
	}
	return s.True()
}

func lines(s *interp.State) int {
	if s.Absent(1) {
		return s.Return(currentInput(s).Lines(s, file.Formats(s, nil, 2), false))
	}
	formats := file.Formats(s, nil, 2)
	ud := openNamed(s, os.O_RDONLY)
	return s.Return(ud.Value.(*file.File).Lines(s, formats, true))
}

// openNamed opens the file that argument 1 names; failures are argument errors,
// as Lua 5.1 has them here.
func openNamed(s *interp.State, flag int) *lua.LUserData {
	name := s.Str(1)
	f, err := file.Open(s, name, flag)
	if err != nil {
		if interp.Interrupted(err) {
			s.Raise(err)
		}
		text, _ := file.FailureText(err)
		s.ArgError(1, "%s: %s", name, text)
	}
	return file.Object(s.Interp(), f)
}

func input(s *interp.State) int  { return setCurrent(s, &libraryOf(s.Interp()).input, openModes["r"]) }
func output(s *interp.State) int { return setCurrent(s, &libraryOf(s.Interp()).output, openModes["w"]) }

func setCurrent(s *interp.State, ud **lua.LUserData, flag int) int {
	switch v := s.Get(1).(type) {
	case *lua.LNilType:
	case lua.LString, lua.LNumber:
		*ud = openNamed(s, flag)
	default:
		interp.ObjectArg[*file.File](s, 1, "file")
		*ud = v.(*lua.LUserData)
	}
	return s.Return(*ud)
}

func typeOf(s *interp.State) int {
	if s.GetTop() == 0 {
		s.ArgError(1, "value expected")
	}
	ud, ok := s.Get(1).(*lua.LUserData)
	if !ok {
		return s.Return(lua.LNil)
	}
	f, ok := ud.Value.(*file.File)
	switch {
	case !ok:
		return s.Return(lua.LNil)
	case f.Closed():
		return s.Return(lua.LString("closed file"))
	}
	return s.Return(lua.LString("file"))
}

func popen(s *interp.State) int {
	command, mode := s.Str(1), s.OptStr(2, "r")
	if mode != "r" && mode != "w" {
		s.ArgError(2, "invalid mode '%s'", mode)
	}
	f, err := child.Popen(s, command, mode)
	if err != nil {
		return file.Answer(s, command, err)
	}
	return file.Push(s, f)
}

func tmpfile(s *interp.State) int {
	f, name, err := file.Temp(s.Interp())
	if err != nil {
		return file.Answer(s, name, err)
	}
	return file.Push(s, f)
}
