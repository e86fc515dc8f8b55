//go:build unix

package tls

import (
	"crypto/tls"
	"math"
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/conn"
	"wirelua/stdlib/internal/lookup"
	"wirelua/stdlib/internal/sys"
)

var timeoutMethods = conn.TimeoutMethods(func(s *interp.State) *time.Duration { return &self(s).fd.Timeout })

// methods are those that connections have beside conn.Methods.
var methods = []interp.Function{
	{Name: "send", Args: "data[, flags]", Doc: "how many bytes were taken, possibly fewer than #data; after nil, \"EAGAIN\" call it with the same data again; waits", Fn: send},
	{Name: "recvfrom", Args: "n[, flags]", Doc: "data, nil; waits", Fn: recvfrom},
	{Name: "sendfile", Args: "path or file[, offset=0[, count]]", Doc: "sends a file's contents from offset on; bytes sent; waits", Fn: sendfile},
	{Name: "shutdown", Args: "how", Doc: "ends one or both directions: SHUT_RD, SHUT_WR (sends close_notify), SHUT_RDWR; true; waits", Fn: shutdown},
	{Name: "close", Args: "", Doc: "sends close_notify and closes; threads waiting on the connection get EBADF; true, also twice; waits 5 seconds at most", Fn: closeConn},
	{Name: "do_handshake", Args: "", Doc: "makes the handshake, if it has not been made; true; waits", Fn: doHandshake},
	{Name: "unwrap", Args: "", Doc: "ends TLS at both sides; the plain socket, open again; waits for the peer's close_notify", Fn: unwrap},
	{Name: "version", Args: "", Doc: "\"TLSv1.3\" and the like; nil before the handshake", Fn: version},
	{Name: "cipher", Args: "", Doc: "the cipher suite's name; nil before the handshake", Fn: cipher},
	{Name: "alpn", Args: "", Doc: "the application protocol agreed on; nil when there is none", Fn: alpn},
	{Name: "peer_certificate", Args: "", Doc: "a table of subject, issuer, serial, not_before, not_after (Unix times), dns_names, ip_addresses, sha256, pem; nil when the peer sent none", Fn: peerCertificate},
	{Name: "pending", Args: "", Doc: "how many decrypted bytes can be read without waiting", Fn: pending},
	{Name: "fileno", Args: "", Doc: "the descriptor's number, -1 when closed", Fn: fileno},
	{Name: "getsockname", Args: "", Doc: "the connection's own address", Fn: getsockname},
	{Name: "getpeername", Args: "", Doc: "the address at the other end", Fn: getpeername},
	{Name: "setsockopt", Args: "level, option, value", Doc: "sets an option of the socket below to an integer, a boolean or a structure's bytes; true", Fn: func(s *interp.State) int {
		return conn.SetOption(s, open(s, "setsockopt").fd)
	}},
	{Name: "getsockopt", Args: "level, option[, buflen]", Doc: "such an option's integer, or with buflen its bytes", Fn: func(s *interp.State) int {
		return conn.Option(s, open(s, "").fd)
	}},
	{Name: "makefile", Args: "[mode=\"rw\"]", Doc: "a file that reads from and writes to the connection; writes go out when flushed", Fn: makefile},
}

func self(s *interp.State) *Conn { return interp.Object[*Conn](s, 1, "tls connection") }

// open returns argument 1, a connection that is open, for an operation by which the observer knows
// the call, "" for one that it does not hear of.
func open(s *interp.State, op string) *Conn {
	c := self(s)
	if c.Fileno() < 0 {
		s.Raise(c.about(c.fd.Net().Closed(s, op)))
	}
	return c
}

func send(s *interp.State) int {
	c := open(s, "send")
	n, err := c.send(s, s.Str(2), s.OptInt(3, 0), c.Limit())
	if e, ok := err.(*interp.OpError); ok && n > 0 && e.Timeout() {
		err = nil // encrypted already: it goes before anything else
	}
	if err != nil {
		return conn.Fail(s, err)
	}
	return s.Return(lua.LNumber(n))
}

// recvfrom is there for code that is used with plain sockets: whom the connection
// is with, there is getpeername for.
func recvfrom(s *interp.State) int {
	c := open(s, "recv")
	data, err := conn.Receive(s, c, s.IntRange(2, 0, math.MaxInt32, "size"), s.OptInt(3, 0), c.Limit())
	if err != nil {
		return conn.Fail(s, err)
	}
	return s.Return(lua.LString(data), lua.LNil)
}

func sendfile(s *interp.State) int {
	c := open(s, "send")
	return conn.SendFile(s, c, c.sendFile, c.about)
}

func shutdown(s *interp.State) int {
	c, how := open(s, "shutdown"), s.IntRange(2, unix.SHUT_RD, unix.SHUT_RDWR, "how")
	if how != unix.SHUT_RD {
		if err := c.closeWrite(s, c.Limit()); err != nil {
			return conn.Fail(s, err)
		}
	}
	if how != unix.SHUT_WR {
		if err := c.fd.Shutdown(s, how); err != nil && err != unix.ENOTCONN {
			return s.Raise(c.about(err))
		}
	}
	return s.True()
}

func closeConn(s *interp.State) int {
	if err := self(s).Close(s); err != nil {
		return s.Raise(err)
	}
	return s.True()
}

func doHandshake(s *interp.State) int {
	c := open(s, "")
	if err := c.handshake(s, c.Limit()); err != nil {
		return conn.Fail(s, c.about(err))
	}
	return s.True()
}

// unwrap ends TLS, and gives the socket back with what came behind TLS's end.
func unwrap(s *interp.State) int {
	c := open(s, "")
	lim := c.Limit()
	var plain conn.Lender
	err := c.unusable()
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
		return conn.Fail(s, c.about(err))
	}
	c.closed = true
	plain.Return()
	plain.ReadAhead().Add(c.e.wire.in)
	s.Push(c.socket)
	s.Reclass(s.GetTop()) // its timeout may be another by now
	return 1
}

// unusable says why the socket cannot be given back now.
func (c *Conn) unusable() error {
	switch {
	case c.pending() > 0:
		return errUnread
	case c.files > 0:
		return &interp.OpError{Code: "EBUSY", Errno: unix.EBUSY, Message: "the connection has open files (makefile)"}
	case c.fd.Busy(false) || c.fd.Busy(true):
		return &interp.OpError{Code: "EBUSY", Errno: unix.EBUSY, Message: "another thread is waiting on the connection"}
	}
	return nil
}

var errUnread = &interp.OpError{Code: "ETLS", Message: "there are data to be received before TLS can end"}

// awaitEnd waits for the peer's close_notify.
func (c *Conn) awaitEnd(s *interp.State, lim sys.Limit) error {
	return c.fd.OverOne(s, &c.e.wire, false, lim, c.e.readEnd)
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
	c := self(s)
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
		return s.Return(lua.LString(tls.CipherSuiteName(t.CipherSuite)))
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

func pending(s *interp.State) int { return s.Return(lua.LNumber(self(s).pending())) }

func fileno(s *interp.State) int { return s.Return(lua.LNumber(self(s).Fileno())) }

func getsockname(s *interp.State) int {
	c := open(s, "")
	return pushAddr(s, c, c.fd.Sockname)
}

func getpeername(s *interp.State) int {
	c := open(s, "")
	return pushAddr(s, c, c.fd.Peername)
}

func pushAddr(s *interp.State, c *Conn, get func() (*addr.Addr, error)) int {
	a, err := get()
	if err != nil {
		return s.Raise(c.about(err))
	}
	lookup.PushAddr(s, a)
	return 1
}
