package policy

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// netDoor holds the rules of the connect or the listen door.
type netDoor struct {
	all       bool
	binds     bool            // the listen door
	addressed []rule          // kindAny and kindPrefix: answered at once
	named     []rule          // kindName: may need a look-up
	unix      map[string]bool // resolved paths, and "@name"
}

// compileNet parses the rules of a door.
func compileNet(door string, texts []string) (netDoor, error) {
	d := netDoor{binds: door == "listen", unix: make(map[string]bool)}
	for _, text := range texts {
		r, err := parseRule(text)
		if err == nil {
			err = d.add(r)
		}
		if err != nil {
			return d, &RuleError{Door: door, Rule: text, Problem: err.Error()}
		}
	}
	return d, nil
}

// add gives a rule the meaning it has at this door.
func (d *netDoor) add(r rule) error {
	switch r.kind {
	case kindAll:
		d.all = true
	case kindUnix:
		socket, err := unixKey(r.unix)
		if err != nil {
			return unresolved(err)
		}
		d.unix[socket] = true
	case kindName:
		if !isLocalhost(r.name) {
			d.named = append(d.named, r)
			break
		}
		for _, a := range localhost {
			d.addressed = append(d.addressed, rule{kind: kindPrefix, prefix: netip.PrefixFrom(a, a.BitLen()), ports: r.ports})
		}
	default:
		if r.kind == kindPrefix && r.prefix.IsSingleIP() && r.prefix.Addr().IsUnspecified() {
			r = d.unspecified(r)
		}
		d.addressed = append(d.addressed, r)
	}
	return nil
}

var (
	loopback4 = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	loopback6 = netip.IPv6Loopback()
	localhost = []netip.Addr{loopback4, loopback6}
)

// isLocalhost reports whether name means this host without anybody being asked.
func isLocalhost(name string) bool {
	return strings.EqualFold(strings.TrimSuffix(name, "."), "localhost")
}

// unspecified turns a rule for 0.0.0.0 or :: into what it stands for. Connecting to it leads to
// loopback. Binding it binds every address, and for :: those of IPv4 as well.
func (d *netDoor) unspecified(r rule) rule {
	a := r.prefix.Addr()
	switch {
	case !d.binds:
		a = Destination(netip.AddrPortFrom(a, 0)).Addr()
		r.prefix = netip.PrefixFrom(a, a.BitLen())
	case a.Is4():
		r.prefix = netip.PrefixFrom(a, 0)
	default:
		r = rule{kind: kindAny, ports: r.ports}
	}
	return r
}

// Destination returns the address that connecting or sending to addr should be given: addr
// without IPv4-mapping, and 127.0.0.1 or ::1 for 0.0.0.0 or ::.
//
// The checks hold for Destination(addr), and a caller must hand the kernel the same. Otherwise a
// socket bound to another local address slips through: Linux takes 0.0.0.0 for the address the
// socket is bound to, and only without one for loopback. (An AF_INET6 socket needs the mapping
// back, which changes nothing.)
func Destination(addr netip.AddrPort) netip.AddrPort {
	a := addr.Addr().Unmap()
	// A zone hides the unspecified address from netip, but not from the kernel.
	if a.WithZone("").IsUnspecified() {
		a = loopback4
		if addr.Addr().Unmap().Is6() {
			a = loopback6
		}
	}
	return netip.AddrPortFrom(a, addr.Port())
}

// Connect reports whether a script may connect or send to addr, which is the address it would
// really reach; see [Destination]. network is a name as Go's net package has it ("tcp", "udp6");
// for the ones without ports ("ip4:icmp", "raw", "packet") Connect asks [Checker.Raw]. name is
// the host name addr was resolved from as the script gave it, or "": it opens nothing, but makes
// the error say more, and makes the checker ask again when a rule has that name and its last
// answer lacks addr.
//
// Connect may wait if [Checker.MayWait], at most five seconds for each rule by name;
// [Checker.ConnectContext] stops when its context ends.
func (c *Checker) Connect(network string, addr netip.AddrPort, name string) error {
	return c.ConnectContext(context.Background(), network, addr, name)
}

// ConnectContext is [Checker.Connect] with a limit on its waiting. When ctx ends while a name is
// being looked up it returns the context's cause, not a [*Denied].
func (c *Checker) ConnectContext(ctx context.Context, network string, addr netip.AddrPort, name string) error {
	if c.all {
		return nil
	}
	if hasNoPorts(network) {
		return c.Raw()
	}
	return c.network(ctx, &c.connect, "connect", Destination(addr), name)
}

// Listen reports whether a script may bind a socket to addr: TCP to listen, UDP to receive, or
// any socket to send from there. Port 0 lets the kernel choose, and is covered only by rules for
// every port or for port 0. The address 0.0.0.0 needs a rule for all of IPv4, :: a rule for
// every address. name is as for [Checker.Connect].
//
// Listening on a socket that was never bound binds it to every address and port 0: check that. A
// socket that the kernel binds because it connects or sends is not the listen door's. Listen may
// wait, as [Checker.Connect] may.
func (c *Checker) Listen(addr netip.AddrPort, name string) error {
	return c.ListenContext(context.Background(), addr, name)
}

// ListenContext is [Checker.Listen] with a limit on its waiting. When ctx ends while a name is
// being looked up it returns the context's cause, not a [*Denied].
func (c *Checker) ListenContext(ctx context.Context, addr netip.AddrPort, name string) error {
	a := addr.Addr().Unmap()
	if a.WithZone("").IsUnspecified() {
		a = a.WithZone("") // the kernel ignores it, and so every link is bound
	}
	return c.network(ctx, &c.listen, "listen", netip.AddrPortFrom(a, addr.Port()), name)
}

// network is the check that connect and listen share.
func (c *Checker) network(ctx context.Context, d *netDoor, door string, addr netip.AddrPort, name string) error {
	if d.all || d.covers(addr.Addr(), addr.Port()) {
		return nil
	}
	ok, why, err := c.coversByName(ctx, d, addr, name)
	if ok || err != nil {
		return err
	}
	return c.allow(deniedNet(d, door, addr, name, why))
}

// Raw reports whether a script may open raw and packet sockets, which reach past addresses and
// ports: both the connect and the listen door must be open altogether. It never waits.
func (c *Checker) Raw() error {
	const what = "raw socket"
	switch {
	case c.audit != nil:
		c.audit.note("connect", everything)
		c.audit.note("listen", everything)
		return nil
	case c.connect.all && c.listen.all:
		return nil
	case c.connect.all:
		return c.advise(&Denied{Door: "listen", What: what, Rule: everything, whole: true})
	}
	return c.advise(&Denied{Door: "connect", What: what, Rule: everything, whole: true, both: !c.listen.all})
}

// hasNoPorts reports whether network is one that no rule with an address can speak for.
func hasNoPorts(network string) bool {
	for _, prefix := range []string{"ip", "raw", "packet", "unix"} {
		if strings.HasPrefix(network, prefix) {
			return true
		}
	}
	return false
}

// covers reports whether an address rule covers a.
func (d *netDoor) covers(a netip.Addr, port uint16) bool {
	inner, explicit, carries := carried(a)
	carries = carries && !d.binds // a local address leads nowhere
	wide := false
	for _, r := range d.addressed {
		switch {
		case !r.ports.has(port) || !r.matches(a):
		case !carries || r.kind == kindAny || r.prefix.Bits() >= explicit:
			return true
		default:
			wide = true
		}
	}
	return wide && inner.IsValid() && d.covers(Destination(netip.AddrPortFrom(inner, 0)).Addr(), port)
}

// matches reports whether the rule's addresses include a.
func (r rule) matches(a netip.Addr) bool {
	plain := a.WithZone("")
	switch {
	case !a.IsValid():
		return false
	case r.kind == kindAny:
		return true
	case plain.IsUnspecified():
		// Only binding gets here. It binds more than any prefix but the whole holds, and ::
		// binds more than all of IPv6.
		return a.Is4() && r.prefix.Bits() == 0 && r.prefix.Addr().Is4()
	}
	return r.prefix.Contains(plain) && (r.zone == "" || sameZone(r.zone, a.Zone()))
}

// sameZone compares two spellings of an interface: its name and its number.
func sameZone(a, b string) bool {
	if a == b || b == "" {
		return a == b
	}
	i, j := zoneIndex(a), zoneIndex(b)
	return i != 0 && i == j
}

func zoneIndex(zone string) int {
	if n, err := strconv.Atoi(zone); err == nil {
		return n
	}
	if i, err := net.InterfaceByName(zone); err == nil {
		return i.Index
	}
	return 0
}

// carrier is an IPv6 prefix whose addresses carry an IPv4 address, for a translator or a tunnel to send
// on: at is the byte where it starts, -1 where that depends on the network.
type carrier struct {
	prefix netip.Prefix
	at     int
}

var carriers = sync.OnceValue(func() []carrier {
	return []carrier{
		{netip.MustParsePrefix("64:ff9b::/96"), 12},    // NAT64, RFC 6052
		{netip.MustParsePrefix("64:ff9b:1::/48"), -1},  // NAT64 of one's own, RFC 8215
		{netip.MustParsePrefix("::ffff:0:0:0/96"), 12}, // IPv4-translated, RFC 2765
		{netip.MustParsePrefix("2002::/16"), 2},        // 6to4, RFC 3056
		{netip.MustParsePrefix("::/96"), 12},           // IPv4-compatible, RFC 4291
		{netip.MustParsePrefix("2001::/32"), -1},       // Teredo, RFC 4380
	}
})

// carried returns the IPv4 address that a carries. A rule is explicit about such addresses if
// its prefix has at least the given length, that of the carrier.
func carried(a netip.Addr) (inner netip.Addr, explicit int, ok bool) {
	a = a.WithZone("")
	if !a.Is6() || a == loopback6 || a.IsUnspecified() {
		return inner, 0, false
	}
	for _, c := range carriers() {
		if !c.prefix.Contains(a) {
			continue
		}
		if b := a.As16(); c.at >= 0 {
			inner = netip.AddrFrom4([4]byte(b[c.at : c.at+4]))
		}
		return inner, c.prefix.Bits(), true
	}
	return inner, 0, false
}

// deniedNet builds the error for an address. It offers a rule by the name the script used, as
// people would write it, unless that hides something they should see: that the name leads
// inside, or that a rule by this name is there and does not help.
func deniedNet(d *netDoor, door string, addr netip.AddrPort, name, why string) error {
	e := &Denied{Door: door, What: addr.String(), Rule: addr.String(), Why: why}
	if !addr.IsValid() {
		e.What, e.Rule = "no address", everything
	}
	r, err := parseRule(name)
	if err != nil || r.kind != kindName || r.ports != everyPort {
		return e
	}
	e.What = name + " (" + addr.String() + ")"
	r.ports = portRange{addr.Port(), addr.Port()}
	has := func(n rule) bool { return n.name == r.name && n.ports.has(addr.Port()) }
	switch {
	case slices.ContainsFunc(d.named, has):
		if why == "" {
			e.Why = "looking up " + r.name + " gives other addresses"
		}
	case r.name == "unix": // with a port it would be the rule for a socket
	case isPublic(addr.Addr()):
		e.Rule = r.String()
	}
	return e
}

// isPublic reports whether a is an address of the Internet at large.
func isPublic(a netip.Addr) bool {
	if inner, _, ok := carried(a); ok {
		return inner.IsValid() && isPublic(inner)
	}
	return a.IsGlobalUnicast() && !a.IsPrivate()
}
