//go:build unix

// Package addr has the addresses of sockets: what they consist of, how they are written and read,
// and their form in system calls. It knows nothing of Lua, and its functions wait for nothing: any
// goroutine may call them.
package addr

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Addr is a socket address.
type Addr struct {
	Family int
	IP     netip.Addr // without zone, which is Scope
	Port   int
	Scope  uint32 // IPv6: the interface's index, 0 for none
	Flow   uint32 // IPv6: as given by the script; the kernel's is not asked for
	Path   string // AF_UNIX: "" unnamed, a leading zero byte for the abstract namespace
	Other  unix.Sockaddr
}

// Host returns the address without its port: "127.0.0.1", "fe80::1%eth0".
func (a *Addr) Host() string {
	if a.Scope != 0 {
		return a.IP.String() + "%" + ZoneName(a.Scope)
	}
	return a.IP.String()
}

// String returns "127.0.0.1:80", "[::1]:80", or the path.
func (a *Addr) String() string {
	switch {
	case a.Family == unix.AF_UNIX:
		return strings.ReplaceAll(a.Path, "\x00", "@") // as ss and /proc/net/unix have it
	case a.Other != nil:
		return otherString(a.Other)
	case a.Family == unix.AF_INET6:
		return "[" + a.Host() + "]:" + strconv.Itoa(a.Port)
	}
	return a.IP.String() + ":" + strconv.Itoa(a.Port)
}

// Sockaddr returns the address in the form of system calls.
func (a *Addr) Sockaddr() unix.Sockaddr {
	switch {
	case a.Other != nil:
		return a.Other
	case a.Family == unix.AF_UNIX:
		name := a.Path
		if strings.HasPrefix(name, "\x00") {
			name = "@" + name[1:] // how x/sys/unix spells the abstract namespace
		} else if strings.HasPrefix(name, "@") {
			name = "./" + name
		}
		return &unix.SockaddrUnix{Name: name}
	case a.Family == unix.AF_INET6:
		return &unix.SockaddrInet6{Port: a.Port, Addr: a.IP.As16(), ZoneId: a.Scope}
	}
	return &unix.SockaddrInet4{Port: a.Port, Addr: a.IP.As4()}
}

// From is the inverse of Sockaddr; nil for an address that is not there. family is that of an
// address of which sa does not tell.
func From(sa unix.Sockaddr, family int) *Addr {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return &Addr{Family: unix.AF_INET, IP: netip.AddrFrom4(sa.Addr), Port: sa.Port}
	case *unix.SockaddrInet6:
		return &Addr{Family: unix.AF_INET6, IP: netip.AddrFrom16(sa.Addr), Port: sa.Port, Scope: sa.ZoneId}
	case *unix.SockaddrUnix:
		name := sa.Name
		if name == "@" {
			name = "" // how x/sys/unix reads the address of a socket without a name
		}
		if strings.HasPrefix(name, "@") {
			name = "\x00" + name[1:]
		}
		return &Addr{Family: unix.AF_UNIX, Path: name}
	case nil:
		if family == unix.AF_UNIX {
			return &Addr{Family: unix.AF_UNIX}
		}
		return nil
	}
	return &Addr{Family: family, Other: sa}
}

// New returns the socket address of a host and a port. The host's zone, if it has one, must
// name an interface: else the error is ENODEV.
func New(ip netip.Addr, port int) (*Addr, error) {
	a := &Addr{Family: unix.AF_INET6, IP: ip.WithZone(""), Port: port}
	if ip.Is4() {
		a.Family = unix.AF_INET
	}
	if ip.Zone() == "" {
		return a, nil
	}
	var err error
	if a.Scope, err = ZoneIndex(ip.Zone()); err != nil {
		return nil, unix.ENODEV
	}
	return a, nil
}

// AddrPort returns an address of AF_INET or AF_INET6 as package netip has it, zone included.
func (a *Addr) AddrPort() netip.AddrPort {
	ip := a.IP
	if a.Scope != 0 {
		ip = ip.WithZone(ZoneName(a.Scope))
	}
	return netip.AddrPortFrom(ip, uint16(a.Port))
}

// MaxHost is how long a host's name may be, as in C (NI_MAXHOST): no more is looked at.
const MaxHost = 1025

// MaxPath is what sun_path has room for, its final zero included.
const MaxPath = len(unix.RawSockaddrUnix{}.Path)

// ParseIPv4 reads an IPv4 address in all the forms of inet_aton(3): one to four
// parts, each decimal, octal or hexadecimal.
func ParseIPv4(str string) (netip.Addr, bool) {
	if len(str) > MaxHost {
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

// ZoneIndex returns the index of an interface, by its name or as a number.
func ZoneIndex(zone string) (uint32, error) {
	if ifi, err := net.InterfaceByName(zone); err == nil {
		return uint32(ifi.Index), nil
	}
	n, err := strconv.ParseUint(zone, 10, 32)
	return uint32(n), err
}

// ZoneName returns the name of an interface, or its index when it has none any more.
func ZoneName(index uint32) string {
	if ifi, err := net.InterfaceByIndex(int(index)); err == nil {
		return ifi.Name
	}
	return strconv.FormatUint(uint64(index), 10)
}
