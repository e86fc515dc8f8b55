//go:build unix

package sys

import (
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/policy"
)

// Connecting waits for the outcome of a connection to a that Connect began at
// start and could not wait for: nil once it is made, or why it failed. At the
// limit, while it is still being made, that is EINPROGRESS.
func (f *FD) Connecting(s *interp.State, a *Addr, start time.Time, lim Limit) error {
	sa := f.destination(a).Sockaddr()
	err := f.do(s, true, lim, callFunc(func(fd int) error { return f.connected(fd, sa) }))
	if err == unix.EAGAIN || err == interp.ErrTimeout {
		return unix.EINPROGRESS
	}
	f.observe(s, "connect", start, a.String(), nil, err)
	return err
}

// destination returns the address that mayConnect has a connection to a go to.
func (f *FD) destination(a *Addr) *Addr {
	if f.net.free || a.Family != unix.AF_INET && a.Family != unix.AF_INET6 {
		return a
	}
	b := *a
	b.IP = policy.Destination(a.addrPort()).Addr().WithZone("")
	if a.Family == unix.AF_INET6 {
		b.IP = netip.AddrFrom16(b.IP.As16())
	}
	return &b
}
