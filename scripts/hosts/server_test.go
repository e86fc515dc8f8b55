//go:build unix

package hosts

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// A thousand connections go on while the script changes under them, twice, and fails to once. None is dropped: each
// is served by the version that it began with, and what versions have in common is the host's store.
func TestServer(t *testing.T) {
	source, err := os.ReadFile("server/protocol.lua")
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(t.TempDir(), "protocol.lua")
	change := func(from, to string) {
		t.Helper()
		text := strings.ReplaceAll(string(source), from, to)
		if text == string(source) && from != to {
			t.Fatalf("no %s in the script", from)
		}
		if err := os.WriteFile(script, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	change("", "")
	server := start(t, "server", script)
	if a := server.ask("GET a"); a != "NONE" {
		t.Error(a)
	}

	n := 1000
	var descriptors syscall.Rlimit
	syscall.Getrlimit(syscall.RLIMIT_NOFILE, &descriptors)
	if descriptors.Max < 1200 {
		n = 500
		t.Logf("only %d connections: %d descriptors are allowed", n, descriptors.Max)
	}
	crowd := talk(t, server, n, "SET name Ada", "OK")
	load := func(says string) {
		t.Helper()
		crowd.round()
		server.cmd.Process.Signal(syscall.SIGHUP)
		server.hears(says)
		crowd.round()
	}
	change(`"OK"`, `"DONE"`)
	load("version 2 is loaded")
	second := talk(t, server, 10, "SET name Bob", "DONE")
	if a := server.ask("GET name"); a != "Ada" && a != "Bob" {
		t.Error(a)
	}
	change(`"OK"`, `"OK`)
	load("version 2 stays: protocol.lua:")
	change("return function", "local _ = function")
	load("version 2 stays: the script must return the function that serves a client")
	change(`"OK"`, `"FINE"`)
	load("version 3 is loaded")
	if a := server.ask("SET name Cleo"); a != "FINE" {
		t.Error(a)
	}
	second.round()
	second.end()
	server.hears("version 2 has ended")
	crowd.round()
	crowd.end()
	server.hears("version 1 has ended")

	last, err := dial(server.addr)
	if err != nil {
		t.Fatal(err)
	}
	if a, err := last.ask("GET name"); a != "Ada" || err != nil {
		t.Error(a, err)
	}
	server.cmd.Process.Signal(syscall.SIGTERM)
	for err == nil { // until it takes no more clients
		var other client
		if other, err = dial(server.addr); err == nil {
			other.Close()
		}
	}
	if a, err := last.ask("GET name"); a != "Ada" || err != nil {
		t.Error(a, err)
	}
	last.Close()
}

// crowd is many clients that ask the same, again and again, until they are told to leave.
type crowd struct {
	mu      sync.Mutex
	more    sync.Cond
	answers []int // how many each has got
	failed  bool
	leaving bool
	clients sync.WaitGroup
}

// talk has n clients connect, and talk from then on. Any other answer than want is an error.
func talk(t *testing.T, h *host, n int, question, want string) *crowd {
	t.Helper()
	c := &crowd{answers: make([]int, n)}
	c.more.L = &c.mu
	for i := range n {
		conn, err := dial(h.addr)
		if err != nil {
			t.Fatal(err)
		}
		c.clients.Go(func() {
			defer conn.Close()
			for goOn := true; goOn; {
				answer, err := conn.ask(question)
				if err != nil || answer != want {
					t.Errorf("%q, %v, where %q is the answer", answer, err, want)
				}
				goOn = c.heard(i, err == nil && answer == want)
			}
		})
	}
	c.round()
	return c
}

// heard notes an answer, and reports whether there is more to ask.
func (c *crowd) heard(i int, good bool) (goOn bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answers[i]++
	c.failed = c.failed || !good
	c.more.Signal()
	return !c.failed && !c.leaving
}

// round waits until each client has asked once more, and got the answer.
func (c *crowd) round() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, n := range slices.Clone(c.answers) {
		for !c.failed && c.answers[i] < n+2 { // the first may have been asked before
			c.more.Wait()
		}
	}
}

// end has all clients leave.
func (c *crowd) end() {
	c.mu.Lock()
	c.leaving = true
	c.mu.Unlock()
	c.clients.Wait()
}
