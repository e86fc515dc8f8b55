//go:build unix

package socket

import (
	"strconv"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/lookup"
)

var serviceFuncs = []interp.Function{
	{Name: "getservbyname", Args: "name[, protocol]", Doc: "the port of a service: 80 for \"http\"", Manual: `
		name string: a service
		protocol "tcp"|"udp"?: any when left out
		-> integer: its port
		! EAI_SERVICE: there is no such service
		> print(socket.getservbyname("http", "tcp")) --> 80
		`, Fn: getservbyname},
	{Name: "getservbyport", Args: "port[, protocol]", Doc: "the name of the service on a port: \"http\" for 80", Manual: `
		port integer: 0-65535
		protocol "tcp"|"udp"?: any when left out
		-> string: its name
		! EAI_SERVICE: there is none
		> print(socket.getservbyport(80, "tcp")) --> http
		`, Fn: getservbyport},
	{Name: "getprotobyname", Args: "name", Doc: "the number of a protocol: 6 for \"tcp\"", Manual: `
		name string: a protocol
		-> integer: for socket.socket and getaddrinfo
		! EPROTONOSUPPORT: there is no such protocol
		> print(socket.getprotobyname("tcp")) --> 6
		`, Fn: getprotobyname},
}

func getservbyname(s *interp.State) int {
	name, protocol := s.Str(1), s.OptStr(2, "")
	port, ok := lookup.ServicesOf(s.Interp()).Port(name, protocol)
	if !ok {
		return s.Raise(lookup.NoService(name, protocol))
	}
	return s.Return(lua.LNumber(port))
}

func getservbyport(s *interp.State) int {
	port, protocol := s.IntRange(1, 0, 65535, "port"), s.OptStr(2, "")
	name, ok := lookup.ServicesOf(s.Interp()).Service(port, protocol)
	if !ok {
		return s.Raise(lookup.NoService(strconv.Itoa(port), protocol))
	}
	return s.Return(lua.LString(name))
}

func getprotobyname(s *interp.State) int {
	name := s.Str(1)
	n, ok := lookup.ServicesOf(s.Interp()).Protocol(name)
	if !ok {
		return s.Raise(&interp.OpError{Code: "EPROTONOSUPPORT", Errno: unix.EPROTONOSUPPORT, Message: "protocol not known: " + name})
	}
	return s.Return(lua.LNumber(n))
}
