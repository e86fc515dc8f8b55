//go:build unix

package conn

import (
	"slices"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/lookup"
	"wirelua/stdlib/internal/sys"
)

// Acceptor is an Endpoint that accepts connections.
type Acceptor interface {
	Endpoint
	// Accept waits for a client, and returns the Lua object for it and its address.
	Accept(s *interp.State, lim sys.Limit) (client lua.LValue, peer *addr.Addr, err error)
}

// Listener is what Lua holds for an Acceptor that is no connection.
type Listener struct {
	a      Acceptor
	closed bool
}

// NewListener makes a Listener of what accepts.
func NewListener(a Acceptor) *Listener { return &Listener{a: a} }

// Endpoint makes a Listener an object.
func (l *Listener) Endpoint() Endpoint { return l.a }

// Shut reports whether it is closed.
func (l *Listener) Shut() bool { return l.closed || gone(l.a) }

// Fileno is the descriptor's number, -1 when it is closed or there is none.
func (l *Listener) Fileno() int { return fileno(l.a) }

// Buffered is more than 0 when a client was accepted that nobody has taken yet, for select.
func (l *Listener) Buffered() int { return l.a.Ready() }

// Watch has w told when there may be one, until Unwatch.
func (l *Listener) Watch(w *interp.Watch) { watches(l.a).Add(w) }

// Unwatch ends Watch.
func (l *Listener) Unwatch(w *interp.Watch) { watches(l.a).Remove(w) }

// String is the listener as Lua prints it.
func (l *Listener) String() string { return l.a.Text(!l.Shut()) }

// Close closes it for the script. Closing it again does nothing.
func (l *Listener) Close(s *interp.State) error {
	if l.closed {
		return nil
	}
	l.closed = true
	return l.a.CloseFor(s)
}

// About says in an error what is closed.
func (l *Listener) About(err error) error { return about(err, l.a, nil) }

// AcceptMethods are those of what accepts connections.
var AcceptMethods = []interp.Function{
	{Name: "accept", Args: "", Doc: "client, address; waits", Manual: `
		The client does not inherit the listener's timeout: it has the default one.
		-> socket client: connected
		-> address from: the client's
		or nil, "EAGAIN": a non-blocking listener, and nobody is waiting
		! ETIMEDOUT: the timeout ran out
		! EINVAL: the socket does not listen
		! EMFILE: there are as many descriptors as may be
		! EBADF: it was closed, perhaps meanwhile
		> local server = socket.create_server("127.0.0.1", 0)
		> local c = socket.create_connection("127.0.0.1", server:getsockname().port)
		> local client, address = server:accept()
		> print(address == c:getsockname()) --> true
		`, Fn: accept, Restarts: true},
	{Name: "clients", Args: "", Doc: "an iterator over client, address; closing the listener ends it; with no descriptor left it says so once, and goes on when there are some again; waits", Manual: `
		-> fun():socket?,address?: accept, until the listener is closed
		> local server = socket.create_server("127.0.0.1", 0)
		> thread.start(function()
		>   for client, address in server:clients() do
		>     thread.start(client.with, client, function(c) c:sendall(c:recv()) end)
		>   end
		> end)
		> local c = socket.create_connection("127.0.0.1", server:getsockname().port)
		> c:sendall("echo")
		> print(c:recv()) --> echo
		> server:close()
		`, Fn: clients},
}

// Accepts are AcceptMethods of what gives clients of another type, by the name that the manual has of it, with examples of
// their own: of accept, and of clients.
func Accepts(client, accept, clients string) []interp.Function {
	methods := slices.Clone(AcceptMethods)
	for i, example := range []string{accept, clients} {
		m := &methods[i]
		told, _, _ := strings.Cut(m.Manual, "> local server") // the socket's example
		told = strings.ReplaceAll(told, "-> socket client", "-> "+client+" client")
		m.Manual = strings.ReplaceAll(told, "fun():socket?", "fun():"+client+"?") + example
	}
	return methods
}

// acceptor returns argument 1, which accepts connections and is open.
func acceptor(s *interp.State, op string) (object, Acceptor) {
	ud, _ := s.Get(1).(*lua.LUserData)
	if ud != nil {
		if o, ok := ud.Value.(object); ok {
			if a, ok := o.Endpoint().(Acceptor); ok {
				mustBeOpen(s, o, op)
				return o, a
			}
		}
	}
	s.TypeError(1, "socket")
	return nil, nil
}

func accept(s *interp.State) int {
	o, a := acceptor(s, "accept")
	client, peer, err := a.Accept(s, a.Traits().Limit().Begin(s, 0))
	if err != nil {
		return Fail(s, o.About(err))
	}
	if s.Push(client); !s.Wants(2) {
		return 1
	}
	lookup.PushAddr(s, peer)
	return 2
}

func clients(s *interp.State) int {
	o, a := acceptor(s, "")
	t := &taker{a: a}
	return s.Return(s.NewIterator("clients", func(s *interp.State) int {
		if o.Shut() {
			return s.Return(lua.LNil)
		}
		client, peer, err := t.accept(s)
		switch {
		case err == unix.EBADF:
			return s.Return(lua.LNil)
		case err != nil:
			return Fail(s, o.About(err))
		}
		s.Push(client)
		lookup.PushAddr(s, peer)
		return 2
	}, s.Get(1)))
}

// taker takes clients for an iterator.
type taker struct {
	a    Acceptor
	told bool // that there was no descriptor left
}

// pauses between looks whether there are descriptors again: nobody tells when that is.
const pauseFull = 50 * time.Millisecond

// accept is Accept for a server, which a crowd must not end: when there is no descriptor
// left it waits for one, and the clients with it.
func (t *taker) accept(s *interp.State) (client lua.LValue, peer *addr.Addr, err error) {
	for lim := t.a.Traits().Limit().Begin(s, 0); ; {
		client, peer, err = t.a.Accept(s, lim)
		if !noDescriptor(err) || lim.Nonblock || !lim.Deadline.IsZero() && !time.Now().Before(lim.Deadline) {
			return client, peer, err
		}
		if !t.told {
			t.told = true
			_, _ = s.Interp().Stderr().WriteFor(s, []byte("clients "+t.a.Text(true)+": "+interp.AsOpError(err).Message+"; going on when there are descriptors again\n"))
		}
		s.Thread().Anew()
		if err := s.Thread().Sleep(pauseFull); err != nil {
			return nil, nil, err
		}
	}
}

func noDescriptor(err error) bool {
	if err == nil {
		return false
	}
	errno := interp.AsOpError(err).Errno
	return errno == unix.EMFILE || errno == unix.ENFILE
}
