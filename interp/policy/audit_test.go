package policy

import (
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestAudit: what an audit notes is the smallest policy that allows it, and a checker
// for that policy allows it indeed.
func TestAudit(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	low, high := handedOut()
	span := portRange{low, high}.String()
	in := func(name string) string { return filepath.Join(dir, name) }
	port := netip.AddrPortFrom(loopback4, low+1)
	for _, row := range []struct {
		name  string
		touch func(c *Checker) []error
		want  string
	}{
		{"nothing", func(c *Checker) []error { return nil }, "--sandbox"},
		{"free", func(c *Checker) []error { return []error{c.Lookup("localhost"), c.Lookup("10.0.0.1")} }, "--sandbox"},
		{"connect", func(c *Checker) []error {
			return []error{c.Connect("tcp", addrPort("127.0.0.1:80"), ""), c.Connect("udp", addrPort("[::ffff:127.0.0.1]:80"), ""), c.Connect("tcp", addrPort("0.0.0.0:80"), "")}
		}, "--allow-connect=127.0.0.1:80"},
		{"IPv6", func(c *Checker) []error {
			return []error{c.Connect("tcp", addrPort("[::1]:80"), ""), c.Listen(addrPort("[::]:80"), "")}
		}, "--allow-connect='[::1]:80' --allow-listen='[::]:80'"},
		{"ports handed out", func(c *Checker) []error {
			return []error{c.Listen(netip.AddrPortFrom(loopback4, 0), ""), c.Connect("tcp", port, "")}
		}, "--allow-connect=127.0.0.1:" + span + " --allow-listen=127.0.0.1:0"},
		{"a port of one's own", func(c *Checker) []error {
			return []error{c.Listen(port, ""), c.Connect("tcp", port, "")}
		}, "--allow-connect=" + port.String() + " --allow-listen=" + port.String()},
		{"look-up alone", func(c *Checker) []error { return []error{c.Lookup("a.example"), c.Lookup("b.example")} }, "--allow-connect=a.example,b.example"},
		{"look-up and connect", func(c *Checker) []error {
			return []error{c.Lookup("a.example"), c.LookupAddr(netip.MustParseAddr("192.0.2.1")), c.Connect("tcp", addrPort("10.0.0.1:80"), "a.example")}
		}, "--allow-connect=10.0.0.1:80"},
		{"look-up and Unix", func(c *Checker) []error { return []error{c.Lookup("a.example"), c.ConnectUnix("@x")} }, "--allow-connect=a.example,unix:@x"},
		{"raw", func(c *Checker) []error { return []error{c.Raw(), c.Connect("tcp", addrPort("127.0.0.1:80"), "")} }, "--allow-connect='*' --allow-listen='*'"},
		{"Unix", func(c *Checker) []error { return []error{c.ListenUnix(in("s,k")), c.ConnectUnix(in("s,k"))} },
			"--allow-connect='unix:" + in(`s\,k`) + "' --allow-listen='unix:" + in(`s\,k`) + "'"},
		{"paths", func(c *Checker) []error {
			_, err := c.ReadPath(in("a"))
			_, err2 := c.EntryPath(in("c"))
			return []error{err, err2, c.Read(in("a/b")), c.Read(in("ab")), c.Write(in("c/../d"))}
		}, "--allow-read=" + in("a") + "," + in("ab") + " --allow-write=" + in("c") + "," + in("d")},
		{"open", func(c *Checker) []error {
			f, err := c.OpenFile(in("new"), os.O_RDWR|os.O_CREATE, 0o600)
			f.Close()
			return []error{err}
		}, "--allow-read=" + in("new") + " --allow-write=" + in("new")},
		{"run and env", func(c *Checker) []error {
			return []error{c.Run("sh"), c.Env("A"), c.Env("B")}
		}, "--allow-run=sh --allow-env=A,B"},
	} {
		t.Run(row.name, func(t *testing.T) {
			os.Mkdir(in("c"), 0o700)
			var a Audit
			for _, err := range row.touch(a.Checker()) {
				if err != nil {
					t.Error("audit:", err)
				}
			}
			p := a.Policy()
			if got := p.Flags(); got != row.want {
				t.Errorf("got  %s\nwant %s", got, row.want)
			}
			c, err := p.Compile()
			if err != nil {
				t.Fatal(err)
			}
			for _, err := range row.touch(c) {
				if err != nil {
					t.Error("with these flags:", err)
				}
			}
		})
	}
}

func TestAuditEverything(t *testing.T) {
	var a Audit
	c := a.Checker()
	if !c.Everything() || c.AllowsAll() || c.MayWait() {
		t.Error("an audit allows everything, and sees to it")
	}
	if got := a.Policy(); !reflect.DeepEqual(got, All()) {
		t.Errorf("%+v", got)
	}
	a = Audit{}
	if env := a.Checker().Environ([]string{"A=1"}); len(env) != 1 || a.Policy().Flags() != "--allow-env='*'" {
		t.Error(env, a.Policy())
	}
}

func TestAuditHammer(t *testing.T) {
	var a Audit
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				c := a.Checker()
				_, _, _, _ = c.Env("A"), c.Read("/a"), c.Lookup("x"), c.Connect("tcp", addrPort("127.0.0.1:1"), "")
				a.Policy()
			}
		})
	}
	wg.Wait()
	want := Policy{Env: []string{"A"}, Read: []string{"/a"}, Connect: []string{"127.0.0.1:1"}}
	if got := a.Policy(); !slices.Equal(got.Env, want.Env) || !slices.Equal(got.Read, want.Read) || !slices.Contains(got.Connect, want.Connect[0]) {
		t.Errorf("noted %+v, want %+v", got, want)
	}
}

func TestEnviron(t *testing.T) {
	c, err := Policy{Env: []string{"A", "C"}}.Compile()
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Environ([]string{"A=1", "B=2", "C", "AA=3"}); !reflect.DeepEqual(got, []string{"A=1", "C"}) {
		t.Error(got)
	}
	if got := new(Checker).Environ(nil); got == nil {
		t.Error("nil would mean all")
	}
}

func TestSplitRules(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "a": "a", "a,b": "a|b", "a,": "a|", `a\,b,c`: "a,b|c", `a\b`: `a\b`, `a\`: `a\`, `a\\,b`: `a\,b`, ",": "|",
	} {
		if got := strings.Join(SplitRules(text), "|"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// BenchmarkChecks is what a check costs: next to nothing beside the system call that
// it is for.
func BenchmarkChecks(b *testing.B) {
	addr := addrPort("10.1.2.3:443")
	rules := Policy{Connect: []string{"192.168.0.0/16", "172.16.0.0/12:80", "10.0.0.0/8:443"}, Read: []string{"/etc", "/usr"}}
	for name, p := range map[string]Policy{"all": All(), "3rules": rules} {
		c, err := p.Compile()
		if err != nil {
			b.Fatal(err)
		}
		b.Run("connect/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = c.Connect("tcp", addr, "")
			}
		})
		b.Run("read/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = c.Read("/etc/hosts")
			}
		})
	}
}
