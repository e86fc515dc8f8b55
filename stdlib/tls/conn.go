//go:build unix

package tls

import (
	"crypto/tls"
	"fmt"
	"strings"
	"time"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/conn"
	"wirelua/stdlib/internal/sys"
)

var _ conn.Transport = (*Conn)(nil)

// Conn is what a Lua TLS connection holds.
type Conn struct {
	conn.Buffer
	e       *engine
	fd      *sys.FD
	peer    *addr.Addr
	socket  *lua.LUserData  // the plain socket that the descriptor was borrowed from; nil when it was no script's
	owed    string          // what of a send that was answered EAGAIN is under way
	watched bool            // its handshake is one that may have to be ended
	shaker  bool            // a thread is making the handshake
	waiting interp.WaitList // those that wait for it
	closed  bool            // by the script; its files may go on
	files   int             // open makefile objects
}

// Type is the Lua TLS connection.
var Type = &interp.Type{
	Name:   "tls connection",
	Doc:    "a TLS connection; see the functions of tls that make one",
	Fields: "family type proto timeout",
	Class:  func(v any) [2]uint64 { return conn.Class(v.(*Conn).fd) },
	Index:  func(_ *interp.State, v any, key string) lua.LValue { return conn.Field(v.(*Conn).fd, key) },
	String: func(v any) string { return v.(*Conn).String() },
	Strict: true,
}

// plainSocket returns the socket in a Lua value: n is the argument it comes from.
func plainSocket(s *interp.State, n int, v lua.LValue) (*lua.LUserData, conn.Lender) {
	ud, _ := v.(*lua.LUserData)
	if ud == nil {
		s.TypeError(n, "socket")
	}
	lender, ok := ud.Value.(conn.Lender)
	if !ok {
		s.ArgError(n, "only a plain socket of the system's can be wrapped, got %s", s.Display(v))
	}
	return ud, lender
}

// over makes a TLS connection over the socket in a Lua value, which is lent for
// that: n is the argument it comes from. It has to be connected. No handshake is
// made yet.
func over(s *interp.State, n int, v lua.LValue, client bool, config *tls.Config) *Conn {
	ud, lender := plainSocket(s, n, v)
	fd, peer, err := lender.Lend()
	if err != nil {
		s.Raise(err)
	}
	if fd.Type != unix.SOCK_STREAM {
		lender.Return()
		s.ArgError(n, "TLS needs a stream socket")
	}
	if _, err = fd.Peername(); err != nil {
		lender.Return()
		s.Raise(err)
	}
	b := lender.ReadAhead()
	ahead := []byte(b.Take(b.Buffered()))
	return &Conn{e: newEngine(fd, client, config, ahead), fd: fd, peer: peer, socket: ud}
}

// fresh makes a TLS connection over a descriptor that the module made itself.
func fresh(fd *sys.FD, peer *addr.Addr, client bool, config *tls.Config) *Conn {
	c := &Conn{e: newEngine(fd, client, config, nil), fd: fd, peer: peer}
	c.nodelay()
	return c
}

// plain returns the socket that the script gets back when TLS ends: the one that it gave, or,
// when it gave none, one that the module which has sockets makes of the descriptor.
func (c *Conn) plain(s *interp.State) (conn.Lender, error) {
	if c.socket != nil {
		return c.socket.Value.(conn.Lender), nil
	}
	v, err := s.Interp().ToLua(c.fd)
	if ud, ok := v.(*lua.LUserData); ok && err == nil {
		if lender, ok := ud.Value.(conn.Lender); ok {
			_, _, err = lender.Lend() // until it is given back
			c.socket = ud
			return lender, err
		}
	}
	return nil, &interp.OpError{Code: "ENOTSUP", Errno: unix.ENOTSUP,
		Message: "no plain socket can be had: this interpreter does not have the module socket"}
}

// nodelay has the system send at once what it is given, as TLS writes whole
// messages: for sockets that the module made itself. A socket that a script made
// has the options that the script gave it.
func (c *Conn) nodelay() {
	if c.fd.Family != unix.AF_UNIX {
		_ = c.fd.SetInt(unix.IPPROTO_TCP, unix.TCP_NODELAY, 1) // slower without, but no worse
	}
}

// Fileno returns the descriptor's number, -1 when the script has closed it.
func (c *Conn) Fileno() int {
	if c.closed {
		return -1
	}
	return c.fd.Fileno()
}

// Buffered returns more than 0 when something can be received without asking the
// system, be it the end: what select goes by.
func (c *Conn) Buffered() int {
	n := c.pending()
	if c.e.over.Load() {
		n++
	}
	return n
}

// sizeConn is about what crypto/tls has for a connection: keys, and half a record.
const sizeConn = 16 << 10

// Hold makes a Conn an interp.Holder.
func (c *Conn) Hold(a *interp.Account) {
	c.Buffer.Hold(a)
	a.Bytes(sizeConn + int(c.e.ready.Load()))
	if c.socket != nil {
		a.Value(c.socket)
	}
}

// pending returns how many bytes can be received without asking the system.
func (c *Conn) pending() int { return c.Buffer.Buffered() + int(c.e.ready.Load()) }

// Limit is that of a call beginning now.
func (c *Conn) Limit() sys.Limit { return c.fd.Limit() }

// handshake makes the handshake, or goes on with it, unless it has been made.
func (c *Conn) handshake(s *interp.State, lim sys.Limit) error {
	if c.e.state.Load() == established {
		return nil
	}
	err := c.over(s, func() error { return c.shake(s, lim) })
	switch {
	case c.e.state.Load() == 0:
		c.watch(s)
	case c.watched:
		delete(stateOf(s.Interp()).shaking, c.e)
	}
	return err
}

// shake is the handshake of one thread. Others that need it meanwhile wait for that
// one: not for the descriptor, where they would stand behind a thread that, its
// handshake done, goes on to receive.
func (c *Conn) shake(s *interp.State, lim sys.Limit) error {
	t := s.Thread()
	for c.shaker {
		if lim.Nonblock {
			return unix.EAGAIN
		}
		if err := c.waiting.Await(t, func() bool { return !c.shaker }, lim.Deadline); err != nil {
			return err
		}
		if c.e.state.Load() == established {
			return nil
		}
	}
	c.shaker = true
	err := c.shakeAlone(s, lim)
	c.shaker = false
	c.waiting.WakeAll()
	return err
}

func (c *Conn) shakeAlone(s *interp.State, lim sys.Limit) error {
	if lim.Nonblock {
		err := c.fd.Once(s, c.e.handshake)
		if err == errUnsent {
			return unix.EAGAIN
		}
		return err
	}
	for {
		err := c.fd.Once(s, c.e.handshake) // without the turn: the cryptography of one takes a millisecond
		if err == unix.EAGAIN {
			if err = c.fd.Await(s, false, lim); err == nil {
				continue
			}
		}
		if err != errUnsent {
			return err
		}
		if err := c.fd.Do(s, true, lim, c.e.wire.flush); err != nil {
			return explain(err, true)
		}
	}
}

// watch sees to it that a handshake is ended that nobody goes on with.
func (c *Conn) watch(s *interp.State) {
	if c.watched {
		return
	}
	c.watched = true
	stateOf(s.Interp()).shaking[c.e] = struct{}{}
	interp.OnDrop(s.Interp(), c, c.e, func(in *interp.Interpreter, e *engine) {
		in.Locked(func() { stateOf(in).abandon(e) })
	})
}

// Recv receives up to n bytes.
func (c *Conn) Recv(s *interp.State, n, flags int, lim sys.Limit) (string, error) {
	if c.closed {
		return "", c.about(c.fd.Net().Closed(s, "recv"))
	}
	return c.recv(s, n, flags, lim)
}

// recvFlags are those that mean something to TLS.
const recvFlags = unix.MSG_DONTWAIT | unix.MSG_PEEK | unix.MSG_WAITALL

func (c *Conn) recv(s *interp.State, n, flags int, lim sys.Limit) (data string, err error) {
	if flags&^recvFlags != 0 {
		return "", c.about(unix.EOPNOTSUPP)
	}
	lim.Nonblock = lim.Nonblock || flags&unix.MSG_DONTWAIT != 0
	if err := c.handshake(s, lim); err != nil {
		return "", c.about(err)
	}
	if n == 0 {
		return "", nil
	}
	if c.e.ready.Load() > 0 {
		if data, err = c.decrypted(c.e.tryRead, n, flags); err != unix.EAGAIN {
			return data, c.about(err)
		}
	}
	read := c.e.read
	if lim.Nonblock {
		read = c.e.tryRead
	}
	err = c.fd.OverOne(s, &c.e.wire, false, lim, func() (err error) {
		data, err = c.decrypted(read, n, flags)
		return err
	})
	return data, c.about(err)
}

// decrypted reads up to n bytes into a buffer that is borrowed for just that.
func (c *Conn) decrypted(read func([]byte, bool) (int, error), n, flags int) (string, error) {
	n = min(n, maxRead)
	b, pool := sys.Buffer(n)
	n, err := read((*b)[:n], flags&unix.MSG_PEEK != 0)
	data := string((*b)[:n])
	if pool != nil {
		pool.Put(b)
	}
	return data, err
}

// SendAll sends all of data, and returns how much was taken also when it fails.
func (c *Conn) SendAll(s *interp.State, data string, flags int, lim sys.Limit) (sent int, err error) {
	if c.closed {
		return 0, c.about(c.fd.Net().Closed(s, "send"))
	}
	for sent < len(data) {
		n, err := c.send(s, data[sent:], flags, lim)
		sent += n
		if err != nil {
			return sent, err
		}
	}
	return sent, nil
}

// send sends some of data, and returns how much was taken. What TLS has encrypted
// must go before anything else can: after EAGAIN that is what the next call has
// to begin with, and after a failure that may pass it counts as taken.
func (c *Conn) send(s *interp.State, data string, flags int, lim sys.Limit) (n int, err error) {
	if flags&^unix.MSG_DONTWAIT != 0 {
		return 0, c.about(unix.EOPNOTSUPP)
	}
	lim.Nonblock = lim.Nonblock || flags&unix.MSG_DONTWAIT != 0
	if err := c.handshake(s, lim); err != nil || data == "" {
		return 0, c.about(err)
	}
	if !strings.HasPrefix(data, c.owed) {
		return 0, c.about(errRetry)
	}
	if lim.Nonblock && c.fd.Busy(true) {
		return 0, unix.EAGAIN
	}
	p := unsafe.Slice(unsafe.StringData(data), len(data)) // only read
	err = c.fd.OverOne(s, &c.e.wire, true, lim, func() (err error) {
		n, err = c.e.write(p)
		return err
	})
	c.owed = ""
	switch {
	case err == unix.EAGAIN:
		c.owed = data[:c.e.owing()]
	case err != nil:
		n += c.e.forget()
	}
	return n, c.about(err)
}

// sendFile reads a file and sends it; see conn.Sender.
func (c *Conn) sendFile(s *interp.State, in int, offset, count int64, lim sys.Limit) (sent int64, err error) {
	p := make([]byte, min(count, maxRead))
	for sent < count {
		n, err := unix.Pread(in, p[:min(int64(len(p)), count-sent)], offset+sent)
		if err != nil || n == 0 {
			return sent, err
		}
		m, err := c.SendAll(s, string(p[:n]), 0, lim)
		sent += int64(m)
		if err != nil {
			return sent, err
		}
	}
	return sent, nil
}

var errRetry = &interp.OpError{Code: "ETLS",
	Message: "part of the data of a call that was answered EAGAIN is under way: make that call again first"}

// closeWrite tells the peer that nothing more is coming.
func (c *Conn) closeWrite(s *interp.State, lim sys.Limit) error {
	if err := c.handshake(s, lim); err != nil {
		return c.about(err)
	}
	if lim.Nonblock && c.fd.Busy(true) {
		return unix.EAGAIN
	}
	err := c.fd.OverOne(s, &c.e.wire, true, lim, c.e.closeWrite)
	if err == nil {
		c.owed = ""
	}
	return c.about(err)
}

// End is the connection as a relay sees it.
func (c *Conn) End(s *interp.State) (sys.End, error) {
	if c.closed {
		return sys.End{}, c.about(unix.EBADF)
	}
	lim := c.Limit()
	lim.Nonblock = false
	if err := c.handshake(s, lim); err != nil {
		return sys.End{}, c.about(err)
	}
	if err := c.fd.Do(s, true, lim, c.e.wire.flush); err != nil {
		return sys.End{}, c.about(explain(err, false))
	}
	c.e.forget()
	c.owed = ""
	c.e.wire.log.Store(false) // what a relay moves is counted only
	return sys.End{
		FD:         c.fd,
		Read:       func(p []byte) (int, error) { return c.e.read(p, false) },
		Write:      c.e.write,
		CloseWrite: c.e.closeWrite,
	}, nil
}

// Close closes the connection for the script: with a close_notify, for which it
// waits if it has to, but not for long. The descriptor lives on while files made
// of the connection are open.
func (c *Conn) Close(s *interp.State) error {
	if c.closed {
		return nil
	}
	c.closed = true
	return c.release(s)
}

// farewell is how long closing waits at most until close_notify has gone.
const farewell = 5 * time.Second

func (c *Conn) release(s *interp.State) error {
	if !c.closed || c.files > 0 || c.fd.Fileno() < 0 {
		return nil
	}
	var err error
	if c.e.state.Load() == established && !c.fd.Busy(true) {
		err = c.over(s, func() error { return c.bidFarewell(s) })
		if err != unix.ECANCELED {
			err = nil // the peer is gone, or does not read: nothing to be done
		}
	}
	if e := c.fd.CloseFor(s); err == nil {
		err = e
	}
	stateOf(s.Interp()).abandon(c.e)
	return err
}

// bidFarewell sends close_notify.
func (c *Conn) bidFarewell(s *interp.State) error {
	err := c.fd.Do(s, true, sys.Limit{Nonblock: true}, c.e.closeWrite)
	if err != unix.EAGAIN || c.fd.Timeout == 0 {
		return err
	}
	wait := farewell
	if c.fd.Timeout > 0 {
		wait = min(wait, c.fd.Timeout)
	}
	return c.fd.Do(s, true, sys.Limit{Deadline: time.Now().Add(wait)}, c.e.closeWrite)
}

// over makes do one operation, of which the observer is told what it moved, encrypted as
// it was.
func (c *Conn) over(s *interp.State, do func() error) error { return c.fd.Over(s, &c.e.wire, do) }

// about adds to an error whom the connection was with.
func (c *Conn) about(err error) error {
	if err == nil || err == unix.EAGAIN {
		return err
	}
	e := *interp.AsOpError(err)
	if e.Code == "EBADF" {
		e.Message = "connection is closed"
	}
	if e.Address == "" && c.peer != nil {
		e.Address = c.peer.String()
	}
	return &e
}

// String is the connection as Lua prints it.
func (c *Conn) String() string {
	if c.Fileno() < 0 {
		return "tls(closed)"
	}
	text := fmt.Sprintf("tls(fd=%d", c.Fileno())
	if c.e.state.Load() == established {
		text += ", " + versionName(c.e.conn.ConnectionState().Version)
	}
	if a, err := c.fd.Sockname(); err == nil && a != nil && a.String() != "" {
		text += ", " + a.String()
	}
	if a, err := c.fd.Peername(); err == nil && a != nil && a.String() != "" {
		text += " -> " + a.String()
	}
	return text + ")"
}
