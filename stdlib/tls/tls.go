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
	ServerType.Methods = conn.Manual(serverManual, serverMethods(), conn.ObjectMethods, conn.OptionMethods)
	return &interp.Module{
		Name: "tls",
		Doc:  "TLS as client and server, over any connected stream socket; names and certificates are checked",
		Funcs: []interp.Function{
			{Name: "wrap", Args: "socket[, {server_side=, server_name=, check_name=, verify=, ca=, cert=, key=, certificates=, alpn=, ciphers=, min_version=, max_version=, timeout=}]",
				Doc: "a TLS connection over a connected socket, which it takes over; the handshake is made unless the socket does not block; waits", Manual: `
		The socket's own fileno is -1 afterwards. One whose handshake fails is closed.
		socket socket: a connected stream
		options.server_side boolean?: this end is the server; it needs cert and key
		options.server_name string?: whom the peer's certificate must be for; a client needs it, unless check_name or verify is false
		options.check_name boolean?: false takes a certificate for any name; the chain is checked all the same
		options.verify boolean|"optional"?: true; false checks nothing; "optional", of a server with ca, takes clients without a certificate, too
		options.ca string?: PEM text or a file's name: who has signed the peer's certificate, in place of the system's list; a server asks for one when it is given
		options.cert string?: PEM text or a file's name: one's own certificate, and those between it and ca
		options.key string?: PEM text or a file's name: its key
		options.certificates {cert:string,key:string}[]?: {cert=, key=} each, chosen by the name that the client asks for
		options.alpn string[]?: application protocols, the best first: {"h2", "http/1.1"}
		options.ciphers string[]?: names of suites for TLS 1.2 and below
		options.min_version "TLSv1"|"TLSv1.1"|"TLSv1.2"|"TLSv1.3"?: TLSv1.2
		options.max_version "TLSv1"|"TLSv1.1"|"TLSv1.2"|"TLSv1.3"?: the newest
		options.timeout number?: seconds for the handshake, and the connection's timeout
		-> tls_connection: which has the socket's stream methods
		! ETLS: the handshake failed; err.message says why: an unknown authority, another name, no protocol in common
		! ETIMEDOUT: the timeout ran out
		! ECONNRESET, EOF: the peer broke off
		> local cert, key = tls.self_signed()
		> local a, b = socket.socketpair()
		> thread.start(function()
		>   local server = tls.wrap(a, {server_side = true, cert = cert, key = key})
		>   server:sendall(server:readline():upper())
		>   server:close()
		> end)
		> local c = tls.wrap(b, {server_name = "localhost", ca = cert})
		> c:sendall("hello\n")
		> print(c:recv(), c:version()) --> HELLO	TLSv1.3
		`, Fn: wrap},
			{Name: "connect", Args: "host, port[, {server_name=host, check_name=, verify=, ca=, cert=, key=, alpn=, ciphers=, min_version=, max_version=, timeout=}]",
				Doc: "a TLS connection to a server; waits", Manual: `
		host string: a name or an address, which the certificate must be for
		port integer|string: 0-65535, or a service's name
		options.timeout number?: seconds for look-up, connecting and handshake together, and the connection's timeout afterwards
		options.server_name string?: whom the certificate must be for, and what is asked for; host
		options.check_name boolean?: false takes a certificate for any name
		options.verify boolean?: false checks nothing
		options.ca string?: PEM text or a file's name, in place of the system's list
		options.cert string?: a client's certificate; options.key is its key
		options.key string?: PEM text or a file's name
		options.alpn string[]?: application protocols, the best first
		options.ciphers string[]?: names of suites for TLS 1.2 and below
		options.min_version string?: "TLSv1.2"
		options.max_version string?: the newest
		-> tls_connection: its handshake made
		! ETLS: the handshake failed; err.message says why
		! ECONNREFUSED, ETIMEDOUT, EAI_NONAME, EACCES: as create_connection's
		> local cert, key = tls.self_signed()
		> local server = tls.create_server("127.0.0.1", 0, {cert = cert, key = key})
		> thread.daemon(function() for c in server:clients() do c:sendall("hello\n") c:close() end end)
		> local c = tls.connect("localhost", server:getsockname().port, {ca = cert, timeout = 10})
		> print(c:readline(), c:peer_certificate().dns_names[1]) --> hello	localhost
		`, Fn: connect},
			{Name: "create_server", Args: "host, port, {cert=, key=, certificates=, ca=, verify=, alpn=, ciphers=, min_version=, max_version=, timeout=, family=, backlog=, reuse_port=, dualstack_ipv6=}",
				Doc: "a listening server whose clients speak TLS; timeout is the clients'; waits for a look-up only", Manual: `
		A client's handshake is made by the thread that first uses it, so that a slow one holds nobody up. For options.min_version and others see wrap.
		host string: an address of this machine; "" is all of them
		port integer|string: 0-65535; 0 is one that the system chooses
		options.cert string?: PEM text or a file's name; cert and key, or certificates, must be given
		options.key string?: PEM text or a file's name
		options.certificates {cert:string,key:string}[]?: {cert=, key=} each, chosen by the name that the client asks for
		options.ca string?: who has signed clients' certificates, which are then asked for
		options.verify boolean|"optional"?: "optional" takes clients without a certificate, too
		options.alpn string[]?: application protocols, the best first
		options.ciphers string[]?: names of suites for TLS 1.2 and below
		options.min_version string?: "TLSv1.2"
		options.max_version string?: the newest
		options.timeout number?: seconds: the timeout of its clients, for the handshake, too
		options.family integer?: these are as socket.create_server's
		options.backlog integer?: how many connections may wait to be accepted
		options.reuse_port boolean?: several sockets may listen on the port
		options.dualstack_ipv6 boolean?: takes IPv4 connections, too
		-> tls_server: listening
		! ETLS: the certificate or key is none, or they do not belong together
		! EADDRINUSE, EADDRNOTAVAIL, EACCES: as socket.create_server's
		> local cert, key = tls.self_signed()
		> local server = tls.create_server("127.0.0.1", 0, {cert = cert, key = key})
		> thread.daemon(function() for c in server:clients() do c:with(c.sendall, "hello\n") end end)
		> print(tls.connect("127.0.0.1", server:getsockname().port, {ca = cert}):readline()) --> hello
		`, Fn: createServer},
			{Name: "self_signed", Args: "[names={\"localhost\", \"127.0.0.1\", \"::1\"}]",
				Doc: "a certificate for these host names and addresses, valid for a year, and its key, both as PEM text", Manual: `
		names string[]?: host names and addresses
		-> string cert: PEM text; as ca it is what checks it
		-> string key: PEM text
		> local cert, key = tls.self_signed{"example.test"}
		> print(cert:match("^[^\n]+")) --> -----BEGIN CERTIFICATE-----
		`, Fn: selfSigned},
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
