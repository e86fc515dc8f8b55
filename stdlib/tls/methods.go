//go:build unix

package tls

import (
	"crypto/tls"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/stdlib/internal/conn"
	"wirelua/stdlib/internal/sys"
)

// methods are those that connections have beside conn.Methods.
var methods = []interp.Function{
	{Name: "do_handshake", Args: "", Doc: "makes the handshake, if it has not been made; returns true; waits", Manual: `
		-> true: it is made
		or nil, "EAGAIN": a non-blocking socket; call it again when the socket is ready
		! ETLS: it failed; err.message says why
		> local cert, key = tls.self_signed()
		> local a, b = socket.socketpair()
		> thread.start(function() tls.wrap(a, {server_side = true, cert = cert, key = key}):close() end)
		> b:setblocking(false) -- so that wrap leaves the handshake to us
		> local c = tls.wrap(b, {server_name = "localhost", ca = cert})
		> c:settimeout(10)
		> print(c:do_handshake()) --> true
		`, Fn: doHandshake},
	{Name: "unwrap", Args: "", Doc: "ends TLS at both sides; the plain socket, open again; waits for the peer's close_notify", Manual: `
		-> socket: plain again
		! ETLS: there are data to be received before, or the peer ended without saying so
		> local cert, key = tls.self_signed()
		> local a, b = socket.socketpair()
		> thread.start(function() tls.wrap(a, {server_side = true, cert = cert, key = key}):unwrap():sendall("plain\n") end)
		> print(tls.wrap(b, {server_name = "localhost", ca = cert}):unwrap():readline()) --> plain
		`, Fn: unwrap},
	{Name: "version", Args: "", Doc: "\"TLSv1.3\" and the like; nil before the handshake", Manual: `
		-> string?: "TLSv1.3", "TLSv1.2"
		> local cert, key = tls.self_signed()
		> local server = tls.create_server("127.0.0.1", 0, {cert = cert, key = key})
		> thread.daemon(function() for c in server:clients() do thread.daemon(c.recv, c) end end)
		> print(tls.connect("127.0.0.1", server:getsockname().port, {ca = cert}):version()) --> TLSv1.3
		`, Fn: version},
	{Name: "cipher", Args: "", Doc: "the cipher suite's name, the protocol, how many bits its key has; nil before the handshake", Manual: `
		-> string? name: as IANA has it
		-> string? protocol: as version's
		-> integer? bits: of the key
		> local cert, key = tls.self_signed()
		> local server = tls.create_server("127.0.0.1", 0, {cert = cert, key = key})
		> thread.daemon(function() for c in server:clients() do thread.daemon(c.recv, c) end end)
		> local name, protocol, bits = tls.connect("127.0.0.1", server:getsockname().port, {ca = cert}):cipher()
		> print(protocol, bits >= 128) --> TLSv1.3	true
		`, Fn: cipher},
	{Name: "alpn", Args: "", Doc: "the application protocol agreed on; nil when there is none", Manual: `
		-> string?: one of options.alpn
		> local cert, key = tls.self_signed()
		> local server = tls.create_server("127.0.0.1", 0, {cert = cert, key = key, alpn = {"http/1.1"}})
		> thread.daemon(function() for c in server:clients() do thread.daemon(c.recv, c) end end)
		> print(tls.connect("127.0.0.1", server:getsockname().port, {ca = cert, alpn = {"h2", "http/1.1"}}):alpn()) --> http/1.1
		`, Fn: alpn},
	{Name: "peer_certificate", Args: "", Doc: "a table of subject, issuer (with fields CN, O, OU, C...), serial, not_before, not_after (Unix times), dns_names, ip_addresses, sha256, pem; nil when the peer sent none", Manual: `
		-> {subject:name,issuer:name,serial:string,not_before:number,not_after:number,dns_names:string[],ip_addresses:string[],sha256:string,pem:string}?: what the certificate says
		> local cert, key = tls.self_signed{"localhost"}
		> local server = tls.create_server("127.0.0.1", 0, {cert = cert, key = key})
		> thread.daemon(function() for c in server:clients() do thread.daemon(c.recv, c) end end)
		> local c = tls.connect("localhost", server:getsockname().port, {ca = cert})
		> print(c:peer_certificate().dns_names[1]) --> localhost
		`, Fn: peerCertificate},
	{Name: "pending", Args: "", Doc: "how many decrypted bytes can be read without waiting", Manual: `
		-> integer: bytes
		> local cert, key = tls.self_signed()
		> local a, b = socket.socketpair()
		> thread.start(function() tls.wrap(a, {server_side = true, cert = cert, key = key}):sendall("hello") end)
		> local c = tls.wrap(b, {server_name = "localhost", ca = cert})
		> print(c:recv(1), c:pending()) --> h	4
		`, Fn: pending},
}

// manual says of methods that all connections have what is different here.
var manual = map[string]string{
	"send":     "how many bytes were taken, possibly fewer than #data; after nil, \"EAGAIN\" call it with the same data again; waits",
	"shutdown": "ends one or both directions: SHUT_RD, SHUT_WR (sends close_notify), SHUT_RDWR; true; waits",
	"close":    "sends close_notify and closes; threads waiting on the connection get EBADF; true, also twice; waits 5 seconds at most",
}

// self returns argument 1, a TLS connection.
func self(s *interp.State) (*conn.Conn, *layer) {
	if k, ok := interp.ObjectArg[*conn.Conn](s, 1, "tls connection").Transport().(*layer); ok {
		return conn.Self(s), k
	}
	s.TypeError(1, "tls connection")
	return nil, nil
}

// open is self for a connection that must be open.
func open(s *interp.State) (*conn.Conn, *layer) {
	self(s)
	k := conn.Open(s, "")
	return k, k.Transport().(*layer)
}

func doHandshake(s *interp.State) int {
	k, c := open(s)
	if err := c.handshake(s, c.fd.Limit().Begin(s, 0)); err != nil {
		return conn.Fail(s, k.About(err))
	}
	return s.True()
}

// unwrap ends TLS, and gives the socket back with what came behind TLS's end.
func unwrap(s *interp.State) int {
	k, c := open(s)
	lim := c.fd.Limit().Begin(s, 0)
	var plain *conn.Conn
	err := k.Busy()
	if pendingOf(k, c) > 0 {
		err = errUnread
	}
	if err == nil {
		plain, err = c.plain(s)
	}
	if err == nil {
		err = c.closeWrite(s, lim)
	}
	if err == nil {
		err = c.awaitEnd(s, lim)
	}
	if err != nil {
		return conn.Fail(s, k.About(err))
	}
	k.Leave()
	plain.Return()
	plain.Add(c.e.wire.in)
	s.Push(c.socket)
	s.Reclass(s.GetTop()) // its timeout may be another by now
	return 1
}

var errUnread = &interp.OpError{Code: "ETLS", Message: "there are data to be received before TLS can end"}

// awaitEnd waits for the peer's close_notify.
func (c *layer) awaitEnd(s *interp.State, lim sys.Limit) error {
	return c.fd.OverOne(s, &c.e.wire, false, lim, callFunc(c.e.readEnd))
}

// readEnd reads the peer's close_notify. Data that come instead are kept.
func (e *engine) readEnd() error {
	var p [1]byte
	switch n, err := e.read(p[:], true); {
	case err != nil:
		return err
	case n > 0:
		return errUnread
	case e.wire.eof:
		return errNoEnd
	}
	return nil
}

var errNoEnd = &interp.OpError{Code: "ETLS", Message: "the peer closed the connection without ending TLS"}

// session returns what was agreed on; ok is false before the handshake, which
// crypto/tls must not be asked about while it is under way.
func session(s *interp.State) (state tls.ConnectionState, ok bool) {
	_, c := self(s)
	if c.e.state.Load() != established {
		return state, false
	}
	return c.e.conn.ConnectionState(), true
}

func version(s *interp.State) int {
	if t, ok := session(s); ok {
		return s.Return(lua.LString(versionName(t.Version)))
	}
	return s.Return(lua.LNil)
}

func cipher(s *interp.State) int {
	if t, ok := session(s); ok {
		name := tls.CipherSuiteName(t.CipherSuite)
		return s.Return(lua.LString(name), lua.LString(versionName(t.Version)), lua.LNumber(cipherBits(name)))
	}
	return s.Return(lua.LNil)
}

func alpn(s *interp.State) int {
	if t, ok := session(s); ok && t.NegotiatedProtocol != "" {
		return s.Return(lua.LString(t.NegotiatedProtocol))
	}
	return s.Return(lua.LNil)
}

func peerCertificate(s *interp.State) int {
	if t, ok := session(s); ok && len(t.PeerCertificates) > 0 {
		return s.Return(describe(s, t.PeerCertificates[0]))
	}
	return s.Return(lua.LNil)
}

func pending(s *interp.State) int { return s.Return(lua.LNumber(pendingOf(self(s)))) }

// pendingOf is how many bytes can be received without asking the system.
func pendingOf(k *conn.Conn, c *layer) int { return k.Ahead() + int(c.e.ready.Load()) }
