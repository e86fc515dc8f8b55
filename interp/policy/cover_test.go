package policy

import (
	"net/netip"
	"testing"
)

func TestNetworkRule(t *testing.T) {
	for _, c := range []struct {
		rule, addr, name string
		want             bool
	}{
		{"*", "10.0.0.1:80", "", true},
		{"10.0.0.0/8", "10.1.2.3:80", "", true},
		{"10.0.0.0/8", "[::ffff:10.1.2.3]:80", "", true},
		{"10.0.0.0/8", "11.1.2.3:80", "", false},
		{"10.0.0.0/8:443", "10.1.2.3:80", "", false},
		{":80", "10.1.2.3:80", "", true},
		{":8000-8010", "[::1]:8010", "", true},
		{"127.0.0.1", "0.0.0.0:1", "", true}, // which is where that leads
		{"localhost:80", "127.0.0.1:80", "", true},
		{"localhost:80", "[::1]:81", "", false},
		{"example.org", "10.0.0.1:80", "Example.Org.", true},
		{"example.org", "10.0.0.1:80", "", false},
		{"example.org:443", "10.0.0.1:80", "example.org", false},
		{"unix:/x", "10.0.0.1:80", "", false},
	} {
		r, err := ParseNetworkRule(c.rule)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Covers(netip.MustParseAddrPort(c.addr), c.name); got != c.want {
			t.Errorf("%s covers %s (%q): %v", c.rule, c.addr, c.name, got)
		}
	}
	for _, c := range []struct {
		rule, path string
		want       bool
	}{
		{"*", "", true}, {"unix:/x", "/x", true}, {"unix:/x", "/y", false}, {"unix:/x", "", false},
		{"unix:@x", "@x", true}, {"unix:@x", "\x00x", true}, {":80", "/x", false},
	} {
		r, err := ParseNetworkRule(c.rule)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.CoversUnix(c.path); got != c.want {
			t.Errorf("%s covers %q: %v", c.rule, c.path, got)
		}
	}
	if r, _ := ParseNetworkRule("example.org:80"); !r.CoversName("EXAMPLE.org.") || r.CoversName("example.com") {
		t.Error("a name is compared wrongly")
	}
}
