//go:build unix

package sys

import (
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/trace"
	"wirelua/stdlib/internal/addr"
)

// Bind binds the socket: bind(2). It is the listen door's.
func (f *FD) Bind(s *interp.State, a *addr.Addr, name string) error {
	return f.run(s, atOnce, &op{Event: trace.Event{Op: "bind"}, addr: a,
		door: func() error { return f.mayListen(s, a, name) },
		call: callFunc(func(fd int) error { return f.bind(fd, a) })})
}

func (f *FD) bind(fd int, a *addr.Addr) error {
	err := f.net.keeper.bind(f, fd, a)
	if err == nil {
		f.bound, f.port = true, a.Port
	}
	return err
}

// Listen makes the socket accept connections: listen(2). A socket that was
// never bound is bound to every address by that, which the listen door is
// asked for.
func (f *FD) Listen(s *interp.State, backlog int) error {
	return f.run(s, atOnce, &op{Event: trace.Event{Op: "listen", Size: int64(backlog)},
		door: func() error { return f.mayBecomeServer(s) },
		call: callFunc(func(fd int) error { return unix.Listen(fd, backlog) })})
}

// Shutdown closes one or both directions: shutdown(2).
func (f *FD) Shutdown(s *interp.State, how int) error {
	return f.run(s, atOnce, &op{Event: trace.Event{Op: "shutdown", Flags: how},
		call: callFunc(func(fd int) error { return f.shutdown(fd, how) })})
}

func (f *FD) shutdown(fd, how int) error {
	err := unix.Shutdown(fd, how)
	// The system answers ENOTCONN for a socket of datagrams that is not connected, and does it.
	if how != unix.SHUT_WR && (err == nil || err == unix.ENOTCONN) {
		for _, c := range f.copies() {
			c.deaf = true
			c.desc.Wake()
		}
	}
	return err
}

// ended reports whether a call that receives is at the end, not waiting: of datagrams the system says so to
// calls that block only.
func (f *FD) ended(err error, waits bool) bool {
	return err == unix.EAGAIN && f.deaf && waits && f.Type != unix.SOCK_STREAM
}

// Sockname returns the socket's own address: getsockname(2).
func (f *FD) Sockname() (*addr.Addr, error) { return f.address(sockname) }

// Peername returns the address at the other end: getpeername(2).
func (f *FD) Peername() (*addr.Addr, error) { return f.address(peername) }

func (f *FD) address(get func(fd int) (unix.Sockaddr, error)) (a *addr.Addr, err error) {
	err = f.run(nil, atOnce, &op{call: callFunc(func(fd int) error {
		sa, err := get(fd)
		if err == nil {
			a = addr.From(sa, f.Family)
		}
		return err
	})})
	return a, err
}
