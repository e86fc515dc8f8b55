//go:build unix

package lookup

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/sys"
)

// AddrType is the address object of Lua.
var AddrType = &interp.Type{
	Name: "address",
	Doc:  "a socket address, taken by any call that takes one; equal addresses are one object, so that they can be keys of a table; it stands for its text wherever a string is wanted, and has the methods of strings",
	Text: true, Strict: true,
	Len: func(self any) int { return len(items(self.(*addr.Addr))) },
	Methods: []interp.Function{
		{Name: "unpack", Args: "", Doc: "returns host and port; the path alone for AF_UNIX", Manual: `
		-> string host: or path
		-> integer? port: of the Internet's families
		> local host, port = socket.create_server("127.0.0.1", 0):getsockname():unpack()
		> print(host, port > 0) --> 127.0.0.1	true
		`, Fn: func(s *interp.State) int {
			return s.Return(items(interp.ObjectArg[*addr.Addr](s, 1, "address"))...)
		}},
	},
	Fields: []interp.Field{
		{Name: "[1]", Type: "string", Doc: "host, or path"},
		{Name: "[2]", Type: "integer?", Doc: "port"},
		{Name: "host", Type: "string?", Doc: "the address without its port, \"fe80::1%eth0\"; nil for AF_UNIX"},
		{Name: "port", Type: "integer?", Doc: "the port's number"},
		{Name: "family", Type: "integer", Doc: "the address family: socket.AF_INET..."},
		{Name: "path", Type: "string?", Doc: "AF_UNIX's path, \"\" for a socket without one; else nil"},
		{Name: "scope_id", Type: "integer?", Doc: "IPv6's interface, by its number"},
		{Name: "flowinfo", Type: "integer?", Doc: "IPv6's flow, as the script gave it"},
		{Name: "ifname", Type: "string?", Doc: "AF_PACKET's interface; its fields are [1] to [5], too"},
		{Name: "proto", Type: "integer?", Doc: "AF_PACKET's protocol, as in the packet: 0x0800 for IPv4"},
		{Name: "pkttype", Type: "integer?", Doc: "AF_PACKET's kind of packet: 0 to us, 1 to all, 2 to many, 3 to another, 4 from us"},
		{Name: "hatype", Type: "integer?", Doc: "AF_PACKET's kind of hardware: 1 Ethernet, 772 the loopback"},
		{Name: "addr", Type: "string?", Doc: "AF_PACKET's hardware address, as bytes"},
	},
	Index: func(_ *interp.State, self any, key string) lua.LValue {
		a := self.(*addr.Addr)
		switch key {
		case "family":
			return lua.LNumber(a.Family)
		case "path":
			if a.Family == unix.AF_UNIX {
				return lua.LString(a.Path)
			}
			return lua.LNil
		}
		if a.Other != nil {
			return otherField(a, key)
		}
		inet := a.Family != unix.AF_UNIX
		switch key {
		case "1", "host":
			if inet {
				return lua.LString(a.Host())
			}
			if key == "1" {
				return lua.LString(a.Path)
			}
		case "2", "port":
			if inet {
				return lua.LNumber(a.Port)
			}
		case "scope_id", "4":
			if a.Family == unix.AF_INET6 {
				return lua.LNumber(a.Scope)
			}
		case "flowinfo", "3":
			if a.Family == unix.AF_INET6 {
				return lua.LNumber(a.Flow)
			}
		}
		return missing(key)
	},
	String: func(self any) string { return self.(*addr.Addr).String() },
}

// missing is a field that an address does not have: nil when one of another family has it.
func missing(key string) lua.LValue {
	if _, err := strconv.Atoi(key); err == nil || strings.Contains(" host port path scope_id flowinfo ifname proto pkttype hatype addr pid groups cid ", " "+key+" ") {
		return lua.LNil
	}
	return nil
}

// items are what an address consists of, as scripts write one.
func items(a *addr.Addr) []lua.LValue {
	switch {
	case a.Family == unix.AF_UNIX:
		return []lua.LValue{lua.LString(a.Path)}
	case a.Other != nil:
		var all []lua.LValue
		for i := 1; ; i++ {
			v := otherField(a, strconv.Itoa(i))
			if v == lua.LNil {
				return all
			}
			all = append(all, v)
		}
	}
	return []lua.LValue{lua.LString(a.Host()), lua.LNumber(a.Port)}
}

// otherField is a field of an address that has neither host nor port.
func otherField(a *addr.Addr, key string) lua.LValue {
	switch v := a.OtherField(key).(type) {
	case int:
		return lua.LNumber(v)
	case string:
		return lua.LString(v)
	}
	return missing(key)
}

// PushAddr pushes an address object, or nil.
func PushAddr(s *interp.State, a *addr.Addr) {
	if a == nil {
		s.Push(lua.LNil)
		return
	}
	s.Push(Object(s.Interp(), a))
}

// Object returns the address object that stands for a. It is for who has the turn.
func Object(in *interp.Engine, a *addr.Addr) *lua.LUserData {
	return in.Local(ofInterpreter{}, func() any { return &addresses{} }).(*addresses).object(in, a)
}

// CheckAddr reads an address of the given family from the arguments at n: a
// host and a port, a path, a table of these, or an address object. It returns
// the address, the name it was given as, and how many arguments it took.
// Names are resolved, which may wait as long as lim says.
func CheckAddr(s *interp.State, n, family int, lim sys.Limit) (a *addr.Addr, name string, taken int) {
	if ud, ok := s.Get(n).(*lua.LUserData); ok {
		if a, ok := ud.Value.(*addr.Addr); ok {
			if a.Family != family {
				s.ArgError(n, "the address %s is of another family than the socket", a)
			}
			return a, "", 1
		}
	}
	t, isTable := s.Get(n).(*lua.LTable)
	if family == unix.AF_UNIX {
		v, port := s.Get(n), s.Get(n+1)
		if isTable {
			v, port = first(t, 1, "path"), t.RawGetInt(2)
		}
		if _, ok := port.(lua.LNumber); ok {
			s.ArgError(n, "path of a Unix socket expected, got a host and a port")
		}
		path, ok := v.(lua.LString)
		if !ok {
			s.ArgError(n, "path of a Unix socket expected, got %s", s.Get(n).Type())
		}
		checkPath(s, n, string(path))
		return &addr.Addr{Family: family, Path: string(path)}, "", 1
	}
	if family != unix.AF_INET && family != unix.AF_INET6 {
		if !isTable {
			s.TypeError(n, "table")
		}
		return &addr.Addr{Family: family, Other: otherAddr(s, n, t, family)}, "", 1
	}
	taken = 2
	host, port := s.Get(n), s.Get(n+1)
	portArg := n + 1
	a = &addr.Addr{Family: family}
	if isTable {
		taken, portArg = 1, n
		host, port = first(t, 1, "host"), first(t, 2, "port")
		a.Flow = uint32(lua.LVAsNumber(first(t, 3, "flowinfo")))
		a.Scope = uint32(lua.LVAsNumber(first(t, 4, "scope_id")))
	}
	str, ok := host.(lua.LString)
	if !ok {
		s.ArgError(n, "host must be a string, got %s", host.Type())
	}
	a.Port = CheckPort(s, portArg, port)
	ips, err := Resolve(s, string(str), family, lim)
	if err != nil {
		s.Raise(interp.About(err, fmt.Sprintf("%s:%d", str, a.Port)))
	}
	a.IP = ips[0].WithZone("")
	if zone := ips[0].Zone(); zone != "" {
		if a.Scope, err = addr.ZoneIndex(zone); err != nil {
			s.Raise(noInterface(string(str)))
		}
	}
	return a, string(str), taken
}

// CheckPort reads a port number out of argument n, whose value is v.
func CheckPort(s *interp.State, n int, v lua.LValue) int {
	p, ok := v.(lua.LNumber)
	if !ok {
		if str, isStr := v.(lua.LString); isStr {
			var x float64
			x, ok = interp.ParseNumber(string(str))
			p = lua.LNumber(x)
		}
	}
	if !ok {
		noPort(s, n, v)
	}
	if p < 0 || p > 65535 || p != lua.LNumber(int(p)) {
		s.ArgError(n, "port must be 0-65535, got %s", interp.Shown(p))
	}
	return int(p)
}

// noPort says that v is no port, and, if argument n should have been one and host and port are one text before it,
// how these are written.
func noPort(s *interp.State, n int, v lua.LValue) {
	got := v.Type().String()
	if n > s.GetTop() {
		got = "no value"
	}
	if text, ok := s.Get(n - 1).(lua.LString); ok && s.Get(n) == v {
		if host, port, err := net.SplitHostPort(string(text)); err == nil && port != "" {
			s.ArgError(n-1, `host and port are two arguments, %.100q and %.100s, not one text, which proto.dial takes`, host, port)
		}
	}
	s.ArgError(n, "port must be a number, got %s", got)
}

func checkPath(s *interp.State, n int, path string) {
	longest, abstract := addr.MaxPath-1, strings.HasPrefix(path, "\x00")
	if abstract {
		longest = addr.MaxPath // its zero byte is the first
	}
	switch {
	case len(path) > longest:
		s.ArgError(n, "path of a Unix socket too long (%d bytes, at most %d)", len(path), longest)
	case !abstract && strings.Contains(path, "\x00"):
		s.ArgError(n, "path of a Unix socket contains a zero byte")
	}
}

func first(t *lua.LTable, i int, name string) lua.LValue {
	if v := t.RawGetInt(i); v != lua.LNil {
		return v
	}
	return t.RawGetString(name)
}

// NewAddr is addr.New, with an error that says what is wrong.
func NewAddr(ip netip.Addr, port int) (*addr.Addr, error) {
	a, err := addr.New(ip, port)
	if err != nil {
		return nil, noInterface(ip.String())
	}
	return a, nil
}

// noInterface is the failure to find the interface that host names.
func noInterface(host string) error {
	return &interp.OpError{Code: "EAI_NONAME", Address: host, Message: "no network interface of that name"}
}
