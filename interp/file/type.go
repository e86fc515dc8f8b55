package file

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"strings"
	"syscall"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/interp/policy"
)

// Type is what a File is in Lua: what io.open, socket:makefile and a process's
// streams give.
var Type = fileType

var fileType = &interp.Type{
	Name: "file",
	Doc:  "a file, or what reads and writes like one: a socket's makefile, a pipe, a process's stream",
	Methods: []interp.Function{
		{Name: "read", Args: "[format, ...]", Doc: `reads "*l" a line, "*L" a line with its end, "*a" all, "*n" a number, or n bytes; nil at the end. Waits`, Manual: `
		... string|integer: formats: "*l" (default), "*L", "*a", "*n", or a number of bytes
		format string|integer?: "*l" (when left out), "*L", "*a", "*n", or a number of bytes
		-> string|number|nil ...: a value for each format, nil at the end; "" for "*a" there
		or nil, message, errno: reading a file of io's failed; a socket's or pipe's raises
		! ETIMEDOUT: a socket's file or a pipe: its timeout ran out
		> local f = assert(io.tmpfile())
		> f:write("first\nsecond") f:seek("set")
		> print(f:read("*l", "*a")) --> first	second
		`, Fn: fileRead},
		{Name: "lines", Args: "[format, ...]", Doc: "returns an iterator that reads so each time. Waits", Manual: `
		... string|integer: formats, as read's
		format string|integer?: as read's
		-> fun():string?: an iterator
		> local f = io.tmpfile()
		> f:write("one\ntwo\n") f:seek("set")
		> for line in f:lines() do print(line) end
		> --> one
		> --> two
		`, Fn: fileLines},
		{Name: "read1", Args: "[n]", Doc: "what is there, at least a byte and n at most, \"\" at the end. Waits for the first byte", Manual: `
		n integer?: bytes at most
		-> string: the bytes
		> local reader, writer = process.pipe()
		> writer:write("some")
		> print(reader:read1(100)) --> some
		`, Fn: fileRead1},
		{Name: "chunks", Args: "[n]", Doc: "returns an iterator over pieces as they come, of n bytes at most. Waits", Manual: `
		n integer?: bytes at most
		-> fun():string?: an iterator
		> local reader, writer = process.pipe()
		> writer:write("piece") writer:close()
		> for piece in reader:chunks() do print(#piece) end --> 5
		`, Fn: fileChunks},
		{Name: "write", Args: "value, ...", Doc: "writes strings and numbers; returns the file. May wait", Manual: `
		... string|number: what is written, without anything between
		value string|number: what is written, without anything between; addresses and errors are taken, too
		-> file: itself
		! EPIPE: of a socket's file or a pipe: nobody reads any more
		> local reader, writer = process.pipe()
		> writer:write("port ", 80, "\n")
		> print(reader:read()) --> port 80
		`, Fn: fileWrite},
		{Name: "flush", Args: "", Doc: "sends off what is buffered. May wait", Manual: `
		-> true|file: what was buffered is written
		or nil, message, errno: writing a file of io's failed; a socket's or pipe's raises
		> local a, b = socket.socketpair()
		> local f = a:makefile("w")
		> f:write("hello\n") f:flush()
		> print(b:readline()) --> hello
		`, Fn: fileFlush},
		{Name: "close", Args: "", Doc: "flushes and closes. May wait", Manual: `
		-> true: and for a program's pipe how it ended
		or nil, message, errno: what was buffered of a file of io's could not be written; a socket's or pipe's raises
		> print(io.popen("exit 3"):close()) --> true	exit	3
		`, Fn: fileClose},
		{Name: "seek", Args: `[whence="cur"[, offset=0]]`, Doc: `moves to offset from "set", "cur" or "end", and returns the position in bytes`, Manual: `
		whence "set"|"cur"|"end"?: from where offset counts
		offset integer?: bytes
		-> integer: the position, from 0 on
		or nil, message, errno: what has no positions, such as a pipe
		> local f = assert(io.tmpfile())
		> f:write("hello")
		> print(f:seek("end"), f:seek("set", 1), f:read(2)) --> 5	1	el
		`, Fn: fileSeek},
		{Name: "setvbuf", Args: "mode[, size]", Doc: `when to write: "no" buffer, by the "line", or when size bytes are "full"`, Manual: `
		mode "no"|"line"|"full": when to write
		size integer?: bytes
		-> true: always
		> local f = io.tmpfile()
		> print(f:setvbuf("full", 64 * 1024)) --> true
		`, Fn: fileSetvbuf},
		{Name: "fileno", Args: "", Doc: "the descriptor's number, -1 when closed or there is none", Manual: `
		-> integer: the number
		> print(io.stdin:fileno()) --> -1
		`, Fn: fileFileno},
		{Name: "with", Args: "fn, ...", Doc: "calls fn(file, ...), closes the file whatever happens, and returns fn's results", Manual: `
		fn fun(file:file,...:any):...: called with it
		... any: further arguments
		-> any ...: fn's results
		> print(io.tmpfile():with(function(f) f:write("x") return f:seek() end)) --> 1
		`, Fn: fileWith},
		{Name: "settimeout", Args: "seconds", Doc: "limits each wait for the stream; nil for no limit, 0 for not waiting", Manual: `
		seconds number|nil: for each wait
		-> true: always
		> local reader, writer = process.pipe()
		> reader:settimeout(0.01)
		> print(select(2, pcall(reader.read, reader)).code) --> ETIMEDOUT
		`, Fn: fileSettimeout},
		{Name: "gettimeout", Args: "", Doc: "the limit in seconds, or nil", Manual: `
		-> number?: seconds; nil for none
		> local reader = process.pipe()
		> print(reader:gettimeout()) --> nil
		`, Fn: fileGettimeout},
	},
	String: func(self any) string {
		f := self.(*File)
		if f.closed {
			return "file (closed)"
		}
		return fmt.Sprintf("file (%p)", f)
	},
}

// Arg returns argument n, a file that is not closed.
func Arg(s *interp.State, n int) *File {
	f := interp.ObjectArg[*File](s, n, "file")
	if f.closed {
		f.raiseClosed(s)
	}
	return f
}

const closedFile = "attempt to use a closed file"

func (f *File) raiseClosed(s *interp.State) {
	if f.Answers {
		s.RaiseError(closedFile)
	}
	s.Raise(&interp.OpError{Code: "EBADF", Errno: syscall.EBADF, Message: closedFile, Address: f.Name})
}

// Fail ends a Lua function of a file with a failure, in the file's way. That
// another ended the thread's wait is raised in any case.
func (f *File) Fail(s *interp.State, err error, more ...lua.LValue) int {
	e := *interp.AsOpError(interp.About(err, f.Name))
	switch {
	case interp.Interrupted(err):
	case f.Answers:
		return Answer(s, "", err)
	case e.Errno == syscall.EAGAIN:
		return s.Return(append([]lua.LValue{lua.LNil, lua.LString("EAGAIN")}, more...)...)
	}
	if len(more) > 0 {
		e.Extra = maps.Clone(e.Extra)
		if e.Extra == nil {
			e.Extra = map[string]lua.LValue{}
		}
		e.Extra["sent"] = more[0]
	}
	return s.Raise(&e)
}

// Answer pushes nil, message and errno, and returns 3: how io and os tell of failures. name is
// the file's, or "". That another ended the thread's wait is raised.
func Answer(s *interp.State, name string, err error) int {
	if interp.Interrupted(err) {
		return s.Raise(err)
	}
	s.NoteRefusal(err)
	text, errno := FailureText(err)
	if name != "" {
		text = name + ": " + text
	}
	return s.Return(lua.LNil, lua.LString(text), lua.LNumber(errno))
}

// FailureText says what failed in the words of C's strerror, which scripts written
// for Lua compare with, and gives the errno; EIO for what has none.
func FailureText(err error) (string, syscall.Errno) {
	var denied *policy.Denied
	if errors.As(err, &denied) {
		return denied.Error(), syscall.EACCES
	}
	e := interp.AsOpError(err)
	switch {
	case e.Errno == 0:
		return e.Message, syscall.EIO
	case errors.Is(err, interp.ErrLimit):
		return e.Message, e.Errno
	}
	text := e.Errno.Error()
	return strings.ToUpper(text[:1]) + text[1:], e.Errno
}

func fileRead(s *interp.State) int {
	f := Arg(s, 1)
	var room [4]Format
	return f.ReadValues(s, Formats(s, room[:0], 2))
}

// ReadValues pushes what the formats ask for, as the method read does, and returns the number of
// values.
func (f *File) ReadValues(s *interp.State, formats []Format) int {
	n, err := f.read(s, formats)
	if err != nil {
		return f.Fail(s, err)
	}
	return n
}

func fileLines(s *interp.State) int {
	return s.Return(Arg(s, 1).Lines(s, Formats(s, nil, 2), false))
}

// Lines makes the iterator that the method lines returns. last says that it closes the file at its end.
func (f *File) Lines(s *interp.State, formats []Format, last bool) *lua.LFunction {
	return s.NewFunction("lines", func(s *interp.State) int {
		if f.closed {
			s.RaiseError("file is already closed")
		}
		n, err := f.read(s, formats)
		switch {
		case err != nil && f.Answers && !interp.Interrupted(err):
			text, _ := FailureText(err) // an iterator has no way to answer
			s.RaiseError("%s", text)
		case err != nil:
			return f.Fail(s, err)
		case last && s.Get(-n) == lua.LNil:
			if err := f.Close(s); err != nil {
				return f.Fail(s, err)
			}
		}
		return n
	}, &lua.LUserData{Value: f})
}

// pieceArg reads argument 2: how long a piece may be.
func pieceArg(s *interp.State) int {
	if s.Absent(2) {
		return math.MaxInt32
	}
	return s.IntRange(2, 0, math.MaxInt32, "number of bytes")
}

func fileRead1(s *interp.State) int {
	f := Arg(s, 1)
	piece, err := f.readPiece(s, pieceArg(s))
	if err != nil {
		return f.Fail(s, err)
	}
	return s.Return(lua.LString(piece))
}

func fileChunks(s *interp.State) int {
	f, n := Arg(s, 1), max(pieceArg(s), 1)
	return s.Return(s.NewFunction("chunks", func(s *interp.State) int {
		piece, err := f.readPiece(s, n)
		switch {
		case err != nil && f.Answers && !interp.Interrupted(err):
			text, _ := FailureText(err) // an iterator has no way to answer
			s.RaiseError("%s", text)
		case err != nil:
			return f.Fail(s, err)
		case piece == "":
			return s.Return(lua.LNil)
		}
		return s.Return(lua.LString(piece))
	}, s.Get(1)))
}

func fileWrite(s *interp.State) int { return Arg(s, 1).WriteValues(s, s.Get(1), 2) }

// WriteValues writes the arguments from first on, and pushes self, the file, as the method write does.
func (f *File) WriteValues(s *interp.State, self lua.LValue, first int) int {
	n, err := f.writeValues(s, first)
	if err != nil {
		return f.Fail(s, err, lua.LNumber(n))
	}
	return s.Return(self)
}

func (f *File) writeValues(s *interp.State, first int) (sent int, err error) {
	top := s.GetTop()
	for i := first; i <= top; i++ {
		if text := s.Str(i); s.Get(i).Type() == lua.LTUserData {
			s.Replace(i, lua.LString(text))
		}
	}
	all := ""
	if f.Buffering == BufferNone && top > first {
		all = s.JoinArgs(first)
	}
	if err := f.writing.Lock(s.Thread(), time.Time{}); err != nil { // so that the values stay together
		return 0, err
	}
	defer f.writing.Unlock()
	if f.Buffering == BufferNone && top > first {
		return f.write(s, all)
	}
	for i := first; i <= top && err == nil; i++ {
		var n int
		n, err = f.write(s, s.Str(i))
		sent += n
	}
	return sent, err
}

func fileFlush(s *interp.State) int {
	f := Arg(s, 1)
	if err := f.Flush(s); err != nil {
		return f.Fail(s, err)
	}
	return s.True()
}

func fileClose(s *interp.State) int {
	f := interp.ObjectArg[*File](s, 1, "file")
	if f.closed && !f.Answers {
		return s.True() // as closing a socket twice
	}
	return Arg(s, 1).CloseValues(s)
}

// CloseValues closes the file as the method close does: it pushes true, and what Ended returned,
// and returns their number.
func (f *File) CloseValues(s *interp.State) int {
	if f.standard {
		if err := f.Flush(s); err != nil {
			return f.Fail(s, err)
		}
		return s.Return(lua.LNil, lua.LString("cannot close standard file"))
	}
	if err := f.Close(s); err != nil {
		return f.Fail(s, err)
	}
	return s.True() + s.Return(f.left...)
}

func fileWith(s *interp.State) int {
	f := Arg(s, 1)
	return interp.With(s, func() error {
		if f.standard {
			return f.Flush(s)
		}
		return f.Close(s)
	})
}

func fileSeek(s *interp.State) int {
	f := Arg(s, 1)
	whence, ok := map[string]int{"set": io.SeekStart, "cur": io.SeekCurrent, "end": io.SeekEnd}[s.OptStr(2, "cur")]
	if !ok {
		s.ArgError(2, "invalid option '%s'", s.Str(2))
	}
	at, err := f.Seek(s, int64(s.OptInt(3, 0)), whence)
	if err != nil {
		return f.Fail(s, err)
	}
	return s.Return(lua.LNumber(at))
}

// maxBuffer is the largest buffer that setvbuf makes.
const maxBuffer = 16 << 20

func fileSetvbuf(s *interp.State) int {
	f := Arg(s, 1)
	mode, ok := map[string]Buffering{"no": BufferNone, "line": BufferLine, "full": BufferFull}[s.Str(2)]
	if !ok {
		s.ArgError(2, "invalid option '%s'", s.Str(2))
	}
	size := s.OptInt(3, DefaultBuffer)
	if mode == BufferNone {
		if err := f.Flush(s); err != nil {
			return f.Fail(s, err)
		}
	}
	f.Buffering, f.size = mode, min(size, maxBuffer)
	if size <= 0 {
		f.size = DefaultBuffer
	}
	return s.True()
}

func fileFileno(s *interp.State) int {
	return s.Return(lua.LNumber(interp.ObjectArg[*File](s, 1, "file").Fileno()))
}

// timeouter returns the file's stream, if it has timeouts.
func (f *File) timeouter(s *interp.State) Timeouter {
	t, ok := f.t.stream.(Timeouter)
	if !ok {
		s.RaiseError("this file has no timeout")
	}
	return t
}

func fileSettimeout(s *interp.State) int {
	t := Arg(s, 1).timeouter(s)
	t.SetTimeout(s.Seconds(2))
	return s.True()
}

func fileGettimeout(s *interp.State) int {
	d, limited := Arg(s, 1).timeouter(s).Timeout()
	if !limited {
		return s.Return(lua.LNil)
	}
	return s.Return(lua.LNumber(float64(d) / float64(time.Second)))
}
