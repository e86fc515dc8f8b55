//go:build unix

package socket

import (
	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/conn"
	"wirelua/stdlib/internal/sys"
)

var _ conn.Transport = (*Socket)(nil)

// Socket is what a Lua socket holds.
type Socket struct {
	conn.Buffer // read ahead by readline and its kin, handed out first by recv
	fd          *sys.FD
	peer        *addr.Addr // as far as connect and accept told; for error messages
	closed      bool       // by the script; the descriptor lives on while files use it
	files       int        // open makefile objects
}

// Type is the Lua socket.
var Type = &interp.Type{
	Name:   "socket",
	Doc:    "a socket; see the module's functions that make one",
	Fields: "family type proto timeout",
	Class:  func(v any) [2]uint64 { return conn.Class(v.(*Socket).fd) },
	Index:  func(_ *interp.State, v any, key string) lua.LValue { return conn.Field(v.(*Socket).fd, key) },
	String: func(v any) string { return v.(*Socket).String() },
	Strict: true,
}

// self returns argument 1, the socket.
func self(s *interp.State) *Socket {
	if ud, ok := s.Get(1).(*lua.LUserData); ok {
		if k, ok := ud.Value.(*Socket); ok {
			return k
		}
	}
	s.TypeError(1, "socket")
	return nil
}

// push pushes a new Lua socket for a descriptor.
func push(s *interp.State, fd *sys.FD) *Socket {
	k := &Socket{fd: fd}
	s.Push(s.NewObject(Type, k))
	return k
}

// Fileno returns the descriptor's number, -1 when the script has closed it.
func (k *Socket) Fileno() int {
	if k.closed {
		return -1
	}
	return k.fd.Fileno()
}

// Descriptor is for those who hand it on; nil when the script has closed it.
func (k *Socket) Descriptor() *sys.FD {
	if k.Fileno() < 0 {
		return nil
	}
	return k.fd
}

// Buffered returns how much can be had without asking the kernel.
func (k *Socket) Buffered() int {
	if k.fd.Pending() {
		return 1 // a connection
	}
	return k.Buffer.Buffered()
}

// Limit is that of a call beginning now.
func (k *Socket) Limit() sys.Limit { return k.fd.Limit() }

// Recv receives from the descriptor.
func (k *Socket) Recv(s *interp.State, n, flags int, lim sys.Limit) (string, error) {
	if k.closed {
		return "", k.about(k.fd.Net().Closed(s, "recv"))
	}
	data, err := k.fd.Recv(s, n, flags, lim, nil)
	return data, k.about(err)
}

// SendAll sends to the descriptor.
func (k *Socket) SendAll(s *interp.State, data string, flags int, lim sys.Limit) (int, error) {
	if k.closed {
		return 0, k.about(k.fd.Net().Closed(s, "send"))
	}
	sent, err := k.fd.SendAll(s, data, flags, lim)
	return sent, k.about(err)
}

// Close closes the socket for the script. The descriptor closes with it, or
// with the last file made of it.
func (k *Socket) Close(s *interp.State) error {
	if k.closed {
		return nil
	}
	k.closed = true
	return k.release(s)
}

func (k *Socket) release(s *interp.State) error {
	if k.closed && k.files == 0 {
		return k.fd.CloseFor(s)
	}
	return nil
}

// about adds to an error whom the socket was talking to.
func (k *Socket) about(err error) error {
	switch err {
	case nil, unix.EAGAIN, unix.EINPROGRESS, unix.EALREADY:
		return err
	}
	e := *interp.AsOpError(err)
	if e.Code == "EBADF" {
		e.Message = "socket is closed"
	}
	if e.Address == "" && k.peer != nil {
		e.Address = k.peer.String()
	}
	return &e
}

// String is the socket as Lua prints it.
func (k *Socket) String() string { return conn.Text(k.fd, k.Fileno() >= 0) }
