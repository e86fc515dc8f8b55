//go:build unix

// Package proto holds the module proto: helpers for trying things out.
package proto

import (
	_ "embed"
	"sync"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// Module is the module proto. At the prompt, and for -e, its functions are globals, too.
//
//	serve(8080, function(conn, address) conn:sendall("hello ", address, "\n") end)
//	local conn = dial("127.0.0.1:8080")
//	print(expect(conn, "hello (%S+)"))
var Module = &interp.Module{
	Name: "proto",
	Doc:  "helpers for trying things out: servers and clients in a line; globals at the prompt and with -e",
	Funcs: []interp.Function{
		{Name: "serve", Args: "[host=\"127.0.0.1\",] port, fn", Doc: "a TCP server: calls fn(conn, address) in a thread for each connection, and closes that after it; errors are told with the address; returns the listener at the prompt, and waits otherwise", Manual: `
		host string?: an address of this machine
		port integer: 0-65535; 0 is one that the system chooses
		fn fun(conn:socket,address:address): one connection's thread
		-> socket: the listener, at the prompt
		! EADDRINUSE, EADDRNOTAVAIL, EACCES: as socket.create_server's
		> local free = socket.create_server("127.0.0.1", 0)
		> local port = free:getsockname().port
		> free:close()
		> thread.daemon(serve, port, function(conn, address) conn:sendall("hello\n") end)
		> thread.yield()
		> print(dial("127.0.0.1:" .. port):readline()) --> hello
		`},
		{Name: "udp", Args: "[host=\"127.0.0.1\",] port, fn", Doc: "a UDP server: calls fn(data, address, reply) for each datagram, reply(text) answers; errors are told with the address; returns the socket at the prompt, and waits otherwise", Manual: `
		host string?: an address of this machine
		port integer: 0-65535; 0 is one that the system chooses
		fn fun(data:string,address:address,reply:function): called for each datagram
		-> socket: the socket, at the prompt
		! EADDRINUSE, EADDRNOTAVAIL, EACCES: as socket.bind's
		> local free = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		> free:bind("127.0.0.1", 0)
		> local address = free:getsockname()
		> free:close()
		> thread.daemon(udp, address.port, function(data, from, reply) reply(data:upper()) end)
		> thread.yield()
		> local s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		> s:sendto("hello", address)
		> print((s:recvfrom(100))) --> HELLO
		`},
		{Name: "dial", Args: "address[, {tls=, timeout=}]", Doc: "a connection to \"host:port\", \"unix:/path\" or \"tls://host:port\"; tls is true, or what tls.connect takes; timeout is its timeout from then on; waits", Manual: `
		address string: "host:port", "tls://host:port", "unix:/path"
		options.tls boolean|table?: true, or tls.connect's options
		options.timeout number?: seconds
		-> socket|tls_connection: connected
		! ECONNREFUSED, ETIMEDOUT, EAI_NONAME, EACCES: as socket.create_connection's
		> local server = socket.create_server("127.0.0.1", 0)
		> local conn = require("proto").dial(tostring(server:getsockname()), {timeout = 5})
		> print(conn:gettimeout()) --> 5
		`},
		{Name: "interact", Args: "conn", Doc: "what is typed goes to the connection and what comes from it to standard output, until the connection has ended; the end of the input ends that direction; waits", Manual: `
		conn socket|tls_connection: connected
		-> true: when the connection has ended
		! ECONNRESET: the peer broke off
		> local a, b = socket.socketpair()
		> a:sendall("what the other says\n") a:close()
		> interact(b) --> what the other says
		`},
		{Name: "expect", Args: "conn, pattern[, timeout]", Doc: "reads until the Lua pattern is found, and returns the match's captures, or the match; the rest stays to be read; at the time limit or the end it raises, err.partial being what came; waits", Manual: `
		conn socket|tls_connection: what is read
		pattern string: Lua's
		timeout number?: seconds
		-> string ...: the captures, or the match
		! ETIMEDOUT: the time was up
		! EOF: it ended before
		> local a, b = socket.socketpair()
		> a:sendall("220 mail.example.org ready\r\n")
		> print(require("proto").expect(b, "^(%d+) (%S+)", 5)) --> 220	mail.example.org
		`},
		{Name: "sendline", Args: "conn, text", Doc: "sends text and a newline; returns true; waits", Manual: `
		conn socket|tls_connection: where to
		text string: without its end
		-> true: always
		> local a, b = socket.socketpair()
		> sendline(a, "HELO")
		> print(b:readline()) --> HELO
		`},
		{Name: "inspect", Args: "value[, {depth=4, items=40, width=80}]", Doc: "the value as Lua would write it, in a string", Manual: `
		value any: whatever it is
		options.depth integer?: how many tables within each other are shown
		options.items integer?: how many items of each
		options.width integer?: characters of a line
		-> string: as Lua would write it
		> print(require("proto").inspect({1, "two", {three = true}})) --> {1, "two", {three = true}}
		`, Fn: inspect},
		{Name: "pp", Args: "...", Doc: "prints its arguments as inspect writes them", Manual: `
		... any: what is shown
		-> nothing
		> pp({1, "two"}, "three") --> {1, "two"}	"three"
		`, Fn: pp},
	},
	Globals: []string{"inspect", "pp"},
	Open: func(in *interp.Engine, table *lua.LTable) {
		in.Define(table, program(), in.NewFunction("expect", "conn, pattern[, timeout]", expect(in.Lookup("string.find"))),
			in.NewFunction("typed", "", func(s *interp.State) int { return s.Return(lua.LBool(s.Typed())) }))
	},
}

//go:embed proto.lua
var source string

var program = sync.OnceValue(func() *interp.Program {
	p, err := interp.Compile("proto", source)
	if err != nil {
		panic(err) // what the tests have compiled
	}
	return p
})

func inspect(s *interp.State) int {
	o := s.Options(2, "depth", "items", "width")
	number := func(name string) int { return o.Int(name, 0, 1, 1<<30, "a number of 1 or more") }
	return s.Return(lua.LString(s.Inspect(s.Get(1), interp.Inspection{Depth: number("depth"), Items: number("items"), Width: number("width")})))
}

func pp(s *interp.State) int {
	n := s.GetTop()
	s.Push(s.Interp().Lookup("print"))
	for i := 1; i <= n; i++ {
		s.Push(lua.LString(s.Inspect(s.Get(i), interp.Inspection{})))
	}
	s.Call(n, 0)
	return 0
}
