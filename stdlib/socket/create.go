//go:build unix

package socket

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/stdlib/internal/conn"
	"wirelua/stdlib/internal/dial"
	"wirelua/stdlib/internal/lookup"
	"wirelua/stdlib/internal/sys"
)

// createFuncs are the short ways to a connection and to a listening socket, and
// the timeout that new sockets have.
var createFuncs = []interp.Function{
	{Name: "create_connection", Args: "host, port[, {timeout=, source={host, port}}]",
		Doc: "a socket connected to the first of the host's addresses that answers; waits", Fn: createConnection},
	{Name: "create_server", Args: "host, port[, {family=, backlog=, reuse_port=, dualstack_ipv6=}]",
		Doc: "a socket bound to the address and listening; waits for a look-up only", Fn: createServer},
	{Name: "getdefaulttimeout", Args: "", Doc: "the timeout of new sockets, in seconds; nil is none", Fn: getdefaulttimeout},
	{Name: "setdefaulttimeout", Args: "seconds or nil", Doc: "sets the timeout of new sockets; returns true", Fn: setdefaulttimeout},
}

func getdefaulttimeout(s *interp.State) int {
	return s.Return(conn.Seconds(sys.NetOf(s.Interp()).DefaultTimeout))
}

func setdefaulttimeout(s *interp.State) int {
	if s.GetTop() < 1 {
		s.ArgError(1, "seconds or nil expected, got no value")
	}
	n := sys.NetOf(s.Interp())
	n.DefaultTimeout = -1
	if d, ok := s.Seconds(1); ok {
		n.DefaultTimeout = d
	}
	return s.True()
}

func createConnection(s *interp.State) int {
	to, taken := lookup.PlaceArg(s, 1)
	o := s.Options(1+taken, "source", "timeout")
	timeout, given := o.Timeout("timeout")
	if !given {
		timeout = sys.NetOf(s.Interp()).DefaultTimeout
	}
	var from *lookup.Place
	if o.Has("source") {
		p := lookup.PlaceOf(s, 1+taken, o.Get("source"))
		from = &p
	}
	fd, peer, err := dial.Connect(s, to, from, timeout)
	if err != nil {
		return s.Raise(err)
	}
	push(s, fd, peer)
	return 1
}

// createServer: the options follow the address, which has two arguments, or one, if it is a table,
// an address object or a path.
func createServer(s *interp.State) int {
	at := 3
	if _, ok := s.Get(1).(lua.LString); !ok || s.Get(2).Type() == lua.LTTable {
		at = 2
	}
	push(s, dial.Listen(s, s.Options(at, dial.ServerOptions...)), nil)
	return 1
}
