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
	{Name: "socket", Args: "[family=AF_INET[, type=SOCK_STREAM[, proto=0]]]", Doc: "a new socket", Fn: openSocket},
	{Name: "socketpair", Args: "[family=AF_UNIX[, type=SOCK_STREAM[, proto=0]]]", Doc: "two sockets connected to each other", Fn: newPair},
	{Name: "fromfd", Args: "fd[, family, type, proto]", Doc: "a socket for a copy of a descriptor", Fn: fromFD},
	{Name: "close", Args: "socket or fd", Doc: "closes a socket, or a bare descriptor number; returns true", Fn: closeAny},
}

// verbs are methods that are functions of the module, too, taking the socket
// first: pcall(socket.connect, s, host, port).
var verbs = []interp.Function{
	{Name: "bind", Args: "address", Doc: "binds the socket; returns true", Fn: bind},
	{Name: "listen", Args: "[backlog=128]", Doc: "lets the socket accept connections; returns true", Fn: listen},
	{Name: "connect", Args: "address", Doc: "connects the socket; returns true; waits", Fn: connect},
	{Name: "connect_ex", Args: "address", Doc: "0, or errno and its name when connecting failed; waits", Fn: connectEx},
	{Name: "sendto", Args: "data[, flags], address", Doc: "how many bytes were taken; waits", Fn: sendto},
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
	{Name: "detach", Args: "", Doc: "gives the descriptor away and returns its number; the socket counts as closed then", Fn: detach},
	{Name: "disconnect", Args: "", Doc: "dissolves a datagram socket's connect; returns true", Fn: disconnect},
	{Name: "dup", Args: "", Doc: "a socket for a copy of the descriptor", Fn: dup},
}

var relayFuncs = []interp.Function{
	{Name: "relay", Args: "a, b", Doc: "copies both ways until both ends are done; returns how many bytes went from a to b, and from b to a; waits", Fn: relay},
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
