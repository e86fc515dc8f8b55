//go:build unix

package socket

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/trace"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/conn"
	"wirelua/stdlib/internal/lookup"
	"wirelua/stdlib/internal/sys"
)

var _ conn.Transport = (*hostConn)(nil)

// hostConn is a connection of the host's that is no socket of the system's.
type hostConn struct {
	conn.Buffer
	hosted
	core  *hostCore
	files int // open makefile objects
}

// hosted is what connections and listeners of the host's have in common.
type hosted struct {
	timeout time.Duration // negative: none
	closed  bool          // by the script
}

func (h *hosted) base() *hosted { return h }

// Limit is that of a call beginning now.
func (h *hosted) Limit() sys.Limit {
	switch {
	case h.timeout < 0:
		return sys.Limit{}
	case h.timeout == 0:
		return sys.Limit{Nonblock: true}
	}
	return sys.Limit{Deadline: time.Now().Add(h.timeout)}
}

// hostConnType is called socket, too: to scripts it is one.
var hostConnType = &interp.Type{
	Name:   "socket",
	Doc:    "a connection of the host's",
	Fields: "family type proto timeout",
	Index: func(_ *interp.State, v any, key string) lua.LValue {
		h := v.(*hostConn)
		return hostedField(&h.hosted, h.core.conn.LocalAddr(), key)
	},
	String: func(v any) string { return v.(*hostConn).String() },
	Strict: true,
}

func hostedField(h *hosted, local net.Addr, key string) lua.LValue {
	switch key {
	case "timeout":
		return conn.Seconds(h.timeout)
	case "type":
		return lua.LNumber(unix.SOCK_STREAM)
	case "proto":
		return lua.LNumber(0)
	case "family":
		if a := netAddr(local); a != nil {
			return lua.LNumber(a.Family)
		}
		return lua.LNumber(unix.AF_UNSPEC)
	}
	return nil
}

func newHostConn(in *interp.Interpreter, c net.Conn) *hostConn {
	_ = interp.Guard(func() error { return c.SetDeadline(time.Time{}) }) // the host's would end the script's calls
	core := &hostCore{conn: c, closing: make(chan struct{})}
	h := &hostConn{hosted: hosted{timeout: sys.NetOf(in).DefaultTimeout}, core: core}
	hostedOf(in)[core] = struct{}{}
	interp.OnDrop(in, h, core, func(in *interp.Interpreter, core *hostCore) { dropHosted(in, core) })
	return h
}

// dropHosted closes what the script let go of.
func dropHosted(in *interp.Interpreter, core closer) {
	core.abandon()
	_ = core.close()
	in.Locked(func() { delete(hostedOf(in), core) })
}

// closer is a core: what of a connection or listener outlives the Lua object.
type closer interface {
	abandon() // is called with the turn, unless the Lua object is gone
	close() error
}

type hostedKey struct{}

// hostedOf are the open connections and listeners of the host's that an interpreter
// has. They are closed with it.
func hostedOf(in *interp.Interpreter) map[closer]struct{} {
	return in.Local(hostedKey{}, func() any {
		all := map[closer]struct{}{}
		in.OnClose(func() {
			done := make(chan struct{})
			for c := range all { // side by side: each may have something to say first
				c.abandon()
				interp.Aside(c.close, func(error) { done <- struct{}{} })
			}
			for range all {
				<-done
			}
		})
		return all
	}).(map[closer]struct{})
}

// Buffered is what was read and not yet handed out.
func (h *hostConn) Buffered() int { return h.Buffer.Buffered() + h.core.unread() }

// Hold makes it an interp.Holder.
func (h *hostConn) Hold(a *interp.Account) {
	h.Buffer.Hold(a)
	a.Bytes(h.core.unread())
}

// Take removes up to n bytes of that.
func (h *hostConn) Take(n int) string {
	if h.Buffer.Buffered() > 0 || h.core.unread() == 0 {
		return h.Buffer.Take(n)
	}
	data, _ := h.core.take(n)
	return data
}

// Fileno is -1: there is no descriptor.
func (h *hostConn) Fileno() int { return -1 }

// hostFlags are those that mean something here; Receive has done its part for them.
const hostFlags = unix.MSG_DONTWAIT | unix.MSG_PEEK | unix.MSG_WAITALL

// Recv receives from the connection.
func (h *hostConn) Recv(s *interp.State, n, flags int, lim sys.Limit) (data string, err error) {
	switch {
	case h.closed && h.files == 0:
		return "", h.about(sys.NetOf(s.Interp()).Closed(s, "recv"))
	case flags&^hostFlags != 0:
		return "", h.about(unix.EOPNOTSUPP)
	case n == 0:
		return "", nil
	}
	lim.Nonblock = lim.Nonblock || flags&unix.MSG_DONTWAIT != 0
	err = h.run(s, "recv", func() (_ string, err error) {
		data, err = h.core.read(s, n, lim, flags&unix.MSG_PEEK != 0)
		return data, err
	})
	return data, h.about(err)
}

// SendAll sends to the connection.
func (h *hostConn) SendAll(s *interp.State, data string, flags int, lim sys.Limit) (n int, err error) {
	switch {
	case h.closed && h.files == 0:
		return 0, h.about(sys.NetOf(s.Interp()).Closed(s, "send"))
	case flags&^unix.MSG_DONTWAIT != 0:
		return 0, h.about(unix.EOPNOTSUPP)
	}
	err = h.run(s, "send", func() (_ string, err error) {
		n, err = h.core.write(s, data, lim)
		return data[:n], err
	})
	return n, h.about(err)
}

// run makes do an operation on the connection, which returns the bytes that it moved.
func (h *hostConn) run(s *interp.State, op string, do func() (moved string, err error)) error {
	n := sys.NetOf(s.Interp())
	return n.Elsewhere(s, trace.Event{Op: op}, func(e *trace.Event) error {
		moved, err := do()
		if n.Observed() {
			e.Data = []byte(moved)
			if a := h.core.conn.RemoteAddr(); a != nil {
				e.Address = a.String()
			}
		}
		return err
	})
}

// Close closes the connection for the script; it stays open for files made of it.
func (h *hostConn) Close(s *interp.State) error {
	if h.closed {
		return nil
	}
	h.closed = true
	return h.release(s)
}

func (h *hostConn) release(s *interp.State) error {
	if !h.closed || h.files > 0 {
		return nil
	}
	return h.run(s, "close", func() (string, error) { return "", closeHosted(s, h.core) })
}

// closeHosted closes without the turn: a TLS connection says goodbye first.
func closeHosted(s *interp.State, core closer) error {
	delete(hostedOf(s.Interp()), core)
	core.abandon()
	var err error
	done := make(chan struct{})
	interp.Aside(core.close, func(e error) {
		err = e
		close(done)
	})
	if reason := await(s.Thread(), time.Time{}, done, nil); reason != nil {
		return reason
	}
	if errors.Is(err, net.ErrClosed) {
		return nil // the host did
	}
	return err
}

// about adds to an error whom the connection was with.
func (h *hostConn) about(err error) error {
	if err == nil || err == unix.EAGAIN {
		return err
	}
	e := *interp.AsOpError(err)
	switch {
	case e.Code == "EBADF":
		e.Message = "socket is closed"
	case errors.Is(err, io.ErrClosedPipe):
		e.Code, e.Errno, e.Message = "EPIPE", unix.EPIPE, unix.EPIPE.Error()
	}
	if a := h.core.conn.RemoteAddr(); e.Address == "" && a != nil {
		e.Address = a.String()
	}
	return &e
}

// String is the connection as Lua prints it.
func (h *hostConn) String() string {
	own, peer := h.core.conn.LocalAddr(), h.core.conn.RemoteAddr()
	if h.closed {
		return "socket(closed, " + networkName(own) + ")"
	}
	return "socket(" + networkName(own) + ", " + addrText(own) + " -> " + addrText(peer) + ")"
}

// networkName says what kind of connection or listener has an address, as the host's own
// may be of any: "pipe", "tcp".
func networkName(a net.Addr) string {
	if a == nil {
		return "the host's"
	}
	return a.Network()
}

func addrText(a net.Addr) string {
	if a == nil {
		return "?"
	}
	return a.String()
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
