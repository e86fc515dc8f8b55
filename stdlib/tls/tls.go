//go:build unix

// Package tls is the Lua module tls: TLS, as client and server, over any
// connected stream socket. The protocol is crypto/tls's.
package tls

import (
	"strings"
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

// Module is the module tls.
//
// A connection has all the methods of a stream socket, and is used as one:
//
//	local conn = tls.connect("example.org", 443, {timeout = 10})
//	conn:sendall("GET / HTTP/1.0\r\nHost: example.org\r\n\r\n")
//	for line in conn:lines() do print(line) end
//
// A server needs a certificate and its key, as PEM text or as files' names:
//
//	local cert, key = tls.self_signed {"localhost"}
//	for client in tls.create_server("", 8443, {cert = cert, key = key}):clients() do
//	  thread.start(function() client:sendall(client:recv()) client:close() end)
//	end
//
// Options of all functions: verify (true: the peer's certificate is checked), ca
// (who may have signed it; else the system's; a server with it asks clients for
// certificates), cert and key (one's own), alpn (an array of protocols),
// min_version ("TLSv1.2" is the default), max_version, timeout, ciphers (an array of names, or a text
// with colons between, as IANA or OpenSSL spells them; for TLS 1.2 and older, since TLS 1.3 has no bad ones);
// for clients also server_name, whom the certificate must be for, and check_name = false, which
// takes one that is for somebody else, if it is trusted; for servers also verify = "optional", which takes
// clients without a certificate, too, and certificates, an array of {cert=, key=, names=}, of which the client
// gets that for the name it asks for: one of names, or without these one in the certificate. The first
// is for all others. A failure has the code ETLS and says why.
//
// With TLS 1.3 a client's handshake is over before the server has looked at the
// client's certificate: that it is refused the client learns in its first recv.
var Module = module()

// module completes the types, too, whose methods refer to them.
func module() *interp.Module {
	Type.Methods = conn.Manual(manual, conn.Methods, conn.ObjectMethods, conn.OptionMethods, methods)
	ServerType.Methods = conn.Manual(serverManual, conn.AcceptMethods, conn.ObjectMethods, conn.OptionMethods)
	return &interp.Module{
		Name: "tls",
		Doc:  "TLS as client and server, over any connected stream socket; names and certificates are checked",
		Funcs: []interp.Function{
			{Name: "wrap", Args: "socket[, {server_side=, server_name=, check_name=, verify=, ca=, cert=, key=, certificates=, alpn=, ciphers=, min_version=, max_version=, timeout=}]",
				Doc: "a TLS connection over a connected socket, which it takes over; the handshake is made unless the socket does not block; waits", Fn: wrap},
			{Name: "connect", Args: "host, port[, {server_name=host, check_name=, verify=, ca=, cert=, key=, alpn=, ciphers=, min_version=, max_version=, timeout=}]",
				Doc: "a TLS connection to a server; waits", Fn: connect},
			{Name: "create_server", Args: "host, port, {cert=, key=, certificates=, ca=, verify=, alpn=, ciphers=, min_version=, max_version=, timeout=, family=, backlog=, reuse_port=, dualstack_ipv6=}",
				Doc: "a listening server whose clients speak TLS; timeout is the clients'; waits for a look-up only", Fn: createServer},
			{Name: "self_signed", Args: "[names={\"localhost\", \"127.0.0.1\", \"::1\"}]",
				Doc: "a certificate for these host names and addresses, valid for a year, and its key, both as PEM text", Fn: selfSigned},
		},
		Types: []*interp.Type{Type, ServerType, nameType},
	}
}

func wrap(s *interp.State) int {
	plainSocket(s, 1, s.Get(1)) // wrong, that matters more than options
	o := readOptions(s, 2, connectionOptions, true)
	config := o.config()
	k, c := over(s, 1, s.Get(1), o.client, config)
	if o.hasTimeout {
		c.fd.Timeout = o.timeout
	}
	return begin(s, k, c, c.fd.Limit())
}

// begin makes the handshake of a new connection and pushes it. When that fails the
// connection is closed, as nobody will ever hold it.
func begin(s *interp.State, k *conn.Conn, c *layer, lim sys.Limit) int {
	done := false
	defer func() {
		if !done { // also when the script is stopped in the middle
			k.Leave()
			c.fd.CloseFor(s)
			stateOf(s.Interp()).abandon(c.e)
		}
	}()
	if err := c.handshake(s, lim); err != nil && err != unix.EAGAIN {
		return s.Raise(k.About(err))
	}
	done = true
	return s.Return(s.NewObject(Type, k))
}

func connect(s *interp.State) int {
	start := time.Now()
	host, taken := s.Get(1), 1
	switch host.(type) {
	case lua.LString:
		taken = 2
	case *lua.LTable, *lua.LUserData:
	default:
		s.TypeError(1, "host")
	}
	o := readOptions(s, taken+1, connectOptions, true)
	if o.name == "" && o.verify {
		o.name = hostOf(host)
	}
	config := o.config()
	to, _ := lookup.PlaceArg(s, 1)
	timeout := sys.NetOf(s.Interp()).DefaultTimeout
	if o.hasTimeout {
		timeout = o.timeout
	}
	fd, peer, err := dial.Connect(s, to, nil, timeout)
	if err != nil {
		return s.Raise(err)
	}
	k, c := fresh(fd, peer, true, config)
	lim := sys.Limit{}
	if c.fd.Timeout >= 0 {
		lim.Deadline = start.Add(c.fd.Timeout) // the look-up and connecting took of it
	}
	return begin(s, k, c, lim)
}

// hostOf is the host that an address names, without a zone, which no certificate
// is for; "" when it is wrong, of which create_connection tells.
func hostOf(v lua.LValue) string {
	host, _, _ := strings.Cut(hostIn(v), "%")
	return host
}

func hostIn(v lua.LValue) string {
	switch v := v.(type) {
	case lua.LString:
		return string(v)
	case *lua.LTable:
		host := v.RawGetInt(1)
		if host == lua.LNil {
			host = v.RawGetString("host")
		}
		return lua.LVAsString(host)
	case *lua.LUserData:
		if a, ok := v.Value.(*addr.Addr); ok && a.IP.IsValid() {
			return a.IP.Unmap().String()
		}
	}
	return ""
}
