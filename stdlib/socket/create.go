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
		Doc: "a socket connected to the first of the host's addresses that answers; waits", Manual: `
		IPv6 and IPv4 addresses are raced, as RFC 8305 has it: the slower one does not hold the other up.
		host string: a name or an address; "" is this machine
		port integer|string: 0-65535, or a service's name
		options.timeout number?: seconds for look-up and connecting together, and the socket's timeout afterwards; the default timeout when left out
		options.source endpoint?: {host, port} to connect from; port 0 is any
		-> socket: connected
		! ECONNREFUSED: nobody listens at the address tried last
		! ETIMEDOUT: the time was up
		! EAI_NONAME: there is no such host
		! EACCES: the policy does not allow it
		> local server = socket.create_server("127.0.0.1", 0)
		> local s = socket.create_connection("127.0.0.1", server:getsockname().port, {timeout = 5})
		> print(s:gettimeout()) --> 5
		`, Fn: createConnection},
	{Name: "create_server", Args: "host, port[, {family=, backlog=, reuse_port=, dualstack_ipv6=}]",
		Doc: "a socket bound to the address and listening; waits for a look-up only", Manual: `
		SO_REUSEADDR is on.
		host string: an address of this machine, or a name; "" is all of them
		port integer|string: 0-65535; 0 is one that the system chooses
		options.family integer?: AF_INET (default) or AF_INET6
		options.backlog integer?: how many connections may wait to be accepted
		options.reuse_port boolean?: several sockets may listen on the port, and share its connections
		options.dualstack_ipv6 boolean?: with AF_INET6, takes IPv4 connections, too
		-> socket: listening
		! EADDRINUSE: another socket listens there
		! EADDRNOTAVAIL: it is no address of this machine
		! EACCES: the system or the policy does not allow it
		> local server = socket.create_server("127.0.0.1", 0)
		> print(server:getsockname().host) --> 127.0.0.1
		`, Fn: createServer},
	{Name: "getdefaulttimeout", Args: "", Doc: "the timeout of new sockets, in seconds; nil is none", Manual: `
		-> number?: seconds; nil for none
		> print(socket.getdefaulttimeout()) --> nil
		`, Fn: getdefaulttimeout},
	{Name: "setdefaulttimeout", Args: "seconds or nil", Doc: "sets the timeout of new sockets; returns true", Manual: `
		seconds number|nil: nil is none, 0 makes new sockets non-blocking
		-> true: always
		> socket.setdefaulttimeout(10)
		> print(socket.socket():gettimeout()) --> 10
		`, Fn: setdefaulttimeout},
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
