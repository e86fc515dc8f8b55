//go:build unix

package hosts

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// counted is a service: it answers each line with the number of bytes that it has had by then, and, when that is all,
// says goodbye.
func counted(t *testing.T) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				for lines := bufio.NewScanner(conn); lines.Scan(); {
					io.WriteString(conn, "had "+lines.Text()+"\n")
				}
				io.WriteString(conn, "bye\n")
			}()
		}
	}()
	return l.Addr().String()
}

// pair writes the certificate of package httptest, and its key, to files.
func pair(t *testing.T) (cert, key string, roots *x509.CertPool) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	der, err := x509.MarshalPKCS8PrivateKey(server.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	roots = x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return write("cert.pem", "CERTIFICATE", server.Certificate().Raw), write("key.pem", "PRIVATE KEY", der), roots
}

// says returns all that a host answers to a text, after which the client says no more.
func says(t *testing.T, h *host, config *tls.Config, text string) string {
	t.Helper()
	conn, err := tls.Dial("tcp", h.addr, config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(limit))
	var saying sync.WaitGroup
	defer saying.Wait()
	saying.Go(func() {
		if _, err := io.WriteString(conn, text); err != nil {
			t.Error(err)
		}
		if err := conn.CloseWrite(); err != nil {
			t.Error(err)
		}
	})
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Error(err)
	}
	return string(answer)
}

// Clients of crypto/tls, before a service that speaks TCP alone: what follows the first line arrives there whole,
// whether or not the script had read it, and each side may end its half.
func TestFilter(t *testing.T) {
	cert, key, roots := pair(t)
	h := start(t, "filter", "--cert="+cert, "--key="+key, "filter/filter.lua", counted(t))
	config := &tls.Config{RootCAs: roots, ServerName: "example.com"}
	const welcome = "WELCOME ada, by TLS 1.3\n"
	if got := says(t, h, config, "AUTH ada sesame\nat once\nand more\n"); got != welcome+"had at once\nhad and more\nbye\n" {
		t.Errorf("%q", got)
	}
	large := strings.Repeat("x", 50_000) + "\n"
	if got := says(t, h, config, "AUTH ada sesame\n"+strings.Repeat(large, 20)); got != welcome+strings.Repeat("had "+large, 20)+"bye\n" {
		t.Errorf("%d bytes", len(got))
	}
	h.hears(`127\.0\.0\.1:\d+ is ada`)
	for _, text := range []string{"GET / HTTP/1.0\n", "AUTH eve sesame\n", "AUTH ada\n", ""} {
		if got := says(t, h, config, text); got != "NO\n" {
			t.Errorf("%q: %q", text, got)
		}
	}
	h.hears(`127\.0\.0\.1:\d+: refused`)
	older := config.Clone()
	older.MaxVersion = tls.VersionTLS12
	for range 3 {
		if got := says(t, h, older, "AUTH ada melon\n"); got != "NO\n" {
			t.Errorf("%q", got)
		}
	}
	if got := says(t, h, older, "AUTH ada sesame\n"); got != "NO\n" { // the script counts over all connections
		t.Errorf("%q", got)
	}
}

// A client that speaks no TLS, and one that says nothing, hold up nobody, nor the end of the program.
func TestFilterOthers(t *testing.T) {
	h := start(t, "filter", "filter/filter.lua", counted(t)) // by a certificate of its own
	config := &tls.Config{InsecureSkipVerify: true}
	silent, err := tls.Dial("tcp", h.addr, config)
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	plain, err := dial(h.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	plain.ask("AUTH ada sesame")
	h.hears("handshake: tls: first record does not look like a TLS handshake")
	if got := says(t, h, config, "AUTH ada sesame\n"); got != "WELCOME ada, by TLS 1.3\nbye\n" {
		t.Errorf("%q", got)
	}
}
