//go:build unix

package socket

import (
	"net"
	"os"
	"sync/atomic"
	"syscall"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/conn"
	"wirelua/stdlib/internal/sys"
)

// ownDescriptor is what net's own connections and listeners, and os.File, have.
type ownDescriptor interface {
	syscall.Conn
	Close() error
}

// importConn makes sockets of connections and listeners of the host's, which are
// the script's from then on. Those that are a socket of the system's become one; all
// others, a tls.Conn or an end of net.Pipe, become an object with the same methods
// that calls them. What embeds one of net's own types is among the others: it may
// have changed what Read and Write do.
func importConn(in *interp.Interpreter, v any) (lua.LValue, error) {
	switch c := v.(type) {
	case *sys.FD: // of another module's, which has no further use for it
		k := &Socket{fd: c}
		k.peer, _ = c.Peername()
		return in.NewObject(Type, k), nil
	case *net.TCPConn, *net.UnixConn, *net.UDPConn, *net.IPConn, *net.TCPListener, *os.File:
		return importDescriptor(in, c.(ownDescriptor))
	case *net.UnixListener:
		c.SetUnlinkOnClose(false) // it is the script's to unlink, as in Python
		return importDescriptor(in, c)
	case net.Conn:
		return in.NewObject(hostConnType, newHostConn(in, c)), nil
	case net.Listener:
		return in.NewObject(hostListenerType, newHostListener(in, c)), nil
	}
	return nil, nil
}

func importDescriptor(in *interp.Interpreter, c ownDescriptor) (lua.LValue, error) {
	fd, err := sys.NetOf(in).FromConn(c)
	if err == unix.ENOTSOCK {
		return nil, nil // a file
	}
	if err != nil {
		return nil, err
	}
	_ = c.Close() // the host's descriptor; the socket lives on in the script's
	k := &Socket{fd: fd}
	k.peer, _ = fd.Peername()
	return in.NewObject(Type, k), nil
}

// exportConn makes a net.Conn or net.Listener of a socket that a script hands to
// the host. It has a descriptor of its own: each side closes its own.
func exportConn(in *interp.Interpreter, v any) (any, error) {
	switch v := v.(type) {
	case *Socket:
		return v.export(in)
	case *hostConn:
		if v.closed {
			return nil, unix.EBADF
		}
		return ahead(in, v.core.conn, v), nil
	case *hostListener:
		if v.closed {
			return nil, unix.EBADF
		}
		return v.core.l, nil
	}
	return nil, nil
}

func (k *Socket) export(in *interp.Interpreter) (any, error) {
	if k.Fileno() < 0 {
		return nil, k.about(unix.EBADF)
	}
	f, err := k.fd.File()
	if err != nil {
		return nil, k.about(err)
	}
	defer f.Close()
	if n, err := k.fd.Int(unix.SOL_SOCKET, unix.SO_ACCEPTCONN); err == nil && n != 0 {
		return net.FileListener(f)
	}
	c, err := net.FileConn(f)
	if err != nil {
		return nil, k.about(err)
	}
	return ahead(in, c, k), nil
}

// readAhead is what a connection has read and not yet handed out.
type readAhead interface {
	Buffered() int
	Take(n int) string
}

var _ readAhead = (*conn.Buffer)(nil)

// ahead returns c; if the script has read ahead, with that before what c reads.
func ahead(in *interp.Interpreter, c net.Conn, b readAhead) net.Conn {
	if b.Buffered() == 0 {
		return c
	}
	return &aheadConn{Conn: c, in: in, b: b}
}

type aheadConn struct {
	net.Conn
	in    *interp.Interpreter
	b     readAhead
	taken atomic.Bool
}

// Read leaves to the script what the script takes first.
func (a *aheadConn) Read(p []byte) (int, error) {
	if !a.taken.Load() && len(p) > 0 {
		data := ""
		a.in.Locked(func() { data = a.b.Take(len(p)) })
		if data != "" {
			return copy(p, data), nil
		}
		a.taken.Store(true)
	}
	return a.Conn.Read(p)
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
		return ipAddr(a.IP, a.Port, a.Zone)
	case *net.UDPAddr:
		return ipAddr(a.IP, a.Port, a.Zone)
	case *net.UnixAddr:
		if a == nil {
			return nil
		}
		return &addr.Addr{Family: unix.AF_UNIX, Path: a.Name}
	}
	return &addr.Addr{Family: unix.AF_UNIX, Path: a.String()}
}
