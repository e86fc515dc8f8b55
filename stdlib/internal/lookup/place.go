//go:build unix

package lookup

import (
	"net"
	"net/netip"
	"strconv"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/sys"
)

// Place is an address as a script gave it to a function that knows no socket:
// its family is open, and its host not looked up. (CheckAddr reads those for
// a family.)
type Place struct {
	Host        string
	Port        int
	flow, scope uint32
	addr        *addr.Addr // when it was an address object
}

// PlaceArg reads a Place from the arguments at n: a host and a port, a table of
// the two, or an address object. It returns how many arguments it took.
func PlaceArg(s *interp.State, n int) (p Place, taken int) {
	host, ok := s.Get(n).(lua.LString)
	if !ok {
		return PlaceOf(s, n, s.Get(n)), 1
	}
	return Place{Host: string(host), Port: portOf(s, n+1, s.Get(n+1))}, 2
}

// PlaceOf reads a Place from v, a table or address object in argument n.
func PlaceOf(s *interp.State, n int, v lua.LValue) (p Place) {
	switch v := v.(type) {
	case *lua.LTable:
		host, ok := first(v, 1, "host").(lua.LString)
		if !ok {
			s.ArgError(n, "host must be a string, got %s", first(v, 1, "host").Type())
		}
		p.Host, p.Port = string(host), portOf(s, n, first(v, 2, "port"))
		p.flow = uint32(lua.LVAsNumber(first(v, 3, "flowinfo")))
		p.scope = uint32(lua.LVAsNumber(first(v, 4, "scope_id")))
		return p
	case *lua.LUserData:
		if a, ok := v.Value.(*addr.Addr); ok {
			if !a.IP.IsValid() {
				s.ArgError(n, "%s is no address of AF_INET or AF_INET6", a)
			}
			return Place{Host: a.Host(), Port: a.Port, addr: a}
		}
	}
	s.ArgError(n, "host must be a string, got %s", v.Type())
	return p
}

// portOf reads a port out of argument n, whose value is v: a number or the name
// of a TCP service.
func portOf(s *interp.State, n int, v lua.LValue) int {
	if name, ok := v.(lua.LString); ok {
		if _, ok := interp.ParseNumber(string(name)); !ok {
			port, ok := ServicesOf(s.Interp()).Port(string(name), "tcp")
			if !ok {
				s.Raise(NoService(string(name), "tcp"))
			}
			return port
		}
	}
	return CheckPort(s, n, v)
}

// String is the Place as error objects name it.
func (p Place) String() string {
	if p.addr != nil {
		return p.addr.String()
	}
	return net.JoinHostPort(p.Host, strconv.Itoa(p.Port))
}

// Numeric returns the place's address when its host needs no look-up.
func (p Place) Numeric() (*addr.Addr, error) {
	if p.addr != nil {
		return p.addr, nil
	}
	ip, ok := NumericHost(p.Host)
	if !ok {
		return nil, NoName(p.Host)
	}
	return p.at(ip)
}

// Addresses returns what the place's host resolves to, at least one address. A
// look-up waits as long as lim says.
func (p Place) Addresses(s *interp.State, lim sys.Limit) ([]*addr.Addr, error) {
	if p.addr != nil {
		return []*addr.Addr{p.addr}, nil
	}
	ips, err := Resolve(s, p.Host, unix.AF_UNSPEC, lim)
	if err != nil {
		return nil, err
	}
	addrs := make([]*addr.Addr, len(ips))
	for i, ip := range ips {
		if addrs[i], err = p.at(ip); err != nil {
			return nil, err
		}
	}
	return addrs, nil
}

// at returns the address of the place's port at ip.
func (p Place) at(ip netip.Addr) (*addr.Addr, error) {
	a, err := NewAddr(ip, p.Port)
	if err == nil && a.Family == unix.AF_INET6 {
		a.Flow = p.flow
		if p.scope != 0 {
			a.Scope = p.scope
		}
	}
	return a, err
}

// NumericHost reads an address in any form that needs no look-up.
func NumericHost(host string) (netip.Addr, bool) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip, true
	}
	return addr.ParseIPv4(host)
}

// NoName is the failure to find a host or port by a name.
func NoName(host string) error {
	return &interp.OpError{Code: "EAI_NONAME", Message: "name or service not known: " + host}
}
