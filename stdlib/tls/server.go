//go:build unix

package tls

import (
	"crypto/tls"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// server is what a Lua TLS server holds: a listening socket, and how to talk to
// those that it accepts.
type server struct {
	listener   *lua.LUserData
	config     *tls.Config
	timeout    time.Duration
	hasTimeout bool
}

// ServerType is the Lua TLS server.
var ServerType = &interp.Type{
	Name:   "tls server",
	Doc:    "a listening socket whose clients speak TLS",
	Fields: "family type proto timeout",
	Index: func(s *interp.State, v any, key string) lua.LValue {
		switch key {
		case "family", "type", "proto", "timeout":
			return s.GetField(v.(*server).listener, key)
		}
		return nil
	},
	String: func(v any) string {
		k := v.(*server).listener
		if d, ok := k.Value.(interface{ String() string }); ok {
			return "tls server over " + d.String()
		}
		return "tls server"
	},
	Strict: true,
}

var serverMethods = []interp.Function{
	{Name: "accept", Args: "", Doc: "client, address; the client's handshake is made by the thread that first uses it; waits", Fn: accept},
	{Name: "clients", Args: "", Doc: "an iterator over client, address; closing the server ends it; waits", Fn: clients},
	listenerMethod("close", "", "closes the listening socket; threads waiting on it get EBADF; true, also twice"),
	listenerMethod("fileno", "", "the listening socket's descriptor, -1 when closed"),
	listenerMethod("getsockname", "", "the address it listens at"),
	listenerMethod("setsockopt", "level, option, value", "sets an option to an integer, a boolean or a structure's bytes; true"),
	listenerMethod("getsockopt", "level, option[, buflen]", "an option's integer, or with buflen its bytes"),
	listenerMethod("settimeout", "seconds or nil", "how long accept may wait: nil for ever, 0 not at all; true"),
	listenerMethod("gettimeout", "", "seconds, or nil for none"),
	listenerMethod("setblocking", "boolean, or 0 or 1", "the same as settimeout(nil) or settimeout(0); true"),
	listenerMethod("getblocking", "", "false when the timeout is 0, else true"),
	{Name: "with", Args: "fn, ...", Doc: "calls fn(server, ...), then closes it whatever happened; fn's results or error", Fn: withServer},
}

// Fileno makes a server something that select can wait for.
func (v *server) Fileno() int { return v.listener.Value.(interface{ Fileno() int }).Fileno() }

// Buffered is for select, too: a client that was accepted and not yet handed out.
func (v *server) Buffered() int {
	if b, ok := v.listener.Value.(interface{ Buffered() int }); ok {
		return b.Buffered()
	}
	return 0
}

func serverSelf(s *interp.State) *server { return interp.Object[*server](s, 1, "tls server") }

// listenerMethod is a method that is the listening socket's.
func listenerMethod(name, args, doc string) interp.Function {
	return interp.Function{Name: name, Args: args, Doc: doc, Fn: func(s *interp.State) int {
		s.Replace(1, serverSelf(s).listener)
		return socketMethod(s, name)(s)
	}}
}

func createServer(s *interp.State) int {
	taken := 1
	if _, ok := s.Get(1).(lua.LString); ok && s.Get(2).Type() != lua.LTTable {
		taken = 2
	}
	o := readOptions(s, taken+1, serverOptions, false)
	v := &server{config: o.config(), timeout: o.timeout, hasTimeout: o.hasTimeout}
	plain := s.NewTable()
	for _, name := range []string{"backlog", "dualstack_ipv6", "family", "reuse_port"} {
		plain.RawSetString(name, o.Get(name))
	}
	call(s, "create_server", socketFunc(s, "create_server"), 1, append(arguments(s, taken), plain)...)
	v.listener = s.Get(-1).(*lua.LUserData)
	return s.Return(s.NewObject(ServerType, v))
}

func accept(s *interp.State) int {
	v := serverSelf(s)
	s.Replace(1, v.listener)
	n := socketMethod(s, "accept")(s)
	return v.client(s, n)
}

// client makes a TLS connection of the client that is the first of the n results
// on the stack, unless that is nil.
func (v *server) client(s *interp.State, n int) int {
	at := s.GetTop() - n + 1
	if s.Get(at) == lua.LNil {
		return n
	}
	c := over(s, at, s.Get(at), false, true, v.config)
	c.nodelay()
	if v.hasTimeout {
		c.fd.Timeout = v.timeout
	}
	s.Replace(at, s.NewObject(Type, c))
	return n
}

func clients(s *interp.State) int {
	v := serverSelf(s)
	s.Replace(1, v.listener)
	socketMethod(s, "clients")(s)
	next := s.Get(-1)
	return s.Return(s.NewFunction("clients", func(s *interp.State) int {
		s.SetTop(0)
		s.Push(next)
		s.Call(0, 2)
		return v.client(s, 2)
	}, next))
}

func withServer(s *interp.State) int {
	v := serverSelf(s)
	return interp.With(s, func() error {
		call(s, "close", socketMethod(s, "close"), 0, v.listener)
		return nil
	})
}
