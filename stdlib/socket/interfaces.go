//go:build unix

package socket

import (
	"net"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/dial"
	"wirelua/stdlib/internal/sys"
)

var interfaceFuncs = []interp.Function{
	{Name: "if_nameindex", Args: "", Doc: "the network interfaces: an array of {index=, name=}", Manual: `
		-> {index:integer,name:string}[]: index (a number) and name of each
		> print(#socket.if_nameindex() > 0) --> true
		`, Fn: ifNameIndex},
	{Name: "if_nametoindex", Args: "name", Doc: "the index of the network interface of that name", Manual: `
		name string: "lo", "eth0"
		-> integer: from 1 on
		! ENODEV: there is none
		> local first = socket.if_nameindex()[1]
		> print(socket.if_nametoindex(first.name) == first.index) --> true
		`, Fn: ifNameToIndex},
	{Name: "if_indextoname", Args: "index", Doc: "the name of the network interface of that index", Manual: `
		index integer: from 1 on
		-> string: its name
		! ENXIO: there is none
		> local first = socket.if_nameindex()[1]
		> print(socket.if_indextoname(first.index) == first.name) --> true
		`, Fn: ifIndexToName},
	{Name: "has_dualstack_ipv6", Args: "", Doc: "whether a socket can take both IPv4 and IPv6 connections", Manual: `
		-> boolean: as create_server's dualstack_ipv6 needs
		> print(type(socket.has_dualstack_ipv6())) --> boolean
		`, Fn: func(s *interp.State) int {
		return s.Return(lua.LBool(dial.HasDualstack(sys.NetOf(s.Interp()))))
	}},
}

func ifNameIndex(s *interp.State) int {
	list, err := net.Interfaces()
	if err != nil {
		return s.Raise(err)
	}
	out := s.CreateTable(len(list), 0)
	for i, ifi := range list {
		e := s.CreateTable(0, 2)
		e.RawSetString("index", lua.LNumber(ifi.Index))
		e.RawSetString("name", lua.LString(ifi.Name))
		out.RawSetInt(i+1, e)
	}
	return s.Return(out)
}

func ifNameToIndex(s *interp.State) int {
	name := s.Str(1)
	ifi, err := net.InterfaceByName(name)
	if err != nil {
		return s.Raise(&interp.OpError{Code: "ENODEV", Errno: unix.ENODEV, Message: "no interface of this name: " + name})
	}
	return s.Return(lua.LNumber(ifi.Index))
}

func ifIndexToName(s *interp.State) int {
	ifi, err := net.InterfaceByIndex(s.Int(1))
	if err != nil {
		return s.Raise(&interp.OpError{Code: "ENXIO", Errno: unix.ENXIO, Message: "no interface of this index: " + s.Get(1).String()})
	}
	return s.Return(lua.LString(ifi.Name))
}

// hasIPv6 is the module's field has_ipv6. As Python's it says what the platform
// was built with, not whether an address is configured: has_dualstack_ipv6 tries.
func hasIPv6() bool { return true }
