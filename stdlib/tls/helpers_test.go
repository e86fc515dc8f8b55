//go:build unix

package tls_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// runLua runs a script with the given globals and returns what it printed.
func runLua(t testing.TB, globals map[string]any, script string) (string, error) {
	t.Helper()
	return runLuaAs(t, interp.Config{Policy: policy.All()}, globals, script)
}

func runLuaAs(t testing.TB, c interp.Config, globals map[string]any, script string) (string, error) {
	t.Helper()
	var out strings.Builder
	c.Modules, c.Stdout, c.Stderr = stdlib.Modules(), &out, &out
	in, err := interp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	for name, v := range globals {
		if err := in.Set(name, v); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeoutCause(context.Background(), 30*time.Second, errors.New("still running"))
	defer cancel()
	err = in.RunString(ctx, "script", script)
	return out.String(), err
}

// must is runLua for a script that must not fail.
func must(t testing.TB, globals map[string]any, script string) string {
	t.Helper()
	out, err := runLua(t, globals, script)
	var e *interp.Error
	if errors.As(err, &e) {
		t.Fatalf("%s\n%s\n%s", e.Message, e.Traceback, out)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return out
}

// authority signs certificates.
type authority struct {
	t    testing.TB
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	PEM  string
}

func newAuthority(t testing.TB, name string) *authority {
	a := &authority{t: t}
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, SerialNumber: big.NewInt(1),
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(48 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	a.cert, a.key = template, nil
	cert, key := a.sign(template)
	a.cert, a.key, a.PEM = parse(t, cert), key, cert
	return a
}

func (a *authority) sign(template *x509.Certificate) (string, *ecdsa.PrivateKey) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	signer := a.key
	if signer == nil {
		signer = key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), signer)
	if err != nil {
		a.t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), key
}

// issue makes a certificate that is valid from and until so long from now.
func (a *authority) issue(name string, from, until time.Duration) (certPEM, keyPEM string) {
	cert, key := a.sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, SerialNumber: big.NewInt(2),
		NotBefore: time.Now().Add(from), NotAfter: time.Now().Add(until),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	})
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func parse(t testing.TB, cert string) *x509.Certificate {
	block, _ := pem.Decode([]byte(cert))
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// file writes a file that is gone after the test.
func file(t testing.TB, name, content string) string {
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(path string) string {
	b, _ := os.ReadFile(path)
	return string(b)
}

// peer is a process at the other end.
type peer struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	out   *bufio.Reader
}

// needs skips a test that has no use without a program: before it starts a server for it.
func needs(t testing.TB, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("no %s here", name)
	}
}

// start starts a program, killed after the test; both its outputs are in out.
func start(t testing.TB, name string, args ...string) *peer {
	t.Helper()
	needs(t, name)
	p := &peer{cmd: exec.Command(name, args...)}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stdout, p.cmd.Stderr, p.out = w, w, bufio.NewReader(r)
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		p.cmd.Wait()
		r.Close()
	})
	return p
}

// until reads lines until one contains text, which it returns.
func (p *peer) until(t testing.TB, text string) string {
	t.Helper()
	var all strings.Builder
	for {
		line, err := p.out.ReadString('\n')
		all.WriteString(line)
		if strings.Contains(line, text) {
			return line
		}
		if err != nil {
			t.Fatalf("the peer never printed %q: %v\n%s", text, err, all.String())
		}
	}
}

// rest waits for the end of the process and returns what it printed last.
func (p *peer) rest() string {
	b, _ := io.ReadAll(p.out)
	return string(b)
}
