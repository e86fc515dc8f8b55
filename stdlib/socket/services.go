//go:build unix

package socket

import (
	"os"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
)

var serviceFuncs = []interp.Function{
	{Name: "getservbyname", Args: "name[, protocol]", Doc: "the port of a service: 80 for \"http\"", Fn: getservbyname},
	{Name: "getservbyport", Args: "port[, protocol]", Doc: "the name of the service on a port: \"http\" for 80", Fn: getservbyport},
	{Name: "getprotobyname", Args: "name", Doc: "the number of a protocol: 6 for \"tcp\"", Fn: getprotobyname},
}

// netdb is what /etc/services and /etc/protocols say, and after that what is
// well known: minimal systems and containers have neither file.
type netdb struct{ services, protocols []netEntry }

// netEntry is one line of these files.
type netEntry struct {
	names    []string // the official one first
	number   int
	protocol string // services only
}

type netdbKey struct{}

// netdbOf reads the files when the interpreter first needs them.
func netdbOf(in *interp.Interpreter) *netdb {
	return in.Local(netdbKey{}, func() any {
		return &netdb{
			services:  append(readNetEntries("/etc/services"), parseNetEntries(wellKnownServices)...),
			protocols: append(readNetEntries("/etc/protocols"), parseNetEntries(wellKnownProtocols)...),
		}
	}).(*netdb)
}

func readNetEntries(path string) []netEntry {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	return parseNetEntries(string(text))
}

// parseNetEntries reads lines of the form "name number[/protocol] alias...", with
// comments from # on. Lines of any other form are passed over.
func parseNetEntries(text string) (entries []netEntry) {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		number, protocol, _ := strings.Cut(fields[1], "/")
		n, err := strconv.Atoi(number)
		if err != nil {
			continue
		}
		entries = append(entries, netEntry{append(fields[:1:1], fields[2:]...), n, protocol})
	}
	return entries
}

func (e *netEntry) has(name string) bool {
	for _, n := range e.names {
		if n == name {
			return true
		}
	}
	return false
}

// port returns the port of a service over a protocol, "" being any.
func (db *netdb) port(name, protocol string) (int, bool) {
	for i := range db.services {
		if e := &db.services[i]; e.has(name) && (protocol == "" || e.protocol == protocol) {
			return e.number, true
		}
	}
	return 0, false
}

// service returns the name of the service on a port.
func (db *netdb) service(port int, protocol string) (string, bool) {
	for i := range db.services {
		if e := &db.services[i]; e.number == port && (protocol == "" || e.protocol == protocol) {
			return e.names[0], true
		}
	}
	return "", false
}

func (db *netdb) protocol(name string) (int, bool) {
	for i := range db.protocols {
		if e := &db.protocols[i]; e.has(name) {
			return e.number, true
		}
	}
	return 0, false
}

func getservbyname(s *interp.State) int {
	name, protocol := s.Str(1), s.OptStr(2, "")
	port, ok := netdbOf(s.Interp()).port(name, protocol)
	if !ok {
		return s.Raise(noService(name, protocol))
	}
	return s.Return(lua.LNumber(port))
}

func getservbyport(s *interp.State) int {
	port, protocol := s.IntRange(1, 0, 65535, "port"), s.OptStr(2, "")
	name, ok := netdbOf(s.Interp()).service(port, protocol)
	if !ok {
		return s.Raise(noService(strconv.Itoa(port), protocol))
	}
	return s.Return(lua.LString(name))
}

func noService(what, protocol string) error {
	if protocol != "" {
		what += "/" + protocol
	}
	return &interp.OpError{Code: "EAI_SERVICE", Message: "service not known: " + what}
}

func getprotobyname(s *interp.State) int {
	name := s.Str(1)
	n, ok := netdbOf(s.Interp()).protocol(name)
	if !ok {
		return s.Raise(&interp.OpError{Code: "EPROTONOSUPPORT", Errno: unix.EPROTONOSUPPORT, Message: "protocol not known: " + name})
	}
	return s.Return(lua.LNumber(n))
}
