package ladder_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"wirelua/interp/trace"
	"wirelua/interp/trace/ladder"
)

var (
	update   = flag.Bool("update", false, "write testdata anew")
	pictures = flag.String("pictures", "", "write what the page looks like to a `FOLDER`")
	shown    = flag.String("page", "", "of which `FILE`; else of the tests' own")
)

// run makes events of one interpreter, a tenth of a millisecond each.
type run struct {
	trace.Observer
	is  trace.Run
	now time.Time
}

func newRun(o trace.Observer) *run { return &run{Observer: o, now: time.Now()} }

func (r *run) socket(number uint64, network, local, peer string) *trace.Socket {
	family, kind := "AF_INET", "SOCK_STREAM"
	if strings.HasPrefix(network, "unix") {
		family = "AF_UNIX"
	}
	if strings.HasPrefix(network, "udp") || network == "unixgram" {
		kind = "SOCK_DGRAM"
	}
	return &trace.Socket{Run: &r.is, Number: number, Network: network, Family: family, Type: kind, Local: local, Peer: peer}
}

func (r *run) tell(e trace.Event) {
	r.now = r.now.Add(100 * time.Microsecond)
	e.Time = r.now
	if e.Layer == "" {
		e.Layer = "socket"
	}
	if e.Thread == "" {
		e.Thread, e.Where = "main", "dir/x.lua:7"
	}
	if e.Size == 0 && strings.HasPrefix(e.Op, "recv") {
		e.Size = 4096
	}
	if e.Code != "" {
		e.Err = errors.New(e.Code)
	}
	r.Observe(e)
}

const server, client = "127.0.0.1:8080", "127.0.0.1:40000"

// nasty is data that would end the page's script, were it there as it is.
const nasty = "</script><script>document.title='broken'</script><!-- <img src=x onerror=alert(1)> ' \" & \xff\xfe\x00 \u2028"

// story tells of a bit of everything.
func story(r *run) {
	l, c, s := r.socket(1, "tcp", server, ""), r.socket(2, "tcp", client, server), r.socket(3, "tcp", server, client)
	r.tell(trace.Event{Op: "listen", Socket: l, Size: 128})
	r.tell(trace.Event{Op: "connect", Socket: c, Address: server})
	r.tell(trace.Event{Op: "accept", Socket: l, New: s, Address: client})
	// Two sends are received as one, of which the first bytes are looked at before.
	r.tell(trace.Event{Op: "send", Socket: c, Data: []byte("hello, ")})
	r.tell(trace.Event{Op: "send", Socket: c, Data: []byte("world\n")})
	r.tell(trace.Event{Op: "recv", Socket: s, Flags: 2, Size: 3, Data: []byte("hel")})
	r.now = r.now.Add(300 * time.Millisecond)
	r.tell(trace.Event{Op: "recv", Socket: s, Data: []byte("hello, world\n"), Waited: 300 * time.Millisecond, Duration: 300 * time.Millisecond})
	// One is received by two, and something never.
	r.tell(trace.Event{Op: "send", Socket: s, Data: []byte("half and half")})
	r.tell(trace.Event{Op: "recv", Socket: c, Size: 4, Data: []byte("half")})
	r.tell(trace.Event{Op: "recv", Socket: c, Data: []byte(" and half")})
	r.tell(trace.Event{Op: "send", Socket: s, Data: []byte(nasty), Thread: nasty, Where: nasty + ":1"})
	r.tell(trace.Event{Op: "shutdown", Socket: c, Flags: 1})
	r.tell(trace.Event{Op: "recv", Socket: s})
	r.tell(trace.Event{Op: "close", Socket: s, By: "script"})
	r.tell(trace.Event{Op: "recv", Socket: c, Code: "ECONNRESET"})
	r.tell(trace.Event{Op: "close", Socket: c, By: "collector"})
	// To one who has handed its end to another process, which reads: whether that has it is not known.
	c, s = r.socket(20, "tcp", "127.0.0.1:40009", server), r.socket(21, "tcp", server, "127.0.0.1:40009")
	r.tell(trace.Event{Op: "connect", Socket: c, Address: server, Code: "EINPROGRESS"})
	r.tell(trace.Event{Op: "connect", Socket: c, Address: server})
	r.tell(trace.Event{Op: "accept", Socket: l, New: s, Address: "127.0.0.1:40009"})
	r.tell(trace.Event{Op: "close", Socket: s, By: "script"})
	r.tell(trace.Event{Op: "send", Socket: c, Data: []byte("to the child")})
	r.tell(trace.Event{Op: "recv", Socket: c, Data: []byte("from the child")})
	// TLS, of which what is said is shown.
	c = r.socket(4, "tcp", "127.0.0.1:40001", "192.0.2.7:443")
	r.tell(trace.Event{Op: "lookup", Layer: "name", Address: "example.org", Found: []string{"192.0.2.7"}})
	r.tell(trace.Event{Op: "connect", Socket: c, Address: "192.0.2.7:443"})
	r.tell(trace.Event{Op: "send", Socket: c, Carried: true, Data: []byte("\x16\x03\x01 never shown")})
	r.tell(trace.Event{Op: "handshake", Layer: "tls", Socket: c, Detail: "TLSv1.3 server_name=example.org"})
	r.tell(trace.Event{Op: "send", Layer: "tls", Socket: c, Data: []byte("GET / HTTP/1.0\r\n\r\n")})
	r.tell(trace.Event{Op: "connect", Socket: r.socket(5, "tcp", "0.0.0.0:40002", ""), Address: "127.0.0.1:1", Code: "ECONNREFUSED"})
	// Datagrams, one of them lost; a pair; a Unix socket.
	a, b := r.socket(6, "udp", "0.0.0.0:40010", ""), r.socket(7, "udp", "127.0.0.1:40011", "")
	r.tell(trace.Event{Op: "bind", Socket: b, Address: "127.0.0.1:0"})
	r.tell(trace.Event{Op: "send", Socket: a, Address: "127.0.0.1:40011", Data: []byte("lost")})
	r.tell(trace.Event{Op: "send", Socket: a, Address: "127.0.0.1:40011", Data: []byte("found")})
	r.tell(trace.Event{Op: "recv", Socket: b, Address: "127.0.0.1:40010", Size: 3, Data: []byte("fou")})
	a, b = r.socket(8, "unix", "", ""), r.socket(9, "unix", "", "")
	r.tell(trace.Event{Op: "socketpair", Socket: a})
	r.tell(trace.Event{Op: "socketpair", Socket: b})
	r.tell(trace.Event{Op: "send", Socket: a, Data: []byte("to b")})
	r.tell(trace.Event{Op: "recv", Socket: b, Data: []byte("to b")})
	l, c, s = r.socket(10, "unix", "/run/x", ""), r.socket(11, "unix", "", "/run/x"), r.socket(12, "unix", "/run/x", "")
	r.tell(trace.Event{Op: "listen", Socket: l, Size: 5})
	r.tell(trace.Event{Op: "connect", Socket: c, Address: "/run/x"})
	r.tell(trace.Event{Op: "accept", Socket: l, New: s})
	r.tell(trace.Event{Op: "recv", Socket: s, Code: "EAGAIN"})
	r.tell(trace.Event{Op: "send", Socket: c, Data: []byte("by path")})
	r.tell(trace.Event{Op: "recv", Socket: s, Data: []byte("by path")})
}

// split returns what is before the events, and these.
func split(t *testing.T, page string) (head, events string) {
	t.Helper()
	head, events, found := strings.Cut(page, `id="events">`+"\n")
	if !found {
		t.Fatalf("no events in %q", page)
	}
	return head, events
}

// What is written for a list of events, to the letter; the page around it is looked at in a browser.
func TestGolden(t *testing.T) {
	var out bytes.Buffer
	r := newRun(ladder.New(&out))
	story(r)
	_, events := split(t, out.String())
	if strings.Contains(events, "never shown") || strings.Count(events, "<") > 0 {
		t.Error("there is something that must not be")
	}
	events = times.ReplaceAllString(events, `"time":T,`)
	const path = "testdata/story.golden"
	if *update {
		if err := os.WriteFile(path, []byte(events), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if events != string(want) {
		t.Errorf("got\n%s\nwant\n%s", events, want)
	}
}

// The page needs nothing from elsewhere, and runs nothing but its own script.
func TestAlone(t *testing.T) {
	var out bytes.Buffer
	ladder.New(&out)
	head, events := split(t, out.String())
	if events != "" {
		t.Errorf("events of nothing: %q", events)
	}
	for _, bad := range []string{"src=", "href=", "url(", "@import", "fetch(", "{style}", "{script}", "{hash}"} {
		if strings.Contains(strings.ReplaceAll(head, "url(#", ""), bad) { // a part of the page itself is no address
			t.Errorf("the page has %s", bad)
		}
	}
	for _, good := range []string{"<!DOCTYPE html>", "default-src 'none'", "script-src 'sha256-", "prefers-color-scheme: dark"} {
		if !strings.Contains(head, good) {
			t.Errorf("the page lacks %s", good)
		}
	}
}

// failing fails from its nth Write on.
type failing struct{ n, calls int }

func (f *failing) Write(p []byte) (int, error) {
	if f.calls++; f.calls >= f.n {
		return 0, errors.New("full")
	}
	return len(p), nil
}

func TestFailedWrite(t *testing.T) {
	for n := 1; n <= 3; n++ {
		w := &failing{n: n}
		story(newRun(ladder.New(w)))
		if w.calls != n {
			t.Errorf("after Write %d had failed there were %d", n, w.calls)
		}
	}
}

// many tells of n messages of some clients and a server, in threads.
func many(r *run, n int) {
	l := r.socket(1, "tcp", server, "")
	r.tell(trace.Event{Op: "listen", Socket: l, Size: 128})
	const clients = 20
	var there, here [clients]*trace.Socket
	for i := range clients {
		address := fmt.Sprintf("127.0.0.1:%d", 40000+i)
		there[i], here[i] = r.socket(uint64(2+2*i), "tcp", address, server), r.socket(uint64(3+2*i), "tcp", server, address)
		r.tell(trace.Event{Op: "connect", Socket: there[i], Address: server})
		r.tell(trace.Event{Op: "accept", Socket: l, New: here[i], Address: address})
	}
	for i := 1 + 2*clients; i+2 <= n; i += 2 {
		k := i / 2 % clients
		data := fmt.Appendf(nil, "message %d of client %d\n", i, k)
		if i%10 == 1 {
			r.now = r.now.Add(20 * time.Millisecond)
		}
		r.tell(trace.Event{Op: "send", Socket: there[k], Data: data, Thread: fmt.Sprintf("client-%d", k), Where: "clients.lua:12"})
		r.tell(trace.Event{Op: "recv", Socket: here[k], Data: data, Thread: fmt.Sprintf("server-%d", k), Where: "server.lua:30", Waited: time.Millisecond, Duration: time.Millisecond})
	}
	r.tell(trace.Event{Op: "close", Socket: there[0]})
}

var times = regexp.MustCompile(`"time":[^,]*,`)
