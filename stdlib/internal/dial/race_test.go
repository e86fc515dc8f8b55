//go:build unix

package dial

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"wirelua/stdlib/internal/addr"
)

// Families take turns, beginning with that of the resolver's first choice; within one the
// resolver's order stays.
func TestInterleave(t *testing.T) {
	for in, want := range map[string]string{
		"":            "",
		"4a":          "4a",
		"6a 6b 6c":    "6a 6b 6c",
		"6a 6b 4a 4b": "6a 4a 6b 4b",
		"4a 6a 6b 6c": "4a 6a 6b 6c",
		"6a 6b 6c 4a": "6a 4a 6b 6c",
		"4a 4b 6a":    "4a 6a 4b",
	} {
		names := map[*addr.Addr]string{}
		var addrs []*addr.Addr
		for _, name := range strings.Fields(in) {
			a := &addr.Addr{Family: unix.AF_INET}
			if name[0] == '6' {
				a.Family = unix.AF_INET6
			}
			names[a] = name
			addrs = append(addrs, a)
		}
		var got []string
		for _, a := range interleave(addrs) {
			got = append(got, names[a])
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%q: %q, want %q", in, g, want)
		}
	}
}
