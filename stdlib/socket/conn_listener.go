//go:build unix

package socket

import (
	"errors"
	"net"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/trace"
	"wirelua/stdlib/internal/lookup"
	"wirelua/stdlib/internal/sys"
)

// hostListener is a listener of the host's that is no socket of the system's: one
// of TLS connections, for example.
type hostListener struct {
	hosted
	core *listenerCore
}

var hostListenerType = &interp.Type{
	Name:   "socket",
	Doc:    "a listener of the host's",
	Fields: "family type proto timeout",
	Index: func(_ *interp.State, v any, key string) lua.LValue {
		h := v.(*hostListener)
		return hostedField(&h.hosted, h.core.l.Addr(), key)
	},
	String: func(v any) string {
		h := v.(*hostListener)
		at := h.core.l.Addr()
		if h.closed {
			return "socket(closed, " + networkName(at) + ")"
		}
		return "socket(" + networkName(at) + ", " + addrText(at) + ")"
	},
	Strict: true,
}

// hostListenerMethods are a listener's beside those of hostedMethods.
var hostListenerMethods = []interp.Function{
	{Name: "accept", Doc: "client, address; waits", Fn: hostAccept},
	{Name: "clients", Doc: "an iterator over client, address; closing the listener ends it; waits", Fn: hostClients},
	{Name: "close", Doc: "closes the listener; threads waiting on it get EBADF; true, also twice", Fn: closeHostedAny},
	{Name: "getsockname", Doc: "the address it listens on", Fn: func(s *interp.State) int {
		lookup.PushAddr(s, netAddr(listenerSelf(s).core.l.Addr()))
		return 1
	}},
	{Name: "with", Args: "fn, ...", Doc: "calls fn(self, ...), then closes whatever happened; fn's results or error", Fn: func(s *interp.State) int {
		h := listenerSelf(s)
		return interp.With(s, func() error { return h.Close(s) })
	}},
}

// listenerCore makes the calls. An Accept goes on when the thread that wanted it gives
// up, and the client is for the next one.
type listenerCore struct {
	l       net.Listener
	closing chan struct{}
	once    sync.Once
	err     error
	accept  *accepted // under way, or not taken
}

type accepted struct {
	done chan struct{}
	conn net.Conn
	err  error
}

func newHostListener(in *interp.Interpreter, l net.Listener) *hostListener {
	core := &listenerCore{l: l, closing: make(chan struct{})}
	h := &hostListener{hosted{timeout: sys.NetOf(in).DefaultTimeout}, core}
	hostedOf(in)[core] = struct{}{}
	interp.OnDrop(in, h, core, func(in *interp.Interpreter, core *listenerCore) { dropHosted(in, core) })
	return h
}

func (c *listenerCore) close() error {
	c.once.Do(func() {
		close(c.closing)
		c.err = interp.Guard(c.l.Close)
	})
	return c.err
}

// abandon closes a client that nobody will take any more.
func (c *listenerCore) abandon() {
	a := c.accept
	if c.accept = nil; a == nil {
		return
	}
	go func() {
		if <-a.done; a.conn != nil {
			_ = interp.Guard(a.conn.Close)
		}
	}()
}

func (c *listenerCore) begin() *accepted {
	a := &accepted{done: make(chan struct{})}
	l := c.l
	interp.Aside(func() (err error) {
		if a.conn, err = l.Accept(); a.conn == nil && err == nil {
			err = errors.New("the host's listener returned no connection")
		}
		return err
	}, func(err error) {
		a.err = err
		close(a.done)
	})
	return a
}

// next waits for a client.
func (c *listenerCore) next(s *interp.State, lim sys.Limit) (net.Conn, error) {
	if lim.Nonblock {
		lim.Deadline = time.Now().Add(patience)
	}
	for {
		if c.accept == nil {
			c.accept = c.begin()
		}
		err := await(s.Thread(), lim.Deadline, c.accept.done, c.closing)
		if err == interp.ErrTimeout && lim.Nonblock {
			err = unix.EAGAIN
		}
		if err != nil {
			return nil, err
		}
		if a := c.accept; a != nil && ended(a.done) {
			c.accept = nil
			return a.conn, a.err
		}
	}
}

func listenerSelf(s *interp.State) *hostListener { return interp.Object[*hostListener](s, 1, "socket") }

// acceptHosted pushes a client and its address.
func (h *hostListener) acceptHosted(s *interp.State) error {
	if h.closed {
		return sys.NetOf(s.Interp()).Closed(s, "accept")
	}
	return sys.NetOf(s.Interp()).Elsewhere(s, trace.Event{Op: "accept"}, func(e *trace.Event) error {
		c, err := h.core.next(s, h.Limit())
		if h.closed || errors.Is(err, net.ErrClosed) {
			err = unix.EBADF
		}
		if err != nil {
			return err
		}
		return pushHosted(s, c, e)
	})
}

// pushHosted pushes a client of the host's and its address.
func pushHosted(s *interp.State, c net.Conn, e *trace.Event) error {
	addr := netAddr(c.RemoteAddr())
	v, err := importConn(s.Interp(), c)
	if err != nil {
		c.Close()
		return err
	}
	e.FD = v.(*lua.LUserData).Value.(interface{ Fileno() int }).Fileno()
	if addr != nil {
		e.Address = addr.String()
	}
	s.Push(v)
	lookup.PushAddr(s, addr)
	return nil
}

func hostAccept(s *interp.State) int {
	if err := listenerSelf(s).acceptHosted(s); err != nil {
		return failHosted(s, err)
	}
	return 2
}

func hostClients(s *interp.State) int {
	h := listenerSelf(s)
	return s.Return(s.NewFunction("clients", func(s *interp.State) int {
		switch err := h.acceptHosted(s); err {
		case nil:
			return 2
		case unix.EBADF:
			return s.Return(lua.LNil)
		default:
			return failHosted(s, err)
		}
	}, s.Get(1)))
}

// Close closes the listener for the script.
func (h *hostListener) Close(s *interp.State) error {
	if h.closed {
		return nil
	}
	h.closed = true
	return sys.NetOf(s.Interp()).Elsewhere(s, trace.Event{Op: "close"}, func(*trace.Event) error { return closeHosted(s, h.core) })
}
