//go:build unix

package lookup

import (
	"os"
	"strconv"
	"strings"

	"wirelua/interp"
)

// Services is what /etc/services and /etc/protocols say, and after that what is
// well known: minimal systems and containers have neither file.
type Services struct{ services, protocols []netEntry }

// netEntry is one line of these files.
type netEntry struct {
	names    []string // the official one first
	number   int
	protocol string // services only
}

type servicesKey struct{}

// ServicesOf reads the files when the interpreter first needs them.
func ServicesOf(in *interp.Engine) *Services {
	return in.Local(servicesKey{}, func() any {
		return &Services{
			services:  append(readNetEntries("/etc/services"), parseNetEntries(wellKnownServices)...),
			protocols: append(readNetEntries("/etc/protocols"), parseNetEntries(wellKnownProtocols)...),
		}
	}).(*Services)
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

// Port returns the port of a service over a protocol, "" being any.
func (db *Services) Port(name, protocol string) (int, bool) {
	for i := range db.services {
		if e := &db.services[i]; e.has(name) && (protocol == "" || e.protocol == protocol) {
			return e.number, true
		}
	}
	return 0, false
}

// Service returns the name of the service on a port.
func (db *Services) Service(port int, protocol string) (string, bool) {
	for i := range db.services {
		if e := &db.services[i]; e.number == port && (protocol == "" || e.protocol == protocol) {
			return e.names[0], true
		}
	}
	return "", false
}

// Protocol returns the number of a protocol.
func (db *Services) Protocol(name string) (int, bool) {
	for i := range db.protocols {
		if e := &db.protocols[i]; e.has(name) {
			return e.number, true
		}
	}
	return 0, false
}

// NoService is the failure to find a service, over a protocol unless that is "".
func NoService(what, protocol string) error {
	if protocol != "" {
		what += "/" + protocol
	}
	return &interp.OpError{Code: "EAI_SERVICE", Message: "service not known: " + what}
}
