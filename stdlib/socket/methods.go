//go:build unix

package socket

import (
	"math"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/conn"
	"wirelua/stdlib/internal/lookup"
	"wirelua/stdlib/internal/sys"
)

// constructors are the module functions that make sockets out of nothing.
var constructors = []interp.Function{
	{Name: "socket", Args: "[family=AF_INET[, type=SOCK_STREAM[, proto=0]]]", Doc: "a new socket", Manual: `
		The timeout is the default one (setdefaulttimeout), at first none.
		family integer?: AF_INET, AF_INET6, AF_UNIX, or what else the system has
		type integer?: SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_RAW
		proto integer?: a protocol's number (IPPROTO_ICMP); 0 is the usual one
		-> socket: neither bound nor connected
		! EAFNOSUPPORT, EPROTONOSUPPORT, ESOCKTNOSUPPORT: the system has no such socket
		! EPERM: raw and packet sockets need rights
		! EACCES: the policy does not allow it
		! EMFILE: there are as many sockets as may be
		> local s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		> s:bind("127.0.0.1", 0)
		> print(s.type == socket.SOCK_DGRAM, s:getsockname().host) --> true	127.0.0.1
		`, Fn: openSocket},
	{Name: "socketpair", Args: "[family=AF_UNIX[, type=SOCK_STREAM[, proto=0]]]", Doc: "two sockets connected to each other", Manual: `
		family integer?: AF_UNIX is what most systems have
		type integer?: SOCK_STREAM or SOCK_DGRAM
		proto integer?: 0 is the usual one
		-> socket: one end
		-> socket: the other
		! EOPNOTSUPP: the system has no such pairs
		> local a, b = socket.socketpair()
		> a:sendall("hello\n")
		> print(b:readline()) --> hello
		`, Fn: newPair},
	{Name: "fromfd", Args: "fd[, family, type, proto]", Doc: "a socket for a copy of a descriptor", Manual: `
		The descriptor itself stays as it is, and whose it was. In a fence it must be one that the script came by itself.
		fd integer: its number
		family integer?: read off the descriptor when left out; likewise type and proto
		type integer?: as family
		proto integer?: as family
		-> socket: for the copy
		! EBADF: there is no such descriptor
		! ENOTSOCK: it is no socket
		! EACCES: the descriptor is not the script's
		> local s = socket.create_server("127.0.0.1", 0)
		> local copy = socket.fromfd(s:fileno())
		> print(copy:getsockname() == s:getsockname()) --> true
		`, Fn: fromFD},
	{Name: "close", Args: "socket or fd", Doc: "closes a socket, or a bare descriptor number; returns true", Manual: `
		socket socket|integer: a socket, or the number of a descriptor that is the script's
		-> true
		! EBADF: there is no such descriptor
		> local fd = socket.socket():detach()
		> print(socket.close(fd)) --> true
		`, Fn: closeAny},
}

// verbs are methods that are functions of the module, too, taking the socket
// first: pcall(socket.connect, s, host, port).
var verbs = []interp.Function{
	{Name: "bind", Args: "address", Doc: "binds the socket; returns true", Manual: `
		Names are resolved for the socket's family, which may wait. Host "" is any address, port 0 one that the system chooses.
		address endpoint: host and port; a path for AF_UNIX, where a leading "\0" means Linux's abstract names
		-> true: always
		! EADDRINUSE: another socket has the address
		! EADDRNOTAVAIL: it is no address of this machine
		! EACCES: the system or the policy does not allow it
		! EINVAL: the socket is bound already
		! EAI_NONAME: there is no such host
		> local s = socket.socket()
		> s:setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, true)
		> s:bind("127.0.0.1", 0)
		> print(s:getsockname().port > 0) --> true
		`, Fn: bind},
	{Name: "listen", Args: "[backlog=128]", Doc: "lets the socket accept connections; returns true", Manual: `
		backlog integer?: how many connections may wait to be accepted; the kernel gets this number
		-> true: always
		! EADDRINUSE: another socket listens there
		! EOPNOTSUPP: it is no stream socket
		> local s = socket.socket()
		> s:bind("127.0.0.1", 0)
		> s:listen(16)
		`, Fn: listen},
	{Name: "connect", Args: "address", Doc: "connects the socket; returns true; waits", Manual: `
		On a datagram socket this sets where send sends, and whom recv receives from.
		address endpoint: host and port, or a path for AF_UNIX
		-> true: always
		or nil, "EINPROGRESS": a non-blocking socket; it becomes writable when it is connected. Later calls answer nil, "EALREADY"
		! ECONNREFUSED: nobody listens there
		! ETIMEDOUT: the socket's timeout, or the system's, ran out
		! EHOSTUNREACH, ENETUNREACH: no way leads there
		! EAI_NONAME: there is no such host
		! EISCONN: it is connected already
		! EACCES: the policy does not allow it
		> local server = socket.create_server("127.0.0.1", 0)
		> local s = socket.socket()
		> s:settimeout(5)
		> s:connect(server:getsockname())
		> print(s:getpeername() == server:getsockname()) --> true
		`, Fn: connect},
	{Name: "connect_ex", Args: "address", Doc: "0, or errno and its name when connecting failed; waits", Manual: `
		address endpoint: as connect's
		-> integer: 0, or the error's number
		-> string: the error's name, nothing after 0
		! EAI_NONAME: there is no such host; what has no number is raised
		> local s = socket.socket()
		> s:bind("127.0.0.1", 0) -- bound, and not listening
		> local errno, name = socket.socket():connect_ex(s:getsockname())
		> print(errno == require("errno").ECONNREFUSED, name) --> true	ECONNREFUSED
		`, Fn: connectEx},
	{Name: "sendto", Args: "data[, flags], address", Doc: "how many bytes were taken; waits", Manual: `
		data string: a datagram
		flags integer?: MSG_ constants, added
		address endpoint: where to
		-> integer: #data
		or nil, "EAGAIN": a non-blocking socket, and there is no room
		! EMSGSIZE: the datagram is too long
		! EACCES: the policy does not allow it, or a broadcast needs SO_BROADCAST
		> local a, b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		> b:bind("127.0.0.1", 0)
		> print(a:sendto("ping", b:getsockname())) --> 4
		> local data, from = b:recvfrom(1500)
		> print(data, from.host) --> ping	127.0.0.1
		`, Fn: sendto},
}

// commonVerbs are those that every connection has.
func commonVerbs() (verbs []interp.Function) {
	for _, name := range []string{"send", "recvfrom", "shutdown", "recv", "sendall"} {
		verbs = append(verbs, *conn.Method(conn.Methods, name))
	}
	return append(verbs, *conn.Method(conn.AcceptMethods, "accept"))
}

// asFunctions are methods as functions of the module.
func asFunctions(methods []interp.Function) []interp.Function {
	funcs := slices.Clone(methods)
	for i := range funcs {
		f := &funcs[i]
		f.Args = strings.TrimSuffix("s, "+f.Args, ", ")
		if strings.HasPrefix(methods[i].Args, "[") {
			f.Args = "s[, " + methods[i].Args[1:]
		}
		f.Manual = "= socket:" + f.Name
	}
	return funcs
}

var methods = []interp.Function{
	{Name: "detach", Args: "", Doc: "gives the descriptor away and returns its number; the socket counts as closed then", Manual: `
		-> integer: the descriptor's number, to be closed by socket.close or taken up by socket.fromfd; -1 when it was closed
		> local fd = socket.socket():detach()
		> local s = socket.fromfd(fd)
		> socket.close(fd)
		`, Fn: detach},
	{Name: "disconnect", Args: "", Doc: "dissolves a datagram socket's connect; returns true", Manual: `
		-> true: always
		> local a, b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		> b:bind("127.0.0.1", 0)
		> a:connect(b:getsockname())
		> a:disconnect()
		> print(pcall(a.getpeername, a)) --> false	getpeername: transport endpoint is not connected
		`, Fn: disconnect},
	{Name: "dup", Args: "", Doc: "a socket for a copy of the descriptor", Manual: `
		Both are the same socket for the system: what one receives the other does not. The timeout is copied.
		-> socket: to be closed by itself
		> local a, b = socket.socketpair()
		> local c = a:dup()
		> a:close()
		> c:sendall("still here\n")
		> print(b:readline()) --> still here
		`, Fn: dup},
}

var relayFuncs = []interp.Function{
	{Name: "relay", Args: "a, b", Doc: "copies both ways until both ends are done; returns how many bytes went from a to b, and from b to a; waits", Manual: `
		What one side ends for sending is ended at the other. What readline and its kin have read ahead goes first. Each socket's timeout is how long it may be idle.
		a socket|tls_connection: one side
		b socket|tls_connection: the other
		-> integer: bytes from a to b
		-> integer: bytes from b to a
		! ETIMEDOUT: a side was idle for its timeout; err.sent and err.received say what went
		! ECONNRESET: a side broke off
		> local client, a = socket.socketpair()
		> local b, server = socket.socketpair()
		> client:sendall("question") client:shutdown(socket.SHUT_WR)
		> server:sendall("answer") server:shutdown(socket.SHUT_WR)
		> print(socket.relay(a, b)) --> 8	6
		`, Fn: relay},
}

func openSocket(s *interp.State) int {
	fd, err := sys.NetOf(s.Interp()).Socket(s, s.OptInt(1, unix.AF_INET), s.OptInt(2, unix.SOCK_STREAM), s.OptInt(3, 0))
	if err != nil {
		return s.Raise(err)
	}
	push(s, fd, nil)
	return 1
}

func newPair(s *interp.State) int {
	a, b, err := sys.NetOf(s.Interp()).Pair(s, s.OptInt(1, unix.AF_UNIX), s.OptInt(2, unix.SOCK_STREAM), s.OptInt(3, 0))
	if err != nil {
		return s.Raise(err)
	}
	push(s, a, nil)
	push(s, b, nil)
	return 2
}

func fromFD(s *interp.State) int {
	fd, err := sys.NetOf(s.Interp()).FromFD(s, s.IntRange(1, 0, math.MaxInt32, "fd"), s.OptInt(2, -1), s.OptInt(3, -1), s.OptInt(4, -1))
	if err != nil {
		return s.Raise(err)
	}
	push(s, fd, nil)
	return 1
}

func closeAny(s *interp.State) int {
	if _, ok := s.Get(1).(lua.LNumber); !ok {
		return conn.Method(conn.ObjectMethods, "close").Fn(s)
	}
	if err := sys.NetOf(s.Interp()).CloseFD(s, s.IntRange(1, 0, math.MaxInt32, "fd")); err != nil {
		return s.Raise(err)
	}
	return s.True()
}

func bind(s *interp.State) int {
	_, fd := open(s, "bind")
	a, name, _ := lookup.CheckAddr(s, 2, fd.Family, fd.Limit())
	if err := fd.Bind(s, a, name); err != nil {
		return s.Raise(interp.About(err, a.String()))
	}
	return s.True()
}

func listen(s *interp.State) int {
	_, fd := open(s, "listen")
	backlog := 128
	if !s.Absent(2) {
		backlog = s.IntRange(2, math.MinInt32, math.MaxInt32, "backlog")
	}
	if err := fd.Listen(s, max(backlog, 0)); err != nil {
		return s.Raise(err)
	}
	return s.True()
}

func connect(s *interp.State) int {
	k, fd := open(s, "connect")
	lim := fd.Limit()
	a, name, _ := lookup.CheckAddr(s, 2, fd.Family, lim)
	k.Peer = a
	switch err := fd.Connect(s, a, name, lim); {
	case err == nil:
		return s.True()
	case err == unix.EISCONN && lim.Nonblock && isConnected(fd):
		return s.True() // the connection begun before has been made
	default:
		return conn.Fail(s, interp.About(err, a.String()))
	}
}

// isConnected tells a connected socket from a listening one, for which connect has EISCONN, too.
func isConnected(fd *sys.FD) bool {
	_, err := fd.Peername()
	return err == nil
}

func connectEx(s *interp.State) int {
	if k, _ := self(s); k.Shut() {
		return s.Return(lua.LNumber(unix.EBADF), lua.LString("EBADF"))
	}
	k, fd := open(s, "connect")
	lim := fd.Limit()
	a, name, _ := lookup.CheckAddr(s, 2, fd.Family, lim)
	k.Peer = a
	err := fd.Connect(s, a, name, lim)
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
	s.NoteRefusal(err)
	return s.Return(lua.LNumber(e.Errno), lua.LString(e.Code))
}

func sendto(s *interp.State) int {
	k, fd := open(s, "send")
	data, flags, at := s.Str(2), 0, 3
	// sendto(data, address) or sendto(data, flags, address): a number comes
	// first only in the second.
	if _, ok := s.Get(3).(lua.LNumber); ok {
		flags, at = s.Int(3), 4
	}
	lim := k.Begin(s, flags)
	a, name, _ := lookup.CheckAddr(s, at, fd.Family, lim)
	n, err := fd.SendTo(s, data, flags, a, name, lim)
	if err != nil {
		return conn.Fail(s, interp.About(err, a.String()))
	}
	if k.Peer == nil && fd.Type == unix.SOCK_STREAM { // MSG_FASTOPEN has connected it
		k.Peer = a
	}
	return s.Return(lua.LNumber(n))
}

func disconnect(s *interp.State) int {
	k, fd := open(s, "disconnect")
	if err := fd.Disconnect(s); err != nil {
		return s.Raise(k.About(err))
	}
	k.Peer = nil
	return s.True()
}

func detach(s *interp.State) int {
	k, fd := self(s)
	if k.Shut() {
		return s.Return(lua.LNumber(-1))
	}
	number, err := fd.Detach(s)
	if err != nil {
		return s.Raise(k.About(err))
	}
	k.Leave()
	return s.Return(lua.LNumber(number))
}

func dup(s *interp.State) int {
	k, fd := open(s, "dup")
	copied, err := fd.Dup(s)
	if err != nil {
		return s.Raise(k.About(err))
	}
	copied.Timeout = fd.Timeout
	push(s, copied, k.Peer)
	return 1
}

func relay(s *interp.State) int {
	a, b := conn.Self(s), interp.ObjectArg[*conn.Conn](s, 2, "socket")
	if a == b {
		s.ArgError(2, "a socket cannot be relayed to itself")
	}
	ab, ba, err := conn.Relay(s, a, b)
	if err != nil {
		e := *interp.AsOpError(err)
		e.Extra = map[string]lua.LValue{"sent": lua.LNumber(ab), "received": lua.LNumber(ba)}
		return s.Raise(&e)
	}
	return s.Return(lua.LNumber(ab), lua.LNumber(ba))
}
