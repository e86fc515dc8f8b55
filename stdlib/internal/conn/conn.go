//go:build unix

// Package conn is what Lua holds for a connection, and for what accepts connections: one object
// and one set of methods, whatever carries the bytes. A Transport is what carries them: a socket
// of the system's, TLS over one, or a connection of the host's.
package conn

import (
	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/sys"
)

// Endpoint is what connections and what accepts them have in common. Its methods, and
// those of Transport and Acceptor, are called with the turn; those that take a State may wait.
type Endpoint interface {
	// Noun is what errors call it: "socket".
	Noun() string
	// Text is how Lua prints it, open or closed.
	Text(open bool) string
	// Traits are its fields.
	Traits() *sys.Traits
	// Descriptor is that on which it runs; nil when there is none.
	Descriptor() *sys.FD
	// Sockname is its own address, nil when there is none.
	Sockname() (*addr.Addr, error)
	// Ready is more than 0 when a call need not ask the system: how many bytes it holds itself, or 1
	// for what else a call would return.
	Ready() int
	// CloseFor closes it for a script, of which the observer hears.
	CloseFor(s *interp.State) error
}

// Transport carries the bytes of a connection. Its errors need not say whom it is connected to,
// and it is not called once the connection is closed. It may be an Acceptor, too, Datagrams, a
// FileSender, an interp.Holder, an Exporter, and Bare.
type Transport interface {
	Endpoint
	// Recv receives up to n bytes; "" at the end.
	Recv(s *interp.State, n, flags int, lim sys.Limit) (string, error)
	// Send sends some of data, and returns how much was taken, perhaps also when it fails.
	Send(s *interp.State, data string, flags int, lim sys.Limit) (int, error)
	// Shutdown ends one or both directions.
	Shutdown(s *interp.State, how int) error
	// Peername is the address at the other end, nil when there is none.
	Peername() (*addr.Addr, error)
	// Pull is Recv into a Piece, which is empty and stays so at the end, Push sends some of a Piece,
	// and Finish ends sending: for who moves bytes from one connection to another, of which the observer
	// hears as a whole.
	Pull(s *interp.State, x *sys.Piece, n int, lim sys.Limit) error
	Push(s *interp.State, x *sys.Piece, lim sys.Limit) error
	Finish(s *interp.State, lim sys.Limit) error
	// Abandon sends what there is room for within a moment. It needs no turn: the collector's
	// goroutine calls it, for what was written to a file that nobody holds any more.
	Abandon(rest []byte)
}

// Datagrams is a Transport of messages that each have a sender.
type Datagrams interface {
	// RecvFrom is Recv; from is who sent it, nil when that has no address.
	RecvFrom(s *interp.State, n, flags int, lim sys.Limit) (data string, from *addr.Addr, err error)
}

// Bare is a Transport that adds nothing to its descriptor, which so can be handed on, to a protocol
// on top or to a child process.
type Bare interface {
	Bare() *sys.FD
}

// OnDescriptor is the part of an Endpoint that all have which run on a descriptor. It has nothing
// that moves bytes, lest one with a protocol on top passes them by.
type OnDescriptor struct{ fd *sys.FD }

// On returns the Endpoint's part for fd.
func On(fd *sys.FD) OnDescriptor { return OnDescriptor{fd} }

// Noun is a socket's.
func (o OnDescriptor) Noun() string { return "socket" }

// Text is a socket's.
func (o OnDescriptor) Text(open bool) string { return text(o.fd, open) }

// Traits are the descriptor's.
func (o OnDescriptor) Traits() *sys.Traits { return &o.fd.Traits }

// Descriptor is that of On.
func (o OnDescriptor) Descriptor() *sys.FD { return o.fd }

// Sockname asks the system.
func (o OnDescriptor) Sockname() (*addr.Addr, error) { return o.fd.Sockname() }

// Peername asks the system.
func (o OnDescriptor) Peername() (*addr.Addr, error) { return o.fd.Peername() }

// CloseFor closes the descriptor.
func (o OnDescriptor) CloseFor(s *interp.State) error { return o.fd.CloseFor(s) }

// Ready is 1 when a client was accepted that nobody has taken yet.
func (o OnDescriptor) Ready() int {
	if o.fd.Pending() {
		return 1
	}
	return 0
}

// Conn is what Lua holds for a connection, or for a socket that is none yet.
type Conn struct {
	Buffer            // read ahead by readline and its kin, handed out first by recv
	Peer   *addr.Addr // as far as connect and accept told; for errors
	t      Transport
	reader interp.Mutex // of who receives from the transport
	closed bool         // by the script; what is below lives on while files use it
	files  int32        // open makefile objects
	moves  *move        // those that move bytes to it
}

// New makes a connection of what carries its bytes; peer is whom it is connected to, nil when that
// is not known.
func New(t Transport, peer *addr.Addr) *Conn { return &Conn{t: t, Peer: peer} }

// Self returns argument 1, a connection.
func Self(s *interp.State) *Conn { return interp.ObjectArg[*Conn](s, 1, "socket") }

// Open returns argument 1, a connection that is open, for an operation by which the observer knows
// the call, "" for one that it does not hear of.
func Open(s *interp.State, op string) *Conn {
	c := Self(s)
	mustBeOpen(s, c, op)
	return c
}

// Transport returns what carries the bytes.
func (c *Conn) Transport() Transport { return c.t }

// Endpoint makes a Conn an object.
func (c *Conn) Endpoint() Endpoint { return c.t }

// Begin is the limit of a call with MSG_ flags that begins now; see sys.Limit.Begin.
func (c *Conn) Begin(s *interp.State, flags int) sys.Limit {
	return c.t.Traits().Limit().Begin(s, flags)
}

// Shut reports whether it is closed.
func (c *Conn) Shut() bool { return c.closed || gone(c.t) }

// gone reports whether the descriptor was closed by another name.
func gone(e Endpoint) bool {
	fd := e.Descriptor()
	return fd != nil && fd.Fileno() < 0
}

// Fileno is the descriptor's number, -1 when the script has closed it or there is none.
func (c *Conn) Fileno() int {
	if c.closed {
		return -1
	}
	return fileno(c.t)
}

func fileno(e Endpoint) int {
	if fd := e.Descriptor(); fd != nil {
		return fd.Fileno()
	}
	return -1
}

// Buffered returns more than 0 when something can be received without asking the system: what
// select goes by.
func (c *Conn) Buffered() int { return len(c.b) + c.t.Ready() }

// Watch has w told when Buffered may be more than 0 that was not, until Unwatch.
func (c *Conn) Watch(w *interp.Watch) { watches(c.t).Add(w) }

// Unwatch ends Watch.
func (c *Conn) Unwatch(w *interp.Watch) { watches(c.t).Remove(w) }

// Bare returns the descriptor for who hands it on, nil when the connection is closed; ok is false
// when the connection is more than its descriptor.
func (c *Conn) Bare() (fd *sys.FD, ok bool) {
	b, ok := c.t.(Bare)
	if !ok || c.Shut() {
		return nil, ok
	}
	return b.Bare(), true
}

// Hold makes a Conn an interp.Holder: of a connection the rest is estimated.
func (c *Conn) Hold(a *interp.Account) {
	a.Bytes(1024 + cap(c.b))
	if h, ok := c.t.(interp.Holder); ok {
		h.Hold(a)
	}
}

// String is the connection as Lua prints it.
func (c *Conn) String() string { return c.t.Text(!c.Shut()) }

// Close closes the connection for the script. What is below closes with it, or with the last file
// made of it. Closing it again does nothing.
func (c *Conn) Close(s *interp.State) error {
	if c.closed {
		return nil
	}
	c.closed = true
	for m := c.moves; m != nil; m = m.next {
		m.wake()
	}
	return c.release(s)
}

func (c *Conn) release(s *interp.State) error {
	if !c.closed || c.files > 0 {
		return nil
	}
	return c.t.CloseFor(s)
}

// Leave makes the connection a closed one for the script, and closes nothing: what is below is
// another's from now on.
func (c *Conn) Leave() { c.closed = true }

// Lend is Leave for a protocol on top, until Return. It fails when the connection is closed or in
// use: files made of it may have read ahead, and a thread that waits on it would take bytes that
// are the protocol's.
func (c *Conn) Lend() error {
	if c.Shut() {
		return c.About(unix.EBADF)
	}
	if err := c.Busy(); err != nil {
		return c.About(err)
	}
	c.Leave()
	return nil
}

// Return ends Lend.
func (c *Conn) Return() { c.closed = false }

// Busy says why the descriptor cannot be given away now; nil when it can.
func (c *Conn) Busy() error {
	why := ""
	switch fd := c.t.Descriptor(); {
	case c.files > 0:
		why = "the " + c.t.Noun() + " has open files (makefile)"
	case fd.Busy(false) || fd.Busy(true):
		why = "another thread is waiting on the " + c.t.Noun()
	default:
		return nil
	}
	return &interp.OpError{Code: "EBUSY", Errno: unix.EBUSY, Message: why}
}

// About says in an error what is closed, and whom the connection was with.
func (c *Conn) About(err error) error { return about(err, c.t, c.Peer) }

func about(err error, end Endpoint, peer *addr.Addr) error {
	if err == nil || err == unix.EAGAIN {
		return err
	}
	at := ""
	if peer != nil {
		at = peer.String()
	}
	err = interp.About(err, at)
	if e, ok := err.(*interp.OpError); ok && e.Code == "EBADF" { // a copy
		e.Message = end.Noun() + " is closed"
	}
	return err
}

// Fail ends a Lua call that failed: a call that cannot go on without waiting answers nil and a
// name, everything else raises.
func Fail(s *interp.State, err error) int {
	switch err {
	case unix.EAGAIN: // made again and again
		return s.Return(lua.LNil, lua.LString("EAGAIN"))
	case unix.EINPROGRESS, unix.EALREADY:
		return s.Return(lua.LNil, lua.LString(interp.ErrnoName(err.(unix.Errno))))
	}
	return s.Raise(err)
}
