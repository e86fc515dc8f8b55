package pcapng

import (
	"net"
	"net/netip"
)

// names gives addresses to what has none: Unix sockets, by their paths, and the ends of pairs.
type names struct {
	given  map[string]netip.AddrPort // by path
	count  uint32
	routes map[netip.Addr]netip.Addr // see near
}

func newNames() names {
	return names{given: map[string]netip.AddrPort{}, routes: map[netip.Addr]netip.Addr{}}
}

// firstPort is the port of the first 65,535 of them, at which nothing is known to be.
const firstPort = 61099

// fresh returns an address that nothing else has: 127.99.0.1 and so on.
func (n *names) fresh() netip.AddrPort {
	n.count++
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 99, byte(n.count >> 8), byte(n.count)}), firstPort+uint16(n.count>>16))
}

// of returns the address of a path, always the same; for "" a fresh one.
func (n *names) of(path string) netip.AddrPort {
	if path == "" {
		return n.fresh()
	}
	a, known := n.given[path]
	if !known {
		a = n.fresh()
		n.given[path] = a
	}
	return a
}

// inet returns the address that text is; one that is not valid when it is none.
func inet(text string) netip.AddrPort {
	a, err := netip.ParseAddrPort(text)
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
}

// near returns a, and where that is any address of this host, the one that it talks to
// peer from.
func (n *names) near(a, peer netip.AddrPort) netip.AddrPort {
	if a.IsValid() && !a.Addr().IsUnspecified() || !peer.IsValid() {
		return a
	}
	return netip.AddrPortFrom(n.route(peer.Addr()), a.Port())
}

// route returns the host's address towards another. No packet goes for that.
func (n *names) route(to netip.Addr) netip.Addr {
	if from, known := n.routes[to]; known {
		return from
	}
	from := netip.IPv6Loopback()
	if to.Is4() {
		from = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	if !to.IsLoopback() {
		if c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(to, 9))); err == nil {
			from = c.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap().WithZone("")
			c.Close()
		}
	}
	if len(n.routes) > 10000 {
		clear(n.routes)
	}
	n.routes[to] = from
	return from
}
