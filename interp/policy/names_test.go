package policy

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// zone is a name server for tests. Its methods may be called from any goroutine.
type zone struct {
	mu    sync.Mutex
	names map[string][]netip.Addr
	asked int
	takes time.Duration // how long an answer takes
}

func (z *zone) set(name string, addrs ...string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.names == nil {
		z.names = make(map[string][]netip.Addr)
	}
	z.names[name] = nil
	for _, a := range addrs {
		z.names[name] = append(z.names[name], netip.MustParseAddr(a))
	}
}

func (z *zone) lookup(ctx context.Context, name string) ([]netip.Addr, error) {
	z.mu.Lock()
	z.asked++
	takes, addrs := z.takes, z.names[name]
	z.mu.Unlock()
	select {
	case <-time.After(takes):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if len(addrs) == 0 {
		return nil, errors.New("no such host")
	}
	return addrs, nil
}

// count returns how many look-ups there were since it was last called.
func (z *zone) count() int {
	z.mu.Lock()
	defer z.mu.Unlock()
	n := z.asked
	z.asked = 0
	return n
}

func connectVia(t *testing.T, z *zone, rules ...string) *Checker {
	return compile(t, Policy{Connect: rules}).WithLookup(z.lookup)
}

// Rows as in TestConnect, with the name the script used: it never opens anything.
func TestRulesByName(t *testing.T) {
	z := new(zone)
	z.set("example.org", "93.184.216.34", "::ffff:93.184.216.35", "2606:2800::1")
	z.set("other.example", "198.51.100.7")
	z.set("evil.example", "127.0.0.1", "169.254.169.254", "10.0.0.1")
	z.set("intranet", "10.0.0.1", "fe80::1%lo")
	z.set("blocked.example", "0.0.0.0", "::")
	z.set("nat64.example", "64:ff9b::8.8.8.8")
	rows := []struct{ rule, addr, name, needs string }{
		{"example.org:443", "93.184.216.34:443", "example.org", ""},
		{"example.org:443", "93.184.216.34:443", "", ""},
		{"example.org:443", "93.184.216.34:443", "evil.example", ""},
		{"example.org:443", "93.184.216.35:443", "", ""},
		{"example.org:443", "[::ffff:93.184.216.34]:443", "", ""},
		{"example.org:443", "[2606:2800::1]:443", "", ""},
		{"Example.ORG:443", "93.184.216.34:443", "EXAMPLE.org", ""},
		{"example.org", "93.184.216.34:1", "", ""},
		{"example.org:80-443", "93.184.216.34:443", "", ""},
		{"example.org:443", "93.184.216.34:80", "", "93.184.216.34:80"},
		{"example.org:443", "93.184.216.34:80", "example.org", "example.org:80"},
		{"example.org:443", "198.51.100.7:443", "", "198.51.100.7:443"},
		{"example.org:443", "198.51.100.7:443", "other.example", "other.example:443"},
		// A name that is allowed opens no address it does not resolve to, whatever a script
		// says.
		{"example.org:443", "127.0.0.1:443", "example.org", "127.0.0.1:443"},
		{"example.org:443", "198.51.100.7:443", "example.org", "198.51.100.7:443"},
		// A name that resolves inward opens nothing unless a rule covers the address.
		{"example.org:443", "127.0.0.1:443", "evil.example", "127.0.0.1:443"},
		{"example.org:443", "169.254.169.254:443", "evil.example", "169.254.169.254:443"},
		{"10.0.0.0/8:443", "10.0.0.1:443", "evil.example", ""},
		{"intranet:443", "10.0.0.1:443", "evil.example", ""},
		{"intranet:443", "[fe80::1%lo]:443", "", ""},
		{"intranet:443", "[fe80::1%nosuch]:443", "", "[fe80::1%nosuch]:443"},
		// Nowhere is not loopback.
		{"blocked.example:80", "0.0.0.0:80", "blocked.example", "127.0.0.1:80"},
		{"blocked.example:80", "127.0.0.1:80", "", "127.0.0.1:80"},
		{"blocked.example:80", "[::]:80", "blocked.example", "[::1]:80"},
		{"nat64.example:80", "[64:ff9b::8.8.8.8]:80", "", ""},
		{"nat64.example:80", "8.8.8.8:80", "", "8.8.8.8:80"},
		{"nosuch.example:80", "8.8.8.8:80", "nosuch.example", "8.8.8.8:80"},
		{"example.org:443", "", "example.org", "*"},
	}
	for _, row := range rows {
		c := connectVia(t, z, row.rule)
		expect(t, c.Connect("tcp", addrPort(row.addr), row.name), row.needs, "[%s] connect %s as %q", row.rule, row.addr, row.name)
	}
	// Binding by name, and binding everything through a name that resolves to it.
	c := compile(t, Policy{Listen: []string{"intranet:80", "blocked.example:80"}}).WithLookup(z.lookup)
	expect(t, c.Listen(addrPort("10.0.0.1:80"), ""), "", "listen")
	expect(t, c.Listen(addrPort("10.0.0.2:80"), ""), "10.0.0.2:80", "listen")
	expect(t, c.Listen(addrPort("0.0.0.0:80"), "blocked.example"), "0.0.0.0:80", "listen")
	expect(t, c.Listen(addrPort("[::]:80"), "blocked.example"), "[::]:80", "listen")
}

// TestOnlyNeededLookups: nobody is asked where the answer is known, or cannot matter.
func TestOnlyNeededLookups(t *testing.T) {
	z := new(zone)
	z.set("a.example", "192.0.2.1")
	z.set("b.example", "192.0.2.2")
	c := connectVia(t, z, "a.example:1", "b.example:1", "b.example:2", "10.0.0.0/8")
	if z.count() != 0 || !c.MayWait() || connectVia(t, z, "10.0.0.0/8", "localhost").MayWait() {
		t.Fatal("compiling asks, or MayWait is wrong")
	}
	rows := []struct {
		addr, name string
		asks       int
	}{
		{"10.0.0.1:1", "", 0},
		{"192.0.2.2:3", "b.example", 0}, // no rule by name has this port
		{"192.0.2.2:1", "b.example", 1}, // the one the script named comes first
		{"192.0.2.2:2", "", 0},
		{"192.0.2.3:1", "", 1}, // a.example, at last
		{"192.0.2.3:1", "", 0},
	}
	for _, row := range rows {
		c.Connect("tcp", addrPort(row.addr), row.name)
		if n := z.count(); n != row.asks {
			t.Errorf("connect %s as %q: %d look-ups, want %d", row.addr, row.name, n, row.asks)
		}
	}
}

// TestAnswersAge: answers are asked for again when they are old, addresses stay for a while,
// failures are forgotten soon, and a script's own look-up hurries things.
func TestAnswersAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := new(zone)
		c := connectVia(t, z, "a.example:1")
		step := func(wait time.Duration, addr, name, needs string, asks int) {
			t.Helper()
			time.Sleep(wait)
			expect(t, c.Connect("tcp", addrPort(addr), name), needs, "connect %s as %q", addr, name)
			if n := z.count(); n != asks {
				t.Errorf("connect %s as %q: %d look-ups, want %d", addr, name, n, asks)
			}
		}
		step(0, "192.0.2.1:1", "", "192.0.2.1:1", 1) // no such host
		z.set("a.example", "192.0.2.1")
		step(failedFor-1, "192.0.2.1:1", "", "192.0.2.1:1", 0)
		step(1, "192.0.2.1:1", "", "", 1)
		z.set("a.example", "192.0.2.2")
		step(freshFor-1, "192.0.2.2:1", "", "192.0.2.2:1", 0)
		step(1, "192.0.2.2:1", "", "", 1)
		step(0, "192.0.2.1:1", "", "", 0) // still kept
		step(keptFor-freshFor, "192.0.2.1:1", "", "192.0.2.1:1", 1)
		z.set("a.example", "192.0.2.3")
		step(hurriedFor-1, "192.0.2.3:1", "a.example", "192.0.2.3:1", 0)
		step(1, "192.0.2.3:1", "a.example", "", 1)
		step(hurriedFor, "127.0.0.1:1", "other.example", "127.0.0.1:1", 0)
	})
}

func TestLearn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := new(zone)
		z.set("a.example", "192.0.2.1")
		c := connectVia(t, z, "a.example:1")
		c.Learn("A.example", []netip.Addr{netip.MustParseAddr("::ffff:192.0.2.9"), netip.MustParseAddr("0.0.0.0"), {}})
		c.Learn("evil.example", []netip.Addr{netip.MustParseAddr("127.0.0.1")})
		c.Learn("localhost", []netip.Addr{netip.MustParseAddr("192.0.2.8")})
		expect(t, c.Connect("tcp", addrPort("192.0.2.9:1"), ""), "", "learnt")
		expect(t, c.Connect("tcp", addrPort("192.0.2.9:2"), ""), "192.0.2.9:2", "learnt, another port")
		if z.count() != 0 {
			t.Error("asked for what was learnt")
		}
		expect(t, c.Connect("tcp", addrPort("127.0.0.1:1"), "evil.example"), "127.0.0.1:1", "of another name")
		expect(t, c.Connect("tcp", addrPort("0.0.0.0:1"), ""), "127.0.0.1:1", "nowhere")
		expect(t, c.Connect("tcp", addrPort("192.0.2.1:1"), ""), "", "looked up")
		time.Sleep(keptFor)
		expect(t, c.Connect("tcp", addrPort("192.0.2.9:1"), ""), "192.0.2.9:1", "learnt long ago")
	})
}

// TestLearnIsBounded: the owner of a name cannot fill the host's memory.
func TestLearnIsBounded(t *testing.T) {
	c := connectVia(t, new(zone), "a.example")
	a := netip.MustParseAddr("2001:db8::")
	for range 30 {
		var answer []netip.Addr
		for range maxKept / 10 {
			a = a.Next()
			answer = append(answer, a)
		}
		c.Learn("a.example", answer)
	}
	if n := len(c.hosts["a.example"].kept); n != maxKept {
		t.Errorf("%d addresses are kept, want %d", n, maxKept)
	}
}

// TestWaitingEnds: with the context, or after the time limit.
func TestWaitingEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := &zone{takes: time.Hour}
		c := connectVia(t, z, "a.example:1")
		start := time.Now()
		err := c.Connect("tcp", addrPort("192.0.2.1:1"), "")
		expect(t, err, "192.0.2.1:1", "a name server that does not answer")
		if took := time.Since(start); took != lookupLimit {
			t.Errorf("took %v", took)
		}
		time.Sleep(failedFor)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err = c.ConnectContext(ctx, "tcp", addrPort("192.0.2.1:1"), "")
		var d *Denied
		if !errors.Is(err, context.DeadlineExceeded) || errors.As(err, &d) {
			t.Errorf("%v", err)
		}
		// The caller gave up, the name server did not: the next one asks again.
		z.count()
		z.takes = 0
		z.set("a.example", "192.0.2.1")
		expect(t, c.Connect("tcp", addrPort("192.0.2.1:1"), ""), "", "afterwards")
		if z.count() != 1 {
			t.Error("did not ask again")
		}
	})
}

// TestOneAsksForAll: many who need the same name ask once, and one who gives up meanwhile does
// not take the others along.
func TestOneAsksForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := &zone{takes: 2 * time.Second}
		z.set("a.example", "192.0.2.1")
		c := connectVia(t, z, "a.example:1")
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var group sync.WaitGroup
		group.Go(func() {
			if err := c.ConnectContext(short, "tcp", addrPort("192.0.2.1:1"), ""); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the impatient one: %v", err)
			}
		})
		synctest.Wait()
		for range 1000 {
			group.Go(func() { expect(t, c.Connect("tcp", addrPort("192.0.2.1:1"), ""), "", "one of many") })
		}
		group.Wait()
		if n := z.count(); n != 2 {
			t.Errorf("%d look-ups, want one of the impatient and one for all others", n)
		}
	})
}

func TestLookup(t *testing.T) {
	rows := []struct {
		p    Policy
		name string
		want string
	}{
		{Policy{}, "127.0.0.1", ""},
		{Policy{}, "::1", ""},
		{Policy{}, "fe80::1%eth0", ""},
		{Policy{}, "", ""},
		{Policy{}, "localhost", ""},
		{Policy{}, "LOCALHOST.", ""},
		{Policy{}, "Example.org", "example.org"},
		{Policy{}, "127.1", "*"}, // a name to some resolvers
		{Policy{}, "a b", "*"},
		{Policy{}, "foo.localhost", "foo.localhost"},
		{Policy{Listen: []string{"*"}}, "example.org", "example.org"},
		{Policy{Listen: []string{"example.org:80"}}, "Example.org", ""},
		{Policy{Listen: []string{"example.org:80"}}, "secret.example.org", "secret.example.org"},
		{Policy{Connect: []string{"unix:/x"}}, "example.org", "example.org"},
		{Policy{Connect: []string{"10.0.0.1:1"}}, "example.org", ""},
		{Policy{Connect: []string{"other.example"}}, "example.org", ""},
		{Policy{Connect: []string{":1"}}, "example.org", ""},
		{Policy{Connect: []string{"*"}}, "example.org", ""},
	}
	for _, row := range rows {
		expect(t, compile(t, row.p).Lookup(row.name), row.want, "%+v look up %q", row.p, row.name)
	}
	c := compile(t, Policy{Listen: []string{"*"}})
	expect(t, c.LookupAddr(netip.MustParseAddr("::ffff:127.0.0.1")), "", "look up")
	expect(t, c.LookupAddr(netip.MustParseAddr("127.0.0.2")), "127.0.0.2", "look up")
	expect(t, c.LookupAddr(netip.MustParseAddr("192.0.2.1")), "192.0.2.1", "look up")
	expect(t, c.LookupAddr(netip.MustParseAddr("2001:db8::1%x")), "[2001:db8::1]", "look up")
	expect(t, c.LookupAddr(netip.Addr{}), "*", "look up")
	expect(t, compile(t, Policy{Connect: []string{":1"}}).LookupAddr(netip.MustParseAddr("192.0.2.1")), "", "look up")
}

// TestHammer: one checker, many goroutines, answers that change; for -race.
func TestHammer(t *testing.T) {
	z := new(zone)
	z.set("a.example", "192.0.2.1")
	z.set("b.example", "192.0.2.2")
	dir := realDir(t)
	touch(t, dir+"/f")
	c := compile(t, Policy{
		Connect: []string{"a.example:1", "b.example", "10.0.0.0/8", "unix:@x"}, Listen: []string{"b.example:2"},
		Read: []string{dir}, Run: []string{"sh"}, Env: []string{"HOME"},
	}).WithLookup(z.lookup)
	var wrong atomic.Int64
	no := func(bad bool) {
		if bad {
			wrong.Add(1)
		}
	}
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			for n := range 300 {
				no(c.Connect("tcp", addrPort("192.0.2.1:1"), "") != nil)
				no(c.Connect("tcp", addrPort("192.0.2.2:1"), "b.example") != nil)
				no(c.Connect("tcp", addrPort("192.0.2.3:1"), "a.example") == nil)
				no(c.Listen(addrPort("192.0.2.2:2"), "") != nil)
				no(c.Read(dir+"/f") != nil || c.ConnectUnix("@x") != nil || c.Env("HOME") != nil)
				c.Learn("a.example", []netip.Addr{netip.AddrFrom4([4]byte{10, byte(i), byte(n >> 8), byte(n)})})
			}
		})
	}
	group.Wait()
	if wrong.Load() != 0 {
		t.Errorf("%d wrong answers", wrong.Load())
	}
}
