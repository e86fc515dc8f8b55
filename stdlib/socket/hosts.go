//go:build unix

package socket

import (
	"os"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/lookup"
)

var hostFuncs = []interp.Function{
	{Name: "gethostbyname", Args: "name", Doc: "an IPv4 address of the host, as text; waits", Manual: `
		name string: a host's name, or an IPv4 address
		-> string: an IPv4 address
		! EAI_NONAME: there is no such host
		> print(socket.gethostbyname("127.0.0.1")) --> 127.0.0.1
		`, Fn: gethostbyname},
	{Name: "gethostbyaddr", Args: "ip", Doc: "name, array of other names, array of addresses; waits", Manual: `
		ip string: an IPv4 or IPv6 address
		-> string: its name
		-> string[]: other names
		-> string[]: addresses
		! EAI_NONAME: it has no name
		> local ok, name, aliases, addresses = pcall(socket.gethostbyaddr, "127.0.0.1")
		> print(not ok or addresses[1]) --> 127.0.0.1
		`, Fn: gethostbyaddr},
	{Name: "getnameinfo", Args: "address[, flags]", Doc: "host, service: names, or numbers as text; waits", Manual: `
		address endpoint: of numbers: no name is looked up for it
		flags integer?: NI_NUMERICHOST, NI_NUMERICSERV, NI_NAMEREQD, NI_DGRAM, added
		-> string host: its name, or the address
		-> string service: its name, or the number
		! EAI_NONAME: it has no name, and NI_NAMEREQD wants one
		> print(socket.getnameinfo({"127.0.0.1", 80}, socket.NI_NUMERICHOST + socket.NI_NUMERICSERV)) --> 127.0.0.1	80
		`, Fn: getnameinfo},
	{Name: "gethostname", Args: "", Doc: "the name of this machine", Manual: `
		-> string: as the system has it
		> print(#socket.gethostname() > 0) --> true
		`, Fn: gethostname},
	{Name: "getfqdn", Args: "[name]", Doc: "the full name of a host, of this machine by default; waits", Manual: `
		name string?: a host
		-> string: its full name; name itself when none is found
		> print(#socket.getfqdn("localhost") > 0) --> true
		`, Fn: getfqdn},
}

func gethostbyname(s *interp.State) int {
	ips, err := lookup.Resolve(s, s.Str(1), unix.AF_INET, lookup.Limit(s))
	if err != nil {
		return s.Raise(err)
	}
	return s.Return(lua.LString(ips[0].String()))
}

func gethostbyaddr(s *interp.State) int {
	names, ip, err := namesOf(s, s.Str(1))
	if err != nil {
		return s.Raise(err)
	}
	aliases, addresses := s.CreateTable(len(names), 0), s.CreateTable(1, 0)
	for _, name := range names[1:] {
		aliases.Append(lua.LString(name))
	}
	addresses.Append(lua.LString(ip))
	return s.Return(lua.LString(names[0]), aliases, addresses)
}

// namesOf returns the names, at least one, that belong to the address of a host.
func namesOf(s *interp.State, host string) (names []string, ip string, err error) {
	lim := lookup.Limit(s)
	ips, err := lookup.Resolve(s, host, unix.AF_UNSPEC, lim)
	if err != nil {
		return nil, "", err
	}
	names, err = lookup.Names(s, ips[0], lim)
	return names, ips[0].String(), err
}

func gethostname(s *interp.State) int {
	name, err := os.Hostname()
	if err != nil {
		return s.Raise(err)
	}
	return s.Return(lua.LString(name))
}

func getfqdn(s *interp.State) int {
	name := strings.TrimSpace(s.OptStr(1, ""))
	if name == "" || name == "0.0.0.0" || name == "::" {
		name, _ = os.Hostname()
	}
	names, _, err := namesOf(s, name)
	if err != nil && err != unix.ECANCELED {
		// Nobody knows more, or the script may not ask: the name has to do,
		// unless this is because the script is being stopped.
		if err = s.Thread().CheckCancel(); err == nil {
			return s.Return(lua.LString(name))
		}
	}
	if err != nil {
		return s.Raise(err)
	}
	for _, n := range names {
		if strings.Contains(n, ".") {
			return s.Return(lua.LString(n))
		}
	}
	return s.Return(lua.LString(names[0]))
}

// knownNameFlags has NI_IDN for the sake of scripts that set it: names come as
// the name server gives them.
const knownNameFlags = niNumerichost | niNumericserv | niNofqdn | niNamereqd | niDgram | niIdn

func getnameinfo(s *interp.State) int {
	p, taken := lookup.PlaceArg(s, 1)
	flags := s.OptInt(1+taken, 0)
	if flags&^knownNameFlags != 0 {
		return s.Raise(&interp.OpError{Code: "EAI_BADFLAGS", Message: "unknown bits in flags"})
	}
	s.GiveWay()
	a, err := p.Numeric()
	if err != nil {
		return s.Raise(err)
	}
	host, err := hostName(s, a, flags)
	if err != nil {
		return s.Raise(err)
	}
	return s.Return(lua.LString(host), lua.LString(serviceName(s, a.Port, flags)))
}

func hostName(s *interp.State, a *addr.Addr, flags int) (string, error) {
	if flags&niNumerichost != 0 {
		return a.Host(), nil
	}
	names, err := lookup.Names(s, a.IP, lookup.Limit(s))
	switch {
	case unknown(err) && flags&niNamereqd == 0:
		return a.Host(), nil
	case err != nil:
		return "", err
	case flags&niNofqdn != 0:
		return withoutDomain(names[0]), nil
	}
	return names[0], nil
}

// withoutDomain cuts this machine's own domain, as far as its name tells one,
// off a host's name.
func withoutDomain(name string) string {
	self, _ := os.Hostname()
	if _, domain, ok := strings.Cut(self, "."); ok {
		return strings.TrimSuffix(name, "."+domain)
	}
	return name
}

func serviceName(s *interp.State, port, flags int) string {
	protocol := "tcp"
	if flags&niDgram != 0 {
		protocol = "udp"
	}
	if name, ok := lookup.ServicesOf(s.Interp()).Service(port, protocol); ok && flags&niNumericserv == 0 {
		return name
	}
	return strconv.Itoa(port)
}
