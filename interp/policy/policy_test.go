package policy

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"testing"
)

// doors asks everything of a checker that there is to ask.
func doors(c *Checker) map[string]error {
	addr := addrPort("127.0.0.1:80")
	_, readErr := c.ReadPath("/etc/passwd")
	_, writeErr := c.WritePath("/etc/passwd")
	_, entryErr := c.EntryPath("/etc/passwd")
	_, runErr := c.RunPath("sh")
	f, openErr := c.OpenFile(os.DevNull, os.O_RDWR, 0)
	f.Close()
	return map[string]error{
		"connect": c.Connect("tcp", addr, ""), "listen": c.Listen(addr, ""),
		"connectunix": c.ConnectUnix("/x"), "listenunix": c.ListenUnix("@x"),
		"raw": c.Raw(), "icmp": c.Connect("ip4:icmp", addr, ""),
		"lookup": c.Lookup("example.org"), "lookupaddr": c.LookupAddr(netip.MustParseAddr("192.0.2.1")),
		"read": c.Read("/"), "write": c.Write("/x"), "run": c.Run("sh"), "env": c.Env("HOME"),
		"readpath": readErr, "writepath": writeErr, "entrypath": entryErr, "runpath": runErr, "openfile": openErr,
	}
}

func TestZeroDenies(t *testing.T) {
	empty := compile(t, Policy{Connect: []string{}, Read: []string{}})
	for _, c := range []*Checker{compile(t, Policy{}), empty, new(Checker)} {
		for door, err := range doors(c) {
			if d := (*Denied)(nil); !errors.As(err, &d) {
				t.Errorf("%s: %v", door, err)
			}
		}
		if c.AllowsAll() || c.MayWait() {
			t.Error("the zero value allows all, or waits")
		}
	}
}

func TestAllAllows(t *testing.T) {
	c := compile(t, All()).WithLookup(noLookups(t))
	for door, err := range doors(c) {
		if err != nil {
			t.Errorf("%s: %v", door, err)
		}
	}
	if !c.AllowsAll() || c.MayWait() {
		t.Error("all does not allow all, or waits")
	}
}

// TestAllowsAll: it takes all six doors.
func TestAllowsAll(t *testing.T) {
	for i := range 6 {
		p := All()
		fields := []*[]string{&p.Connect, &p.Listen, &p.Read, &p.Write, &p.Run, &p.Env}
		*fields[i] = nil
		if compile(t, p).AllowsAll() {
			t.Errorf("without door %d all is allowed", i)
		}
		for _, rules := range [][]string{{"a", "*"}, {"*", "a"}} {
			*fields[i] = rules
			if !compile(t, p).AllowsAll() {
				t.Errorf("with %s at door %d not all is allowed", rules, i)
			}
		}
	}
}

// TestAllIsNotShared: changing what All returned changes no other policy.
func TestAllIsNotShared(t *testing.T) {
	p := All()
	p.Connect[0] = "127.0.0.1"
	if !compile(t, All()).AllowsAll() || p.Listen[0] != "*" {
		t.Error("something else changed")
	}
}

// TestChecksAreCheap: what a server asks for each datagram allocates nothing.
func TestChecksAreCheap(t *testing.T) {
	all, some := compile(t, All()), compile(t, Policy{Connect: []string{"unix:@x", "10.0.0.0/8:443"}, Listen: []string{":80"}})
	in, any := addrPort("10.1.2.3:443"), addrPort("[::]:80")
	n := testing.AllocsPerRun(100, func() {
		for _, err := range []error{
			all.Connect("tcp", in, "x"), all.Listen(any, ""), all.Read("/x"), all.Run("x"), all.Env("x"), all.Raw(),
			some.Connect("udp", in, "x"), some.Listen(any, ""), some.ConnectUnix("@x"),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkConnect(b *testing.B) {
	c := compile(b, Policy{Connect: []string{":1", "192.168.0.0/16", "10.0.0.0/8:443"}})
	addr := addrPort("10.1.2.3:443")
	for b.Loop() {
		if c.Connect("udp", addr, "") != nil {
			b.Fatal()
		}
	}
}

func Example() {
	c, err := Policy{Connect: []string{"10.0.0.0/8:443"}, Env: []string{"HOME"}}.Compile()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Connect("tcp", netip.MustParseAddrPort("10.1.2.3:443"), ""))
	fmt.Println(c.Connect("tcp", netip.MustParseAddrPort("[::ffff:127.0.0.1]:443"), ""))
	fmt.Println(c.Env("PATH"))
	// Output:
	// <nil>
	// not allowed: connect to 127.0.0.1:443
	// not allowed: read the variable PATH
}

func ExamplePolicy_Compile() {
	_, err := Policy{Connect: []string{"::1:80"}}.Compile()
	fmt.Println(err)
	// Output:
	// connect rule "::1:80": can be read in two ways: write [::1]:80 for a port, [::1:80] for the address
}
