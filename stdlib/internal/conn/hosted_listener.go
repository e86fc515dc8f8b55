//go:build unix

package conn

import (
	"errors"
	"net"
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/trace"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/sys"
)

// HostedListenerType is a listener of the host's that is no socket of the system's.
var HostedListenerType = Type(&interp.Type{
	Name: "hosted listener",
	Doc:  "a listener that the host made, such as one of TLS connections; it has no descriptor, and select does not take it",
	Methods: Manual(map[string]string{"fileno": "-1: there is no descriptor"}, Accepts("hosted_socket", `
		> function welcome(listener) -- which the host calls with a listener of its own
		>   local client, address = listener:accept()
		>   client:with(client.sendall, "hello, ", address, "\n")
		> end
		`, `
		> function serve(listener) -- which the host calls with a listener of its own
		>   for client, address in listener:clients() do
		>     thread.start(client.with, client, function(c) c:sendall(c:recv()) end)
		>   end
		> end
		`), ObjectMethods),
})

// hostedListener is the Acceptor of a listener of the host's.
type hostedListener struct {
	endOfHost
	core *listenerCore
}

func newHostedListener(in *interp.Engine, l net.Listener) lua.LValue {
	core := &listenerCore{core: newCore(in), l: l}
	core.chaos = sys.NetOf(in).Disturb("listener", netAddr(l.Addr()))
	h := NewListener(&hostedListener{newEndOfHost(in, l.Addr(), nil), core})
	hostedOf(in)[core] = struct{}{}
	interp.OnDrop(in, h, core, func(in *interp.Engine, core *listenerCore) { dropHosted(in, core) })
	return in.NewObject(HostedListenerType, h)
}

// Text is a socket's, with the network in the descriptor's place.
func (h *hostedListener) Text(open bool) string {
	if !open {
		return "socket(closed, " + networkName(h.at) + ")"
	}
	return "socket(" + networkName(h.at) + ", " + addrText(h.at) + ")"
}

// Ready is 1 when a client has come that nobody has taken.
func (h *hostedListener) Ready() int {
	if a := h.core.accept; a != nil && ended(a.done) {
		return 1
	}
	return 0
}

// Accept waits for a client. That may be a socket of the system's.
func (h *hostedListener) Accept(s *interp.State, lim sys.Limit) (client lua.LValue, peer *addr.Addr, err error) {
	s.Thread().Stay()
	err = sys.NetOf(s.Interp()).Elsewhere(s, trace.Event{Op: "accept", Socket: describe(s, h)}, func(e *trace.Event) error {
		c, err := h.core.next(s, lim)
		if ended(h.core.closing) || errors.Is(err, net.ErrClosed) {
			err = unix.EBADF
		}
		if err != nil {
			return err
		}
		client, peer, err = taken(s, c, e)
		return err
	})
	return client, peer, err
}

// taken makes a client of the host's the script's.
func taken(s *interp.State, c net.Conn, e *trace.Event) (lua.LValue, *addr.Addr, error) {
	peer := netAddr(c.RemoteAddr())
	v, err := s.Interp().ToLua(c)
	if err != nil {
		c.Close()
		return nil, nil, err
	}
	if ud, ok := v.(*lua.LUserData); ok {
		k := ud.Value.(*Conn)
		e.FD, e.New = k.Fileno(), describe(s, k.t)
	}
	if peer != nil {
		e.Address = peer.String()
	}
	return v, peer, nil
}

// CloseFor closes the listener.
func (h *hostedListener) CloseFor(s *interp.State) error {
	return sys.NetOf(s.Interp()).Elsewhere(s, trace.Event{Op: "close", Socket: describe(s, h), By: "script"}, func(*trace.Event) error { return closeHosted(s, h.core) })
}

// listenerCore makes the calls. An Accept goes on when the thread that wanted it gives
// up, and the client is for the next one.
type listenerCore struct {
	core
	l      net.Listener
	accept *accepted // under way, or not taken
}

type accepted struct {
	done chan struct{}
	conn net.Conn
	err  error
}

func (c *listenerCore) close() error { return c.end(c.l.Close) }

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
		c.finish(a.done)
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
		err := c.await(s.Thread(), lim.Deadline, c.accept.done)
		if err == interp.ErrTimeout && lim.Nonblock {
			err = unix.EAGAIN
		}
		if err != nil {
			return nil, err
		}
		if a := c.accept; a != nil && ended(a.done) {
			if err := c.admit(s, lim, c.chaos.BeforeAccept); err != nil {
				return nil, err
			}
			if c.accept != a { // another thread has had it meanwhile
				continue
			}
			c.accept = nil
			c.chaos.After(false, 0)
			return a.conn, a.err
		}
	}
}
