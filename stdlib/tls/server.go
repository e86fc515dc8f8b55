//go:build unix

package tls

import (
	"crypto/tls"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/conn"
	"wirelua/stdlib/internal/dial"
	"wirelua/stdlib/internal/sys"
)

// server is the Acceptor of a Lua TLS server: a listening socket, and how to talk to
// those that it accepts.
type server struct {
	conn.OnDescriptor
	config     *tls.Config
	timeout    time.Duration
	hasTimeout bool
}

// ServerType is the Lua TLS server.
var ServerType = conn.Type(&interp.Type{Name: "tls server", Doc: "a listening socket whose clients speak TLS"})

// serverManual says of methods that all listeners have what is different here.
var serverManual = map[string]string{
	"accept":     "client, address; the client's handshake is made by the thread that first uses it; waits",
	"settimeout": "how long accept may wait: nil for ever, 0 not at all; true",
}

// serverMethods are those of what accepts, with examples that speak TLS.
func serverMethods() []interp.Function {
	return conn.Accepts("tls_connection", `
		> local cert, key = tls.self_signed {"localhost"}
		> local server = tls.create_server("127.0.0.1", 0, {cert = cert, key = key})
		> thread.start(function()
		>   local client, address = server:accept()
		>   client:sendall("hello, " .. address.host .. "\n") -- shakes hands first
		>   client:close()
		> end)
		> local c = tls.connect("127.0.0.1", server:getsockname().port, {ca = cert, server_name = "localhost"})
		> print(c:readline()) --> hello, 127.0.0.1
		`, `
		> local cert, key = tls.self_signed {"localhost"}
		> local server = tls.create_server("127.0.0.1", 0, {cert = cert, key = key})
		> thread.start(function()
		>   for client in server:clients() do
		>     thread.start(client.with, client, function(c) c:sendall(c:recv()) end)
		>   end
		> end)
		> local c = tls.connect("127.0.0.1", server:getsockname().port, {ca = cert, server_name = "localhost"})
		> c:sendall("echo")
		> print(c:recv()) --> echo
		> server:close()
		`)
}

// Text says what it is, and how.
func (v *server) Text(open bool) string { return "tls server over " + v.OnDescriptor.Text(open) }

func createServer(s *interp.State) int {
	taken := 1
	if _, ok := s.Get(1).(lua.LString); ok && s.Get(2).Type() != lua.LTTable {
		taken = 2
	}
	o := readOptions(s, taken+1, serverOptions, false)
	v := &server{config: o.config(), timeout: o.timeout, hasTimeout: o.hasTimeout}
	v.OnDescriptor = conn.On(dial.Listen(s, o.Options))
	return s.Return(s.NewObject(ServerType, conn.NewListener(v)))
}

// Accept returns a TLS connection to a client that was accepted, which may have left again, as the
// handshake will tell.
func (v *server) Accept(s *interp.State, lim sys.Limit) (lua.LValue, *addr.Addr, error) {
	s.Thread().Stay()
	fd, peer, err := v.Descriptor().Accept(s, lim)
	if err != nil {
		return nil, nil, err
	}
	if v.hasTimeout {
		fd.Timeout = v.timeout
	}
	c, _ := fresh(fd, peer, false, v.config)
	return s.NewObject(Type, c), peer, nil
}
