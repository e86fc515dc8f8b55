//go:build unix

package socket_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"wirelua/interp"
	"wirelua/interp/interptest"
	"wirelua/interp/policy"
	"wirelua/interp/trace"
	"wirelua/stdlib"
)

func TestLua(t *testing.T) {
	interptest.Run(t, interp.Config{Modules: stdlib.Modules(), Policy: policy.All()}, "testdata/*.lua")
}

// recorder notes what it sees: "op address bytes", and whether it failed.
type recorder struct {
	mu   sync.Mutex
	seen []string
	fds  map[string][]int // by op
}

func (r *recorder) Observe(e trace.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	text := strings.TrimSpace(e.Op + " " + e.Address)
	if n := e.N + int64(len(e.Data)); n > 0 {
		text += fmt.Sprint(" ", n)
	}
	if e.Err != nil {
		text += " failed"
	}
	if e.Time.IsZero() || e.Thread == "" || !strings.HasPrefix(e.Where, "test.lua:") {
		text += fmt.Sprintf(" (%v %s %s)", e.Time, e.Thread, e.Where)
	}
	r.seen = append(r.seen, text)
	if r.fds == nil {
		r.fds = map[string][]int{}
	}
	r.fds[e.Op] = append(r.fds[e.Op], e.FD)
}

// The observer sees all that trace.Observer says.
func TestObserver(t *testing.T) {
	var r recorder
	embed(t, interp.Config{Observer: &r, Policy: policy.All()}, `
		local a, b = socket.socketpair()
		a:setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 10000)
		a:setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, ("\0"):rep(16))
		pcall(a.setsockopt, a, socket.IPPROTO_TCP, socket.TCP_NODELAY, true)
		local c = b:dup()
		socket.close(c:detach())
		socket.fromfd(b:fileno()):close()
		pcall(socket.socket, -1)
		local f = b:makefile()
		b:close()
		f:close()
		a:close() a:close()`)
	want := []string{"socketpair", "socketpair", "setsockopt 4", "setsockopt 16", "setsockopt 4 failed", "dup", "detach", "close",
		"dup", "close", "socket failed", "close", "close"}
	if !slices.Equal(r.seen, want) {
		t.Errorf("saw  %q\nwant %q", r.seen, want)
	}
	pair, dups, closed := r.fds["socketpair"], r.fds["dup"], r.fds["close"]
	if !slices.Equal(closed, []int{dups[0], dups[1], pair[1], pair[0]}) || r.fds["socket"][0] != -1 {
		t.Errorf("descriptors: %v", r.fds)
	}
}

// TestObserverClosed: calls on what is closed are reported, too. They were not: a script that went on with a
// socket that it had closed looked, on the wire, as if it had stopped.
func TestObserverClosed(t *testing.T) {
	var r recorder
	embed(t, interp.Config{Observer: &r, Policy: policy.All()}, `
		local a = socket.socket()
		a:close()
		for _, call in ipairs { {a.bind, "127.0.0.1", 0}, {a.listen}, {a.accept}, {a.connect, "127.0.0.1", 1}, {a.send, "x"},
			{a.sendall, "x"}, {a.recv, 1}, {a.recvfrom, 1}, {a.sendto, "x", "127.0.0.1", 1}, {a.shutdown, 0},
			{a.setsockopt, 1, 1, 1}, {a.sendmsg, {"x"}}, {a.recvmsg, 1}, {a.dup}, {a.getsockname}, {a.getsockopt, 1, 1} } do
			local ok, err = pcall(call[1], a, unpack(call, 2))
			assert(not ok and err.code == "EBADF", err)
		end`)
	want := []string{"socket", "close"}
	for _, op := range []string{"bind", "listen", "accept", "connect", "send", "send", "recv", "recv", "send", "shutdown",
		"setsockopt", "sendmsg", "recvmsg", "dup"} {
		want = append(want, op+" failed")
	}
	if !slices.Equal(r.seen, want) {
		t.Errorf("saw  %q\nwant %q", r.seen, want)
	}
}

func TestObserverRelay(t *testing.T) {
	var r recorder
	path := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(path, []byte("data of a file"), 0o666); err != nil {
		t.Fatal(err)
	}
	in := embed(t, interp.Config{Observer: &r, Policy: policy.All()}, `
		function run(path)
			local a, b = socket.socketpair()
			local c, d = socket.socketpair()
			a:sendfile(path)
			d:sendall("back")
			a:shutdown(socket.SHUT_WR) d:shutdown(socket.SHUT_WR)
			socket.relay(b, c)
		end
		function host(conn)
			local a, b = socket.socketpair()
			b:sendall("out")
			b:shutdown(socket.SHUT_WR)
			socket.relay(conn, a)
			conn:close()
		end`)
	r = recorder{}
	if _, err := in.Call(context.Background(), "run", path); err != nil {
		t.Fatal(err)
	}
	want := []string{"socketpair", "socketpair", "socketpair", "socketpair", "send 14", "send 4", "shutdown", "shutdown",
		"recv 14", "send 14", "recv", "shutdown", "recv 4", "send 4", "recv", "shutdown", "relay 14", "relay 4"}
	if !slices.Equal(r.seen, want) || !slices.Equal(r.fds["relay"], r.fds["socketpair"][1:3]) {
		t.Errorf("saw  %q\nwant %q\n%v", r.seen, want, r.fds)
	}

	r = recorder{}
	near, far := net.Pipe()
	go func() {
		far.Write([]byte("inward"))
		io.ReadFull(far, make([]byte, 3))
		far.Close()
	}()
	if _, err := in.Call(context.Background(), "host", near); err != nil {
		t.Fatal(err)
	}
	begin, end := []string{"socketpair", "socketpair", "send 3", "shutdown"}, []string{"relay pipe 6", "relay 3", "close pipe"}
	want = []string{"recv", "recv 3", "recv pipe", "recv pipe 6", "send 6", "send pipe 3", "shutdown", "shutdown pipe"}
	moved := slices.Sorted(slices.Values(r.seen[len(begin) : len(r.seen)-len(end)])) // the host's own pace
	if !slices.Equal(r.seen, slices.Concat(begin, r.seen[len(begin):len(r.seen)-len(end)], end)) || !slices.Equal(moved, want) || r.fds["relay"][0] != -1 {
		t.Errorf("saw  %q\nwant %q\n%v", r.seen, want, r.fds)
	}
}

// What the policy refuses is told with the address, and seen.
func TestDeniedMessage(t *testing.T) {
	var r recorder
	embed(t, interp.Config{Observer: &r}, `
		local u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		local ok, one = pcall(u.sendto, u, "x", "127.0.0.1", 9)
		local ok, two = pcall(u.sendmsg, u, "x", nil, 0, {"127.0.0.1", 9})
		assert(tostring(one):find("sendto 127.0.0.1:9: not allowed", 1, true), tostring(one))
		assert(tostring(two):find("sendmsg 127.0.0.1:9: not allowed", 1, true), tostring(two))`)
	if want := []string{"socket", "send 127.0.0.1:9 failed", "sendmsg 127.0.0.1:9 failed"}; !slices.Equal(r.seen, want) {
		t.Errorf("saw %q, want %q", r.seen, want)
	}
}
