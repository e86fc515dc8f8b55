//go:build unix

package conn

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/sys"
)

// bridge lets a relay, which is between descriptors, have a connection of the host's
// that has none: what goes through one end of a pair of sockets, goroutines copy
// between the other end and the connection.
type bridge struct {
	h      *hosted
	in     *interp.Interpreter
	near   *sys.FD       // the relay's end
	far    *net.UnixConn // ours
	failed atomic.Bool   // the relay did: no end is passed on
	broken atomic.Bool   // one direction here did
	over   chan struct{} // closed when the relay is
	sent   chan struct{} // closed when outward has ended
	errs   chan error    // what inward and outward ended with
}

// End is what a relay reads and writes.
func (h *hosted) End(s *interp.State) (sys.End, error) {
	all := sys.NetOf(s.Interp())
	near, ours, err := all.Pair(nil, unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return sys.End{}, err
	}
	far, err := netConn(ours)
	if err != nil {
		near.Close()
		return sys.End{}, err
	}
	_ = all.Hold(1) // far, in the place of ours: there is room
	near.Timeout = h.traits.Timeout
	b := &bridge{h: h, in: s.Interp(), near: near, far: far.(*net.UnixConn),
		over: make(chan struct{}), sent: make(chan struct{}), errs: make(chan error, 2)}
	interp.Aside(b.inward, func(err error) {
		b.end(err)
		b.far.CloseWrite()
	})
	interp.Aside(b.outward, func(err error) {
		b.end(err)
		b.h.core.finish(b.sent)
	})
	return sys.End{FD: near, Host: h.core.conn, Broken: b.broken.Load, Done: b.done}, nil
}

// end notes what one direction ended with. An error ends both.
func (b *bridge) end(err error) {
	b.errs <- err
	if err != nil {
		b.broken.Store(true)
		b.far.Close()
	}
}

// netConn makes a net.Conn of a socket, and closes that.
func netConn(fd *sys.FD) (net.Conn, error) {
	defer fd.Close()
	f, err := fd.File()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return net.FileConn(f)
}

// inward copies what the connection gives. It reads as recv does: what is still under
// way when the relay is over, is for who reads next.
func (b *bridge) inward() error {
	core := b.h.core
	for {
		var f *fetch
		b.in.Locked(func() {
			if core.fetch == nil {
				core.fetch = core.begin(maxFetch)
			}
			f = core.fetch
		})
		select {
		case <-f.done:
		case <-core.closing:
			return unix.EBADF
		case <-b.over:
			return nil
		}
		var data string
		var err error
		mine := false // or another thread's, who has had it
		b.in.Locked(func() {
			if mine = core.fetch == f; mine {
				data, err = core.take(maxFetch)
			}
		})
		if mine && (data == "" || err != nil) {
			return unlessClosed(err)
		}
		if _, err := io.WriteString(b.far, data); err != nil {
			return nil // the relay knows why
		}
	}
}

// unlessClosed is err, but nil when the connection was closed: that is an end, too.
func unlessClosed(err error) error {
	if errors.Is(err, io.ErrClosedPipe) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// outward copies what the relay has for the connection, and passes the end on. One that
// cannot be closed half, as a net.Pipe, is closed whole.
func (b *bridge) outward() error {
	conn := b.h.core.conn
	p := make([]byte, maxFetch)
	for {
		n, err := b.far.Read(p)
		if n > 0 {
			w := &hostWrite{conn: conn, data: p[:n]}
			if w.call(); w.err != nil {
				return w.err
			}
		}
		if err == nil {
			continue
		}
		if b.failed.Load() {
			return nil
		}
		if half, ok := conn.(interface{ CloseWrite() error }); ok {
			return unlessClosed(interp.Guard(half.CloseWrite))
		}
		return unlessClosed(interp.Guard(conn.Close))
	}
}

// done is called when the relay is over, with its error, and returns the one that it
// came from. Without any, it waits until all has been written.
func (b *bridge) done(s *interp.State, err error) error {
	if err == nil {
		err = b.h.core.await(s.Thread(), time.Time{}, b.sent)
	}
	b.failed.Store(err != nil)
	close(b.over)
	b.near.Close()
	b.far.Close()
	b.near.Net().Release(1)
	for range 2 {
		select {
		case own := <-b.errs:
			if own != nil {
				return about(piped(own), b.h, netAddr(b.h.core.conn.RemoteAddr()))
			}
		default:
		}
	}
	return err
}
