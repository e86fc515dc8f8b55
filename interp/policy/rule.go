package policy

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// rule is one network rule, parsed.
type rule struct {
	kind   kind
	prefix netip.Prefix // kindPrefix: a single address is a prefix of full length
	zone   string       // kindPrefix: only on this link; "" is every link
	name   string       // kindName: lower case, a final dot kept
	unix   string       // kindUnix: the path as written, or "@name"
	ports  portRange    // all but kindUnix and kindAll
}

type kind uint8

const (
	kindAll    kind = iota + 1 // "*": Unix and raw sockets too
	kindAny                    // ":port": every address
	kindPrefix                 // addresses
	kindName                   // what a name resolves to
	kindUnix                   // one Unix socket
)

// portRange is a range of ports, both ends included.
type portRange struct{ low, high uint16 }

var everyPort = portRange{0, 65535}

func (p portRange) has(port uint16) bool { return p.low <= port && port <= p.high }

// parseRule parses a network rule. It is the only parser of these, and looks at nothing but the
// text: no files, no names. Where a text could mean two things it refuses both and says how to
// write each.
func parseRule(text string) (rule, error) {
	if text == everything {
		return rule{kind: kindAll}, nil
	}
	if scheme, path, ok := strings.Cut(text, ":"); ok && strings.EqualFold(scheme, "unix") {
		return parseUnix(path)
	}
	if err := commonMistake(text); err != nil {
		return rule{}, err
	}
	hostText, portText, err := splitPort(text)
	if err != nil {
		return rule{}, err
	}
	r, err := parseHost(hostText)
	if err != nil {
		return rule{}, err
	}
	r.ports = everyPort
	if portText != nil {
		r.ports, err = parsePorts(*portText)
	}
	return r, err
}

// commonMistake answers what people write because other programs take it, so that they hear what
// to write here rather than that a host name is wrong.
func commonMistake(text string) error {
	switch {
	case text == "":
		return errors.New("is empty: write a host, host:port or *")
	case strings.ContainsAny(text, " \t\r\n"):
		return errors.New("has a blank in it: write each rule by itself, without blanks")
	case strings.Contains(text, ","):
		return errors.New("has a comma in it: write each rule by itself")
	case strings.Contains(text, "://"):
		return errors.New("is a URL: write host:port, as in example.org:443")
	case text[0] == '/', text[0] == '.', text[0] == '@':
		return errors.New("is no host: for a Unix socket write " + quote("unix:"+text))
	case strings.Contains(text, "*"):
		return errors.New("has a * in it, which stands only by itself: write :443 for every host on a port, " +
			"a name in full, or a prefix such as 10.0.0.0/8")
	}
	return nil
}

// splitPort parts the host from the port; port is nil when there is none.
func splitPort(text string) (host string, port *string, err error) {
	if text[0] == '[' {
		return splitBrackets(text)
	}
	start := max(0, strings.LastIndexByte(text, '/')) // the colons of a prefix are before its slash
	colons := strings.Count(text[start:], ":")
	switch {
	case start == 0 && colons > 1:
		return text, nil, checkBare(text)
	case colons > 1:
		return "", nil, errors.New("has too many colons: write prefix:port or prefix:port-port")
	case colons == 0:
		return text, nil, nil
	}
	host, p, _ := strings.Cut(text[start:], ":")
	return text[:start] + host, &p, nil
}

// splitBrackets parts "[host]:port".
func splitBrackets(text string) (host string, port *string, err error) {
	host, rest, closed := strings.Cut(text[1:], "]")
	if !closed {
		return "", nil, errors.New("has no closing bracket: write [::1]:80")
	}
	address, _, _ := strings.Cut(host, "/")
	if !strings.Contains(address, ":") {
		return "", nil, errors.New("has brackets, which are for IPv6 addresses: write the host without them")
	}
	if rest == "" {
		return host, nil, nil
	}
	p, ok := strings.CutPrefix(rest, ":")
	if !ok {
		return "", nil, errors.New("has something other than a port after the bracket: write [::1]:80")
	}
	return host, &p, nil
}

// checkBare refuses an IPv6 address without brackets if its end could be meant as a port: ::1:80
// is an address, but few who write it know that.
func checkBare(text string) error {
	cut := strings.LastIndexByte(text, ':')
	head, tail := text[:cut], text[cut+1:]
	_, err := netip.ParseAddr(text)
	_, headErr := netip.ParseAddr(head)
	bracketed := quote("[" + head + "]:" + tail)
	switch {
	case err == nil && headErr == nil && strings.Trim(tail, "0123456789") == "":
		return fmt.Errorf("can be read in two ways: write %s for a port, %s for the address", bracketed, quote("["+text+"]"))
	case err != nil && headErr == nil:
		return errors.New("needs brackets: write " + bracketed)
	case err != nil:
		return errors.New("is neither host:port nor an IPv6 address: write [::1]:80, example.org:80 or 127.0.0.1:80")
	}
	return nil
}

// parseHost parses what stands before the port.
func parseHost(text string) (rule, error) {
	if text == "" {
		return rule{kind: kindAny}, nil
	}
	if strings.Contains(text, "/") {
		return parsePrefix(text)
	}
	if a, err := netip.ParseAddr(text); err == nil {
		zone := a.Zone()
		a = a.WithZone("").Unmap()
		if (a.Is4() || a.IsUnspecified()) && zone != "" {
			return rule{}, fmt.Errorf("has a zone at an address that is on no one link: write %s alone", a)
		}
		return rule{kind: kindPrefix, prefix: netip.PrefixFrom(a, a.BitLen()), zone: zone}, checkZone(zone)
	}
	if strings.Contains(text, ":") {
		return rule{}, errors.New("has no IPv6 address in its brackets: write one as in [::1]:80")
	}
	return rule{kind: kindName, name: strings.ToLower(text)}, checkName(text)
}

// checkZone keeps zones to what interfaces are called, so that a rule can be printed.
func checkZone(zone string) error {
	if strings.ContainsAny(zone, "[]%/*,\"'") || strings.ContainsFunc(zone, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("has a zone that is no interface: write it as in fe80::1%eth0")
	}
	return nil
}

// parsePrefix parses "10.0.0.0/8". Bits set behind the prefix are refused rather than dropped:
// who writes 10.1.2.3/8 may well mean less than all of 10.
func parsePrefix(text string) (rule, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return rule{}, errors.New("has no right prefix: write an address without zone and a length, as in 10.0.0.0/8 or 2001:db8::/32")
	}
	if p.Masked() != p {
		return rule{}, fmt.Errorf("has an address with bits set behind its prefix: write %s, or %s for the one address",
			p.Masked(), p.Addr())
	}
	// Addresses are unmapped before they are checked, and so must rules be.
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return rule{kind: kindPrefix, prefix: p}, nil
}

// checkName refuses names that no resolver has, or that resolvers disagree about: to some 127.1
// and 0x7f.1 are names, to others they are 127.0.0.1.
func checkName(name string) error {
	if strings.ContainsFunc(name, func(r rune) bool { return r > '~' }) {
		return errors.New("has letters beyond ASCII: write the name as the DNS has it (xn--...)")
	}
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || len(name) > 254 || strings.ContainsFunc(label, notInName) {
			return errors.New("is neither a host name nor an address: write example.org, 127.0.0.1, [::1] or 10.0.0.0/8")
		}
	}
	last := strings.ToLower(labels[len(labels)-1])
	if strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") {
		return errors.New("is no address that is written in full: write four decimal numbers, as in 127.0.0.1")
	}
	return nil
}

func notInName(r rune) bool {
	return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_')
}

// parsePorts parses "80" and "8000-8100".
func parsePorts(text string) (portRange, error) {
	low, high, isRange := strings.Cut(text, "-")
	if !isRange {
		high = low
	}
	l, err := parsePort(low)
	if err != nil {
		return portRange{}, err
	}
	h, err := parsePort(high)
	if err != nil {
		return portRange{}, err
	}
	if h < l {
		return portRange{}, fmt.Errorf("has its ports the wrong way round: write %d-%d", h, l)
	}
	return portRange{l, h}, nil
}

func parsePort(text string) (uint16, error) {
	if text == "" {
		return 0, errors.New("has no port where one belongs: write host for every port, host:80 or host:8000-8100")
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || strconv.FormatUint(n, 10) != text {
		return 0, fmt.Errorf("has the port %q: write a number from 0 to 65535", text)
	}
	return uint16(n), nil
}

// parseUnix parses what stands behind "unix:".
func parseUnix(path string) (rule, error) {
	switch {
	case path == "" || path == "@":
		return rule{}, errors.New("names no socket: write unix:/path or unix:@name")
	case path == "*":
		return rule{}, errors.New("names no socket: write unix:/path for each, or * for everything")
	case strings.HasSuffix(path, "/"):
		return rule{}, errors.New("names a folder: write the path of each socket in it")
	case strings.HasPrefix(path, "~"):
		return rule{}, errors.New("starts with ~, which only shells know: write the folder out")
	case strings.ContainsRune(path, 0):
		return rule{}, errors.New("has a zero byte in it: write an abstract name as unix:@name")
	}
	return rule{kind: kindUnix, unix: path}, nil
}

// String spells the rule so that parseRule reads the same rule again.
func (r rule) String() string {
	switch r.kind {
	case kindAll:
		return everything
	case kindUnix:
		return "unix:" + r.unix
	case kindAny:
		return ":" + r.ports.String()
	}
	host := r.name
	if r.kind == kindPrefix {
		host = r.host()
	}
	if r.ports == everyPort {
		return host
	}
	return host + ":" + r.ports.String()
}

// host spells the addresses of a kindPrefix.
func (r rule) host() string {
	a := r.prefix.Addr()
	switch {
	case r.prefix.Bits() < a.BitLen():
		return r.prefix.String()
	case a.Is6():
		return "[" + a.WithZone(r.zone).String() + "]"
	}
	return a.String()
}

func (p portRange) String() string {
	if p.low == p.high {
		return strconv.Itoa(int(p.low))
	}
	return strconv.Itoa(int(p.low)) + "-" + strconv.Itoa(int(p.high))
}
