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

// Exporter is an Endpoint that the host can have: a net.Conn or a net.Listener.
type Exporter interface {
	Export() (any, error)
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
	out, err := e.Export()
	if c, ok := out.(net.Conn); ok && v.(*Conn).Buffered() > 0 {
		out = &aheadConn{Conn: c, in: in, c: v.(*Conn)}
	}
	return out, o.About(err)
}

// Export is the host's connection.
func (h *hosted) Export() (any, error) { return h.core.conn, nil }

// Export is the host's listener.
func (h *hostedListener) Export() (any, error) { return h.core.l, nil }

// aheadConn is a connection with what the script had read ahead before what it reads.
type aheadConn struct {
	net.Conn
	in    *interp.Engine
	c     *Conn
	taken atomic.Bool
}

// Read leaves to the script what the script takes first.
func (a *aheadConn) Read(p []byte) (int, error) {
	if !a.taken.Load() && len(p) > 0 {
		data := ""
		a.in.WithTurn(func() { data = a.c.takeAhead(len(p)) })
		if data != "" {
			return copy(p, data), nil
		}
		a.taken.Store(true)
	}
	return a.Conn.Read(p)
}

// takeAhead takes up to n bytes of what was read and not handed out.
func (c *Conn) takeAhead(n int) string {
	if h, ok := c.t.(*hosted); ok && len(c.b) == 0 && h.core.unread() > 0 {
		data, _ := h.core.take(n, false)
		return data
	}
	return c.Take(n)
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
