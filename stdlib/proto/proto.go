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
		{Name: "serve", Args: "[host=\"127.0.0.1\",] port, fn", Doc: "a TCP server: calls fn(conn, address) in a thread for each connection, and closes that after it; errors are told with the address; returns the listener at the prompt, and waits otherwise"},
		{Name: "udp", Args: "[host=\"127.0.0.1\",] port, fn", Doc: "a UDP server: calls fn(data, address, reply) for each datagram, reply(text) answers; errors are told with the address; returns the socket at the prompt, and waits otherwise"},
		{Name: "dial", Args: "address[, {tls=, timeout=}]", Doc: "a connection to \"host:port\", \"unix:/path\" or \"tls://host:port\"; tls is true, or what tls.connect takes; timeout is its timeout from then on; waits"},
		{Name: "interact", Args: "conn", Doc: "what is typed goes to the connection and what comes from it to standard output, until the connection has ended; the end of the input ends that direction; waits"},
		{Name: "expect", Args: "conn, pattern[, timeout]", Doc: "reads until the Lua pattern is found, and returns the match's captures, or the match; the rest stays to be read; at the time limit or the end it raises, err.partial being what came; waits"},
		{Name: "sendline", Args: "conn, text", Doc: "sends text and a newline; returns true; waits"},
		{Name: "inspect", Args: "value[, {depth=4, items=40, width=80}]", Doc: "the value as Lua would write it, in a string", Fn: inspect},
		{Name: "pp", Args: "...", Doc: "prints its arguments as inspect writes them", Fn: pp},
	},
	Globals: []string{"inspect", "pp"},
	Open: func(in *interp.Interpreter, table *lua.LTable) {
		in.Define(table, program(), in.NewFunction("expect", "conn, pattern[, timeout]", expect),
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
