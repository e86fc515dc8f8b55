//go:build unix

package conn

import (
	"errors"
	"net"
	"net/netip"
	"sync/atomic"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/lookup"
)

// Hosted makes a Lua object of a connection or listener of the host's, which is the script's from then
// on: a net.Conn or a net.Listener. It returns nil for anything else.
func Hosted(in *interp.Engine, v any) lua.LValue {
	switch c := v.(type) {
	case net.Conn:
		return newHosted(in, c)
	case net.Listener:
		return newHostedListener(in, c)
	}
	return nil
}

// Exporter is an Endpoint that the host can have: a net.Conn or a net.Listener. What it holds itself that the
// host would miss is the host's to read through what Export wraps.
type Exporter interface {
	Export(in *interp.Engine) (any, error)
}

// Export is what the host gets for v, an object that a script hands to it: a net.Conn, with what was
// read ahead, or a net.Listener; nil for what is no Exporter.
func Export(in *interp.Engine, v any) (any, error) {
	o, ok := v.(object)
	if !ok {
		return nil, nil
	}
	e, ok := o.Endpoint().(Exporter)
	if !ok {
		return nil, nil
	}
	if o.Shut() {
		return nil, o.About(unix.EBADF)
	}
	out, err := e.Export(in)
	if c, ok := out.(net.Conn); ok && v.(*Conn).ahead() {
		out = &aheadConn{Conn: c, in: in, c: v.(*Conn)}
	}
	return out, o.About(err)
}

// Export is the host's connection, which is the host's to close from then on, as well as the script's: neither the
// collector nor the interpreter's end does that any more.
func (h *hosted) Export(in *interp.Engine) (any, error) {
	delete(hostedOf(in), h.core)
	return h.core.conn, nil
}

// Export is the host's listener, likewise.
func (h *hostedListener) Export(in *interp.Engine) (any, error) {
	delete(hostedOf(in), h.core)
	if h.core.accept != nil {
		return &aheadListener{Listener: h.core.l, in: in, core: h.core}, nil
	}
	return h.core.l, nil
}

// aheadConn is a connection with what the script had read ahead before what it reads.
type aheadConn struct {
	net.Conn
	in    *interp.Engine
	c     *Conn
	taken atomic.Bool
}

// Read leaves to the script what the script takes first.
func (a *aheadConn) Read(p []byte) (n int, err error) {
	for !a.taken.Load() && len(p) > 0 {
		var coming <-chan struct{}
		a.in.WithTurn(func() { n, coming, err = a.c.takeAhead(p) })
		switch {
		case n > 0 || err != nil:
			return n, err
		case coming == nil:
			a.taken.Store(true)
		default:
			<-coming
		}
	}
	return a.Conn.Read(p)
}

// ahead reports whether something was read that nobody has taken, or is being read for somebody who gave up.
func (c *Conn) ahead() bool {
	if h, ok := c.t.(*hosted); ok && h.core.fetch != nil && h.core.readers == 0 {
		return true
	}
	return c.Buffered() > 0
}

// takeAhead takes what was read and not handed out, or the error that ended that, or says when a Read has ended that is
// under way.
func (c *Conn) takeAhead(p []byte) (n int, coming <-chan struct{}, err error) {
	h, ok := c.t.(*hosted)
	switch {
	case len(c.b) > 0 || !ok || h.core.fetch == nil:
		return copy(p, c.Take(len(p))), nil, nil
	case !ended(h.core.fetch.done):
		return 0, h.core.fetch.done, nil
	}
	data, err := h.core.take(len(p), false)
	return copy(p, data), nil, err
}

// aheadListener is a listener with the client that the script waited for before those that come.
type aheadListener struct {
	net.Listener
	in   *interp.Engine
	core *listenerCore
}

// Accept leaves to the script what the script takes first.
func (a *aheadListener) Accept() (net.Conn, error) {
	for {
		var under *accepted
		mine := false
		a.in.WithTurn(func() {
			if under = a.core.accept; under != nil && ended(under.done) {
				a.core.accept, mine = nil, true
			}
		})
		switch {
		case under == nil:
			return a.Listener.Accept()
		case mine:
			return under.conn, under.err
		}
		<-under.done
	}
}

// CloseWrite ends sending, as tls.Conn's and net's own do; errors.ErrUnsupported if the connection cannot.
func (a *aheadConn) CloseWrite() error {
	if half, ok := a.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// NetConn is the connection itself, as tls.Conn's is.
func (a *aheadConn) NetConn() net.Conn { return a.Conn }

// netAddr is an address of Go's as Lua sees it; of a kind unknown to sockets, its
// name as a path.
func netAddr(a net.Addr) *addr.Addr {
	switch a := a.(type) {
	case nil:
		return nil
	case *net.TCPAddr:
		if a == nil {
			return nil
		}
		return ipAddr(a.IP, a.Port, a.Zone)
	case *net.UDPAddr:
		if a == nil {
			return nil
		}
		return ipAddr(a.IP, a.Port, a.Zone)
	case *net.UnixAddr:
		if a == nil {
			return nil
		}
		return &addr.Addr{Family: unix.AF_UNIX, Path: a.Name}
	}
	return &addr.Addr{Family: unix.AF_UNIX, Path: a.String()}
}

func ipAddr(ip net.IP, port int, zone string) *addr.Addr {
	a, ok := netip.AddrFromSlice(ip)
	if !ok {
		a = netip.IPv4Unspecified()
	}
	addr, err := lookup.NewAddr(a.Unmap().WithZone(zone), port)
	if err != nil { // an interface that is gone
		addr, _ = lookup.NewAddr(a.Unmap().WithZone(""), port)
	}
	return addr
}
