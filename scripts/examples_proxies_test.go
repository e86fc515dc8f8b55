//go:build unix

package scripts

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

// echoOnce answers with all that a client has sent, once it has no more to say.
func echoAtEnd(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			data, _ := io.ReadAll(conn)
			conn.Write(data)
		}()
	}
}

func TestExampleTCPProxy(t *testing.T) {
	t.Parallel()
	l := listenTCP(t)
	go echoAtEnd(l)
	s := exampleServer(t, "tcp_proxy.lua", "127.0.0.1", portOf(l))
	s.abuse()
	data := strings.Repeat("there and back", 200_000)
	if got := ask(t, s.port, data); got != data {
		t.Errorf("%d bytes of %d came back", len(got), len(data))
	}
	s.line(fmt.Sprintf("%d bytes there, %d back", len(data), len(data)))

	l.Close() // those who come now find nobody, and are told so by being closed
	if got, _ := io.ReadAll(dial(t, s.port)); len(got) != 0 {
		t.Errorf("got %q from nobody", got)
	}
	t.Run("curl", func(t *testing.T) {
		folder, big := webFolder(t)
		s := exampleServer(t, "tcp_proxy.lua", "127.0.0.1", exampleServer(t, "static_http.lua", folder).port)
		needs(t, "curl")
		stdout, stderr, err := run(t, root, "curl", "-sS", "http://127.0.0.1:"+s.port+"/big.bin")
		if err != nil || stdout != string(big) {
			t.Errorf("%v, %d bytes\n%s", err, len(stdout), stderr)
		}
	})
}

func TestExampleHexdumpProxy(t *testing.T) {
	t.Parallel()
	l := listenTCP(t)
	go echoAtEnd(l)
	s := exampleServer(t, "hexdump_proxy.lua", "127.0.0.1", portOf(l))
	s.abuse()
	if got := ask(t, s.port, "hello, \x00\xff\x1b"); got != "hello, \x00\xff\x1b" {
		t.Errorf("%q came back", got)
	}
	if *chaosSpec != "" {
		return // the pieces are others then
	}
	const dump = "00000000  68 65 6c 6c 6f 2c 20 00  ff 1b                    |hello, ...|"
	number, _, _ := strings.Cut(s.line(" > 10 bytes"), " ")
	for _, want := range []string{dump, number + " > ends", number + " < 10 bytes", dump, number + " < ends"} {
		if got := s.line(want); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	l.Close()
	if got, _ := io.ReadAll(dial(t, s.port)); len(got) != 0 {
		t.Errorf("got %q from nobody", got)
	}
	if said := s.stop(); !strings.Contains(said, "create_connection 127.0.0.1:"+portOf(l)+": connection refused") {
		t.Errorf("the server says %s", said)
	}
}

func TestExampleMonitor(t *testing.T) {
	t.Parallel()
	l, stays := listenTCP(t), listenTCP(t)
	changing, steady := "127.0.0.1:"+portOf(l), "localhost:"+portOf(stays)
	if stdout, stderr, status := example(t, "monitor.lua", "-n", "1", changing, steady); status != 0 || strings.Count(stdout, "\tup, ") != 2 || strings.Count(stdout, ": up in 1 of 1 rounds, ") != 2 {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	p := startExample(t, "monitor.lua", "-i", "0.05", changing, steady)
	p.line(changing + "\tup, ")
	l.Close()
	p.line(changing + "\tdown: connection refused")
	p.interrupt()
	p.line(changing + ": up in ")
	p.line(steady + ": up in ")
	if p.wait(); p.stderr.Len() > 0 {
		t.Errorf("on standard error: %s", p.stderr.String())
	}
	if stdout, stderr, status := example(t, "monitor.lua", "-n", "2", "-i", "0.01", changing); status != 1 || !strings.HasSuffix(stdout, ": up in 0 of 2 rounds\n") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
}

func TestExamplePortScanner(t *testing.T) {
	t.Parallel()
	open := []string{portOf(listenTCP(t)), portOf(listenTCP(t))}
	closed := listenTCP(t)
	closed.Close()
	for _, port := range open {
		if stdout, stderr, status := example(t, "port_scanner.lua", "127.0.0.1", port); status != 0 || stdout != port+"\topen\t\n127.0.0.1: 1 open, 0 closed, 0 silent\n" {
			t.Errorf("status %d\n%s%s", status, stdout, stderr)
		}
	}
	stdout, stderr, status := example(t, "port_scanner.lua", "-a", "localhost", portOf(closed))
	if status != 0 || !strings.HasPrefix(stdout, portOf(closed)+"\tclosed") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	n, _ := strconv.Atoi(open[0])
	first, last := max(n-300, 1), min(n+300, 65535)
	stdout, stderr, status = example(t, "port_scanner.lua", "-j", "50", "127.0.0.1", fmt.Sprintf("%d-%d", first, last))
	if status != 0 || !strings.Contains(stdout, open[0]+"\topen") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	if _, stderr, status := example(t, "port_scanner.lua", "no-such-host.invalid"); status != 1 || strings.Contains(stderr, "traceback") {
		t.Errorf("status %d\n%s", status, stderr)
	}
}

func TestExampleSOCKS5Proxy(t *testing.T) {
	t.Parallel()
	s := exampleServer(t, "socks5_proxy.lua")
	s.abuse()
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "reached "+r.Host) }))
	t.Cleanup(target.Close)
	port := uint16(target.Listener.Addr().(*net.TCPAddr).Port)
	nobody := listenTCP(t)
	nobody.Close()
	there := func(kind byte, address string, port uint16) string {
		return "\x05\x01\x00\x05\x01\x00" + string([]byte{kind}) + address + string(binary.BigEndian.AppendUint16(nil, port))
	}
	closed, _ := strconv.Atoi(portOf(nobody))
	for name, c := range map[string]struct{ sent, want string }{
		"IPv4":            {there(1, "\x7f\x00\x00\x01", port), "\x05\x00\x05\x00\x00\x01\x7f\x00\x00\x01"},
		"name":            {there(3, "\x09localhost", port), "\x05\x00\x05\x00\x00\x01\x7f\x00\x00\x01"},
		"nobody there":    {there(1, "\x7f\x00\x00\x01", uint16(closed)), "\x05\x00\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00"},
		"no such host":    {there(3, "\x0fno-such.invalid", 80), "\x05\x00\x05\x04\x00\x01\x00\x00\x00\x00\x00\x00"},
		"a name of bytes": {there(3, "\x05a\x00b\nc", 80), "\x05\x00\x05\x04\x00\x01\x00\x00\x00\x00\x00\x00"},
		"bind":            {"\x05\x01\x00\x05\x02\x00\x01\x7f\x00\x00\x01\x00\x50", "\x05\x00\x05\x07\x00\x01\x00\x00\x00\x00\x00\x00"},
		"unknown kind":    {"\x05\x01\x00\x05\x01\x00\x07\x7f\x00\x00\x01\x00\x50", "\x05\x00\x05\x08\x00\x01\x00\x00\x00\x00\x00\x00"},
		"password only":   {"\x05\x01\x02", "\x05\xff"},
		"no method":       {"\x05\x00", "\x05\xff"},
		"one of many":     {"\x05\x03\x02\x01\x00", "\x05\x00"},
		"version 4":       {"\x04\x01\x00\x50\x7f\x00\x00\x01\x00", ""},
		"ends too early":  {"\x05\x01\x00\x05\x01", "\x05\x00"},
		"HTTP":            {"GET / HTTP/1.0\r\n\r\n", ""},
	} {
		conn := dial(t, s.port)
		say(t, conn, c.sent)
		conn.CloseWrite()
		if got, _ := io.ReadAll(conn); !strings.HasPrefix(string(got), c.want) || len(got) > 0 && c.want == "" {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if v6, err := net.Listen("tcp", "[::1]:0"); err == nil {
		defer v6.Close()
		go echoAtEnd(v6)
		got := ask(t, s.port, there(4, string(net.IPv6loopback), uint16(v6.Addr().(*net.TCPAddr).Port))+"over IPv6")
		if !strings.HasPrefix(got, "\x05\x00\x05\x00\x00\x04"+string(net.IPv6loopback)) || !strings.HasSuffix(got, "over IPv6") {
			t.Errorf("IPv6: %q", got)
		}
	}

	t.Run("curl", func(t *testing.T) {
		needs(t, "curl")
		host := fmt.Sprintf("localhost:%d", port)
		for _, flag := range []string{"--socks5", "--socks5-hostname"} {
			stdout, stderr, err := run(t, root, "curl", "-sS", flag, "127.0.0.1:"+s.port, "http://"+host)
			if err != nil || stdout != "reached "+host {
				t.Errorf("%s: %v\n%s%s", flag, err, stdout, stderr)
			}
		}
		_, stderr, err := run(t, root, "curl", "-sS", "--socks5", "127.0.0.1:"+s.port, "http://127.0.0.1:"+portOf(nobody))
		if err == nil || !strings.Contains(stderr, "(5)") {
			t.Errorf("%v\n%s", err, stderr)
		}
	})
}
