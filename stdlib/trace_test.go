package stdlib_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/interp/trace"
	"wirelua/stdlib"
)

// traced runs a script and returns what trace.Text makes of it, with ports and times replaced: the first
// port is A, the second B... The interpreter is closed.
func traced(t *testing.T, p policy.Policy, script string) []string {
	t.Helper()
	var out strings.Builder
	observe(t, p, trace.Text(&out), script)
	text := regexp.MustCompile(`(?m)^\d+\.\d{6} `).ReplaceAllString(out.String(), "")
	text = regexp.MustCompile(`waited \d+\.\d(ms|s)`).ReplaceAllString(text, "waited T")
	ports := map[string]string{}
	text = regexp.MustCompile(`(127\.0\.0\.1|0\.0\.0\.0):\d+`).ReplaceAllStringFunc(text, func(a string) string {
		if a == "127.0.0.1:1" || a == "127.0.0.1:0" {
			return a
		}
		if ports[a] == "" {
			ports[a] = string(rune('A' + len(ports)))
		}
		return ports[a]
	})
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

func observe(t *testing.T, p policy.Policy, o trace.Observer, script string) {
	t.Helper()
	in, err := interp.New(interp.Config{Modules: stdlib.Modules(), Policy: p, Observer: o})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := in.RunString(context.Background(), "x.lua", script); err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A conversation over TCP: numbers in the order the sockets came to be, the port that bind got, both ends of each, data,
// who closed, calls on what is closed, and a connection that nobody takes.
func TestTraceTCP(t *testing.T) {
	got := traced(t, policy.All(), `local l = socket.socket()
l:bind("127.0.0.1", 0)
l:listen(7)
local c = socket.socket()
c:connect(l:getsockname())
local s = l:accept()
c:send("hello\n\0001\195")
s:recv(100)
c:shutdown(socket.SHUT_WR)
s:recv(100)
s:close()
pcall(s.send, s, "x")
l:close()
pcall(socket.connect, socket.socket(), "127.0.0.1", 1)`)
	same(t, got, []string{
		`main     x.lua:1 #1 socket`,
		`main     x.lua:2 #1 bind    A`,
		`main     x.lua:3 #1 listen  A`,
		`main     x.lua:4 #2 socket`,
		`main     x.lua:5 #2 connect B -> A`,
		`main     x.lua:6 #1 accept  A <- B`,
		`main     x.lua:7 #2 send    B -> A 9 "hello\n\0001\195"`,
		`main     x.lua:8 #3 recv    A <- B 9 "hello\n\0001\195"`,
		`main     x.lua:9 #2 shutdown B -> A`,
		`main     x.lua:10 #3 recv    A <- B 0 ""`,
		`main     x.lua:11 #3 close   A -> B`,
		`main     x.lua:12 #3 send    A -> B EBADF`,
		`main     x.lua:13 #1 close   A`,
		`main     x.lua:14 #4 socket`,
		`main     x.lua:14 #4 connect -> 127.0.0.1:1 ECONNREFUSED`,
		`-        - #2 close   B -> A by end`,
		`-        - #4 close   C by end`,
	})
}

// Datagrams: who sent them, also where the script has not asked; and names that are looked up: not localhost,
// which everybody knows.
func TestTraceUDP(t *testing.T) {
	got := traced(t, policy.All(), `local a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
a:bind("127.0.0.1", 0)
local b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
b:bind("127.0.0.1", 0)
b:sendto("one", a:getsockname())
b:sendto("two", a:getsockname())
a:recv(100)
a:recvfrom(2)
socket.gethostbyname("localhost")
a:setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, true)
a:close() b:close()`)
	same(t, got, []string{
		`main     x.lua:1 #1 socket`,
		`main     x.lua:2 #1 bind    A`,
		`main     x.lua:3 #2 socket`,
		`main     x.lua:4 #2 bind    B`,
		`main     x.lua:5 #2 send    B -> A 3 "one"`,
		`main     x.lua:6 #2 send    B -> A 3 "two"`,
		`main     x.lua:7 #1 recv    A <- B 3 "one"`,
		`main     x.lua:8 #1 recv    A <- B 2 "tw"`,
		`main     x.lua:10 #1 setsockopt A`,
		`main     x.lua:11 #1 close   A`,
		`main     x.lua:11 #2 close   B`,
	})
	same(t, traced(t, policy.Policy{}, `pcall(socket.gethostbyname, "name.invalid") pcall(socket.gethostbyaddr, "192.0.2.1")`), []string{
		`main     x.lua:1 - lookup  name.invalid EACCES`,
		`main     x.lua:1 - lookup  192.0.2.1 EACCES`,
	})
}

// Of TLS text has the plain bytes and the handshake, and JSON both layers: what is encrypted is said to be
// carried for another.
func TestTraceTLS(t *testing.T) {
	const script = `local cert, key = tls.self_signed{"localhost"}
local a, b = socket.socketpair()
local server = thread.start(function()
  local s = tls.wrap(b, {server_side = true, cert = cert, key = key})
  s:sendall(s:recv(100):upper())
  s:shutdown(socket.SHUT_WR)
  s:close()
end)
local c = tls.wrap(a, {ca = cert, server_name = "localhost"})
c:sendall("hello")
c:recv(100)
c:recv(100)
c:close()
server:join()`
	var main []string
	for _, line := range traced(t, policy.All(), script) {
		if strings.HasPrefix(line, "main") {
			main = append(main, strings.ReplaceAll(line, " waited T", ""))
		}
	}
	same(t, main, []string{
		`main     x.lua:2 #1 socketpair`,
		`main     x.lua:2 #2 socketpair`,
		`main     x.lua:9 #1 tls handshake TLSv1.3 server_name=localhost`,
		`main     x.lua:10 #1 tls send 5 "hello"`,
		`main     x.lua:11 #1 tls recv 5 "HELLO"`,
		`main     x.lua:12 #1 tls recv 0 ""`,
		`main     x.lua:13 #1 close`,
	})
	layers := map[string]int{}
	observe(t, policy.All(), observerFunc(func(e trace.Event) {
		layers[fmt.Sprint(e.Layer, " ", e.Carried)]++
		if plain := strings.Contains(string(e.Data), "ello"); plain && e.Layer != "tls" {
			t.Errorf("told in the clear as %+v", e)
		}
	}), script)
	if layers["socket true"] < 4 || layers["tls false"] < 6 || layers["tls true"] > 0 {
		t.Errorf("layers: %v", layers)
	}
}

// A handshake is told as it went, flight by flight, and whoever is there first of two ends of one process.
func TestTraceHandshake(t *testing.T) {
	said := map[uint64]string{}
	observe(t, policy.All(), observerFunc(func(e trace.Event) {
		if e.Carried && len(e.Data) > 0 {
			said[e.Socket.Number] += e.Op + " "
		}
	}), `local cert, key = tls.self_signed{"localhost"}
local a, b = socket.socketpair()
local server = thread.start(tls.wrap, b, {server_side = true, cert = cert, key = key})
tls.wrap(a, {ca = cert, server_name = "localhost"})
server:join()`)
	if said[1] != "send recv send " || !strings.HasPrefix(said[2], "recv send recv ") {
		t.Errorf("told of %q and %q", said[1], said[2])
	}
}

// What one function moves in many calls is told as these; copies are told of what they are copied from, whatever
// becomes of the numbers.
func TestTraceParts(t *testing.T) {
	got := traced(t, policy.All(), `local a, b = socket.socketpair()
local c, d = socket.socketpair()
a:send("relayed")
a:shutdown(socket.SHUT_WR)
d:shutdown(socket.SHUT_WR)
socket.relay(b, c)
d:recv(3, socket.MSG_PEEK)
local copy = d:dup()
local n = copy:detach()
local again = socket.fromfd(n)
socket.close(n)
d:close() again:close()`)
	var parts []string
	for _, line := range got[7:] {
		parts = append(parts, strings.ReplaceAll(strings.TrimPrefix(line, "main     "), " waited T", ""))
	}
	same(t, parts, []string{
		`x.lua:6 #2 recv    7 "relayed"`,
		`x.lua:6 #3 send    7 "relayed"`,
		`x.lua:6 #2 recv    0 ""`,
		`x.lua:6 #3 shutdown`,
		`x.lua:6 #3 recv    0 ""`,
		`x.lua:6 #2 shutdown`,
		`x.lua:6 #2 relay   7`,
		`x.lua:6 #3 relay   0`,
		`x.lua:7 #4 recv    3 peek "rel"`,
		`x.lua:8 #4 dup     as #5`,
		`x.lua:9 #5 detach`,
		`x.lua:10 #5 dup     as #6`,
		`x.lua:11 #5 close`,
		`x.lua:12 #4 close`,
		`x.lua:12 #6 close`,
		`-        - #1 close   by end`,
		`-        - #2 close   by end`,
		`-        - #3 close   by end`,
	})
}

// A connection of the host's has a number, too, and its ends.
func TestTraceHosted(t *testing.T) {
	var out strings.Builder
	in, err := interp.New(interp.Config{Modules: stdlib.Modules(), Observer: trace.Text(&out)})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	near, far := net.Pipe()
	go io.Copy(far, far)
	if err := in.RunString(context.Background(), "x.lua", `socket.socketpair() function use(c) c:sendall("hi") c:recv(2, socket.MSG_PEEK) c:recv(2) c:close() pcall(c.recv, c, 1) end`); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if _, err := in.Call(context.Background(), "use", near); err != nil {
		t.Fatal(err)
	}
	var ops []string
	for line := range strings.Lines(out.String()) {
		if _, op, ok := strings.Cut(line, "x.lua:1 "); ok {
			ops = append(ops, regexp.MustCompile(` waited \S+|\n`).ReplaceAllString(op, ""))
		}
	}
	same(t, ops, []string{`#3 send    pipe -> pipe 2 "hi"`, `#3 recv    pipe <- pipe 2 peek "hi"`, `#3 recv    pipe <- pipe 2 "hi"`, `#3 close   pipe -> pipe`, `#3 recv    pipe <- pipe EBADF`})
}

// What is asked for, what is waited for, and by whom, in JSON; numbers are never used again, though descriptors are.
func TestTraceJSON(t *testing.T) {
	var out strings.Builder
	observe(t, policy.All(), trace.JSON(&out), `
		for i = 1, 3 do
			local a, b = socket.socketpair()
			local t = thread.start(function() return a:recv(1000, 0) end)
			t.name = "reader " .. i
			thread.sleep(0.02)
			b:send("data", socket.MSG_NOSIGNAL)
			t:join()
			a:close() b:close()
		end`)
	type event struct {
		Op, Thread, Network, Type, By string
		ThreadID                      int `json:"thread_id"`
		Socket                        uint64
		Bytes, Size                   int64
		Flags                         int
		Data                          []byte
		Wait, Duration                float64
	}
	var numbers []uint64
	for line := range strings.Lines(out.String()) {
		var e event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		switch e.Op {
		case "socketpair":
			numbers = append(numbers, e.Socket)
		case "recv":
			n := len(numbers) / 2
			if e.Thread != fmt.Sprint("reader ", n) || e.ThreadID != n || e.Size != 1000 || e.Bytes != 4 || string(e.Data) != "data" ||
				e.Network != "unix" || e.Type != "SOCK_STREAM" || e.Wait < 0.01 || e.Wait > e.Duration {
				t.Errorf("%d: %s", n, line)
			}
		case "send":
			if e.Flags == 0 || e.Size != 4 || e.Wait > 0.01 {
				t.Error(line)
			}
		case "close":
			if e.By != "script" {
				t.Error(line)
			}
		}
	}
	if fmt.Sprint(numbers) != "[1 2 3 4 5 6]" {
		t.Errorf("numbers %v", numbers)
	}
}

// beginner notes what begins and what is over.
type beginner struct{ seen []string }

func (b *beginner) Observe(e trace.Event) { b.seen = append(b.seen, e.Op+"."+e.Code) }
func (b *beginner) Begin(e trace.Event) func() {
	b.seen = append(b.seen, "begin "+e.Op)
	return func() { b.seen = append(b.seen, "over "+e.Op) }
}

// Each beginning has one end, after what was told, whatever came of the operation: also when it is
// told as two events, as none, or fails.
func TestTraceBegins(t *testing.T) {
	var b beginner
	observe(t, policy.All(), trace.Multi(&b), `
		local a = socket.socketpair()
		pcall(a.bind, a, "/nowhere/at/all")
		a:shutdown(socket.SHUT_RD)
		a:recv(1)`)
	want := []string{"begin socketpair", "socketpair.", "socketpair.", "over socketpair", "begin bind", "bind.ENOENT", "over bind",
		"begin shutdown", "shutdown.", "over shutdown", "begin recv", "recv.", "over recv"}
	if n := len(want); len(b.seen) < n || !slices.Equal(b.seen[:n], want) {
		t.Errorf("saw %q", b.seen)
	}
}

// What nobody holds any more is closed by the collector, and told.
func TestTraceCollector(t *testing.T) {
	var seen []string
	done := make(chan struct{})
	o := observerFunc(func(e trace.Event) {
		if e.Op == "close" {
			seen = append(seen, fmt.Sprint(e.Socket.Number, " ", e.By))
			if e.By == "collector" {
				close(done)
			}
		}
	})
	in, err := interp.New(interp.Config{Modules: stdlib.Modules(), Policy: policy.All(), Observer: o})
	if err != nil {
		t.Fatal(err)
	}
	if err := in.RunString(context.Background(), "x.lua", `kept = socket.socket() socket.socket()`); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); ; {
		runtime.GC()
		select {
		case <-done:
		case <-time.After(time.Millisecond):
			if time.Now().Before(end) {
				_ = in.RunString(context.Background(), "x.lua", `for i = 1, 1000 do local t = {} end`)
				continue
			}
		}
		break
	}
	in.Close()
	if want := []string{"2 collector", "1 end"}; !slices.Equal(seen, want) {
		t.Errorf("saw %q, want %q", seen, want)
	}
}

type observerFunc func(trace.Event)

func (f observerFunc) Observe(e trace.Event) { f(e) }

// A wait that the end of its run ends is told as cancelled, which is no fault of the socket's.
func TestTraceStopped(t *testing.T) {
	var told []string
	ctx, stop := context.WithCancel(context.Background())
	in, err := interp.New(interp.Config{Modules: stdlib.Modules(), Policy: policy.All(), Observer: observerFunc(func(e trace.Event) {
		if e.Op == "recv" {
			told = append(told, fmt.Sprint(e.Code, " ", e.Err))
		}
	})})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := in.Set("stop", func() { stop() }); err != nil {
		t.Fatal(err)
	}
	err = in.RunString(ctx, "x.lua", "local a, b = socket.socketpair() thread.daemon(function() stop() end) a:recv(1)")
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	same(t, told, []string{"ECANCELED stopped"})
}
