//go:build unix

package socket

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/lookup"
	"wirelua/stdlib/internal/sys"
)

// resolverFuncs are the functions about names, numbers and interfaces.
var resolverFuncs = slices.Concat([]interp.Function{
	{Name: "getaddrinfo", Args: "host, port[, family, type, proto, flags]",
		Doc: "an array of {family=, type=, proto=, canonname=, address=}; waits", Manual: `
		host string|nil: a name or an address; nil is this machine, or any address with AI_PASSIVE
		port integer|string|nil: a number, or a service's name
		family integer?: only addresses of this family
		type integer?: only this type of socket
		proto integer?: only this protocol
		flags integer?: AI_ constants, added
		-> {family:integer,type:integer,proto:integer,canonname:string,address:address}[]: one for each way to connect, the best first; its address goes to bind and connect
		! EAI_NONAME: there is no such host
		! EAI_AGAIN: no name server answers
		! EAI_SERVICE: there is no such service
		> for _, way in ipairs(socket.getaddrinfo("127.0.0.1", 80, nil, socket.SOCK_STREAM)) do
		>   print(way.address, way.family == socket.AF_INET) --> 127.0.0.1:80	true
		> end
		`, Fn: getaddrinfo},
}, hostFuncs, serviceFuncs, inetFuncs, interfaceFuncs)

// hints are what getaddrinfo is asked for; zeros are anything.
type hints struct{ family, typ, proto, flags int }

const knownFlags = aiPassive | aiCanonname | aiNumerichost | aiNumericserv | aiMapped | aiAll | aiAddrconfig

func getaddrinfo(s *interp.State) int {
	host, lim := s.OptStr(1, ""), lookup.Limit(s)
	h := hints{s.OptInt(3, 0), s.OptInt(4, 0), s.OptInt(5, 0), s.OptInt(6, 0)}
	if err := h.check(host, s.Absent(2)); err != nil {
		return s.Raise(err)
	}
	kinds, err := h.kinds(s)
	if err != nil {
		return s.Raise(err)
	}
	ips, err := h.lookup(s, host, lim)
	if err != nil {
		return s.Raise(err)
	}
	canon := ""
	if h.flags&aiCanonname != 0 {
		if canon, err = canonical(s, host, lim); err != nil {
			return s.Raise(err)
		}
	}
	out := s.CreateTable(len(ips)*len(kinds), 0)
	for _, ip := range ips {
		for _, k := range kinds {
			a, err := lookup.NewAddr(ip, k.port)
			if err != nil {
				return s.Raise(err)
			}
			out.Append(k.entry(s, a, canon))
			canon = "" // in the first entry only, as everywhere
		}
	}
	return s.Return(out)
}

func (h hints) check(host string, noPort bool) error {
	switch {
	case host == "" && noPort:
		return &interp.OpError{Code: "EAI_NONAME", Message: "neither a host nor a port was given"}
	case h.flags&^knownFlags != 0:
		return &interp.OpError{Code: "EAI_BADFLAGS", Message: "unknown bits in flags"}
	case h.flags&aiCanonname != 0 && host == "":
		return &interp.OpError{Code: "EAI_BADFLAGS", Message: "AI_CANONNAME needs a host"}
	case h.family != unix.AF_UNSPEC && h.family != unix.AF_INET && h.family != unix.AF_INET6:
		return &interp.OpError{Code: "EAI_FAMILY", Message: "address family not supported"}
	}
	return nil
}

// kind is a kind of socket that getaddrinfo knows, with the port asked for.
type kind struct {
	typ, proto int
	service    string // the protocol as /etc/services names it
	usual      bool   // what its type means when no protocol is given
	port       int
}

// The order is the one of the answers. SCTP and UDP-Lite have the same numbers
// everywhere, but no constants.
var socketKinds = []kind{
	{typ: unix.SOCK_STREAM, proto: unix.IPPROTO_TCP, service: "tcp", usual: true},
	{typ: unix.SOCK_DGRAM, proto: unix.IPPROTO_UDP, service: "udp", usual: true},
	{typ: unix.SOCK_RAW, usual: true},
	{typ: unix.SOCK_STREAM, proto: 132, service: "sctp"},
	{typ: unix.SOCK_SEQPACKET, proto: 132, service: "sctp"},
	{typ: unix.SOCK_DGRAM, proto: 136, service: "udplite"},
}

// kinds returns the kinds of sockets that the hints and the port, argument 2,
// leave.
func (h hints) kinds(s *interp.State) (list []kind, err error) {
	for _, k := range socketKinds {
		if h.match(k) {
			if k.typ == unix.SOCK_RAW {
				k.proto = h.proto
			}
			list = append(list, k)
		}
	}
	if len(list) == 0 && h.typ != 0 {
		return nil, &interp.OpError{Code: "EAI_SOCKTYPE", Message: "socket type not supported, or not with this protocol"}
	}
	switch port := s.Get(2).(type) {
	case lua.LNumber:
		return setPort(list, lookup.CheckPort(s, 2, port)), nil
	case lua.LString:
		return h.servicePort(s, list, string(port))
	case *lua.LNilType:
		return list, nil
	}
	s.TypeError(2, "number, string or nil")
	return nil, nil
}

// match reports whether the hints leave k. Without a protocol they leave the
// usual one of each type; a raw socket takes any.
func (h hints) match(k kind) bool {
	switch {
	case h.typ == 0 && h.proto == 0:
		return k.usual
	case h.proto == 0:
		return k.typ == h.typ && (k.usual || k.typ == unix.SOCK_SEQPACKET)
	case h.typ == 0:
		return k.proto == h.proto
	}
	return k.typ == h.typ && (k.proto == h.proto || k.typ == unix.SOCK_RAW)
}

func setPort(list []kind, port int) []kind {
	for i := range list {
		list[i].port = port
	}
	return list
}

// servicePort sets ports by the name of a service, or by a number as text, and
// leaves out the kinds that do not have the service.
func (h hints) servicePort(s *interp.State, list []kind, name string) ([]kind, error) {
	if n, err := strconv.Atoi(strings.TrimLeft(name, " \t\n\v\f\r")); err == nil && n >= 0 && n <= 65535 {
		return setPort(list, n), nil
	}
	if name == "" {
		return list, nil
	}
	if h.flags&aiNumericserv != 0 {
		return nil, lookup.NoName(name)
	}
	db := lookup.ServicesOf(s.Interp())
	list = slices.DeleteFunc(list, func(k kind) bool {
		_, ok := db.Port(name, k.service)
		return !ok || k.service == ""
	})
	for i := range list {
		list[i].port, _ = db.Port(name, list[i].service)
	}
	if len(list) == 0 {
		return nil, lookup.NoService(name, "")
	}
	return list, nil
}

func (k kind) entry(s *interp.State, a *addr.Addr, canon string) *lua.LTable {
	e := s.CreateTable(0, 5)
	e.RawSetString("family", lua.LNumber(a.Family))
	e.RawSetString("type", lua.LNumber(k.typ))
	e.RawSetString("proto", lua.LNumber(k.proto))
	e.RawSetString("canonname", lua.LString(canon))
	e.RawSetString("address", lookup.Object(s.Interp(), a))
	return e
}

// lookup returns the addresses of host, "" being this machine, that the hints
// leave.
func (h hints) lookup(s *interp.State, host string, lim sys.Limit) ([]netip.Addr, error) {
	if ip, ok := lookup.NumericHost(host); ok {
		return h.fit(ip, host)
	}
	if host != "" && h.flags&aiNumerichost != 0 {
		return nil, lookup.NoName(host)
	}
	// Not for numeric hosts: who gives an address wants it, configured or not.
	if err := h.addrconfig(host); err != nil {
		return nil, err
	}
	if host == "" {
		return h.self(), nil
	}
	ask := h.family
	if h.mapping() {
		ask = unix.AF_UNSPEC
	}
	ips, err := lookup.Resolve(s, host, ask, lim)
	if err != nil || !h.mapping() {
		return ips, err
	}
	return h.mapped(ips), nil
}

// fit returns a numeric host's address as one of the family asked for.
func (h hints) fit(ip netip.Addr, host string) ([]netip.Addr, error) {
	switch {
	case h.family == unix.AF_INET:
		ip = ip.Unmap()
	case h.mapping():
		ip = map4(ip)
	}
	if h.family != unix.AF_UNSPEC && ip.Is4() != (h.family == unix.AF_INET) {
		return nil, &interp.OpError{Code: "EAI_ADDRFAMILY", Message: "host is not of this address family: " + host}
	}
	return []netip.Addr{ip}, nil
}

// self returns the addresses of no host: for a socket that is to be bound every
// address, for any other loopback, both in the order C libraries have them.
func (h hints) self() (ips []netip.Addr) {
	all := []netip.Addr{netip.IPv6Loopback(), netip.AddrFrom4([4]byte{127, 0, 0, 1})}
	if h.flags&aiPassive != 0 {
		all = []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()}
	}
	for _, ip := range all {
		if h.family == unix.AF_UNSPEC || ip.Is4() == (h.family == unix.AF_INET) {
			ips = append(ips, ip)
		}
	}
	return ips
}

// mapping reports whether IPv4 addresses may be answered as IPv6 ones.
func (h hints) mapping() bool { return h.family == unix.AF_INET6 && h.flags&aiMapped != 0 }

// mapped returns the IPv6 addresses, and the IPv4 ones mapped to IPv6 when there
// are none or all were asked for.
func (h hints) mapped(ips []netip.Addr) []netip.Addr {
	six := slices.DeleteFunc(slices.Clone(ips), netip.Addr.Is4)
	if len(six) > 0 && h.flags&aiAll == 0 {
		return six
	}
	for _, ip := range ips {
		if ip.Is4() {
			six = append(six, map4(ip))
		}
	}
	return six
}

// map4 returns ::ffff:1.2.3.4 for 1.2.3.4, and other addresses as they are.
func map4(ip netip.Addr) netip.Addr {
	if ip.Is4() {
		return netip.AddrFrom16(ip.As16())
	}
	return ip
}

// addrconfig applies AI_ADDRCONFIG: families of which this machine has no
// address but loopback are not asked for.
func (h *hints) addrconfig(host string) error {
	if h.flags&aiAddrconfig == 0 {
		return nil
	}
	four, six := configured()
	switch {
	case h.family == unix.AF_INET && !four, h.family == unix.AF_INET6 && !six:
		return lookup.NoName(host)
	case h.family == unix.AF_UNSPEC && four && !six:
		h.family = unix.AF_INET
	case h.family == unix.AF_UNSPEC && six && !four:
		h.family = unix.AF_INET6
	}
	return nil
}

func configured() (four, six bool) {
	addrs, _ := net.InterfaceAddrs()
	for _, a := range addrs {
		n, ok := a.(*net.IPNet)
		if !ok || n.IP.IsLoopback() {
			continue
		}
		if n.IP.To4() != nil {
			four = true
		} else {
			six = true
		}
	}
	return four, six
}

// canonical returns the canonical name of a host that was resolved. Who has
// none, such as an address, is its own.
func canonical(s *interp.State, host string, lim sys.Limit) (string, error) {
	if _, ok := lookup.NumericHost(host); ok || strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") {
		return strings.TrimSuffix(host, "."), nil
	}
	name, err := lookup.Canonical(s, host, lim)
	if unknown(err) {
		return host, nil
	}
	return name, err
}

// unknown reports whether a look-up failed because nobody knew the answer.
func unknown(err error) bool {
	e, ok := err.(*interp.OpError)
	return ok && strings.HasPrefix(e.Code, "EAI_")
}
