package policy

import (
	"net/netip"
	"strings"
)

// NetworkRule is one network rule by itself, for who asks which addresses somebody means rather than
// which are allowed. It is a value that never changes; ParseNetworkRule makes one.
type NetworkRule struct{ r rule }

// ParseNetworkRule reads a rule such as those in [Policy.Connect]. Its error says what is wrong and what to
// write instead, but not the rule. It looks at nothing but the text.
func ParseNetworkRule(text string) (NetworkRule, error) {
	r, err := parseRule(text)
	return NetworkRule{r}, err
}

// String spells the rule so that ParseNetworkRule reads the same rule again.
func (n NetworkRule) String() string { return n.r.String() }

// Covers reports whether the rule means an address, or the name that somebody got it from ("" if from
// none): no name is looked up. Of a rule for localhost both loopback addresses are meant. An address
// that carries another one, as a translator's, is only itself here.
func (n NetworkRule) Covers(addr netip.AddrPort, name string) bool {
	a := Destination(addr)
	switch r := n.r; r.kind {
	case kindAll:
		return true
	case kindUnix:
		return false
	case kindName:
		local := isLocalhost(r.name) && (a.Addr() == loopback4 || a.Addr() == loopback6)
		return (local || sameName(r.name, name)) && r.ports.has(a.Port())
	default:
		return r.ports.has(a.Port()) && r.matches(a.Addr())
	}
}

// CoversName reports whether the rule means a host by this name, whatever the port.
func (n NetworkRule) CoversName(name string) bool {
	return n.r.kind == kindAll || n.r.kind == kindName && sameName(n.r.name, name)
}

// CoversUnix reports whether the rule means the Unix socket of this path; "@name" is an abstract one, and ""
// one without a name. Links are not followed.
func (n NetworkRule) CoversUnix(path string) bool {
	return n.r.kind == kindAll || n.r.kind == kindUnix && path != "" && n.r.unix == unixName(path)
}

func sameName(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "."), strings.TrimSuffix(b, "."))
}
