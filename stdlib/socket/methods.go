//go:build unix

package socket

import (
	"math"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/conn"
	"wirelua/stdlib/internal/lookup"
	"wirelua/stdlib/internal/sys"
)

// constructors are the module functions that make sockets out of nothing.
var constructors = []interp.Function{
	{Name: "socket", Args: "[family=AF_INET[, type=SOCK_STREAM[, proto=0]]]", Doc: "a new socket", Fn: newSocket},
	{Name: "socketpair", Args: "[family=AF_UNIX[, type=SOCK_STREAM[, proto=0]]]", Doc: "two sockets connected to each other", Fn: newPair},
	{Name: "fromfd", Args: "fd[, family, type, proto]", Doc: "a socket for a copy of a descriptor", Fn: fromFD},
	{Name: "close", Args: "socket or fd", Doc: "closes a socket, or a bare descriptor number; true", Fn: closeAny},
}

// verbs are methods that are functions of the module, too, taking the socket
// first: pcall(socket.connect, s, host, port).
var verbs = []interp.Function{
	{Name: "bind", Args: "address", Doc: "binds the socket; true", Fn: bind},
	{Name: "listen", Args: "[backlog=128]", Doc: "lets the socket accept connections; true", Fn: listen},
	{Name: "accept", Args: "", Doc: "client, address; waits", Fn: either(accept, hostAccept)},
	{Name: "connect", Args: "address", Doc: "connects the socket; true; waits", Fn: connect},
	{Name: "connect_ex", Args: "address", Doc: "0, or errno and its name when connecting failed; waits", Fn: connectEx},
	{Name: "send", Args: "data[, flags]", Doc: "how many bytes were taken, possibly fewer than #data; waits", Fn: either(send, hostSend)},
	{Name: "recvfrom", Args: "n[, flags]", Doc: "data, address; waits", Fn: either(recvfrom, hostRecvfrom)},
	{Name: "sendto", Args: "data[, flags], address", Doc: "how many bytes were taken; waits", Fn: sendto},
	{Name: "shutdown", Args: "how", Doc: "ends one or both directions: SHUT_RD, SHUT_WR, SHUT_RDWR; true", Fn: either(shutdown, hostShutdown)},
	streamVerb("recv"), streamVerb("sendall"),
}

// streamVerb makes a method that all connections have a function of the module.
func streamVerb(name string) interp.Function {
	for _, f := range conn.Methods {
		if f.Name == name {
			return f
		}
	}
	panic("socket: no stream method " + name)
}

var methods = []interp.Function{
	{Name: "close", Args: "", Doc: "closes the socket; threads waiting on it get EBADF; true, also twice", Fn: closeSocket},
	{Name: "detach", Args: "", Doc: "gives the descriptor away: its number; the socket is closed then", Fn: detach},
	{Name: "dup", Args: "", Doc: "a socket for a copy of the descriptor", Fn: dup},
	{Name: "fileno", Args: "", Doc: "the descriptor's number, -1 when closed", Fn: fileno},
	{Name: "getsockname", Args: "", Doc: "the socket's own address", Fn: getsockname},
	{Name: "getpeername", Args: "", Doc: "the address at the other end", Fn: getpeername},
	{Name: "clients", Args: "", Doc: "an iterator over client, address; closing the listener ends it; waits", Fn: clients},
}

func newSocket(s *interp.State) int {
	fd, err := sys.NetOf(s.Interp()).Socket(s, s.OptInt(1, unix.AF_INET), s.OptInt(2, unix.SOCK_STREAM), s.OptInt(3, 0))
	if err != nil {
		return s.Raise(err)
	}
	push(s, fd)
	return 1
}

func newPair(s *interp.State) int {
	a, b, err := sys.NetOf(s.Interp()).Pair(s, s.OptInt(1, unix.AF_UNIX), s.OptInt(2, unix.SOCK_STREAM), s.OptInt(3, 0))
	if err != nil {
		return s.Raise(err)
	}
	push(s, a)
	push(s, b)
	return 2
}

func fromFD(s *interp.State) int {
	fd, err := sys.NetOf(s.Interp()).FromFD(s, s.IntRange(1, 0, math.MaxInt32, "fd"), s.OptInt(2, -1), s.OptInt(3, -1), s.OptInt(4, -1))
	if err != nil {
		return s.Raise(err)
	}
	push(s, fd)
	return 1
}

func closeAny(s *interp.State) int {
	if _, ok := s.Get(1).(lua.LNumber); !ok {
		return either(closeSocket, closeHostedAny)(s)
	}
	if err := sys.NetOf(s.Interp()).CloseFD(s, s.IntRange(1, 0, math.MaxInt32, "fd")); err != nil {
		return s.Raise(err)
	}
	return s.True()
}

func closeSocket(s *interp.State) int {
	k := self(s)
	if err := k.Close(s); err != nil {
		return s.Raise(err)
	}
	return s.True()
}

// open returns argument 1, a socket that is open, for an operation by which the observer knows
// the call, "" for one that it does not hear of.
func open(s *interp.State, op string) *Socket {
	k := self(s)
	if k.Fileno() < 0 {
		s.Raise(k.about(k.fd.Net().Closed(s, op)))
	}
	return k
}

func bind(s *interp.State) int {
	k := open(s, "bind")
	a, name, _ := lookup.CheckAddr(s, 2, k.fd.Family, k.Limit())
	if err := k.fd.Bind(s, a, name); err != nil {
		return s.Raise(interp.About(err, a.String()))
	}
	return s.True()
}

func listen(s *interp.State) int {
	k := open(s, "listen")
	backlog := 128
	if !s.Absent(2) {
		backlog = s.IntRange(2, math.MinInt32, math.MaxInt32, "backlog")
	}
	if err := k.fd.Listen(s, max(backlog, 0)); err != nil {
		return s.Raise(err)
	}
	return s.True()
}

func accept(s *interp.State) int {
	k := open(s, "accept")
	return acceptOn(s, k)
}

func acceptOn(s *interp.State, k *Socket) int {
	fd, a, err := k.fd.Accept(s, k.Limit())
	if err != nil {
		return conn.Fail(s, k.about(err))
	}
	push(s, fd).peer = a
	lookup.PushAddr(s, a)
	return 2
}

func connect(s *interp.State) int {
	k := open(s, "connect")
	lim := k.Limit()
	a, name, _ := lookup.CheckAddr(s, 2, k.fd.Family, lim)
	k.peer = a
	switch err := k.fd.Connect(s, a, name, lim); {
	case err == nil:
		return s.True()
	case err == unix.EISCONN && lim.Nonblock:
		return s.True() // the connection begun before has been made
	default:
		return conn.Fail(s, interp.About(err, a.String()))
	}
}

func connectEx(s *interp.State) int {
	k := open(s, "connect")
	lim := k.Limit()
	a, name, _ := lookup.CheckAddr(s, 2, k.fd.Family, lim)
	k.peer = a
	err := k.fd.Connect(s, a, name, lim)
	if err == nil {
		return s.Return(lua.LNumber(0))
	}
	e := interp.AsOpError(err)
	if e.Errno == 0 || e.Code == "ECANCELED" {
		return s.Raise(interp.About(err, a.String()))
	}
	if err == interp.ErrTimeout {
		// What Python answers here, too: the connection is still being made.
		return s.Return(lua.LNumber(unix.EAGAIN), lua.LString("EAGAIN"))
	}
	return s.Return(lua.LNumber(e.Errno), lua.LString(e.Code))
}

func send(s *interp.State) int {
	k := open(s, "send")
	n, err := k.fd.Send(s, s.Str(2), s.OptInt(3, 0), k.Limit())
	if err != nil {
		return conn.Fail(s, k.about(err))
	}
	return s.Return(lua.LNumber(n))
}

func recvfrom(s *interp.State) int {
	k := open(s, "recv")
	n, flags := s.IntRange(2, 0, math.MaxInt32, "size"), s.OptInt(3, 0)
	if k.Buffered() > 0 {
		data, err := conn.Receive(s, k, n, flags, k.Limit())
		if err != nil {
			return conn.Fail(s, k.about(err))
		}
		return s.Return(lua.LString(data), lua.LNil)
	}
	var from *addr.Addr
	data, err := k.fd.Recv(s, n, flags, k.Limit(), &from)
	if err != nil {
		return conn.Fail(s, k.about(err))
	}
	s.Push(lua.LString(data))
	k.pushSender(s, from)
	return 2
}

// pushSender pushes where a message came from: nil on a stream, and the unnamed
// address for a Unix socket that has none.
func (k *Socket) pushSender(s *interp.State, from *addr.Addr) {
	if from == nil && k.fd.Type != unix.SOCK_STREAM && k.fd.Family == unix.AF_UNIX {
		from = &addr.Addr{Family: unix.AF_UNIX}
	}
	if k.fd.Type == unix.SOCK_STREAM {
		from = nil
	}
	lookup.PushAddr(s, from)
}

func sendto(s *interp.State) int {
	k := open(s, "send")
	data, flags, at := s.Str(2), 0, 3
	lim := k.Limit()
	// sendto(data, address) or sendto(data, flags, address): a number comes
	// first only in the second.
	if _, ok := s.Get(3).(lua.LNumber); ok {
		flags, at = s.Int(3), 4
	}
	a, name, _ := lookup.CheckAddr(s, at, k.fd.Family, lim)
	n, err := k.fd.SendTo(s, data, flags, a, name, lim)
	if err != nil {
		return conn.Fail(s, interp.About(err, a.String()))
	}
	return s.Return(lua.LNumber(n))
}

func shutdown(s *interp.State) int {
	k := open(s, "shutdown")
	if err := k.fd.Shutdown(s, s.IntRange(2, unix.SHUT_RD, unix.SHUT_RDWR, "how")); err != nil {
		return s.Raise(k.about(err))
	}
	return s.True()
}

func detach(s *interp.State) int {
	k := self(s)
	if k.Fileno() < 0 {
		return s.Return(lua.LNumber(-1))
	}
	fd, err := k.fd.Detach(s)
	if err != nil {
		return s.Raise(k.about(err))
	}
	k.closed = true
	return s.Return(lua.LNumber(fd))
}

func dup(s *interp.State) int {
	k := open(s, "dup")
	fd, err := k.fd.Dup(s)
	if err != nil {
		return s.Raise(k.about(err))
	}
	fd.Timeout = k.fd.Timeout
	push(s, fd).peer = k.peer
	return 1
}

func fileno(s *interp.State) int { return s.Return(lua.LNumber(self(s).Fileno())) }

func getsockname(s *interp.State) int {
	k := open(s, "")
	a, err := k.fd.Sockname()
	if err != nil {
		return s.Raise(k.about(err))
	}
	lookup.PushAddr(s, a)
	return 1
}

func getpeername(s *interp.State) int {
	k := open(s, "")
	a, err := k.fd.Peername()
	if err != nil {
		return s.Raise(k.about(err))
	}
	lookup.PushAddr(s, a)
	return 1
}

func clients(s *interp.State) int {
	k := open(s, "")
	return s.Return(s.NewFunction("clients", func(s *interp.State) int {
		if k.Fileno() < 0 {
			return s.Return(lua.LNil)
		}
		fd, a, err := k.fd.Accept(s, k.Limit())
		switch {
		case err == unix.EBADF:
			return s.Return(lua.LNil)
		case err != nil:
			return conn.Fail(s, k.about(err))
		}
		push(s, fd).peer = a
		lookup.PushAddr(s, a)
		return 2
	}, s.Get(1)))
}
