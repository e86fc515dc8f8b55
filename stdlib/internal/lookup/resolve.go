//go:build unix

// Package lookup turns what scripts write into addresses, and back: names of hosts by way of the
// system's resolver, names of services, arguments that are addresses, and the address objects of
// Lua. The policy is asked before a name is looked up. Functions with a sys.Limit may wait, without the
// turn; all are to be called by who has it.
package lookup

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/trace"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/sys"
)

// Resolve returns the addresses of host for a family (AF_UNSPEC: any), at least
// one. "" is the any address, "<broadcast>" the broadcast address. Numeric
// hosts and localhost need no look-up; a look-up waits as long as lim says.
func Resolve(s *interp.State, host string, family int, lim sys.Limit) ([]netip.Addr, error) {
	if len(host) > addr.MaxHost {
		return nil, &interp.OpError{Code: "EAI_NONAME", Message: "name or service not known: " + host[:60] + "..."}
	}
	if ips, ok := numeric(host, family); ok {
		if ips = ofFamily(ips, family); len(ips) == 0 {
			return nil, &interp.OpError{Code: "EAI_ADDRFAMILY", Message: host + " is not of the socket's address family"}
		}
		return ips, nil
	}
	ips, err := lookUp(s, host, family, lim)
	if err != nil {
		return nil, err
	}
	if ips = ofFamily(ips, family); len(ips) == 0 {
		return nil, &interp.OpError{Code: "EAI_NONAME", Message: "no address of the socket's family for the name " + host}
	}
	return ips, nil
}

// lookUp looks a name up, if the policy allows that, and tells the observer.
func lookUp(s *interp.State, host string, family int, lim sys.Limit) (ips []netip.Addr, err error) {
	err = told(s, host, func() (found []string, err error) {
		if err = s.Interp().Policy().Lookup(host); err != nil {
			return nil, err
		}
		if ips, err = resolve(s, host, family, lim); err != nil {
			return nil, lookupError(host, err)
		}
		s.Interp().Policy().Learn(host, ips)
		for _, ip := range ips {
			found = append(found, ip.String())
		}
		return found, nil
	})
	return ips, err
}

// told has look do a look-up of which the observer hears.
func told(s *interp.State, what string, look func() (found []string, err error)) error {
	e := trace.Event{Layer: "name", Op: "lookup", Address: what}
	return sys.NetOf(s.Interp()).Elsewhere(s, e, func(e *trace.Event) (err error) {
		e.Found, err = look()
		return err
	})
}

func resolve(s *interp.State, host string, family int, lim sys.Limit) (ips []netip.Addr, err error) {
	network := map[int]string{unix.AF_INET: "ip4", unix.AF_INET6: "ip6"}[family]
	if network == "" {
		network = "ip"
	}
	var found []netip.Addr
	var failed error
	disturb := disturbance(s, host)
	err = s.Thread().Block(func(ctx context.Context) {
		if !lim.Deadline.IsZero() {
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadline(ctx, lim.Deadline)
			defer cancel()
		}
		if failed = disturb(ctx); failed == nil {
			found, failed = net.DefaultResolver.LookupNetIP(ctx, network, host)
			if failed != nil && sys.Full() {
				found, failed = fromHostsFile(ctx, network, host)
			}
		}
		if failed != nil && ctx.Err() != nil {
			failed = ctx.Err()
		}
	})
	if err != nil {
		return nil, err
	}
	for _, ip := range found {
		ips = append(ips, ip.Unmap())
	}
	return ips, failed
}

// fromHostsFile looks a name up when there is no descriptor to ask a name server by. What is in
// the machine's list Go knows without opening it: see sys.NetOf.
func fromHostsFile(ctx context.Context, network, host string) ([]netip.Addr, error) {
	found, err := (&net.Resolver{PreferGo: true, Dial: nobody}).LookupNetIP(ctx, network, host)
	if err != nil {
		return nil, unix.EMFILE
	}
	return found, nil
}

// disturbance returns what Config.Chaos does to looking up a name or an address: a wait, and perhaps
// a failure after it.
func disturbance(s *interp.State, what string) func(ctx context.Context) error {
	delay, fails := sys.NetOf(s.Interp()).Lookup(s, what)
	return func(ctx context.Context) error {
		if delay > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(delay):
			}
		}
		if fails {
			return &net.DNSError{Err: "disturbed on purpose", Name: what, IsTemporary: true}
		}
		return nil
	}
}

// lookupError gives a failed look-up getaddrinfo's codes.
func lookupError(host string, err error) error {
	var dns *net.DNSError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return interp.ErrTimeout
	case !errors.As(err, &dns):
		return err
	case sys.Full():
		return unix.EMFILE // whatever the resolver made of that
	case dns.IsNotFound:
		return &interp.OpError{Code: "EAI_NONAME", Message: "name or service not known: " + host, Err: err}
	case dns.IsTemporary || dns.IsTimeout:
		return &interp.OpError{Code: "EAI_AGAIN", Message: "temporary failure in name resolution: " + host, Err: err}
	}
	return &interp.OpError{Code: "EAI_FAIL", Message: "name resolution failed: " + dns.Err, Err: err}
}

// numeric returns the addresses of hosts that need no look-up.
func numeric(host string, family int) ([]netip.Addr, bool) {
	switch strings.ToLower(host) {
	case "":
		return []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()}, true
	case "<broadcast>":
		return []netip.Addr{netip.AddrFrom4([4]byte{255, 255, 255, 255})}, true
	case "localhost", "localhost.":
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}, true
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip}, true
	}
	if ip, ok := addr.ParseIPv4(host); ok {
		return []netip.Addr{ip}, true
	}
	return nil, false
}

func ofFamily(ips []netip.Addr, family int) []netip.Addr {
	var out []netip.Addr
	for _, ip := range ips {
		if family == unix.AF_UNSPEC || (family == unix.AF_INET) == ip.Is4() {
			out = append(out, ip)
		}
	}
	return out
}

// Limit is how long a look-up may wait that belongs to no socket: as long
// as a new socket would. A look-up that need not wait lets others in now and then. None can be done without waiting, so 0 limits nothing.
func Limit(s *interp.State) sys.Limit {
	s.GiveWay()
	if d := sys.NetOf(s.Interp()).DefaultTimeout; d > 0 {
		return sys.Limit{Deadline: time.Now().Add(d)}
	}
	return sys.Limit{}
}
