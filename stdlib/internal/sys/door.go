//go:build unix

package sys

import (
	"context"
	"net/netip"
	"strings"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/policy"
)

// network names a socket's kind as the policy wants it, without digits.
func (f *FD) network() string {
	switch f.Type {
	case unix.SOCK_STREAM:
		return "tcp"
	case unix.SOCK_DGRAM:
		return "udp"
	}
	return "raw"
}

// mayConnect asks the connect door for an address that f connects or sends to,
// and returns the address to use: where the packets really would go.
func (f *FD) mayConnect(s *interp.State, a *Addr, name string) (*Addr, error) {
	n := f.net
	if n.free {
		return a, nil
	}
	if a.Family == unix.AF_UNIX {
		return a, n.policy.ConnectUnix(policyPath(a.Path))
	}
	if a.Other != nil {
		return a, n.policy.Raw()
	}
	dest := policy.Destination(a.addrPort())
	err := f.ask(s, func(ctx context.Context) error {
		return n.policy.ConnectContext(ctx, f.network(), dest, name)
	})
	b := *a
	if b.IP = dest.Addr().WithZone(""); a.Family == unix.AF_INET6 {
		b.IP = netip.AddrFrom16(b.IP.As16())
	}
	return &b, err
}

// mayListen asks the listen door for an address that f is bound to.
func (f *FD) mayListen(s *interp.State, a *Addr, name string) error {
	n := f.net
	switch {
	case n.free:
		return nil
	case a.Family == unix.AF_UNIX:
		return n.policy.ListenUnix(policyPath(a.Path))
	case a.Other != nil:
		return n.policy.Raw()
	}
	return f.ask(s, func(ctx context.Context) error {
		return n.policy.ListenContext(ctx, a.addrPort(), name)
	})
}

// ask asks the policy, without the lock where its rules have names to look up.
func (f *FD) ask(s *interp.State, question func(context.Context) error) error {
	if !f.net.policy.MayWait() {
		return question(context.Background())
	}
	var answer error
	lim := f.Limit()
	err := s.Thread().Block(func(ctx context.Context) {
		if !lim.Deadline.IsZero() {
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadline(ctx, lim.Deadline)
			defer cancel()
		}
		answer = question(ctx)
	})
	if err != nil {
		return err
	}
	return answer
}

func (a *Addr) addrPort() netip.AddrPort {
	ip := a.IP
	if a.Scope != 0 {
		ip = ip.WithZone(zoneName(a.Scope))
	}
	return netip.AddrPortFrom(ip, uint16(a.Port))
}

// policyPath spells a path for the policy, to which a leading @ means abstract.
func policyPath(path string) string {
	if strings.HasPrefix(path, "@") {
		return "./" + path
	}
	return path
}
