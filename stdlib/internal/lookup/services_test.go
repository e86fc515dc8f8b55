//go:build unix

package lookup

import (
	"reflect"
	"testing"
)

func TestParseNetEntries(t *testing.T) {
	const text = `
# comment
http		80/tcp		www # World Wide Web
domain 53/udp
bad
worse many/tcp
tcp	6	TCP
`
	want := []netEntry{
		{[]string{"http", "www"}, 80, "tcp"},
		{[]string{"domain"}, 53, "udp"},
		{[]string{"tcp", "TCP"}, 6, ""},
	}
	if got := parseNetEntries(text); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestWellKnown looks up in the built-in tables alone, as where /etc has none.
func TestWellKnown(t *testing.T) {
	db := &Services{parseNetEntries(wellKnownServices), parseNetEntries(wellKnownProtocols)}
	if port, ok := db.Port("www", "tcp"); !ok || port != 80 {
		t.Error("www/tcp:", port, ok)
	}
	if _, ok := db.Port("ssh", "udp"); ok {
		t.Error("there is no ssh/udp")
	}
	if name, ok := db.Service(53, ""); !ok || name != "domain" {
		t.Error("port 53:", name, ok)
	}
	if n, ok := db.Protocol("UDP"); !ok || n != 17 {
		t.Error("UDP:", n, ok)
	}
	for _, e := range append(db.services, db.protocols...) {
		if e.number < 0 || e.number > 65535 || len(e.names) == 0 {
			t.Errorf("nonsense: %+v", e)
		}
	}
}
