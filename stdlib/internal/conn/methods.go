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
	{Name: "recv", Args: "[n=4096[, flags]]", Doc: "up to n bytes; \"\" when the peer has closed; waits", Manual: `
		n integer?: at most so many bytes; 0 is none
		flags integer?: MSG_PEEK, MSG_DONTWAIT, MSG_WAITALL..., added
		-> string data: at least a byte; "" when the peer has ended sending, or n is 0
		or nil, "EAGAIN": a non-blocking socket, or MSG_DONTWAIT, and there is nothing
		! ETIMEDOUT: the timeout ran out
		! ECONNRESET: the peer broke off
		! ENOTCONN: the socket is not connected
		! EBADF: it was closed, perhaps meanwhile
		> local a, b = socket.socketpair()
		> a:sendall("hello")
		> a:close()
		> print(b:recv(3), b:recv(), b:recv() == "") --> hel	lo	true
		`, Fn: recv, Restarts: true},
	{Name: "sendall", Args: "data, ...[, flags]", Doc: "sends all of data, and of the strings that follow, together without joining them; a number at the end is flags; returns true; if it fails, err.sent says how much went; waits", Manual: `
		data string: may be of any length
		... string|integer: further strings, and at the end flags
		flags integer?: MSG_ constants, added
		-> true: all is with the kernel
		or nil, "EAGAIN", sent: a non-blocking socket, and so many bytes went
		! EPIPE, ECONNRESET: the peer takes no more
		! ETIMEDOUT: the timeout, for the whole call, ran out
		> local a, b = socket.socketpair()
		> a:sendall("HTTP/1.1 200 OK\r\n", "\r\n")
		> print(b:readline()) --> HTTP/1.1 200 OK
		`, Fn: sendall},
	{Name: "sendfrom", Args: "source[, n]", Doc: "moves up to n bytes, or all until the end, from another connection, a pipe or a file, without making a string; returns how many went; if it fails, err.sent says that; each side's timeout is for the whole call; waits", Manual: `
		source socket|tls_connection|file: a connection, a pipe or a file, which is read from where it stands
		n integer?: bytes at most
		-> integer: bytes moved; fewer than n when the source ended
		! ETIMEDOUT: a side's timeout ran out
		> local a, b = socket.socketpair()
		> local c, d = socket.socketpair()
		> a:sendall("through") a:close()
		> print(c:sendfrom(b)) --> 7
		> print(d:recv()) --> through
		`, Fn: sendfrom},
	{Name: "readline", Args: "[max=65536]", Doc: "a line without its ending; nil at the end; waits", Manual: `
		What is read ahead is kept for the next call, and for recv.
		max integer?: the longest line, its ending included
		-> string? line: without its "\n" or "\r\n"; a last line may lack that; nil at the end
		or nil, "EAGAIN": a non-blocking socket, and there is no whole line yet
		! EMSGSIZE: the line is longer; it is still there to be read
		! ETIMEDOUT: the timeout ran out; what came is still there to be read
		> local a, b = socket.socketpair()
		> a:sendall("one\r\ntwo\n") a:close()
		> print(b:readline(), b:readline(), b:readline()) --> one	two	nil
		`, Fn: readline, Restarts: true},
	{Name: "readuntil", Args: "delimiter[, max]", Doc: "data up to and including the delimiter; nil at the end; an unended piece raises EOF; waits", Manual: `
		delimiter string: at least a byte
		max integer?: the longest piece, its delimiter included
		-> string? data: up to and with the delimiter; nil at the end, with nothing read
		or nil, "EAGAIN": a non-blocking socket, and there is no whole piece yet
		! EOF: it ended without the delimiter; err.partial is what there was
		! EMSGSIZE: the piece is longer; it is still there to be read
		! ETIMEDOUT: the timeout ran out; what came is still there to be read
		> local a, b = socket.socketpair()
		> a:sendall("key=value;rest")
		> print(b:readuntil(";"), b:recv()) --> key=value;	rest
		`, Fn: readuntil, Restarts: true},
	{Name: "readexactly", Args: "n", Doc: "n bytes; an early end raises EOF with err.partial; waits", Manual: `
		n integer: bytes, 0 or more
		-> string data: n bytes
		or nil, "EAGAIN": a non-blocking socket, and there are not so many yet
		! EOF: it ended before; err.partial is what there was
		! ETIMEDOUT: the timeout ran out; what came is still there to be read
		> local a, b = socket.socketpair()
		> a:sendall(struct.pack(">H", 5), "hello")
		> local n = struct.unpack(">H", b:readexactly(2))
		> print(b:readexactly(n)) --> hello
		`, Fn: readexactly, Restarts: true},
	{Name: "lines", Args: "[max=65536]", Doc: "an iterator over lines; waits", Manual: `
		max integer?: as readline's
		-> fun():string?: readline, until the end
		> local a, b = socket.socketpair()
		> a:sendall("one\ntwo\n") a:close()
		> for line in b:lines() do print(#line, line) end
		> --> 3	one
		> --> 3	two
		`, Fn: lines},
	{Name: "chunks", Args: "[n=4096]", Doc: "an iterator over pieces as they come; waits", Manual: `
		n integer?: the largest piece
		-> fun():string?: recv, until the end
		> local a, b = socket.socketpair()
		> a:sendall("some bytes") a:close()
		> local size = 0
		> for piece in b:chunks() do size = size + #piece end
		> print(size) --> 10
		`, Fn: chunks},
	{Name: "send", Args: "data[, flags]", Doc: "how many bytes were taken, possibly fewer than #data; waits", Manual: `
		data string: of which a part may be taken
		flags integer?: MSG_ constants, added
		-> integer: bytes taken
		or nil, "EAGAIN": a non-blocking socket, and there is no room
		! EPIPE, ECONNRESET: the peer takes no more
		! ETIMEDOUT: the timeout ran out
		! EMSGSIZE: a datagram that is too long
		> local a, b = socket.socketpair()
		> print(a:send("hello")) --> 5
		`, Fn: send},
	{Name: "recvfrom", Args: "n[, flags]", Doc: "data, address (nil on a stream); waits", Manual: `
		n integer: bytes at most; a longer datagram is cut
		flags integer?: MSG_ constants, added
		-> string data: a datagram, or what recv gives
		-> address? from: the sender; nil on a stream
		or nil, "EAGAIN": a non-blocking socket, and there is nothing
		! ETIMEDOUT: the timeout ran out
		! ECONNREFUSED: of a connected datagram socket: nobody is there
		> local s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		> s:bind("127.0.0.1", 0)
		> s:sendto("to myself", s:getsockname())
		> local data, from = s:recvfrom(1500)
		> print(data, from == s:getsockname()) --> to myself	true
		`, Fn: recvfrom, Restarts: true},
	{Name: "shutdown", Args: "how", Doc: "ends one or both directions: SHUT_RD, SHUT_WR, SHUT_RDWR; returns true", Manual: `
		how integer: SHUT_RD, SHUT_WR or SHUT_RDWR of module socket
		-> true: always
		! ENOTCONN: it is not connected
		> local a, b = socket.socketpair()
		> a:shutdown(socket.SHUT_WR)
		> print(b:recv() == "") --> true
		`, Fn: shutdown},
	{Name: "getpeername", Args: "", Doc: "the address at the other end", Manual: `
		-> address: the peer's
		! ENOTCONN: it is not connected
		> local server = socket.create_server("127.0.0.1", 0)
		> local c = socket.create_connection(server:getsockname())
		> print(c:getpeername() == server:getsockname()) --> true
		`, Fn: getpeername},
	{Name: "makefile", Args: "[mode=\"rw\"]", Doc: "a file that reads from and writes to the connection, and reads ahead for all who read that; writes go out when flushed", Manual: `
		The descriptor closes when the socket and all its files are closed.
		mode "r"|"w"|"rw"?: what is to be done with it
		-> file: for read, lines, write, flush
		> local a, b = socket.socketpair()
		> local f = a:makefile("rw")
		> f:write("one\n", 2, "\n")
		> f:flush()
		> print(b:readline(), b:readline()) --> one	2
		`, Fn: makefile},
	{Name: "sendfile", Args: "path or file[, offset=0[, count]]", Doc: "sends a file's contents from offset on; returns how many bytes were sent; waits", Manual: `
		path string|file: a file's name, or a file
		offset integer?: bytes to skip
		count integer?: bytes at most; all when left out
		-> integer: bytes sent
		! ENOENT: there is no such file
		! EACCES: the system or the policy does not allow reading it
		> local a, b = socket.socketpair()
		> local f = assert(io.open("page.html", "w"))
		> f:write("<p>hello</p>") f:close()
		> print(a:sendfile("page.html", 3, 5)) --> 5
		> print(b:recv()) --> hello
		`, Fn: sendfile},
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
	return s.Return(s.NewIterator("lines", func(s *interp.State) int {
		r := c.reading(s, 0)
		line, ok, err := r.line(s, max)
		return answer(s, line, ok, err)
	}, s.Get(1)))
}

func chunks(s *interp.State) int {
	c, n := Self(s), Size(s, 2, defaultRecv)
	return s.Return(s.NewIterator("chunks", func(s *interp.State) int {
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
