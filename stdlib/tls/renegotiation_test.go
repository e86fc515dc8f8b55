package tls_test

import (
	"fmt"
	"strings"
	"testing"
)

// A peer that wants a new handshake in an open TLS 1.2 connection is told no, and the script why it ended: it
// was "no renegotiation", or types of Go's.
func TestRenegotiation(t *testing.T) {
	ca := newAuthority(t, "ca")
	cert, key := ca.issue("here.example", -hour, hour)
	p := start(t, "openssl", "s_server", "-accept", "127.0.0.1:0", "-tls1_2", "-naccept", "1",
		"-cert", file(t, "cert.pem", cert), "-key", file(t, "key.pem", key))
	line := p.until(t, "ACCEPT ")
	at := line[strings.LastIndexByte(line, ':')+1:]
	done := make(chan string, 1)
	go func() {
		done <- tried(t, m("port", port(" "+at), "ca", ca.PEM), `
			local c = tls.connect("127.0.0.1", port, {ca = ca, server_name = "here.example", timeout = 10})
			c:sendall("hello\n")
			print(select(2, pcall(c.recv, c, 1)))`)
	}()
	p.until(t, "hello")
	fmt.Fprint(p.stdin, "R\n")
	if got := <-done; !strings.Contains(got, "wants to negotiate anew") || strings.Contains(got, "*") {
		t.Errorf("of a server: %s", got)
	}
}

func TestRenegotiationOfClient(t *testing.T) {
	needs(t, "openssl")
	got := must(t, m(), `
		local cert, key = tls.self_signed {"localhost"}
		local l = tls.create_server("127.0.0.1", 0, {cert = cert, key = key, max_version = "TLSv1.2", timeout = 10})
		local p = process.spawn({"openssl", "s_client", "-connect", "127.0.0.1:" .. l:getsockname().port},
			{stdin = "pipe", stdout = "pipe", stderr = "null"})
		local c = l:accept()
		c:sendall("hello\n")
		repeat local line = p.stdout:read() until line == nil or line:find("hello", 1, true)
		p.stdin:write("R\n")
		print(select(2, pcall(c.recv, c, 1)))
		p:kill() p:wait()`)
	if !strings.Contains(got, "wants to negotiate anew") || strings.Contains(got, "*") {
		t.Errorf("of a client: %s", got)
	}
}

func tried(t *testing.T, vars map[string]any, script string) string {
	out, err := runLua(t, vars, script)
	if err != nil {
		return err.Error()
	}
	return out
}
