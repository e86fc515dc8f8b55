//go:build unix

package socket

import (
	"net"
	"os"
	"syscall"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/conn"
	"wirelua/stdlib/internal/sys"
)

// Type is the Lua socket.
var Type = conn.Type(&interp.Type{Name: "socket", Doc: "a socket; see the module's functions that make one"})

var (
	_ conn.Transport  = plain{}
	_ conn.Acceptor   = plain{}
	_ conn.Datagrams  = plain{}
	_ conn.FileSender = plain{}
	_ conn.Exporter   = plain{}
	_ conn.Bare       = plain{}
)

// plain is the Transport of a socket with nothing on top, and the Acceptor of one that listens.
type plain struct{ conn.OnDescriptor }

func newSocket(fd *sys.FD, peer *addr.Addr) *conn.Conn { return conn.New(plain{conn.On(fd)}, peer) }

// push pushes a new Lua socket for a descriptor that is connected to peer, nil when it is not.
func push(s *interp.State, fd *sys.FD, peer *addr.Addr) {
	s.Push(s.NewObject(Type, newSocket(fd, peer)))
}

// self returns argument 1, a socket, and its descriptor.
func self(s *interp.State) (*conn.Conn, *sys.FD) {
	if ud, ok := s.Get(1).(*lua.LUserData); ok {
		if k, ok := ud.Value.(*conn.Conn); ok {
			if p, ok := k.Transport().(plain); ok {
				return k, p.Descriptor()
			}
		}
	}
	s.TypeError(1, "socket")
	return nil, nil
}

// open is self for a socket that must be open; see conn.Open.
func open(s *interp.State, op string) (*conn.Conn, *sys.FD) {
	k, fd := self(s)
	if k.Shut() {
		s.Raise(k.About(fd.Closed(s, op)))
	}
	return k, fd
}

// Recv receives from the descriptor.
func (p plain) Recv(s *interp.State, n, flags int, lim sys.Limit) (string, error) {
	return p.Descriptor().Recv(s, n, flags, lim, nil)
}

// RecvFrom receives a datagram.
func (p plain) RecvFrom(s *interp.State, n, flags int, lim sys.Limit) (data string, from *addr.Addr, err error) {
	data, err = p.Descriptor().Recv(s, n, flags, lim, &from)
	return data, from, err
}

// Send sends to the descriptor.
func (p plain) Send(s *interp.State, data string, flags int, lim sys.Limit) (int, error) {
	return p.Descriptor().Send(s, data, flags, lim)
}

// SendPieces sends several strings to the descriptor.
func (p plain) SendPieces(s *interp.State, pieces []string, flags int, lim sys.Limit) (int, error) {
	return p.Descriptor().SendPieces(s, pieces, flags, lim)
}

// SendFile has the kernel send a file.
func (p plain) SendFile(s *interp.State, in int, offset, count int64, lim sys.Limit) (int64, error) {
	return p.Descriptor().SendFile(s, in, offset, count, lim)
}

// Shutdown ends directions.
func (p plain) Shutdown(s *interp.State, how int) error { return p.Descriptor().Shutdown(s, how) }

// Pull receives from the descriptor.
func (p plain) Pull(s *interp.State, x *sys.Piece, n int, lim sys.Limit) error {
	return p.Descriptor().Pull(s, x, n, lim)
}

// Push sends to the descriptor.
func (p plain) Push(s *interp.State, x *sys.Piece, lim sys.Limit) error {
	return p.Descriptor().Push(s, x, lim)
}

// Finish ends sending.
func (p plain) Finish(s *interp.State, _ sys.Limit) error { return p.Descriptor().Finish(s) }

// Abandon writes what there is room for.
func (p plain) Abandon(rest []byte) { p.Descriptor().TryWrite(rest) }

// Bare is the descriptor.
func (p plain) Bare() *sys.FD { return p.Descriptor() }

// Accept takes a client.
func (p plain) Accept(s *interp.State, lim sys.Limit) (lua.LValue, *addr.Addr, error) {
	fd, peer, err := p.Descriptor().Accept(s, lim)
	if err != nil {
		return nil, nil, err
	}
	return s.NewObject(Type, newSocket(fd, peer)), peer, nil
}

// Export gives the host a descriptor of its own: each side closes its own.
func (p plain) Export(*interp.Engine) (any, error) {
	f, err := p.Descriptor().File()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if n, err := p.Descriptor().Int(unix.SOL_SOCKET, unix.SO_ACCEPTCONN); err == nil && n != 0 {
		return net.FileListener(f)
	}
	return net.FileConn(f)
}

// ownDescriptor is what net's own connections and listeners, and os.File, have.
type ownDescriptor interface {
	syscall.Conn
	Close() error
}

// importConn makes sockets of connections and listeners of the host's, which are the script's from
// then on. Those that are a socket of the system's become one; all others, a tls.Conn or an end of
// net.Pipe, become an object with the same methods that calls them. What embeds one of net's own
// types is among the others: it may have changed what Read and Write do.
func importConn(in *interp.Engine, v any) (lua.LValue, error) {
	switch c := v.(type) {
	case *sys.FD: // of another module's, which has no further use for it
		return imported(in, c), nil
	case *net.TCPConn, *net.UnixConn, *net.UDPConn, *net.IPConn, *net.TCPListener, *os.File:
		return importDescriptor(in, c.(ownDescriptor))
	case *net.UnixListener:
		c.SetUnlinkOnClose(false) // it is the script's to unlink, as in Python
		return importDescriptor(in, c)
	}
	return conn.Hosted(in, v), nil
}

func imported(in *interp.Engine, fd *sys.FD) lua.LValue {
	peer, _ := fd.Peername()
	return in.NewObject(Type, newSocket(fd, peer))
}

func importDescriptor(in *interp.Engine, c ownDescriptor) (lua.LValue, error) {
	fd, err := sys.NetOf(in).FromConn(c)
	if err == unix.ENOTSOCK {
		return nil, nil // a file
	}
	if err != nil {
		return nil, err
	}
	_ = c.Close() // the host's descriptor; the socket lives on in the script's
	return imported(in, fd), nil
}
