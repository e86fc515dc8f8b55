package policy

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// How long the answers to look-ups of names in rules count. An answer is fresh, and not asked
// for again, for freshFor; but an address stays covered for keptFor after it was last seen in
// one: names with many addresses give a few at a time, and a script may use what it looked up a
// little later.
const (
	lookupLimit = 5 * time.Second
	freshFor    = 30 * time.Second
	failedFor   = 5 * time.Second // a failure is believed less long
	hurriedFor  = time.Second     // and nothing long, when the script has just got a new answer itself
	keptFor     = 5 * time.Minute
	maxKept     = 1024 // addresses of one name: its owner must not fill our memory
)

// host is a name that rules have, and what is known about its addresses.
type host struct {
	name   string
	lookup Lookup
	turn   chan struct{} // holds one token: who takes it may look the name up

	mu    sync.Mutex // guards what follows; never held while waiting
	kept  map[netip.Addr]time.Time
	asked time.Time // when the last answer came
	err   error     // what the last answer was, if it was a failure
}

func newHost(name string, lookup Lookup) *host {
	h := &host{name: name, lookup: lookup, turn: make(chan struct{}, 1), kept: make(map[netip.Addr]time.Time)}
	h.turn <- struct{}{}
	return h
}

// coversByName reports whether a rule by name covers addr, looking names up as far as needed.
// why is what may have kept a rule from covering it; err is ctx's. The unspecified address is
// covered by no name: block lists answer with it to say "nowhere", and it is neither loopback
// nor every address that a rule by name should open.
func (c *Checker) coversByName(ctx context.Context, d *netDoor, addr netip.AddrPort, name string,
) (ok bool, why string, err error) {
	if !addr.IsValid() || addr.Addr().WithZone("").IsUnspecified() {
		return false, "", nil
	}
	var failed []string
	for _, h := range c.candidates(d, addr.Port(), name) {
		ok, err := h.covers(ctx, addr.Addr(), strings.EqualFold(h.name, name))
		if ok {
			return true, "", nil
		}
		if ctx.Err() != nil {
			return false, "", context.Cause(ctx)
		}
		if err != nil {
			failed = append(failed, "cannot look up "+h.name+": "+err.Error())
		}
	}
	return false, strings.Join(failed, "; "), nil
}

// candidates lists the hosts whose rules cover the port, the one the script named first: it is
// the likeliest, and the others need not be asked then.
func (c *Checker) candidates(d *netDoor, port uint16, name string) (hosts []*host) {
	for _, r := range d.named {
		h := c.hosts[r.name]
		switch {
		case h == nil || !r.ports.has(port) || slices.Contains(hosts, h):
		case strings.EqualFold(r.name, name):
			hosts = slices.Insert(hosts, 0, h)
		default:
			hosts = append(hosts, h)
		}
	}
	return hosts
}

// covers reports whether the name resolves to a. It asks if it does not know, or if it is told
// to hurry and has not asked just now.
func (h *host) covers(ctx context.Context, a netip.Addr, hurry bool) (bool, error) {
	if has, due, err := h.state(a, hurry); has || !due {
		return has, err
	}
	select {
	case <-h.turn:
		defer func() { h.turn <- struct{}{} }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	// Whoever had the turn before may have brought the answer.
	if has, due, err := h.state(a, hurry); has || !due {
		return has, err
	}
	h.ask(ctx)
	has, _, err := h.state(a, false)
	return has, err
}

// ask looks the name up and keeps the answer, unless it failed because its own caller gave up:
// that says nothing about the name.
func (h *host) ask(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, lookupLimit)
	defer cancel()
	addrs, err := h.lookup(limited, h.name)
	if err != nil && ctx.Err() != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked, h.err = time.Now(), err
	h.keep(addrs)
}

// state reports whether a is known to be covered, whether it is time to ask again, and how the
// last look-up failed if it did.
func (h *host) state(a netip.Addr, hurry bool) (has, due bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	limit := freshFor
	if h.err != nil {
		limit = failedFor
	}
	if hurry {
		limit = hurriedFor
	}
	has = now.Before(h.kept[a]) || now.Before(h.kept[a.WithZone("")])
	return has, h.asked.IsZero() || now.Sub(h.asked) >= limit, h.err
}

// keep remembers addresses and forgets those that have not been seen for long. Called with h.mu
// held.
func (h *host) keep(addrs []netip.Addr) {
	now := time.Now()
	for a, until := range h.kept {
		if !now.Before(until) {
			delete(h.kept, a)
		}
	}
	for _, a := range addrs {
		a = a.Unmap()
		_, known := h.kept[a]
		if known || len(h.kept) < maxKept {
			h.kept[a] = now.Add(keptFor)
		}
	}
}

// Learn tells the checker what the host's resolver answered when the runtime itself asked it for
// name on a script's behalf. If a rule has that name these addresses are covered for a few
// minutes, as if the checker had asked; otherwise Learn does nothing. Without it, a script could
// be denied an address of a name that is allowed, because names with many addresses give each
// asker different ones.
//
// Call it with nothing a script made up: the answer must come from the resolver that
// [Checker.WithLookup] was given, or the system's. It never waits.
func (c *Checker) Learn(name string, addrs []netip.Addr) {
	h := c.hosts[strings.ToLower(name)]
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.keep(addrs)
}

// Lookup reports whether a script may look up the addresses of name. Numeric hosts and localhost
// are free, for nobody is asked. Anything else needs some connect rule that is not for a Unix
// socket, since a question to a name server can carry out data; or a rule, also of the listen
// door, by this very name. It never waits.
func (c *Checker) Lookup(name string) error {
	if _, err := netip.ParseAddr(name); err == nil || name == "" || isLocalhost(name) {
		return nil
	}
	if c.connect.leadsOut() || c.hosts[strings.ToLower(name)] != nil {
		return nil
	}
	e := &Denied{Door: "connect", What: "look up " + name, Rule: everything, whole: true}
	if r, err := parseRule(name); err == nil && r.kind == kindName {
		e.Rule = r.String()
	}
	return c.lookup(e)
}

// LookupAddr reports whether a script may look up the name of an address: that asks a name
// server too, one that the address chooses. It needs some connect rule, as [Checker.Lookup]
// does, but for localhost's addresses; with those of the rest of 127.0.0.0/8 a question could
// carry out data. It never waits.
func (c *Checker) LookupAddr(addr netip.Addr) error {
	addr = addr.Unmap().WithZone("")
	if slices.Contains(localhost, addr) || c.connect.leadsOut() {
		return nil
	}
	e := &Denied{Door: "connect", What: "look up " + addr.String(), Rule: everything, whole: true}
	if addr.IsValid() {
		e.Rule = rule{kind: kindPrefix, prefix: netip.PrefixFrom(addr, addr.BitLen()), ports: everyPort}.String()
	}
	return c.lookup(e)
}

// leadsOut reports whether there is any rule that is not for a Unix socket.
func (d *netDoor) leadsOut() bool { return d.all || len(d.addressed)+len(d.named) > 0 }
