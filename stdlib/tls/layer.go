//go:build unix

package tls

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"strings"
	"time"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/trace"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/conn"
	"wirelua/stdlib/internal/sys"
)

var (
	_ conn.Transport = (*layer)(nil)
	_ interp.Holder  = (*layer)(nil)
)

// layer is the Transport of a TLS connection: TLS over a descriptor.
type layer struct {
	conn.OnDescriptor
	e         *engine
	fd        *sys.FD
	socket    *lua.LUserData  // the plain socket that the descriptor was borrowed from; nil when it was no script's
	owed      string          // what of a send that was answered EAGAIN is under way
	receiving *receiving      // for the next call; nil while one is under way, or none was
	sending   *sending        // likewise
	watched   bool            // its handshake is one that may have to be ended
	shaker    bool            // a thread is making the handshake
	waiting   interp.WaitList // of those that wait for it
}

func newLayer(fd *sys.FD, client bool, config *tls.Config, ahead []byte) *layer {
	return &layer{OnDescriptor: conn.On(fd), e: newEngine(fd, client, config, ahead), fd: fd}
}

// Type is the Lua TLS connection.
var Type = conn.Type(&interp.Type{Name: "tls connection", Doc: "a TLS connection; see the functions of tls that make one"})

// plainSocket returns the socket in a Lua value: n is the argument it comes from.
func plainSocket(s *interp.State, n int, v lua.LValue) (*lua.LUserData, *conn.Conn) {
	ud, _ := v.(*lua.LUserData)
	if ud == nil {
		s.TypeError(n, "socket")
	}
	if k, ok := ud.Value.(*conn.Conn); ok {
		if _, ok := k.Bare(); ok {
			return ud, k
		}
	}
	s.ArgError(n, "only a plain socket of the system's can be wrapped, got %s", s.Display(v))
	return nil, nil
}

// over makes a TLS connection over the socket in a Lua value, which is lent for
// that: n is the argument it comes from. It has to be connected. No handshake is
// made yet.
func over(s *interp.State, n int, v lua.LValue, client bool, config *tls.Config) (*conn.Conn, *layer) {
	ud, k := plainSocket(s, n, v)
	if err := k.Lend(); err != nil {
		s.Raise(err)
	}
	fd := k.Transport().Descriptor()
	if fd.Type != unix.SOCK_STREAM {
		k.Return()
		s.ArgError(n, "TLS needs a stream socket")
	}
	if _, err := fd.Peername(); err != nil {
		k.Return()
		s.Raise(err)
	}
	c := newLayer(fd, client, config, []byte(k.Take(k.Ahead())))
	c.socket = ud
	return conn.New(c, k.Peer), c
}

// fresh makes a TLS connection over a descriptor that the module made itself.
func fresh(fd *sys.FD, peer *addr.Addr, client bool, config *tls.Config) (*conn.Conn, *layer) {
	c := newLayer(fd, client, config, nil)
	c.nodelay()
	return conn.New(c, peer), c
}

// plain returns the socket that the script gets back when TLS ends: the one that it gave, or,
// when it gave none, one that the module which has sockets makes of the descriptor.
func (c *layer) plain(s *interp.State) (*conn.Conn, error) {
	if c.socket != nil {
		return c.socket.Value.(*conn.Conn), nil
	}
	v, err := s.Interp().ToLua(c.fd)
	if ud, ok := v.(*lua.LUserData); ok && err == nil {
		if k, ok := ud.Value.(*conn.Conn); ok {
			k.Leave() // until it is given back
			c.socket = ud
			return k, nil
		}
	}
	return nil, &interp.OpError{Code: "ENOTSUP", Errno: unix.ENOTSUP,
		Message: "no plain socket can be had: this interpreter does not have the module socket"}
}

// nodelay has the system send at once what it is given, as TLS writes whole
// messages: for sockets that the module made itself. A socket that a script made
// has the options that the script gave it.
func (c *layer) nodelay() {
	if c.fd.Family != unix.AF_UNIX {
		_ = c.fd.SetInt(unix.IPPROTO_TCP, unix.TCP_NODELAY, 1) // slower without, but no worse
	}
}

// Noun is what errors call it.
func (c *layer) Noun() string { return "connection" }

// Ready counts what was decrypted, and the end.
func (c *layer) Ready() int {
	n := int(c.e.ready.Load())
	if c.e.over.Load() {
		n++
	}
	return n
}

// tell wakes who waits in select, when something was decrypted or the end was seen.
func (c *layer) tell() {
	if c.Ready() > 0 {
		c.fd.Watches.Tell()
	}
}

// sizeLayer is about what crypto/tls has for a connection: keys, and half a record.
const sizeLayer = 16 << 10

// Hold makes a layer an interp.Holder.
func (c *layer) Hold(a *interp.Account) {
	a.Bytes(sizeLayer + int(c.e.ready.Load()))
	if c.socket != nil {
		a.Value(c.socket)
	}
}

// handshake makes the handshake, or goes on with it, unless it has been made.
func (c *layer) handshake(s *interp.State, lim sys.Limit) error {
	if c.e.state.Load() == established {
		return nil
	}
	err := c.told(s, trace.Event{Op: "handshake"}, func(e *trace.Event) error {
		err := c.shake(s, lim)
		e.Detail = c.detail()
		return err
	})
	c.tell()
	switch {
	case c.e.state.Load() == 0:
		c.watch(s)
	case c.watched:
		delete(stateOf(s.Interp()).shaking, c.e)
	}
	return err
}

// told is how an operation that is TLS's goes when it is observed, and also when it is not but
// is none that is made often.
func (c *layer) told(s *interp.State, e trace.Event, do func(e *trace.Event) error) error {
	if !c.fd.Observed() {
		return do(&e)
	}
	e.Layer = "tls"
	return c.fd.Above(s, e, do)
}

// detail is what the observer is told of a handshake that has been made.
func (c *layer) detail() string {
	if !c.fd.Observed() || c.e.state.Load() != established {
		return ""
	}
	state := c.e.conn.ConnectionState()
	text := versionName(state.Version)
	if state.ServerName != "" {
		text += " server_name=" + state.ServerName
	}
	return text
}

// shake is the handshake of one thread. Others that need it meanwhile wait for that
// one: not for the descriptor, where they would stand behind a thread that, its
// handshake done, goes on to receive.
func (c *layer) shake(s *interp.State, lim sys.Limit) error {
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

func (c *layer) shakeAlone(s *interp.State, lim sys.Limit) error {
	if lim.Nonblock {
		err := c.step(s)
		if err == errUnsent {
			return unix.EAGAIN
		}
		return err
	}
	for {
		err := c.step(s)
		if err == unix.EAGAIN {
			if err = c.fd.Await(s, false, lim); err == nil {
				continue
			}
		}
		if err != errUnsent {
			return err
		}
		if err := c.fd.OverOne(s, &c.e.wire, true, lim, callFunc(c.e.wire.flush)); err != nil {
			return explain(err, true)
		}
	}
}

// step goes on with the handshake as far as it can without waiting. It does so without the turn: the
// cryptography of one takes a millisecond.
func (c *layer) step(s *interp.State) (err error) {
	closed := c.over(s, func() error {
		err = c.fd.Once(s, c.e.handshake)
		if err == unix.EAGAIN || err == errUnsent { // which only says how to go on
			return nil
		}
		return err
	})
	if err == nil {
		err = closed
	}
	return err
}

// watch sees to it that a handshake is ended that nobody goes on with.
func (c *layer) watch(s *interp.State) {
	if c.watched {
		return
	}
	c.watched = true
	stateOf(s.Interp()).shaking[c.e] = struct{}{}
	interp.OnDrop(s.Interp(), c, c.e, func(in *interp.Engine, e *engine) {
		in.WithTurn(func() { stateOf(in).abandon(e) })
	})
}

// recvFlags are those that mean something to TLS.
const recvFlags = unix.MSG_DONTWAIT | unix.MSG_PEEK | unix.MSG_WAITALL

// Recv receives up to n bytes.
func (c *layer) Recv(s *interp.State, n, flags int, lim sys.Limit) (data string, err error) {
	if !c.fd.Observed() {
		return c.recv(s, n, flags, lim)
	}
	err = c.told(s, trace.Event{Op: "recv", Size: int64(n), Flags: flags}, func(e *trace.Event) error {
		data, err = c.recv(s, n, flags, lim)
		e.Data = []byte(data)
		return err
	})
	return data, err
}

func (c *layer) recv(s *interp.State, n, flags int, lim sys.Limit) (data string, err error) {
	return c.receive(s, nil, n, flags, lim)
}

// receive is recv, or Pull when there is a Piece.
func (c *layer) receive(s *interp.State, into *sys.Piece, n, flags int, lim sys.Limit) (data string, err error) {
	if flags&^recvFlags != 0 {
		return "", unix.EOPNOTSUPP
	}
	s.Thread().Stay() // the protocol waits in the midst of its own calls
	lim.Nonblock = lim.Nonblock || flags&unix.MSG_DONTWAIT != 0
	if err := c.handshake(s, lim); err != nil {
		return "", err
	}
	if n == 0 {
		return "", nil
	}
	x := c.receiving
	if c.receiving = nil; x == nil {
		x = &receiving{e: c.e}
	}
	x.n, x.into, x.peek, x.wait = min(n, maxRead), into, flags&unix.MSG_PEEK != 0, false
	err = unix.EAGAIN
	if c.e.ready.Load() > 0 {
		err = x.Try(0)
	}
	if err == unix.EAGAIN {
		x.wait = !lim.Nonblock
		err = c.fd.OverOne(s, &c.e.wire, false, lim, x)
	}
	data, x.data, x.into = x.data, "", nil
	s.Thread().Moved(len(data))
	c.receiving = x
	c.tell()
	return data, err
}

// receiving is one call of Recv, and used again by the next.
type receiving struct {
	e    *engine
	n    int
	peek bool
	wait bool       // for another goroutine that reads
	into *sys.Piece // instead of data; or nil
	data string
}

// Try reads up to n bytes into a buffer that is borrowed for just that, unless they are to stay in it.
func (x *receiving) Try(int) (err error) {
	var own sys.Piece
	p, n := x.into, 0
	if p == nil {
		p = &own
	}
	if room := p.Room(x.n); x.wait {
		n, err = x.e.read(room, x.peek)
	} else {
		n, err = x.e.tryRead(room, x.peek)
	}
	p.Came(n)
	x.data = string(own.Bytes())
	own.Free()
	return err
}

// Send sends some of data, and returns how much was taken. What TLS has encrypted
// must go before anything else can: after EAGAIN that is what the next call has
// to begin with, and after a failure that may pass it counts as taken.
func (c *layer) Send(s *interp.State, data string, flags int, lim sys.Limit) (n int, err error) {
	if !c.fd.Observed() {
		return c.send(s, data, flags, lim)
	}
	err = c.told(s, trace.Event{Op: "send", Size: int64(len(data)), Flags: flags}, func(e *trace.Event) error {
		n, err = c.send(s, data, flags, lim)
		e.Data = []byte(data[:n])
		return err
	})
	return n, err
}

func (c *layer) send(s *interp.State, data string, flags int, lim sys.Limit) (n int, err error) {
	if flags&^unix.MSG_DONTWAIT != 0 {
		return 0, unix.EOPNOTSUPP
	}
	lim.Nonblock = lim.Nonblock || flags&unix.MSG_DONTWAIT != 0
	if err := c.handshake(s, lim); err != nil || data == "" {
		return 0, err
	}
	if !strings.HasPrefix(data, c.owed) {
		return 0, errRetry
	}
	if lim.Nonblock && c.fd.Busy(true) {
		return 0, unix.EAGAIN
	}
	x := c.sending
	if c.sending = nil; x == nil {
		x = &sending{e: c.e}
	}
	x.p = unsafe.Slice(unsafe.StringData(data), len(data)) // only read
	err = c.fd.OverOne(s, &c.e.wire, true, lim, x)
	n, x.n, x.p = x.n, 0, nil
	s.Thread().Moved(n)
	c.sending, c.owed = x, ""
	switch {
	case err == unix.EAGAIN:
		c.owed = strings.Clone(data[:c.e.owing()]) // data may be somebody's buffer
	case err != nil:
		n += c.e.forget()
		c.tell() // it may have read why
	}
	return n, err
}

// sending is one call of Send, and used again by the next.
type sending struct {
	e *engine
	p []byte
	n int // how much of it was taken
}

// Try encrypts and sends some of p.
func (x *sending) Try(int) (err error) {
	x.n, err = x.e.write(x.p)
	return err
}

// callFunc is any other call.
type callFunc func() error

// Try makes it.
func (c callFunc) Try(int) error { return c() }

var errRetry = &interp.OpError{Code: "ETLS",
	Message: "part of the data of a call that was answered EAGAIN is under way: make that call again first"}

// closeWrite tells the peer that nothing more is coming.
func (c *layer) closeWrite(s *interp.State, lim sys.Limit) error {
	if err := c.handshake(s, lim); err != nil {
		return err
	}
	if lim.Nonblock && c.fd.Busy(true) {
		return unix.EAGAIN
	}
	err := c.fd.OverOne(s, &c.e.wire, true, lim, callFunc(c.e.closeWrite))
	if err == nil {
		c.owed = ""
	}
	return err
}

// Pull receives into x.
func (c *layer) Pull(s *interp.State, x *sys.Piece, n int, lim sys.Limit) error {
	return c.told(s, trace.Event{Op: "recv", Size: int64(n)}, func(e *trace.Event) error {
		_, err := c.receive(s, x, n, 0, lim)
		e.Data = x.Bytes()
		return err
	})
}

// Push sends some of x. What was encrypted before it failed goes whatever happens, and so does
// what a send was answered EAGAIN for.
func (c *layer) Push(s *interp.State, x *sys.Piece, lim sys.Limit) error {
	if !c.fd.Observed() {
		return c.push(s, x, lim)
	}
	data := bytes.Clone(x.Bytes())
	return c.told(s, trace.Event{Op: "send", Size: int64(len(data))}, func(e *trace.Event) error {
		err := c.push(s, x, lim)
		e.Data = data[:len(data)-len(x.Bytes())]
		return err
	})
}

func (c *layer) push(s *interp.State, x *sys.Piece, lim sys.Limit) error {
	if c.owed != "" {
		if err := c.fd.OverOne(s, &c.e.wire, true, lim, callFunc(c.e.wire.flush)); err != nil {
			return err
		}
		c.e.forget()
		c.owed = ""
	}
	n, err := c.send(s, unsafe.String(unsafe.SliceData(x.Bytes()), len(x.Bytes())), 0, lim)
	if err == unix.EAGAIN {
		n += c.e.forget()
		c.owed = ""
	}
	x.Went(n)
	return err
}

// Finish says that nothing more is coming.
func (c *layer) Finish(s *interp.State, lim sys.Limit) error {
	return c.told(s, trace.Event{Op: "shutdown", Flags: unix.SHUT_WR}, func(*trace.Event) error { return c.closeWrite(s, lim) })
}

// farewell is how long closing waits at most until close_notify has gone.
const farewell = 5 * time.Second

// CloseFor closes the connection: with a close_notify, for which it waits if it has to, but
// not for long.
func (c *layer) CloseFor(s *interp.State) error {
	if c.fd.Fileno() < 0 {
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
func (c *layer) bidFarewell(s *interp.State) error {
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
func (c *layer) over(s *interp.State, do func() error) error { return c.fd.Over(s, &c.e.wire, do) }

// Shutdown ends directions: sending with a close_notify.
func (c *layer) Shutdown(s *interp.State, how int) error {
	if how != unix.SHUT_RD {
		if err := c.Finish(s, c.fd.Limit()); err != nil {
			return err
		}
	}
	if how != unix.SHUT_WR {
		if err := c.fd.Shutdown(s, how); err != unix.ENOTCONN {
			return err
		}
	}
	return nil
}

// Abandon sends what there is room for.
func (c *layer) Abandon(rest []byte) { c.fd.Hold(func() { c.e.last(rest) }) }

// Text is the connection as Lua prints it.
func (c *layer) Text(open bool) string {
	if !open {
		return "tls(closed)"
	}
	text := fmt.Sprintf("tls(fd=%d", c.fd.Fileno())
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
