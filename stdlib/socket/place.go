//go:build unix

package socket

import (
	"net"
	"net/netip"
	"strconv"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/lookup"
	"wirelua/stdlib/internal/sys"
)

// place is an address as a script gave it to a function that knows no socket:
// its family is open, and its host not looked up. (lookup.CheckAddr reads those for
// a family.)
type place struct {
	host        string
	port        int
	flow, scope uint32
	addr        *addr.Addr // when it was an address object
}

// placeArg reads a place from the arguments at n: a host and a port, a table of
// the two, or an address object. It returns how many arguments it took.
func placeArg(s *interp.State, n int) (p place, taken int) {
	host, ok := s.Get(n).(lua.LString)
	if !ok {
		return placeOf(s, n, s.Get(n)), 1
	}
	return place{host: string(host), port: portOf(s, n+1, s.Get(n+1))}, 2
}

// placeOf reads a place from v, a table or address object in argument n.
func placeOf(s *interp.State, n int, v lua.LValue) (p place) {
	switch v := v.(type) {
	case *lua.LTable:
		host, ok := field(v, 1, "host").(lua.LString)
		if !ok {
			s.ArgError(n, "host must be a string, got %s", field(v, 1, "host").Type())
		}
		p.host, p.port = string(host), portOf(s, n, field(v, 2, "port"))
		p.flow = uint32(lua.LVAsNumber(field(v, 3, "flowinfo")))
		p.scope = uint32(lua.LVAsNumber(field(v, 4, "scope_id")))
		return p
	case *lua.LUserData:
		if a, ok := v.Value.(*addr.Addr); ok {
			if !a.IP.IsValid() {
				s.ArgError(n, "%s is no address of AF_INET or AF_INET6", a)
			}
			return place{host: a.Host(), port: a.Port, addr: a}
		}
	}
	s.ArgError(n, "host must be a string, got %s", v.Type())
	return p
}

func field(t *lua.LTable, i int, name string) lua.LValue {
	if v := t.RawGetInt(i); v != lua.LNil {
		return v
	}
	return t.RawGetString(name)
}

// portOf reads a port out of argument n, whose value is v: a number or the name
// of a TCP service.
func portOf(s *interp.State, n int, v lua.LValue) int {
	if name, ok := v.(lua.LString); ok {
		if _, ok := interp.ParseNumber(string(name)); !ok {
			port, ok := netdbOf(s.Interp()).port(string(name), "tcp")
			if !ok {
				s.Raise(noService(string(name), "tcp"))
			}
			return port
		}
	}
	return lookup.CheckPort(s, n, v)
}

// String is the place as error objects name it.
func (p place) String() string {
	if p.addr != nil {
		return p.addr.String()
	}
	return net.JoinHostPort(p.host, strconv.Itoa(p.port))
}

// numeric returns the place's address when its host needs no look-up.
func (p place) numeric() (*addr.Addr, error) {
	if p.addr != nil {
		return p.addr, nil
	}
	ip, ok := numericHost(p.host)
	if !ok {
		return nil, noName(p.host)
	}
	return p.at(ip)
}

// addresses returns what the place's host resolves to, at least one address. A
// look-up waits as long as lim says.
func (p place) addresses(s *interp.State, lim sys.Limit) ([]*addr.Addr, error) {
	if p.addr != nil {
		return []*addr.Addr{p.addr}, nil
	}
	ips, err := lookup.Resolve(s, p.host, unix.AF_UNSPEC, lim)
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
func (p place) at(ip netip.Addr) (*addr.Addr, error) {
	a, err := lookup.NewAddr(ip, p.port)
	if err == nil && a.Family == unix.AF_INET6 {
		a.Flow = p.flow
		if p.scope != 0 {
			a.Scope = p.scope
		}
	}
	return a, err
}

// numericHost reads an address in any form that needs no look-up.
func numericHost(host string) (netip.Addr, bool) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip, true
	}
	return addr.ParseIPv4(host)
}

func noName(host string) error {
	return &interp.OpError{Code: "EAI_NONAME", Message: "name or service not known: " + host}
}
