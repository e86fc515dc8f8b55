package interp

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"syscall"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/policy"
)

// FileType is what a File is in Lua: what io.open, socket:makefile and a process's
// streams give.
var FileType = &Type{
	Name: "file",
	Doc:  "a file, or what reads and writes like one: a socket's makefile, a pipe, a process's stream",
	Methods: []Function{
		{Name: "read", Args: "[format, ...]", Doc: `reads "*l" a line, "*L" a line with its end, "*a" all, "*n" a number, or n bytes; nil at the end. Waits`, Fn: fileRead},
		{Name: "lines", Args: "[format, ...]", Doc: "returns an iterator that reads so each time. Waits", Fn: fileLines},
		{Name: "write", Args: "value, ...", Doc: "writes strings and numbers; returns the file. May wait", Fn: fileWrite},
		{Name: "flush", Args: "", Doc: "sends off what is buffered. May wait", Fn: fileFlush},
		{Name: "close", Args: "", Doc: "flushes and closes. May wait", Fn: fileClose},
		{Name: "seek", Args: `[whence="cur"[, offset=0]]`, Doc: `moves to offset from "set", "cur" or "end", and returns the position in bytes`, Fn: fileSeek},
		{Name: "setvbuf", Args: "mode[, size]", Doc: `when to write: "no" buffer, by the "line", or when size bytes are "full"`, Fn: fileSetvbuf},
		{Name: "fileno", Args: "", Doc: "the descriptor's number, -1 when closed or there is none", Fn: fileFileno},
		{Name: "with", Args: "fn, ...", Doc: "calls fn(file, ...), closes the file whatever happens, and returns fn's results", Fn: fileWith},
		{Name: "settimeout", Args: "seconds", Doc: "limits each wait for the stream; nil for no limit, 0 for not waiting", Fn: fileSettimeout},
		{Name: "gettimeout", Args: "", Doc: "the limit in seconds, or nil", Fn: fileGettimeout},
	},
	String: func(self any) string {
		f := self.(*File)
		if f.closed {
			return "file (closed)"
		}
		return fmt.Sprintf("file (%p)", f)
	},
}

// fileSelf returns argument 1, a file that is not closed.
func fileSelf(s *State) *File {
	f := Object[*File](s, 1, "file")
	if f.closed {
		f.raiseClosed(s)
	}
	return f
}

const closedFile = "attempt to use a closed file"

func (f *File) raiseClosed(s *State) {
	if f.Answers {
		s.RaiseError(closedFile)
	}
	s.Raise(&OpError{Code: "EBADF", Errno: syscall.EBADF, Message: closedFile, Address: f.Name})
}

// fail ends a Lua function of a file with a failure, in the file's way. That
// another ended the thread's wait is raised in any case.
func (f *File) fail(s *State, err error, more ...lua.LValue) int {
	e := *AsOpError(err)
	switch {
	case interrupted(err):
	case f.Answers:
		return s.answer("", err)
	case e.Errno == syscall.EAGAIN:
		return s.Return(append([]lua.LValue{lua.LNil, lua.LString("EAGAIN")}, more...)...)
	}
	if e.Address == "" {
		e.Address = f.Name
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

// answer pushes nil, message and errno: how io and os tell of failures. name is
// the file's, or "".
func (s *State) answer(name string, err error) int {
	text, errno := failureText(err)
	if name != "" {
		text = name + ": " + text
	}
	return s.Return(lua.LNil, lua.LString(text), lua.LNumber(errno))
}

// failureText says what failed in the words of C's strerror, which scripts written
// for Lua compare with, and gives the errno; EIO for what has none.
func failureText(err error) (string, syscall.Errno) {
	var denied *policy.Denied
	if errors.As(err, &denied) {
		return denied.Error(), syscall.EACCES
	}
	e := AsOpError(err)
	switch {
	case e.Errno == 0:
		return e.Message, syscall.EIO
	case errors.Is(err, errLimit):
		return e.Message, e.Errno
	}
	text := e.Errno.Error()
	return strings.ToUpper(text[:1]) + text[1:], e.Errno
}

func fileRead(s *State) int {
	f := fileSelf(s)
	var room [4]format
	return f.readArgs(s, s.formats(room[:0], 2))
}

func (f *File) readArgs(s *State, formats []format) int {
	n, err := f.read(s, formats)
	if err != nil {
		return f.fail(s, err)
	}
	return n
}

func fileLines(s *State) int {
	return s.Return(s.lines(fileSelf(s), s.formats(nil, 2), false))
}

// lines makes the iterator of lines. last says that it closes the file at its end.
func (s *State) lines(f *File, formats []format, last bool) *lua.LFunction {
	return s.NewFunction("lines", func(s *State) int {
		if f.closed {
			s.RaiseError("file is already closed")
		}
		n, err := f.read(s, formats)
		switch {
		case err != nil && f.Answers && !interrupted(err):
			text, _ := failureText(err) // an iterator has no way to answer
			s.RaiseError("%s", text)
		case err != nil:
			return f.fail(s, err)
		case last && s.Get(-n) == lua.LNil:
			if err := f.Close(s); err != nil {
				return f.fail(s, err)
			}
		}
		return n
	}, &lua.LUserData{Value: f})
}

func fileWrite(s *State) int { return fileSelf(s).writeArgs(s, s.Get(1), 2) }

// writeArgs writes the arguments from first on, and returns the file.
func (f *File) writeArgs(s *State, self lua.LValue, first int) int {
	n, err := f.writeValues(s, first)
	if err != nil {
		return f.fail(s, err, lua.LNumber(n))
	}
	return s.Return(self)
}

func (f *File) writeValues(s *State, first int) (sent int, err error) {
	top := s.GetTop()
	for i := first; i <= top; i++ {
		if ud, ok := s.Get(i).(*lua.LUserData); ok {
			if _, ok := ud.Value.(error); ok { // who reports an error wants to see it
				s.Replace(i, lua.LString(s.Display(ud)))
			}
		}
		if !lua.LVCanConvToString(s.Get(i)) {
			s.TypeError(i, "string")
		}
	}
	all := ""
	if f.Buffering == BufferNone && top > first {
		all = s.joinArgs(first)
	}
	if err := f.writing.Lock(s.thread, time.Time{}); err != nil { // so that the values stay together
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

func fileFlush(s *State) int {
	f := fileSelf(s)
	if err := f.Flush(s); err != nil {
		return f.fail(s, err)
	}
	return s.True()
}

func fileClose(s *State) int {
	f := Object[*File](s, 1, "file")
	if f.closed && !f.Answers {
		return s.True() // as closing a socket twice
	}
	return fileSelf(s).closeLua(s)
}

// closeLua closes the file and pushes true, and what a finished program left.
func (f *File) closeLua(s *State) int {
	if f.standard {
		if err := f.Flush(s); err != nil {
			return f.fail(s, err)
		}
		return s.Return(lua.LNil, lua.LString("cannot close standard file"))
	}
	if err := f.Close(s); err != nil {
		return f.fail(s, err)
	}
	s.Push(lua.LTrue)
	if p, ok := f.t.stream.(interface{ closeValues() []lua.LValue }); ok {
		return 1 + s.Return(p.closeValues()...)
	}
	return 1
}

func fileWith(s *State) int {
	f := fileSelf(s)
	return With(s, func() error {
		if f.standard {
			return f.Flush(s)
		}
		return f.Close(s)
	})
}

func fileSeek(s *State) int {
	f := fileSelf(s)
	whence, ok := map[string]int{"set": io.SeekStart, "cur": io.SeekCurrent, "end": io.SeekEnd}[s.OptStr(2, "cur")]
	if !ok {
		s.ArgError(2, "invalid option '%s'", s.Str(2))
	}
	at, err := f.Seek(s, int64(s.OptInt(3, 0)), whence)
	if err != nil {
		return f.fail(s, err)
	}
	return s.Return(lua.LNumber(at))
}

// maxBuffer is the largest buffer that setvbuf makes.
const maxBuffer = 16 << 20

func fileSetvbuf(s *State) int {
	f := fileSelf(s)
	mode, ok := map[string]Buffering{"no": BufferNone, "line": BufferLine, "full": BufferFull}[s.Str(2)]
	if !ok {
		s.ArgError(2, "invalid option '%s'", s.Str(2))
	}
	size := s.OptInt(3, DefaultBuffer)
	if mode == BufferNone {
		if err := f.Flush(s); err != nil {
			return f.fail(s, err)
		}
	}
	f.Buffering, f.size = mode, min(size, maxBuffer)
	if size <= 0 {
		f.size = DefaultBuffer
	}
	return s.True()
}

func fileFileno(s *State) int {
	return s.Return(lua.LNumber(Object[*File](s, 1, "file").Fileno()))
}

// timeouter returns the file's stream, if it has timeouts.
func (f *File) timeouter(s *State) Timeouter {
	t, ok := f.t.stream.(Timeouter)
	if !ok {
		s.RaiseError("this file has no timeout")
	}
	return t
}

func fileSettimeout(s *State) int {
	t := fileSelf(s).timeouter(s)
	t.SetTimeout(s.Seconds(2))
	return s.True()
}

func fileGettimeout(s *State) int {
	d, limited := fileSelf(s).timeouter(s).Timeout()
	if !limited {
		return s.Return(lua.LNil)
	}
	return s.Return(lua.LNumber(float64(d) / float64(time.Second)))
}
