//go:build unix

package conn

import (
	"math"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
)

// maxLine is the longest line when the script names no other.
const maxLine = 64 << 10

// DefaultRecv is how much recv receives when the script does not say.
const DefaultRecv = 4096

// Methods are those that every connection has.
var Methods = []interp.Function{
	{Name: "recv", Args: "[n=4096[, flags]]", Doc: "up to n bytes; \"\" when the peer has closed; waits", Fn: recv},
	{Name: "sendall", Args: "data[, flags]", Doc: "sends all of data, then true; err.sent says how much went when it fails; waits", Fn: sendall},
	{Name: "readline", Args: "[max=65536]", Doc: "a line without its ending; nil at the end; waits", Fn: readline},
	{Name: "readuntil", Args: "delimiter[, max]", Doc: "data up to and including the delimiter; nil at the end; an unended piece raises EOF; waits", Fn: readuntil},
	{Name: "readexactly", Args: "n", Doc: "n bytes; an early end raises EOF with err.partial; waits", Fn: readexactly},
	{Name: "lines", Args: "[max=65536]", Doc: "an iterator over lines; waits", Fn: lines},
	{Name: "chunks", Args: "[n=4096]", Doc: "an iterator over pieces as they come; waits", Fn: chunks},
	{Name: "with", Args: "fn, ...", Doc: "calls fn(self, ...), then closes whatever happened; fn's results or error", Fn: with},
}

func self(s *interp.State) Transport { return interp.Object[Transport](s, 1, "socket") }

// Size returns argument n, a number of bytes, or d when it is absent.
func Size(s *interp.State, n, d int) int {
	if s.Absent(n) {
		return d
	}
	return s.IntRange(n, 0, math.MaxInt32, "size")
}

func recv(s *interp.State) int {
	t := self(s)
	data, err := Receive(s, t, Size(s, 2, DefaultRecv), s.OptInt(3, 0), t.Limit())
	if err != nil {
		return Fail(s, err)
	}
	return s.Return(lua.LString(data))
}

func sendall(s *interp.State) int {
	t := self(s)
	sent, err := t.SendAll(s, s.Str(2), s.OptInt(3, 0), t.Limit())
	if err == unix.EAGAIN {
		return s.Return(lua.LNil, lua.LString("EAGAIN"), lua.LNumber(sent))
	}
	if err != nil {
		e := *interp.AsOpError(err)
		e.Extra = map[string]lua.LValue{"sent": lua.LNumber(sent)}
		return s.Raise(&e)
	}
	return s.True()
}

func readline(s *interp.State) int {
	line, ok, err := nextLine(s, self(s), Size(s, 2, maxLine))
	if err != nil {
		return Fail(s, err)
	}
	if !ok {
		return s.Return(lua.LNil)
	}
	return s.Return(lua.LString(line))
}

func nextLine(s *interp.State, t Transport, max int) (string, bool, error) {
	line, ok, err := Until(s, t, "\n", max)
	if err != nil {
		return "", false, err
	}
	if !ok {
		rest := t.ReadAhead().Take(math.MaxInt)
		return rest, rest != "", nil
	}
	line = line[:len(line)-1]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line, true, nil
}

func readuntil(s *interp.State) int {
	t, delimiter := self(s), s.Str(2)
	if delimiter == "" {
		s.ArgError(2, "delimiter must not be empty")
	}
	piece, ok, err := Until(s, t, delimiter, Size(s, 3, 0))
	switch {
	case err != nil:
		return Fail(s, err)
	case ok:
		return s.Return(lua.LString(piece))
	case t.ReadAhead().Buffered() > 0:
		return s.Raise(early(t.ReadAhead()))
	}
	return s.Return(lua.LNil)
}

func readexactly(s *interp.State) int {
	t := self(s)
	data, ok, err := Exactly(s, t, s.IntRange(2, 0, math.MaxInt32, "size"))
	switch {
	case err != nil:
		return Fail(s, err)
	case !ok:
		return s.Raise(early(t.ReadAhead()))
	}
	return s.Return(lua.LString(data))
}

func lines(s *interp.State) int {
	t, max := self(s), Size(s, 2, maxLine)
	return s.Return(s.NewFunction("lines", func(s *interp.State) int {
		line, ok, err := nextLine(s, t, max)
		if err != nil {
			return Fail(s, err)
		}
		if !ok {
			return s.Return(lua.LNil)
		}
		return s.Return(lua.LString(line))
	}, s.Get(1)))
}

func chunks(s *interp.State) int {
	t, n := self(s), Size(s, 2, DefaultRecv)
	return s.Return(s.NewFunction("chunks", func(s *interp.State) int {
		data, err := Receive(s, t, n, 0, t.Limit())
		if err != nil {
			return Fail(s, err)
		}
		if data == "" {
			return s.Return(lua.LNil)
		}
		return s.Return(lua.LString(data))
	}, s.Get(1)))
}

func with(s *interp.State) int {
	t := self(s)
	return interp.With(s, func() error { return t.Close(s) })
}
