//go:build unix

package sys

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"wirelua/interp"
)

// maxHost is how long a host's name may be, as in C (NI_MAXHOST): no more is looked at.
const maxHost = 1025

// Resolve returns the addresses of host for a family (AF_UNSPEC: any), at least
// one. "" is the any address, "<broadcast>" the broadcast address. Numeric
// hosts and localhost need no look-up; a look-up waits as long as lim says.
func Resolve(s *interp.State, host string, family int, lim Limit) ([]netip.Addr, error) {
	if len(host) > maxHost {
		return nil, &interp.OpError{Code: "EAI_NONAME", Message: "name or service not known: " + host[:60] + "..."}
	}
	if ips, ok := numeric(host, family); ok {
		if ips = ofFamily(ips, family); len(ips) == 0 {
			return nil, &interp.OpError{Code: "EAI_ADDRFAMILY", Message: host + " is not of the socket's address family"}
		}
		return ips, nil
	}
	n := NetOf(s.Interp())
	if err := n.policy.Lookup(host); err != nil {
		return nil, err
	}
	ips, err := lookup(s, host, family, lim)
	if err != nil {
		return nil, lookupError(host, err)
	}
	n.policy.Learn(host, ips)
	if ips = ofFamily(ips, family); len(ips) == 0 {
		return nil, &interp.OpError{Code: "EAI_NONAME", Message: "no address of the socket's family for the name " + host}
	}
	return ips, nil
}

func lookup(s *interp.State, host string, family int, lim Limit) (ips []netip.Addr, err error) {
	network := map[int]string{unix.AF_INET: "ip4", unix.AF_INET6: "ip6"}[family]
	if network == "" {
		network = "ip"
	}
	var found []netip.Addr
	var failed error
	err = s.Thread().Block(func(ctx context.Context) {
		if !lim.Deadline.IsZero() {
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadline(ctx, lim.Deadline)
			defer cancel()
		}
		found, failed = net.DefaultResolver.LookupNetIP(ctx, network, host)
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

// lookupError gives a failed look-up getaddrinfo's codes.
func lookupError(host string, err error) error {
	var dns *net.DNSError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return interp.ErrTimeout
	case !errors.As(err, &dns):
		return err
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
	if ip, ok := ParseIPv4(host); ok {
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

// ParseIPv4 reads an IPv4 address in all the forms of inet_aton(3): one to four
// parts, each decimal, octal or hexadecimal.
func ParseIPv4(str string) (netip.Addr, bool) {
	if len(str) > maxHost {
		return netip.Addr{}, false
	}
	parts := strings.Split(str, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var value uint64
	for i, p := range parts {
		if hex := strings.HasPrefix(strings.ToLower(p), "0x"); p == "" || strings.Contains(p, "_") || !hex && strings.ContainsAny(p, "+-oObB") {
			return netip.Addr{}, false // Go reads more than inet_aton does
		}
		n, err := strconv.ParseUint(p, 0, 32)
		if err != nil {
			return netip.Addr{}, false
		}
		if i < len(parts)-1 {
			if n > 255 {
				return netip.Addr{}, false
			}
			value |= n << (24 - 8*i)
			continue
		}
		if n >= 1<<(32-8*i) {
			return netip.Addr{}, false
		}
		value |= n
	}
	return netip.AddrFrom4([4]byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)}), true
}

func zoneIndex(zone string) (uint32, error) {
	if ifi, err := net.InterfaceByName(zone); err == nil {
		return uint32(ifi.Index), nil
	}
	n, err := strconv.ParseUint(zone, 10, 32)
	return uint32(n), err
}

func zoneName(index uint32) string {
	if ifi, err := net.InterfaceByIndex(int(index)); err == nil {
		return ifi.Name
	}
	return strconv.FormatUint(uint64(index), 10)
}
