//go:build linux

package bench

import (
	"flag"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

var (
	beside = flag.String("beside", "", "`path` of another wirelua, measured in the same rounds")
	only   = flag.String("only", "", "`pattern` of the names of servers that are measured beside wirelua and go")
	lasts  = flag.Duration("for", time.Second, "how long each server is measured in a round")
)

// peer is a program that echoes. command makes it receive up to size bytes at a time.
type peer struct {
	name    string
	command func(size string) *exec.Cmd
}

// script is a peer that a program runs, if program, called with try, succeeds.
func script(name, program, file string, try ...string) (p peer, missing bool) {
	return peer{name, func(size string) *exec.Cmd { return exec.Command(program, file, size) }},
		exec.Command(program, try...).Run() != nil
}

// lua is our echo server, run by the wirelua of that path.
func lua(name, path string, more ...string) peer {
	return peer{name, func(size string) *exec.Cmd {
		return exec.Command(path, append([]string{"echo_server.lua", "127.0.0.1", "0", size}, more...)...)
	}}
}

// peers returns who is compared: all that are installed, wirelua first and plain Go second.
func peers(tb testing.TB) []peer {
	path, err := wirelua()
	if err != nil {
		tb.Fatal(err)
	}
	all := []peer{lua("wirelua", path), {"go", func(size string) *exec.Cmd { return goCommand("go", "BENCH_SIZE="+size) }}}
	if *beside != "" {
		all = append(all, lua("wirelua beside", *beside))
	}
	unwanted := func(p peer) bool { return !regexp.MustCompile(*only).MatchString(p.name) }
	return append(all, slices.DeleteFunc(slices.Clone(others()), unwanted)...)
}

var others = sync.OnceValue(func() (found []peer) {
	for _, other := range []struct {
		name, program, file string
		try                 []string
	}{
		{"luajit luv", "luajit", "peers/luv.lua", []string{"-e", `require "luv"`}},
		{"luajit copas", "luajit", "peers/copas.lua", []string{"-e", `require "copas"`}},
		{"py selectors", "python3", "peers/selectors.py", []string{"-c", "import selectors"}},
		{"py asyncio", "python3", "peers/asyncio.py", []string{"-c", "import asyncio"}},
		{"node", "node", "peers/echo.js", []string{"-e", "0"}},
	} {
		p, missing := script(other.name, other.program, other.file, other.try...)
		if missing {
			fmt.Printf("left out: %s is not installed\n", other.name)
			continue
		}
		found = append(found, p)
	}
	return found
})

// rounds starts each peer in each round, in turn one way and the other, and has measure
// add to the table what it finds. Who cannot do it has no figure; wirelua must be able to.
func rounds(b *testing.B, peers []peer, size int, measure func(p peer, s *server) error) {
	order := slices.Clone(peers)
	for b.Loop() {
		for _, p := range order {
			s := startCommand(b, p.command(strconv.Itoa(size)))
			err := measure(p, s)
			s.stop()
			if err != nil && p.name == "wirelua" {
				b.Fatal(err)
			}
		}
		slices.Reverse(order)
	}
}

// TestPeers sees to it that all servers compared do what is measured.
func TestPeers(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the command")
	}
	for _, p := range peers(t) {
		t.Run(p.name, func(t *testing.T) {
			s := startCommand(t, p.command("4096"))
			for _, size := range []int{64, 3000} {
				l, err := newLoad(s.addr, 20, size)
				if err != nil {
					t.Fatal(err)
				}
				defer l.Close()
				if n, err := l.run(10 * time.Millisecond); err != nil || n < 20 {
					t.Errorf("%d echoes of %d bytes, %v", n, size, err)
				}
			}
		})
	}
}
