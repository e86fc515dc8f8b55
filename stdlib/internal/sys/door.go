//go:build unix

package sys

import (
	"context"
	"encoding/binary"
	"net/netip"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib/internal/addr"
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
func (f *FD) mayConnect(s *interp.State, a *addr.Addr, name string) (*addr.Addr, error) {
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
	dest := policy.Destination(a.AddrPort())
	err := f.ask(s, func(ctx context.Context) error {
		return n.policy.ConnectContext(ctx, f.network(), dest, name)
	})
	b := *a
	if b.IP = dest.Addr().WithZone(""); a.Family == unix.AF_INET6 {
		b.IP = netip.AddrFrom16(b.IP.As16())
	}
	return &b, err
}

// reach returns what a system call is given to get to a, which mayConnect allowed. held is to
// be closed after it, unless it is nil: a Unix socket is held meanwhile, lest a link takes its place.
func (f *FD) reach(a *addr.Addr) (sa unix.Sockaddr, held *os.File, err error) {
	if f.net.free || a.Family != unix.AF_UNIX {
		return a.Sockaddr(), nil, nil
	}
	file, err := f.net.policy.OpenUnix(policyPath(a.Path))
	if file == nil || err != nil {
		return a.Sockaddr(), nil, err
	}
	return &unix.SockaddrUnix{Name: policy.HeldPath(file)}, file, nil
}

// mayListen asks the listen door for an address that f is bound to.
func (f *FD) mayListen(s *interp.State, a *addr.Addr, name string) error {
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
		return n.policy.ListenContext(ctx, a.AddrPort(), name)
	})
}

// mayBecomeServer asks the listen door for a socket that nobody here has bound:
// listening binds it, to every address if need be. What such a socket says its
// own address is may be that of a connection it once tried to make.
func (f *FD) mayBecomeServer(s *interp.State) error {
	if f.net.free || f.bound || f.Family == unix.AF_UNIX {
		return nil
	}
	if n, err := f.Int(unix.SOL_SOCKET, unix.SO_ACCEPTCONN); err == nil && n != 0 {
		return nil // it is one
	}
	a, err := f.Sockname()
	if err != nil {
		return err
	}
	if a == nil {
		return f.net.policy.Raw()
	}
	if f.made {
		a.Port = 0
	}
	return f.mayListen(s, a, "")
}

// MayAttach reports whether ancillary data may be sent: descriptors that the script
// came by itself, and options that could be set.
func (n *Net) MayAttach(oob []byte) error {
	if n.free || len(oob) == 0 {
		return nil
	}
	items, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return err
	}
	for _, item := range items {
		if item.Header.Level != unix.SOL_SOCKET || item.Header.Type != unix.SCM_RIGHTS {
			if !ordinaryItem(int(item.Header.Level), int(item.Header.Type), item.Data) {
				if err := n.policy.Raw(); err != nil {
					return err
				}
			}
			continue
		}
		for _, fd := range rights(item) {
			if err := n.MayUse(fd); err != nil {
				return err
			}
		}
	}
	return nil
}

// mayOption reports whether a script may use a socket option. Most are free. Not so
// what leads packets past the addresses that the doors are asked for (source routes,
// a choice of interface, other transports' options), filters, which hold pointers into
// our memory, what takes rights that the host may have (buffers beyond the system's
// limits, marks), and the settings of the whole system that a privileged process can
// reach through any socket.
func (n *Net) mayOption(level, option int) error {
	if why := unsafeOption(level, option); why != "" {
		return &interp.OpError{Code: "EOPNOTSUPP", Errno: unix.EOPNOTSUPP, Message: why}
	}
	if n.free || ordinaryOption(level, option) {
		return nil
	}
	return n.policy.Raw()
}

// maySet is mayOption for setting an option to a value.
func (n *Net) maySet(level, option, value int) error {
	if err := n.mayOption(level, option); err != nil || n.free || ordinaryValue(level, option, value) {
		return err
	}
	return n.policy.Raw()
}

// mayJoin asks the listen door for the multicast group that setting an option has f
// join, as if f were bound to it: the network is told, and brings what is sent there. A
// port that the system has handed out is 0, as it was to Bind.
func (f *FD) mayJoin(s *interp.State, level, option int, value string) error {
	group := &addr.Addr{Family: unix.AF_INET}
	switch {
	case f.net.free:
		return nil
	case level == unix.IPPROTO_IP && option == unix.IP_ADD_MEMBERSHIP && len(value) >= 4:
		group.IP, _ = netip.AddrFromSlice([]byte(value[:4]))
	case level == unix.IPPROTO_IPV6 && option == unix.IPV6_JOIN_GROUP && len(value) >= 20:
		group.Family = unix.AF_INET6
		group.IP, _ = netip.AddrFromSlice([]byte(value[:16]))
		group.Scope = binary.NativeEndian.Uint32([]byte(value[16:]))
	default:
		return nil
	}
	switch {
	case f.bound:
		group.Port = f.port
	case f.made && f.kin == nil: // without copies, which could have been bound
	default:
		if a, err := f.Sockname(); err == nil && a != nil {
			group.Port = a.Port
		}
	}
	return f.mayListen(s, group, "")
}

// ask asks the policy, without the turn where its rules have names to look up.
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

// policyPath spells a path for the policy, to which a leading @ means abstract.
func policyPath(path string) string {
	if strings.HasPrefix(path, "@") {
		return "./" + path
	}
	return path
}
