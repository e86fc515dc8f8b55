package policy

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// compile is a policy that must be right.
func compile(t testing.TB, p Policy) *Checker {
	t.Helper()
	c, err := p.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// noLookups fails a test in which a name is looked up.
func noLookups(t testing.TB) Lookup {
	return func(_ context.Context, name string) ([]netip.Addr, error) {
		t.Errorf("%q was looked up", name)
		return nil, errors.New("no look-ups here")
	}
}

// addrPort parses an address; "" is none.
func addrPort(s string) netip.AddrPort {
	if s == "" {
		return netip.AddrPort{}
	}
	return netip.MustParseAddrPort(s)
}

// expect compares a check's answer with want: "" for allowed, or the rule that a denial names.
func expect(t *testing.T, err error, want, format string, args ...any) {
	t.Helper()
	var d *Denied
	got := ""
	if errors.As(err, &d) {
		got = d.Rule
	} else if err != nil {
		got = "error " + err.Error()
	}
	if got != want {
		t.Errorf(format+": needs %q, want %q (%v)", append(args, got, want, err)...)
	}
}

// Each row: rules separated by blanks, the address, and the rule a denial names, "" if allowed.
func TestConnect(t *testing.T) {
	rows := []struct{ rules, addr, needs string }{
		{"", "127.0.0.1:80", "127.0.0.1:80"},
		{"", "[::1]:80", "[::1]:80"},
		{"", "", "*"},
		{"127.0.0.1", "", "*"},
		{":80", "0.0.0.1:0", "0.0.0.1:0"},
		{"*", "127.0.0.1:80", ""},
		{"*", "[2001:db8::1]:0", ""},
		{"*", "", ""},

		{"127.0.0.1", "127.0.0.1:80", ""},
		{"127.0.0.1", "127.0.0.2:80", "127.0.0.2:80"},
		{"127.0.0.1:80", "127.0.0.1:80", ""},
		{"127.0.0.1:80", "127.0.0.1:81", "127.0.0.1:81"},
		{"127.0.0.1:80-90", "127.0.0.1:80", ""},
		{"127.0.0.1:80-90", "127.0.0.1:90", ""},
		{"127.0.0.1:80-90", "127.0.0.1:79", "127.0.0.1:79"},
		{"127.0.0.1:80-90", "127.0.0.1:91", "127.0.0.1:91"},
		{"10.0.0.1:1 10.0.0.2:2", "10.0.0.1:2", "10.0.0.1:2"},
		{"10.0.0.1:1 10.0.0.2:2", "10.0.0.2:2", ""},
		{":80", "10.9.8.7:80", ""},
		{":80", "[2001:db8::1]:80", ""},
		{":80", "10.9.8.7:81", "10.9.8.7:81"},
		{":80", "", "*"},

		// Prefixes, and their edges.
		{"10.0.0.0/8:443", "10.0.0.0:443", ""},
		{"10.0.0.0/8:443", "10.255.255.255:443", ""},
		{"10.0.0.0/8:443", "11.0.0.0:443", "11.0.0.0:443"},
		{"10.0.0.0/8:443", "9.255.255.255:443", "9.255.255.255:443"},
		{"10.0.0.0/8:443", "10.0.0.0:444", "10.0.0.0:444"},
		{"0.0.0.0/0", "8.8.8.8:53", ""},
		{"0.0.0.0/0", "127.0.0.1:53", ""},
		{"0.0.0.0/0", "[2001:db8::1]:53", "[2001:db8::1]:53"},
		{"::/0", "8.8.8.8:53", "8.8.8.8:53"},
		{"::/0", "[2001:db8::1]:53", ""},
		{"2001:db8::/32:53", "[2001:db8:ffff::1]:53", ""},
		{"2001:db8::/32:53", "[2001:db9::1]:53", "[2001:db9::1]:53"},

		// IPv4 in IPv6's clothes, in rules and in addresses.
		{"127.0.0.1:80", "[::ffff:127.0.0.1]:80", ""},
		{"10.0.0.0/8", "[::ffff:10.1.2.3]:80", ""},
		{"", "[::ffff:127.0.0.1]:80", "127.0.0.1:80"},
		{"::/0", "[::ffff:127.0.0.1]:80", "127.0.0.1:80"},
		{"::ffff:0:0/96", "127.0.0.1:80", ""},
		{"::ffff:10.0.0.0/104", "10.1.2.3:80", ""},
		{"::ffff:10.0.0.0/104", "11.1.2.3:80", "11.1.2.3:80"},
		{"[::ffff:127.0.0.1]:80", "127.0.0.1:80", ""},
		{"::1", "127.0.0.1:80", "127.0.0.1:80"},
		{"127.0.0.1", "[::1]:80", "[::1]:80"},

		// The unspecified address leads to loopback.
		{"127.0.0.1:80", "0.0.0.0:80", ""},
		{"[::1]:80", "[::]:80", ""},
		{"127.0.0.1:80", "[::ffff:0.0.0.0]:80", ""},
		{"127.0.0.1:80", "[::]:80", "[::1]:80"},
		{"", "0.0.0.0:80", "127.0.0.1:80"},
		{"", "[::]:80", "[::1]:80"},
		{"", "[::%lo]:80", "[::1]:80"},
		{"0.0.0.0/8", "0.0.0.0:80", "127.0.0.1:80"},
		{"::/128", "127.0.0.1:80", "127.0.0.1:80"},
		{"::/64", "[::]:80", ""},
		{"10.0.0.0/8", "0.0.0.0:80", "127.0.0.1:80"},
		{"0.0.0.0:80", "127.0.0.1:80", ""},
		{"0.0.0.0:80", "0.0.0.0:80", ""},
		{"0.0.0.0:80", "10.0.0.1:80", "10.0.0.1:80"},
		{"[::]:80", "[::1]:80", ""},
		{"[::]:80", "[2001:db8::1]:80", "[2001:db8::1]:80"},
		{"127.0.0.0/8", "127.9.9.9:1", ""},

		// localhost is known without asking.
		{"localhost:80", "127.0.0.1:80", ""},
		{"localhost:80", "[::1]:80", ""},
		{"localhost:80", "0.0.0.0:80", ""},
		{"LocalHost.:80", "127.0.0.1:80", ""},
		{"localhost:80", "127.0.0.2:80", "127.0.0.2:80"},
		{"localhost:80", "127.0.0.1:81", "127.0.0.1:81"},

		// Zones.
		{"[fe80::1]:80", "[fe80::1%lo]:80", ""},
		{"[fe80::1%lo]:80", "[fe80::1%lo]:80", ""},
		{"[fe80::1%lo]:80", "[fe80::1]:80", "[fe80::1]:80"},
		{"[fe80::1%lo]:80", "[fe80::1%nosuch]:80", "[fe80::1%nosuch]:80"},
		{"[fe80::1%nosuch]:80", "[fe80::1%other]:80", "[fe80::1%other]:80"},
		{"[fe80::1%7]:80", "[fe80::1%07]:80", ""},
		{"fe80::/10", "[fe80::1%lo]:80", ""},
		{"fe80::/10", "[fec0::1%lo]:80", "[fec0::1%lo]:80"},
		{"[::1]:80", "[::1%lo]:80", ""},

		// IPv6 addresses that lead to an IPv4 address elsewhere.
		{"::/0", "[64:ff9b::127.0.0.1]:80", "[64:ff9b::7f00:1]:80"},
		{"::/0 8.0.0.0/8", "[64:ff9b::8.8.8.8]:80", ""},
		{"::/0 8.0.0.0/8:81", "[64:ff9b::8.8.8.8]:80", "[64:ff9b::808:808]:80"},
		{"8.0.0.0/8", "[64:ff9b::8.8.8.8]:80", "[64:ff9b::808:808]:80"},
		{"::/0 127.0.0.1", "[64:ff9b::0.0.0.0]:80", ""},
		{"64:ff9b::/96", "[64:ff9b::127.0.0.1]:80", ""},
		{"64:ff9b::/95", "[64:ff9b::127.0.0.1]:80", "[64:ff9b::7f00:1]:80"},
		{"[64:ff9b::127.0.0.1]:80", "[64:ff9b::127.0.0.1]:80", ""},
		{":80", "[64:ff9b::127.0.0.1]:80", ""},
		{"::/0 0.0.0.0/0", "[64:ff9b:1::1]:80", "[64:ff9b:1::1]:80"},
		{"64:ff9b:1::/48", "[64:ff9b:1::1]:80", ""},
		{"::/0", "[2002:7f00:1::]:80", "[2002:7f00:1::]:80"},
		{"2000::/3 127.0.0.1", "[2002:7f00:1::]:80", ""},
		{"2002::/16", "[2002:7f00:1::]:80", ""},
		{"::/0", "[::127.0.0.1]:80", "[::7f00:1]:80"},
		{"::/0", "[::ffff:0:127.0.0.1]:80", "[::ffff:0:7f00:1]:80"},
		{"::/0", "[2001::1]:80", "[2001::1]:80"},
		{"::/0", "[2001:db8::1]:80", ""},
		{"::/0", "[::1]:80", ""},
		{"::/0", "[64:ff9b::127.0.0.1%lo]:80", "[64:ff9b::7f00:1%lo]:80"},

		// A Unix rule covers no address, and raw sockets are beyond addresses.
		{"unix:/run/x", "127.0.0.1:80", "127.0.0.1:80"},
	}
	for _, row := range rows {
		c := compile(t, Policy{Connect: strings.Fields(row.rules)}).WithLookup(noLookups(t))
		for _, network := range []string{"tcp", "udp", ""} {
			expect(t, c.Connect(network, addrPort(row.addr), ""), row.needs, "[%s] connect %s %s", row.rules, network, row.addr)
		}
	}
}

func TestListen(t *testing.T) {
	rows := []struct{ rules, addr, needs string }{
		{"", "127.0.0.1:80", "127.0.0.1:80"},
		{"", "", "*"},
		{"*", "0.0.0.0:80", ""},
		{":8080", "0.0.0.0:8080", ""},
		{":8080", "[::]:8080", ""},
		{":8080", "127.0.0.1:8080", ""},
		{":8080", "0.0.0.0:0", "0.0.0.0:0"},
		{"127.0.0.1", "127.0.0.1:0", ""},
		{"127.0.0.1:0", "127.0.0.1:0", ""},
		{"127.0.0.1:1-65535", "127.0.0.1:0", "127.0.0.1:0"},
		{"127.0.0.1", "[::ffff:127.0.0.1]:80", ""},
		{"localhost:80", "127.0.0.1:80", ""},
		{"localhost:80", "[::1]:80", ""},
		{"localhost:80", "0.0.0.0:80", "0.0.0.0:80"},

		// Everything at once needs a rule for everything.
		{"127.0.0.1", "0.0.0.0:80", "0.0.0.0:80"},
		{"127.0.0.1", "[::ffff:0.0.0.0]:80", "0.0.0.0:80"},
		{"::1", "[::]:80", "[::]:80"},
		{"::1", "[::%lo]:80", "[::]:80"},
		{"0.0.0.0/8", "0.0.0.0:80", "0.0.0.0:80"},
		{"0.0.0.0/1", "0.0.0.0:80", "0.0.0.0:80"},
		{"0.0.0.0/0", "0.0.0.0:80", ""},
		{"0.0.0.0/0", "[::]:80", "[::]:80"},
		{"::/0", "[::]:80", "[::]:80"}, // it takes IPv4 connections too
		{"::/0", "[::1]:80", ""},
		{"::/1", "[::]:80", "[::]:80"},
		{"0.0.0.0:80", "0.0.0.0:80", ""},
		{"0.0.0.0:80", "10.0.0.1:80", ""},
		{"0.0.0.0:80", "[::1]:80", "[::1]:80"},
		{"0.0.0.0:80", "[::]:80", "[::]:80"},
		{"[::]:80", "[::]:80", ""},
		{"[::]:80", "[::%lo]:80", ""},
		{"[::]:80", "0.0.0.0:80", ""},
		{"[::]:80", "0.0.0.0:81", "0.0.0.0:81"},
		{"::/0", "[2002:7f00:1::]:80", ""}, // a local address leads nowhere
		{"[fe80::1%lo]:80", "[fe80::1]:80", "[fe80::1]:80"},
	}
	for _, row := range rows {
		c := compile(t, Policy{Listen: strings.Fields(row.rules)}).WithLookup(noLookups(t))
		expect(t, c.Listen(addrPort(row.addr), ""), row.needs, "[%s] listen %s", row.rules, row.addr)
	}
}

// TestDoorsApart: a rule opens its own door and no other.
func TestDoorsApart(t *testing.T) {
	addr := addrPort("127.0.0.1:80")
	c := compile(t, Policy{Connect: []string{"*"}})
	expect(t, c.Listen(addr, ""), "127.0.0.1:80", "listen")
	expect(t, c.ListenUnix("@x"), "unix:@x", "listen")
	c = compile(t, Policy{Listen: []string{"*"}})
	expect(t, c.Connect("tcp", addr, ""), "127.0.0.1:80", "connect")
	expect(t, c.ConnectUnix("@x"), "unix:@x", "connect")
}

func TestRaw(t *testing.T) {
	star := []string{"*"}
	rows := []struct {
		p    Policy
		want string
	}{
		{Policy{}, "not allowed: raw socket; needs --allow-connect=* and --allow-listen=*"},
		{Policy{Connect: star}, "not allowed: raw socket; needs --allow-listen=*"},
		{Policy{Listen: star}, "not allowed: raw socket; needs --allow-connect=*"},
		{Policy{Connect: star, Listen: []string{":0-65535"}}, "not allowed: raw socket; needs --allow-listen=*"},
		{Policy{Connect: star, Listen: star}, ""},
	}
	for _, row := range rows {
		c := compile(t, row.p).WithRemedy(func(d *Denied) string { return "needs " + d.Flag() })
		for _, err := range []error{c.Raw(), c.Connect("ip4:icmp", addrPort("10.0.0.1:0"), ""), c.Connect("packet", addrPort(""), "")} {
			if got := text(err); got != row.want {
				t.Errorf("%+v: %s, want %s", row.p, got, row.want)
			}
		}
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestDestination(t *testing.T) {
	rows := []struct{ addr, want string }{
		{"0.0.0.0:1", "127.0.0.1:1"},
		{"[::]:1", "[::1]:1"},
		{"[::%lo]:1", "[::1]:1"},
		{"[::ffff:0.0.0.0]:1", "127.0.0.1:1"},
		{"[::ffff:10.0.0.1]:1", "10.0.0.1:1"},
		{"[fe80::1%lo]:1", "[fe80::1%lo]:1"},
		{"10.0.0.1:0", "10.0.0.1:0"},
	}
	for _, row := range rows {
		if got := Destination(addrPort(row.addr)); got.String() != row.want {
			t.Errorf("%s: %s, want %s", row.addr, got, row.want)
		}
	}
	if got := Destination(netip.AddrPort{}); got.IsValid() {
		t.Errorf("no address leads to %s", got)
	}
}

// TestUnspecifiedIsNotLoopback is why [Destination] must be what the kernel is given: from a
// socket bound to another address, Linux takes 0.0.0.0 for that address.
func TestUnspecifiedIsNotLoopback(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("this is Linux's way")
	}
	server, err := net.Listen("tcp4", "127.0.0.5:0")
	if err != nil {
		t.Skip(err)
	}
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Addr().String())
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 5)}}
	conn, err := d.Dial("tcp4", "0.0.0.0:"+port)
	if err != nil {
		t.Fatalf("0.0.0.0 no longer leads to the socket's own address: %v; the advice can go", err)
	}
	conn.Close()
}

func TestUnix(t *testing.T) {
	dir := realDir(t)
	t.Chdir(dir)
	mkdir(t, dir+"/run")
	link(t, "run", dir+"/link")
	touch(t, dir+"/run/other.sock")
	rules := []string{"unix:" + dir + "/link/a.sock", "unix:@name", "unix:rel.sock"}
	rows := []struct{ path, needs string }{
		{dir + "/run/a.sock", ""},
		{dir + "/link/a.sock", ""},
		{dir + "//run/./a.sock", ""},
		{dir + "/run/../link/a.sock", ""},
		{"link/a.sock", ""},
		{"rel.sock", ""},
		{dir + "/rel.sock", ""},
		{dir + "/run/b.sock", "unix:" + dir + "/run/b.sock"},
		{dir + "/run/a.sock/b", "unix:" + dir + "/run/a.sock/b"},
		{dir + "/run", "unix:" + dir + "/run"},
		{dir + "/run/", "*"},
		{dir + "/run/a.sock\x00x", "*"},
		{"@name", ""},
		{"\x00name", ""},
		{"@name2", "unix:@name2"},
		{"\x00nam", "unix:@nam"},
		{"\x00name\x00", "*"},
		{"\x00na\x00me", "*"},
		{"\x00", "*"},
		{"@", "*"},
		{"", "*"},
		{"name", "unix:" + dir + "/name"},
		{"./@name", "unix:" + dir + "/@name"},
	}
	connect, listen := compile(t, Policy{Connect: rules}), compile(t, Policy{Listen: rules})
	for _, row := range rows {
		expect(t, connect.ConnectUnix(row.path), row.needs, "connect %q", row.path)
		expect(t, listen.ListenUnix(row.path), row.needs, "listen %q", row.path)
	}
	// What is put in the place of an allowed socket must not lead to another one.
	link(t, "other.sock", dir+"/run/a.sock")
	expect(t, connect.ConnectUnix(dir+"/run/a.sock"), "unix:"+dir+"/run/a.sock", "connect to a link")
	all := compile(t, Policy{Connect: []string{"*"}})
	expect(t, all.ConnectUnix("anything"), "", "connect")
}

// TestDeniedText: what people read, and what Go programs find in it.
func TestDeniedText(t *testing.T) {
	c := compile(t, Policy{Connect: []string{"inner.example:80"}}).WithLookup(
		func(context.Context, string) ([]netip.Addr, error) { return nil, errors.New("no such host") })
	rows := []struct {
		err              error
		flag, does, what string
	}{
		{c.Listen(addrPort("127.0.0.1:80"), ""), "--allow-listen=127.0.0.1:80", "listen on 127.0.0.1:80", "127.0.0.1:80"},
		{c.Connect("tcp", addrPort("8.8.8.8:53"), "dns.example"), "--allow-connect=dns.example:53",
			"connect to dns.example (8.8.8.8:53)", "dns.example (8.8.8.8:53)"},
		{c.Connect("tcp", addrPort("127.0.0.1:6379"), "evil.example"), "--allow-connect=127.0.0.1:6379",
			"connect to evil.example (127.0.0.1:6379)", "evil.example (127.0.0.1:6379)"},
		{c.Connect("tcp", addrPort("127.0.0.1:80"), "inner.example"),
			"--allow-connect=127.0.0.1:80",
			"connect to inner.example (127.0.0.1:80) (cannot look up inner.example: no such host)", "inner.example (127.0.0.1:80)"},
		{c.Connect("udp", addrPort("8.8.8.8:53"), "8.8.8.8"), "--allow-connect=8.8.8.8:53", "connect to 8.8.8.8:53", "8.8.8.8:53"},
		{c.Connect("udp", addrPort("8.8.8.8:53"), "unix"), "--allow-connect=8.8.8.8:53", "connect to unix (8.8.8.8:53)", "unix (8.8.8.8:53)"},
		{c.Connect("udp", addrPort("8.8.8.8:53"), "a b\x1b["), "--allow-connect=8.8.8.8:53", "connect to 8.8.8.8:53", "8.8.8.8:53"},
		{c.Env("HOME"), "--allow-env=HOME", "read the variable HOME", "HOME"},
		{c.Env("A B"), "--allow-env=*", "read the variable A B", "A B"},
		{c.Read("/a b"), "--allow-read='/a b'", "read /a b", "/a b"},
		{c.Read("/a'b"), `--allow-read='/a'\''b'`, "read /a'b", "/a'b"},
		{c.Read("/a\x1b[2J"), `--allow-read=$'/a\x1b[2J'`, "read $'/a\\x1b[2J'", "/a\x1b[2J"},
		{c.Read("/a'$(reboot)"), `--allow-read='/a'\''$(reboot)'`, "read /a'$(reboot)", "/a'$(reboot)"},
		{c.Read("/a,b"), `--allow-read='/a\,b'`, "read /a,b", "/a,b"},
		{c.Write(""), `--allow-write=*`, "write ''", ""},
		{c.ConnectUnix("/$x"), `--allow-connect='unix:/$x'`, "connect to unix:/$x", "unix:/$x"},
		{c.Run("cat"), `--allow-run=cat`, "run cat", "cat"},
	}
	for _, row := range rows {
		var d *Denied
		if !errors.As(row.err, &d) || d.Error() != "not allowed: "+row.does || d.What != row.what || d.Flag() != row.flag {
			t.Errorf("%v, %+v; want %s, %s, %s", row.err, d, row.does, row.what, row.flag)
			continue
		}
		var errno syscall.Errno
		if !errors.Is(row.err, fs.ErrPermission) || !errors.Is(row.err, syscall.EACCES) || !errors.As(row.err, &errno) {
			t.Errorf("%v is no permission error", row.err)
		}
	}
}

// FuzzAddress: for any address, the rule that a denial names opens the door, and an address that
// is allowed is allowed in its mapped spelling too.
func FuzzAddress(f *testing.F) {
	f.Add([]byte{127, 0, 0, 1}, "", uint16(80), "10.0.0.0/8")
	f.Add(netip.MustParseAddr("64:ff9b::7f00:1").AsSlice(), "eth0", uint16(80), "::/0")
	f.Add(make([]byte, 16), "lo", uint16(0), "0.0.0.0/8:0")
	f.Fuzz(func(t *testing.T, raw []byte, zone string, port uint16, first string) {
		a, ok := netip.AddrFromSlice(raw)
		r, err := parseRule(first)
		if !ok || err != nil || r.kind == kindUnix || r.kind == kindName || checkZone(zone) != nil {
			return
		}
		addr := netip.AddrPortFrom(a.WithZone(zone), port)
		fuzzDoor(t, addr, func(rules ...string) func(netip.AddrPort) error {
			c := compile(t, Policy{Connect: append(rules, first)})
			return func(addr netip.AddrPort) error { return c.Connect("tcp", addr, "") }
		})
		fuzzDoor(t, addr, func(rules ...string) func(netip.AddrPort) error {
			c := compile(t, Policy{Listen: append(rules, first)})
			return func(addr netip.AddrPort) error { return c.Listen(addr, "") }
		})
	})
}

func fuzzDoor(t *testing.T, addr netip.AddrPort, with func(rules ...string) func(netip.AddrPort) error) {
	t.Helper()
	err := with()(addr)
	var d *Denied
	if errors.As(err, &d) {
		if again := with(d.Rule)(addr); again != nil {
			t.Fatalf("%s: %v, and with that rule: %v", addr, err, again)
		}
	}
	if a := addr.Addr(); a.Is4() {
		mapped := netip.AddrPortFrom(netip.AddrFrom16(a.As16()), addr.Port())
		if got := with()(mapped); text(got) != text(err) {
			t.Fatalf("%s: %v, %s: %v", addr, err, mapped, got)
		}
	}
}
