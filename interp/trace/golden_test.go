package trace

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write testdata anew")

// story is a bit of everything, a tenth of a second each.
func story(began time.Time) (events []Event) {
	const server, client = "127.0.0.1:8080", "127.0.0.1:41234"
	listener := &Socket{Number: 3, Network: "tcp", Family: "AF_INET", Type: "SOCK_STREAM", Local: server}
	accepted := &Socket{Number: 4, Network: "tcp", Family: "AF_INET", Type: "SOCK_STREAM", Local: server, Peer: client}
	other := &Socket{Number: 5, Network: "tcp", Family: "AF_INET", Type: "SOCK_STREAM", Local: "0.0.0.0:50000"}
	datagrams := &Socket{Number: 6, Network: "udp", Family: "AF_INET6", Type: "SOCK_DGRAM", Local: "[::1]:53"}
	refused := errors.New("refused")
	for i, e := range []Event{
		{Op: "socket", Socket: &Socket{Number: 3, Network: "tcp", Family: "AF_INET", Type: "SOCK_STREAM"}, FD: 7},
		{Op: "bind", Socket: listener, Address: "127.0.0.1:0"},
		{Op: "listen", Socket: listener, Size: 128},
		{Op: "setsockopt", Socket: listener, Level: 1, Option: 2, Data: []byte{1, 0, 0, 0}},
		{Op: "accept", Socket: listener, New: accepted, Address: client, Waited: 1100 * time.Microsecond},
		{Op: "recv", Socket: accepted, Size: 100, Data: []byte("hello world\n"), Waited: 99 * time.Microsecond},
		{Op: "send", Socket: accepted, Size: 12, Data: []byte("HELLO WORLD\n"), Waited: 100 * time.Microsecond},
		{Op: "send", Socket: accepted, Size: 300, Data: []byte("\x00\x001\"\\\r\t\xc3" + strings.Repeat("x", 292)), Waited: 2 * time.Second},
		{Op: "recv", Socket: accepted, Size: 8, Flags: 2, Data: []byte("peeked")},
		{Op: "recv", Socket: accepted, Size: 8},
		{Op: "dup", Socket: accepted, New: &Socket{Number: 9, Network: "tcp", Family: "AF_INET", Type: "SOCK_STREAM", Local: server, Peer: client}, FD: 12},
		{Op: "shutdown", Socket: accepted, Flags: 1},
		{Op: "relay", Socket: accepted, N: 300},
		{Op: "close", Socket: accepted, By: "script"},
		{Op: "close", Socket: accepted, By: "collector", Thread: "-"},
		{Op: "send", Socket: accepted, Size: 1, FD: -1, Err: errors.New("closed"), Code: "EBADF"},
		{Op: "connect", Socket: other, Address: "127.0.0.1:1", Waited: 200 * time.Microsecond, Err: refused, Code: "ECONNREFUSED"},
		{Op: "recv", Socket: datagrams, Address: "[::1]:54", Size: 512, Data: []byte("who?")},
		{Op: "send", Socket: datagrams, Address: "[::1]:54", Size: 3, Data: []byte("you")},
		{Op: "lookup", Layer: "name", Address: "localhost.example", Found: []string{"127.0.0.1", "::1"}, FD: -1},
		{Op: "lookup", Layer: "name", Address: "no.example", Err: refused, Code: "EAI_NONAME", FD: -1},
		{Op: "send", Socket: accepted, Carried: true, Data: []byte("\x16\x03\x01")},
		{Op: "handshake", Layer: "tls", Socket: accepted, Detail: "TLSv1.3 server_name=localhost"},
		{Op: "recv", Layer: "tls", Socket: accepted, Size: 100, Data: []byte("secret")},
	} {
		e.Time, e.Duration = began.Add(time.Duration(i)*100*time.Millisecond), 1234*time.Microsecond
		if e.Layer == "" {
			e.Layer = "socket"
		}
		if e.Thread == "" {
			e.Thread, e.ThreadID, e.Where = "thread-1", 1, "echo.lua:20"
		} else {
			e.Thread = ""
		}
		events = append(events, e)
	}
	return events
}

// What each renderer makes of the same events, to the letter.
func TestGolden(t *testing.T) {
	began := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, observer := range map[string]func(w *bytes.Buffer) Observer{
		"text":   func(w *bytes.Buffer) Observer { o := Text(w).(*text); o.start = began; return o },
		"hex":    func(w *bytes.Buffer) Observer { o := Hex(w).(*text); o.start = began; return o },
		"colour": func(w *bytes.Buffer) Observer { o := Text(w, Colour).(*text); o.start = began; return o },
		"json":   func(w *bytes.Buffer) Observer { o := JSON(w).(*jsonLines); o.start = began; return o },
	} {
		var out bytes.Buffer
		o := observer(&out)
		for _, e := range story(began) {
			o.Observe(e)
		}
		path := filepath.Join("testdata", name+".golden")
		if *update {
			if err := os.WriteFile(path, out.Bytes(), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if out.String() != string(want) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, &out, want)
		}
	}
}
