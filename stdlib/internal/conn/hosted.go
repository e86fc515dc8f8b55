//go:build unix

package conn

import (
	"errors"
	"io"
	"net"
	"time"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/trace"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/sys"
)

// HostedType is a connection of the host's that is no socket of the system's.
var HostedType = Type(&interp.Type{
	Name: "hosted socket",
	Doc:  "a connection that the host made, such as one end of a pipe in memory; it has no descriptor, and select does not take it",
	Methods: Manual(map[string]string{
		"send":     "sends all of data, and returns its length; waits",
		"shutdown": "ends what the connection can end of SHUT_RD, SHUT_WR, SHUT_RDWR, else EOPNOTSUPP; true; waits",
		"close":    "closes the connection; threads waiting on it get EBADF; true, also twice; waits",
		"fileno":   "-1: there is no descriptor",
	}, Methods, ObjectMethods),
})

// endOfHost is what connections and listeners of the host's have in common.
type endOfHost struct {
	traits sys.Traits
	at     net.Addr
	peer   net.Addr      // nil for a listener
	seen   *trace.Socket // what the observer is told; nil while it was told nothing
}

// describe returns what the observer is told of a connection or listener; nil when there is none.
func describe(s *interp.State, t Endpoint) *trace.Socket {
	n := sys.NetOf(s.Interp())
	if !n.Observed() {
		return nil
	}
	if fd := t.Descriptor(); fd != nil {
		return fd.Describe()
	}
	return t.(interface {
		describe(n *sys.Net) *trace.Socket
	}).describe(n)
}

func (e *endOfHost) describe(n *sys.Net) *trace.Socket {
	if e.seen == nil {
		e.seen = &trace.Socket{Run: n.Run, Number: n.Number(), Network: networkName(e.at), Local: addrOrNone(e.at), Peer: addrOrNone(e.peer)}
	}
	return e.seen
}

func addrOrNone(a net.Addr) string {
	if a == nil {
		return ""
	}
	return a.String()
}

func newEndOfHost(in *interp.Engine, at, peer net.Addr) endOfHost {
	e := endOfHost{at: at, peer: peer,
		traits: sys.Traits{Timeout: sys.NetOf(in).DefaultTimeout, Family: unix.AF_UNSPEC, Type: unix.SOCK_STREAM}}
	if a := netAddr(at); a != nil {
		e.traits.Family = a.Family
	}
	return e
}

// Noun is a socket's: to scripts it is one.
func (e *endOfHost) Noun() string { return "socket" }

// Traits are the script's own.
func (e *endOfHost) Traits() *sys.Traits { return &e.traits }

// Descriptor is nil: there is none.
func (e *endOfHost) Descriptor() *sys.FD { return nil }

// Sockname is the host's name for this end.
func (e *endOfHost) Sockname() (*addr.Addr, error) { return netAddr(e.at), nil }

// hosted is the Transport of a connection of the host's.
type hosted struct {
	endOfHost
	core *hostCore
	over bool // Finish has closed it, for want of a way to end sending alone
}

func newHosted(in *interp.Engine, c net.Conn) lua.LValue {
	_ = interp.Guard(func() error { return c.SetDeadline(time.Time{}) }) // the host's would end the script's calls
	core := &hostCore{core: newCore(in), conn: c}
	core.chaos = sys.NetOf(in).Disturb(networkName(c.LocalAddr()), netAddr(c.RemoteAddr()))
	h := New(&hosted{endOfHost: newEndOfHost(in, c.LocalAddr(), c.RemoteAddr()), core: core}, netAddr(c.RemoteAddr()))
	hostedOf(in)[core] = struct{}{}
	interp.OnDrop(in, h, core, func(in *interp.Engine, core *hostCore) { dropHosted(in, core) })
	return in.NewObject(HostedType, h)
}

// Text is a socket's, with the network in the descriptor's place.
func (h *hosted) Text(open bool) string {
	if !open {
		return "socket(closed, " + networkName(h.at) + ")"
	}
	return "socket(" + networkName(h.at) + ", " + addrText(h.at) + " -> " + addrText(h.core.conn.RemoteAddr()) + ")"
}

// Peername is the host's name for the other end.
func (h *hosted) Peername() (*addr.Addr, error) { return netAddr(h.core.conn.RemoteAddr()), nil }

// Ready is how much a Read has brought that is not handed out.
func (h *hosted) Ready() int { return h.core.unread() }

// Hold makes it an interp.Holder.
func (h *hosted) Hold(a *interp.Account) { a.Bytes(h.core.unread()) }

// Recv receives from the connection. Of the flags it knows those that need nothing of the system's.
func (h *hosted) Recv(s *interp.State, n, flags int, lim sys.Limit) (data string, err error) {
	s.Thread().Stay() // somebody else's connection waits on a goroutine anyway
	const known = unix.MSG_DONTWAIT | unix.MSG_PEEK | unix.MSG_WAITALL
	switch {
	case flags&^known != 0:
		return "", unix.EOPNOTSUPP
	case n == 0:
		return "", nil
	}
	lim.Nonblock = lim.Nonblock || flags&unix.MSG_DONTWAIT != 0
	err = h.run(s, trace.Event{Op: "recv", Size: int64(n), Flags: flags}, func() (_ string, err error) {
		err = h.core.read(s, n, lim, func(n int) (err error) {
			data, err = h.core.take(n, flags&unix.MSG_PEEK != 0)
			return err
		})
		return data, err
	})
	return data, err
}

// Pull receives into x.
func (h *hosted) Pull(s *interp.State, x *sys.Piece, n int, lim sys.Limit) error {
	return h.run(s, trace.Event{Op: "recv", Size: int64(n)}, func() (string, error) {
		err := h.core.read(s, n, lim, func(n int) error { return h.core.takePiece(x, n) })
		if h.over && (errors.Is(err, io.ErrClosedPipe) || errors.Is(err, net.ErrClosed)) {
			err = nil // that is an end, too
		}
		return shown(s, x.Bytes()), err
	})
}

// shown is a copy of what moved, for who is observed.
func shown(s *interp.State, p []byte) string {
	if sys.NetOf(s.Interp()).Observed() {
		return string(p)
	}
	return ""
}

// Push sends x, or as much as goes before it fails.
func (h *hosted) Push(s *interp.State, x *sys.Piece, lim sys.Limit) error {
	return h.run(s, trace.Event{Op: "send", Size: int64(len(x.Bytes()))}, func() (string, error) {
		n, err := h.core.write(s, x.Bytes(), lim)
		moved := shown(s, x.Bytes()[:n])
		x.Went(n)
		return moved, err
	})
}

// Finish ends sending. A connection that cannot do that alone, as a net.Pipe, is closed whole: or its
// peer would wait for ever.
func (h *hosted) Finish(s *interp.State, _ sys.Limit) error {
	end := h.core.conn.Close
	if half, ok := h.core.conn.(interface{ CloseWrite() error }); ok {
		end = half.CloseWrite
	} else {
		h.over = true
	}
	return h.run(s, trace.Event{Op: "shutdown", Flags: unix.SHUT_WR}, func() (string, error) {
		err := h.aside(s, end)
		if errors.Is(err, io.ErrClosedPipe) || errors.Is(err, net.ErrClosed) {
			err = nil // it is closed
		}
		return "", err
	})
}

// Send sends all of data, or as much as went before it failed.
func (h *hosted) Send(s *interp.State, data string, flags int, lim sys.Limit) (n int, err error) {
	if flags&^unix.MSG_DONTWAIT != 0 {
		return 0, unix.EOPNOTSUPP
	}
	err = h.run(s, trace.Event{Op: "send", Size: int64(len(data)), Flags: flags}, func() (_ string, err error) {
		n, err = h.core.write(s, unsafe.Slice(unsafe.StringData(data), len(data)), lim)
		return data[:n], err
	})
	return n, err
}

// Shutdown asks the connection to end what it can end: tls.Conn knows CloseWrite, which says
// goodbye, and net.Pipe nothing.
func (h *hosted) Shutdown(s *interp.State, how int) error {
	w, canWrite := h.core.conn.(interface{ CloseWrite() error })
	r, canRead := h.core.conn.(interface{ CloseRead() error })
	if how != unix.SHUT_RD && !canWrite || how == unix.SHUT_RD && !canRead {
		return unix.EOPNOTSUPP
	}
	return h.run(s, trace.Event{Op: "shutdown", Flags: how}, func() (string, error) {
		return "", h.aside(s, func() (err error) {
			if how != unix.SHUT_RD {
				err = w.CloseWrite()
			}
			if how != unix.SHUT_WR && canRead && err == nil {
				err = r.CloseRead()
			}
			return err
		})
	})
}

// aside calls fn without the turn, and waits for it as long as the connection's timeout says.
func (h *hosted) aside(s *interp.State, fn func() error) error {
	var err error
	done := make(chan struct{})
	interp.Aside(fn, func(e error) {
		err = e
		h.core.finish(done)
	})
	if reason := h.core.await(s.Thread(), h.traits.Limit().Deadline, done); reason != nil {
		return reason
	}
	return err
}

// run makes do an operation on the connection, which returns the bytes that it moved.
func (h *hosted) run(s *interp.State, e trace.Event, do func() (moved string, err error)) error {
	n := sys.NetOf(s.Interp())
	e.Socket, e.Address = describe(s, h), addrOrNone(h.peer)
	return piped(n.Elsewhere(s, e, func(e *trace.Event) error {
		moved, err := do()
		if n.Observed() {
			e.Data = []byte(moved)
		}
		return err
	}))
}

// piped gives the error of a pipe in memory the system's name for it.
func piped(err error) error {
	if !errors.Is(err, io.ErrClosedPipe) {
		return err
	}
	e := *interp.AsOpError(err)
	e.Code, e.Errno, e.Message = "EPIPE", unix.EPIPE, unix.EPIPE.Error()
	return &e
}

// CloseFor closes the connection.
func (h *hosted) CloseFor(s *interp.State) error {
	return h.run(s, trace.Event{Op: "close", By: "script"}, func() (string, error) { return "", closeHosted(s, h.core) })
}

// Abandon writes what can be written soon.
func (h *hosted) Abandon(rest []byte) {
	conn := h.core.conn
	_ = interp.Guard(func() error {
		if err := conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
			return err
		}
		_, err := conn.Write(rest)
		return err
	})
}

// dropHosted closes what the script let go of, unless the host has got it back.
func dropHosted(in *interp.Engine, core closer) {
	mine := false
	in.WithTurn(func() {
		if _, mine = hostedOf(in)[core]; mine {
			core.abandon()
		}
	})
	if mine {
		_ = core.close()
		in.WithTurn(func() { delete(hostedOf(in), core) })
	}
}

// closer is a core: what of a connection or listener outlives the Lua object.
type closer interface {
	abandon() // is called with the turn
	close() error
	finish(done chan struct{})
	awaitEnd(t *interp.Thread, done <-chan struct{}) error
}

type hostedKey struct{}

// hostedOf are the open connections and listeners of the host's that an interpreter
// has, but for those that the host has got back. They are closed with it.
func hostedOf(in *interp.Engine) map[closer]struct{} {
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

// closeHosted closes without the turn: a TLS connection says goodbye first.
func closeHosted(s *interp.State, core closer) error {
	delete(hostedOf(s.Interp()), core)
	core.abandon()
	var err error
	done := make(chan struct{})
	interp.Aside(core.close, func(e error) {
		err = e
		core.finish(done)
	})
	if reason := core.awaitEnd(s.Thread(), done); reason != nil {
		return reason
	}
	if errors.Is(err, net.ErrClosed) {
		return nil // the host did
	}
	return err
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
