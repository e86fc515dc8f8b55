//go:build unix

package tls_test

import (
	"crypto/tls"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

// slow, once it is, gives a byte at a time, and before each EAGAIN, which is temporary.
type slow struct {
	net.Conn
	is, wait bool
}

func (s *slow) Read(p []byte) (int, error) {
	if s.wait = s.is && !s.wait; s.wait {
		return 0, syscall.EAGAIN
	}
	if s.is {
		p = p[:1]
	}
	return s.Conn.Read(p)
}

// crypto/tls goes on after a read that failed with a temporary error, wherever in a
// record it came. Its documentation does not say so, and connections are built on it
// (see engine): each read that has to wait is such a failure.
func TestReadsThatFailForNow(t *testing.T) {
	cert, key := newAuthority(t, "test").issue("localhost", -time.Hour, time.Hour)
	pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	near, far := net.Pipe()
	wire, text := &slow{Conn: near}, strings.Repeat("some records ", 3000)
	server, client := tls.Server(far, &tls.Config{Certificates: []tls.Certificate{pair}}), tls.Client(wire, &tls.Config{InsecureSkipVerify: true})
	go func() {
		io.WriteString(server, text)
		server.Close()
	}()
	if err := client.Handshake(); err != nil {
		t.Fatal(err)
	}
	wire.is = true
	var got []byte
	failed := 0
	for buf := make([]byte, 1000); err != io.EOF; {
		var n int
		n, err = client.Read(buf)
		got = append(got, buf[:n]...)
		if err == syscall.EAGAIN {
			failed++
		} else if err != nil && err != io.EOF {
			t.Fatal(err)
		}
	}
	if string(got) != text || failed < len(text) {
		t.Errorf("%d of %d bytes came, with %d failures", len(got), len(text), failed)
	}
}
