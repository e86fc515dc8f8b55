//go:build unix

package tls

import (
	"crypto/tls"
	"slices"
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/conn"
	"wirelua/stdlib/internal/dial"
	"wirelua/stdlib/internal/lookup"
	"wirelua/stdlib/internal/sys"
)

// server is what a Lua TLS server holds: a listening socket, and how to talk to
// those that it accepts.
type server struct {
	fd         *sys.FD
	config     *tls.Config
	timeout    time.Duration
	hasTimeout bool
}

// ServerType is the Lua TLS server.
var ServerType = &interp.Type{
	Name:   "tls server",
	Doc:    "a listening socket whose clients speak TLS",
	Fields: "family type proto timeout",
	Index:  func(_ *interp.State, v any, key string) lua.LValue { return conn.Field(v.(*server).fd, key) },
	String: func(v any) string {
		fd := v.(*server).fd
		return "tls server over " + conn.Text(fd, fd.Fileno() >= 0)
	},
	Strict: true,
}

var serverMethods = slices.Concat([]interp.Function{
	{Name: "accept", Args: "", Doc: "client, address; the client's handshake is made by the thread that first uses it; waits", Fn: accept},
	{Name: "clients", Args: "", Doc: "an iterator over client, address; closing the server ends it; waits", Fn: clients},
	{Name: "close", Args: "", Doc: "closes the listening socket; threads waiting on it get EBADF; true, also twice", Fn: closeServer},
	{Name: "fileno", Args: "", Doc: "the listening socket's descriptor, -1 when closed", Fn: func(s *interp.State) int {
		return s.Return(lua.LNumber(serverSelf(s).Fileno()))
	}},
	{Name: "getsockname", Args: "", Doc: "the address it listens at", Fn: serverSockname},
	{Name: "setsockopt", Args: "level, option, value", Doc: "sets an option to an integer, a boolean or a structure's bytes; true", Fn: func(s *interp.State) int {
		return conn.SetOption(s, openServer(s, "setsockopt").fd)
	}},
	{Name: "getsockopt", Args: "level, option[, buflen]", Doc: "an option's integer, or with buflen its bytes", Fn: func(s *interp.State) int {
		return conn.Option(s, openServer(s, "").fd)
	}},
}, serverTimeouts(), []interp.Function{
	{Name: "with", Args: "fn, ...", Doc: "calls fn(server, ...), then closes it whatever happened; fn's results or error", Fn: withServer},
})

func serverTimeouts() []interp.Function {
	methods := conn.TimeoutMethods(func(s *interp.State) *time.Duration { return &serverSelf(s).fd.Timeout })
	methods[0].Doc = "how long accept may wait: nil for ever, 0 not at all; true"
	return methods
}

// Fileno makes a server something that select can wait for.
func (v *server) Fileno() int { return v.fd.Fileno() }

// Buffered is for select, too: a client that was accepted and not yet handed out.
func (v *server) Buffered() int {
	if v.fd.Pending() {
		return 1
	}
	return 0
}

func serverSelf(s *interp.State) *server { return interp.Object[*server](s, 1, "tls server") }

// openServer is open for servers.
func openServer(s *interp.State, op string) *server {
	v := serverSelf(s)
	if v.Fileno() < 0 {
		s.Raise(serverError(v.fd.Net().Closed(s, op)))
	}
	return v
}

// serverError says in a server's words what is closed.
func serverError(err error) error {
	if err != unix.EBADF {
		return err
	}
	e := *interp.AsOpError(err)
	e.Message = "socket is closed"
	return &e
}

func createServer(s *interp.State) int {
	taken := 1
	if _, ok := s.Get(1).(lua.LString); ok && s.Get(2).Type() != lua.LTTable {
		taken = 2
	}
	o := readOptions(s, taken+1, serverOptions, false)
	v := &server{config: o.config(), timeout: o.timeout, hasTimeout: o.hasTimeout}
	v.fd = dial.Listen(s, o.Options)
	return s.Return(s.NewObject(ServerType, v))
}

func accept(s *interp.State) int {
	v := openServer(s, "accept")
	fd, peer, err := v.fd.Accept(s, v.fd.Limit())
	if err != nil {
		return conn.Fail(s, serverError(err))
	}
	return v.client(s, fd, peer)
}

// client pushes a TLS connection to a client that was accepted, which may have left again, as the handshake
// will tell, and its address.
func (v *server) client(s *interp.State, fd *sys.FD, peer *addr.Addr) int {
	c := fresh(fd, peer, false, v.config)
	if v.hasTimeout {
		fd.Timeout = v.timeout
	}
	s.Push(s.NewObject(Type, c))
	lookup.PushAddr(s, peer)
	return 2
}

func clients(s *interp.State) int {
	v := openServer(s, "")
	return s.Return(s.NewFunction("clients", func(s *interp.State) int {
		if v.Fileno() < 0 {
			return s.Return(lua.LNil)
		}
		fd, peer, err := v.fd.Accept(s, v.fd.Limit())
		switch {
		case err == unix.EBADF:
			return s.Return(lua.LNil)
		case err != nil:
			return conn.Fail(s, serverError(err))
		}
		return v.client(s, fd, peer)
	}, s.Get(1)))
}

func serverSockname(s *interp.State) int {
	a, err := openServer(s, "").fd.Sockname()
	if err != nil {
		return s.Raise(serverError(err))
	}
	lookup.PushAddr(s, a)
	return 1
}

func closeServer(s *interp.State) int {
	if err := serverSelf(s).fd.CloseFor(s); err != nil {
		return s.Raise(err)
	}
	return s.True()
}

func withServer(s *interp.State) int {
	v := serverSelf(s)
	return interp.With(s, func() error { return v.fd.CloseFor(s) })
}
