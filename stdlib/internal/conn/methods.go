//go:build unix

package conn

import (
	"math"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/lookup"
	"wirelua/stdlib/internal/sys"
)

// maxLine is the longest line when the script names no other.
const maxLine = 64 << 10

// defaultRecv is how much recv receives when the script does not say.
const defaultRecv = 4096

// Methods are those that every connection has.
var Methods = []interp.Function{
	{Name: "recv", Args: "[n=4096[, flags]]", Doc: "up to n bytes; \"\" when the peer has closed; waits", Fn: recv, Restarts: true},
	{Name: "sendall", Args: "data, ...[, flags]", Doc: "sends all of data, and of the strings that follow, together without joining them; a number at the end is flags; returns true; if it fails, err.sent says how much went; waits", Fn: sendall},
	{Name: "sendfrom", Args: "source[, n]", Doc: "moves up to n bytes, or all until the end, from another connection, a pipe or a file, without making a string; returns how many went; if it fails, err.sent says that; each side's timeout is for the whole call; waits", Fn: sendfrom},
	{Name: "readline", Args: "[max=65536]", Doc: "a line without its ending; nil at the end; waits", Fn: readline, Restarts: true},
	{Name: "readuntil", Args: "delimiter[, max]", Doc: "data up to and including the delimiter; nil at the end; an unended piece raises EOF; waits", Fn: readuntil, Restarts: true},
	{Name: "readexactly", Args: "n", Doc: "n bytes; an early end raises EOF with err.partial; waits", Fn: readexactly, Restarts: true},
	{Name: "lines", Args: "[max=65536]", Doc: "an iterator over lines; waits", Fn: lines},
	{Name: "chunks", Args: "[n=4096]", Doc: "an iterator over pieces as they come; waits", Fn: chunks},
	{Name: "send", Args: "data[, flags]", Doc: "how many bytes were taken, possibly fewer than #data; waits", Fn: send},
	{Name: "recvfrom", Args: "n[, flags]", Doc: "data, address (nil on a stream); waits", Fn: recvfrom, Restarts: true},
	{Name: "shutdown", Args: "how", Doc: "ends one or both directions: SHUT_RD, SHUT_WR, SHUT_RDWR; returns true", Fn: shutdown},
	{Name: "getpeername", Args: "", Doc: "the address at the other end", Fn: getpeername},
	{Name: "makefile", Args: "[mode=\"rw\"]", Doc: "a file that reads from and writes to the connection, and reads ahead for all who read that; writes go out when flushed", Fn: makefile},
	{Name: "sendfile", Args: "path or file[, offset=0[, count]]", Doc: "sends a file's contents from offset on; returns how many bytes were sent; waits", Fn: sendfile},
}

// Method returns the method of a name: to be a function of a module, or to have other words in the
// manual of one kind of connection.
func Method(methods []interp.Function, name string) *interp.Function {
	for i := range methods {
		if methods[i].Name == name {
			return &methods[i]
		}
	}
	panic("conn: no method " + name)
}

// Size returns argument n, a number of bytes, or d when it is absent.
func Size(s *interp.State, n, d int) int {
	if s.Absent(n) {
		return d
	}
	return s.IntRange(n, 0, math.MaxInt32, "size")
}

// answer ends a call that has received data: with ok false it returns nil.
func answer(s *interp.State, data string, ok bool, err error) int {
	switch {
	case err != nil:
		return Fail(s, err)
	case !ok:
		return s.Return(lua.LNil)
	}
	return s.Return(lua.LString(data))
}

// reading is a call on the connection that begins now.
func (c *Conn) reading(s *interp.State, flags int) reading {
	return reading{c: c, lim: c.Begin(s, flags)}
}

// RecvFlags returns argument n, the MSG_ flags of a call that receives.
func RecvFlags(s *interp.State, n int) int {
	flags := s.OptInt(n, 0)
	if sys.OutOfBand(flags) {
		flags |= unix.MSG_DONTWAIT
	}
	return flags
}

func recv(s *interp.State) int {
	c, n, flags := Self(s), Size(s, 2, defaultRecv), RecvFlags(s, 3)
	r := c.reading(s, flags)
	if n == 0 { // none are there at once, as in Python, and a datagram stays
		mustBeOpen(s, c, "recv")
		return s.Return(lua.LString(""))
	}
	data, err := r.receive(s, n, flags)
	return answer(s, data, true, err)
}

func recvfrom(s *interp.State) int {
	c, n, flags := Self(s), s.IntRange(2, 0, math.MaxInt32, "size"), s.OptInt(3, 0)
	r := c.reading(s, flags)
	mustBeOpen(s, c, "recv")
	if t, ok := c.t.(Datagrams); ok && c.t.Traits().Type != unix.SOCK_STREAM {
		var data string
		var from *addr.Addr
		some, ahead, err := c.Beside(s, n, flags, r.lim, func() (err error) {
			data, from, err = t.RecvFrom(s, n, flags, r.lim)
			return err
		})
		if ahead {
			data = some
		}
		return c.answerFrom(s, data, from, err)
	}
	data, err := r.receive(s, n, flags)
	return c.answerFrom(s, data, nil, err)
}

func (c *Conn) answerFrom(s *interp.State, data string, from *addr.Addr, err error) int {
	if err != nil {
		return Fail(s, err)
	}
	s.Push(lua.LString(data))
	c.PushSender(s, from)
	return 2
}

// PushSender pushes where a message came from: nil on a stream, and the unnamed address for a Unix
// socket that has none.
func (c *Conn) PushSender(s *interp.State, from *addr.Addr) {
	switch t := c.t.Traits(); {
	case t.Type == unix.SOCK_STREAM:
		from = nil
	case from == nil && t.Family == unix.AF_UNIX:
		from = &addr.Addr{Family: unix.AF_UNIX}
	}
	lookup.PushAddr(s, from)
}

// Receive is recv.
func (c *Conn) Receive(s *interp.State, n, flags int, lim sys.Limit) (string, error) {
	r := reading{c: c, lim: lim}
	return r.receive(s, n, flags)
}

// Beside calls receive, which receives up to n bytes in another way than recv, as one of those that read
// the connection: alone, and not when something was read ahead. Then that is the data, and ahead is true.
func (c *Conn) Beside(s *interp.State, n, flags int, lim sys.Limit, receive func() error) (data string, ahead bool, err error) {
	if !sys.OutOfBand(flags) {
		if len(c.b) == 0 && !lim.Nonblock {
			if err := c.reader.Lock(s.Thread(), lim.Deadline); err != nil {
				return "", false, c.About(err)
			}
			defer c.reader.Unlock()
		}
		if len(c.b) > 0 {
			return c.readAhead(n, flags), true, nil
		}
		if c.closed {
			return "", false, c.About(unix.EBADF)
		}
	}
	return "", false, c.About(receive())
}

func send(s *interp.State) int {
	c, data, flags := Self(s), s.Str(2), s.OptInt(3, 0)
	lim := c.Begin(s, flags)
	mustBeOpen(s, c, "send")
	n, err := c.t.Send(s, data, flags, lim)
	if err != nil && !(n > 0 && interp.AsOpError(err).Timeout()) {
		return Fail(s, c.About(err))
	}
	return s.Return(lua.LNumber(n))
}

func readline(s *interp.State) int {
	r := Self(s).reading(s, 0)
	line, ok, err := r.line(s, Size(s, 2, maxLine))
	return answer(s, line, ok, err)
}

func readuntil(s *interp.State) int {
	c, delimiter := Self(s), s.Str(2)
	if delimiter == "" {
		s.ArgError(2, "delimiter must not be empty")
	}
	r := c.reading(s, 0)
	data, ok, err := r.collect(s, &piece{delimiter: delimiter, max: Size(s, 3, -1)})
	if err == nil && !ok && len(c.b) > 0 {
		err = early(&c.Buffer)
	}
	return answer(s, data, ok, err)
}

func readexactly(s *interp.State) int {
	c := Self(s)
	r := c.reading(s, 0)
	data, ok, err := r.collect(s, &piece{n: s.IntRange(2, 0, math.MaxInt32, "size")})
	if err == nil && !ok {
		err = early(&c.Buffer)
	}
	return answer(s, data, ok, err)
}

func lines(s *interp.State) int {
	c, max := Self(s), Size(s, 2, maxLine)
	return s.Return(s.NewFunction("lines", func(s *interp.State) int {
		r := c.reading(s, 0)
		line, ok, err := r.line(s, max)
		return answer(s, line, ok, err)
	}, s.Get(1)))
}

func chunks(s *interp.State) int {
	c, n := Self(s), Size(s, 2, defaultRecv)
	return s.Return(s.NewFunction("chunks", func(s *interp.State) int {
		r := c.reading(s, 0)
		data, err := r.receive(s, n, 0)
		return answer(s, data, data != "", err)
	}, s.Get(1)))
}

func shutdown(s *interp.State) int {
	c := Open(s, "shutdown")
	if err := c.t.Shutdown(s, s.IntRange(2, unix.SHUT_RD, unix.SHUT_RDWR, "how")); err != nil {
		return Fail(s, c.About(err))
	}
	return s.True()
}

func getpeername(s *interp.State) int {
	c := Open(s, "")
	a, err := c.t.Peername()
	return pushAddr(s, a, c.About(err))
}

func pushAddr(s *interp.State, a *addr.Addr, err error) int {
	if err != nil {
		return s.Raise(err)
	}
	lookup.PushAddr(s, a)
	return 1
}
