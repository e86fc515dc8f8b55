//go:build unix

package sys

import (
	"net/netip"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/interp/trace"
	"wirelua/stdlib/internal/addr"
)

// Connect connects the socket: connect(2). When it cannot wait the answer is
// EINPROGRESS, then EALREADY, and nil (or EISCONN) once it is connected.
func (f *FD) Connect(s *interp.State, a *addr.Addr, name string, lim Limit) error {
	o := &op{Event: trace.Event{Op: "connect"}, to: target{addr: a, name: name}}
	o.steps = func() error {
		err := f.chaos.connects(s, f, a, name)
		if err == nil {
			err = f.connect(s, o.to.sa, lim)
			f.chaos.connected(err)
		}
		return err
	}
	return f.run(s, lim, o)
}

func (f *FD) connect(s *interp.State, sa unix.Sockaddr, lim Limit) error {
	// A connection is often made at once. Others are let in nevertheless: they may be to accept it, and a
	// server's backlog is not without end.
	if err := s.Thread().Yield(); err != nil {
		return err
	}
	err := f.do(s, true, atOnce, callFunc(func(fd int) error { return f.tryConnect(fd, sa) }))
	for pause := time.Millisecond; err == unix.EAGAIN && !lim.Nonblock; pause = min(2*pause, 20*time.Millisecond) {
		// A Unix socket whose backlog is full: nothing tells when there is room.
		if err := s.Thread().CheckCancel(); err != nil {
			return err
		}
		if !lim.Deadline.IsZero() && !time.Now().Before(lim.Deadline) {
			return interp.ErrTimeout
		}
		s.Thread().Park(time.Now().Add(pause))
		err = f.do(s, true, atOnce, callFunc(func(fd int) error { return f.tryConnect(fd, sa) }))
	}
	if lim.Nonblock || err != unix.EINPROGRESS && err != unix.EALREADY {
		return err
	}
	if err = f.await(s, sa, lim); err == unix.EAGAIN { // SO_SNDTIMEO
		err = unix.EINPROGRESS
	}
	return err
}

// Connecting waits for the outcome of a connection to a that Connect began at
// start and could not wait for: nil once it is made, or why it failed. At the
// limit, while it is still being made, that is EINPROGRESS, of which the observer
// does not hear.
func (f *FD) Connecting(s *interp.State, a *addr.Addr, start time.Time, lim Limit) error {
	o := &op{Event: trace.Event{Op: "connect", Time: start}, addr: a}
	o.steps = func() error {
		err := f.await(s, f.destination(a).Sockaddr(), lim)
		if err == unix.EAGAIN || err == interp.ErrTimeout {
			o.Op, err = "", unix.EINPROGRESS
		}
		return err
	}
	return f.run(s, lim, o)
}

// await waits for a connection that was begun.
func (f *FD) await(s *interp.State, sa unix.Sockaddr, lim Limit) error {
	return f.do(s, true, lim, callFunc(func(fd int) error { return f.connected(fd, sa) }))
}

// connected says whether a connection that was begun has been made. A socket
// is told to be writable when it is new, too, so that alone says nothing; asking
// connect again does. On Linux it also tells what went wrong, and makes a failed
// socket as good as new, which asking SO_ERROR instead would not.
func (f *FD) connected(fd int, sa unix.Sockaddr) error {
	if runtime.GOOS != "linux" {
		soerr, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
		if err == nil && soerr != 0 {
			err = unix.Errno(soerr)
		}
		if err != nil && err != unix.EISCONN && err != unix.EINPROGRESS && err != unix.EALREADY {
			return err
		}
	}
	switch err := f.tryConnect(fd, sa); err {
	case unix.EISCONN:
		return nil
	case unix.EALREADY, unix.EINPROGRESS:
		return unix.EAGAIN
	default:
		return err
	}
}

// tryConnect is connect(2), which has no flag not to wait: where the descriptor blocks the
// mode is changed for the moment that it takes. Nobody else minds, but who would at the very same
// time begin a call on a socket that is not even connected.
func (f *FD) tryConnect(fd int, sa unix.Sockaddr) error {
	if f.shared.Load() && blocking(fd) {
		_ = unix.SetNonblock(fd, true)
		defer unix.SetNonblock(fd, false)
	}
	err := connect(fd, sa)
	if err == unix.EINTR { // the connection goes on being made
		err = unix.EINPROGRESS
	}
	return err
}

// destination returns the address that mayConnect has a connection to a go to.
func (f *FD) destination(a *addr.Addr) *addr.Addr {
	if f.net.free || a.Family != unix.AF_INET && a.Family != unix.AF_INET6 {
		return a
	}
	b := *a
	b.IP = policy.Destination(a.AddrPort()).Addr().WithZone("")
	if a.Family == unix.AF_INET6 {
		b.IP = netip.AddrFrom16(b.IP.As16())
	}
	return &b
}
