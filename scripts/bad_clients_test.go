//go:build unix

package scripts

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestBadClients: whatever some clients send, a server says in a line what was wrong with
// each, and goes on serving others.
func TestBadClients(t *testing.T) {
	echo := listenTCP(t)
	go func() {
		for {
			conn, err := echo.Accept()
			if err != nil {
				return
			}
			go io.Copy(conn, conn)
		}
	}()
	port := string(binary.BigEndian.AppendUint16(nil, uint16(echo.Addr().(*net.TCPAddr).Port)))
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "page.txt"), []byte("a page"), 0o644); err != nil {
		t.Fatal(err)
	}
	garbage := make([]byte, 5000)
	rand.New(rand.NewSource(3)).Read(garbage)
	junk := string(garbage)
	long := strings.Repeat("x", 300_000)
	hello := clientHello()

	for name, c := range map[string]struct {
		script       string
		args         []string
		open, opened string            // what a good client says first, and how the answer ends
		say, hear    string            // what it goes on with, and the answer
		bad          map[string]string // what is sent, and what the server has to say of it on standard error
	}{
		"tls": {script: "tls_echo.lua", args: []string{"-s"}, say: "hello\n", hear: "hello\n", bad: map[string]string{
			"":                            "",
			"GET / HTTP/1.0\r\n\r\n":      "TLS",
			junk:                          "TLS",
			long:                          "TLS",
			hello[:3]:                     "closed",
			hello[:100]:                   "closed",
			hello + junk:                  "TLS",
			"\x16\x03\x01\xff\xff" + long: "TLS",
		}},
		"http": {script: "static_http.lua", args: []string{folder}, say: "GET /page.txt HTTP/1.1\r\nHost: x\r\n\r\n", hear: "a page", bad: map[string]string{
			"":                                   "",
			"\r\n":                               "not a request: \n",
			"\x1b[2J\r\n":                        "not a request: ?[2J\n",
			junk:                                 "not a request: ",
			long:                                 "no end within 8192 bytes",
			"GET / HTTP/1.1\r\n" + long:          "no end within 8192 bytes",
			"GET / HTTP/1.1\r\nHost":             "not a header: Host",
			"GET / HTTP/1.1\r\nHost: x\r\n":      "the connection ended",
			"GET / HTTP/1.1\r\n" + junk:          "not a header: ",
			strings.Repeat("nonsense\r\n", 1000): "not a request: nonsense",
		}},
		"socks": {script: "socks5_proxy.lua", open: "\x05\x01\x00\x05\x01\x00\x01\x7f\x00\x00\x01" + port + "hello\n", opened: "hello\n", say: "hello\n", hear: "hello\n", bad: map[string]string{
			"":                                  "closed after 0 bytes",
			"GET / HTTP/1.0\r\n\r\n":            "not SOCKS 5",
			junk:                                "not SOCKS 5",
			"\x05":                              "closed after 1 bytes",
			"\x05\xff" + junk[:20]:              "closed after 20 bytes",
			"\x05\x01\x00GET / HTTP":            "not SOCKS 5",
			"\x05\x01\x00\x05\x01":              "closed after 2 bytes",
			"\x05\x01\x00\x05\x01\x00\x03\xffx": "closed after 1 bytes",
		}},
		"smtp": {script: "smtp_sink.lua", opened: "\r\n", say: "NOOP\r\n", hear: "250 OK\r\n", bad: map[string]string{
			"":                                   "",
			junk:                                 "",
			long:                                 "no end within 65536 bytes",
			strings.Repeat("nonsense\r\n", 1000): "",
			"HELO x\r\nMAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\nhalf a m": "the connection ended within a mail",
		}},
		"websocket": {script: "websocket_echo.lua", open: handshake, opened: "\r\n\r\n", say: frame(0x81, "hello"), hear: unmasked(0x81, "hello"), bad: map[string]string{
			"":                                   "",
			junk:                                 "not a request: ",
			long:                                 "no end within 8192 bytes",
			"GET / HTTP/1.1\r\n\r\n":             "426 Upgrade Required",
			handshake[:40]:                       "not a header: ",
			handshake + junk:                     "",
			handshake + frame(0x81, "hello")[:7]: "closed after 1 bytes",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := exampleServer(t, c.script, c.args...)
			secure := func(conn net.Conn) net.Conn { return conn }
			if name == "tls" {
				config := &tls.Config{RootCAs: s.certificate(), ServerName: "localhost"}
				secure = func(conn net.Conn) net.Conn { return tls.Client(conn, config) }
			}
			open := func() (net.Conn, error) {
				conn, err := net.Dial("tcp", "127.0.0.1:"+s.port)
				if err != nil {
					return nil, err
				}
				t.Cleanup(func() { conn.Close() })
				conn.SetDeadline(time.Now().Add(limit))
				conn = secure(conn)
				return conn, exchange(conn, c.open, c.opened)
			}

			// Of the good clients one stays for as long as there are bad ones, others come and go.
			over, served := make(chan bool), make(chan error)
			go func() {
				stays, err := open()
				for last := false; err == nil && !last; {
					select {
					case <-over:
						last = true
					default:
					}
					if err = exchange(stays, c.say, c.hear); err != nil {
						break
					}
					var comes net.Conn
					if comes, err = open(); err == nil {
						err = exchange(comes, c.say, c.hear)
						comes.Close()
					}
				}
				served <- err
			}()

			var bad sync.WaitGroup
			for range 3 {
				for input := range c.bad {
					ends, resets, stays := dial(t, s.port), dial(t, s.port), dial(t, s.port)
					bad.Go(func() {
						io.WriteString(ends, input) // which may fail: nobody has to listen to that
						ends.CloseWrite()
						io.Copy(io.Discard, ends)
						ends.Close()
					})
					bad.Go(func() {
						io.WriteString(resets, input)
						resets.SetLinger(0)
						resets.Close()
					})
					go io.WriteString(stays, input) // and from then on it is silent
				}
			}
			bad.Wait()
			close(over)
			if err := <-served; err != nil {
				t.Errorf("a good client: %v", err)
			}
			said := s.stop()
			for input, want := range c.bad {
				if !strings.Contains(said, want) {
					t.Errorf("%.30q: nothing with %q is said in\n%s", input, want, said)
				}
			}
		})
	}
}

// certificate returns the one that a TLS server prints.
func (s *server) certificate() *x509.CertPool {
	var text strings.Builder
	for line := s.line("BEGIN CERTIFICATE"); ; line = s.next() {
		text.WriteString(line + "\n")
		if strings.Contains(line, "END CERTIFICATE") {
			break
		}
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(text.String()))
	return pool
}

// clientHello returns what a TLS client says first.
func clientHello() string {
	client, server := net.Pipe()
	defer server.Close()
	go tls.Client(client, &tls.Config{InsecureSkipVerify: true}).Handshake()
	b := make([]byte, 4096)
	n, _ := server.Read(b)
	return string(b[:n])
}

// exchange says something, and reads until an answer has come.
func exchange(conn net.Conn, say, hear string) error {
	if _, err := io.WriteString(conn, say); err != nil {
		return err
	}
	var got []byte
	for b := make([]byte, 1); !bytes.HasSuffix(got, []byte(hear)); got = append(got, b...) {
		if _, err := io.ReadFull(conn, b); err != nil {
			return fmt.Errorf("%w after %q, waiting for %q", err, got, hear)
		}
	}
	return nil
}
