//go:build unix

package tls_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const pythonServer = `
import socket, ssl, sys
ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
ctx.load_cert_chain(sys.argv[1])
if len(sys.argv) > 2 and sys.argv[2]: ctx.load_verify_locations(sys.argv[2]); ctx.verify_mode = ssl.CERT_REQUIRED
if len(sys.argv) > 3 and sys.argv[3] == "1.2": ctx.maximum_version = ssl.TLSVersion.TLSv1_2
ctx.set_alpn_protocols(["echo", "h2"])
l = socket.create_server(("127.0.0.1", 0))
print("PORT", l.getsockname()[1], flush=True)
c = l.accept()[0]
try:
    c = ctx.wrap_socket(c, server_side=True)
    print("agreed", c.version(), c.selected_alpn_protocol(), bool(c.getpeercert()), flush=True)
    total = 0
    while True:
        d = c.recv(65536)
        if not d: break
        total += len(d)
        c.sendall(d)
    print("received", total, flush=True)
    c.unwrap().close()
except Exception as e:
    print("error", e, flush=True)
`

// echo is a script that has a server echo a megabyte: the globals are its options.
const echo = `
	local c = tls.connect("127.0.0.1", port, {ca = ca, server_name = name, alpn = {"echo"}, cert = cert, key = key, timeout = 20})
	local data = random.bytes(1000000)
	local t = thread.start(function()
		for i = 1, #data, 12345 do c:sendall(data:sub(i, i + 12344)) end
		c:shutdown(socket.SHUT_WR)
	end)
	assert(c:readexactly(#data) == data, "not the bytes sent")
	assert(t:join())
	assert(c:recv() == "")
	print(c:version(), c:alpn(), c:peer_certificate().subject)
	c:close()`

func port(line string) int {
	var n int
	fmt.Sscanf(line[strings.LastIndexByte(strings.TrimSpace(line), ' ')+1:], "%d", &n)
	return n
}

func TestPythonServer(t *testing.T) {
	ca := newAuthority(t, "ca")
	cert, key := ca.issue("here.example", -hour, hour)
	both := file(t, "both.pem", cert+key)
	for _, version := range []string{"1.3", "1.2"} {
		t.Run(version, func(t *testing.T) {
			p := start(t, "python3", "-c", pythonServer, both, file(t, "ca.pem", ca.PEM), version)
			globals := m("port", port(p.until(t, "PORT")), "ca", ca.PEM, "name", "here.example", "cert", cert, "key", key)
			if out := must(t, globals, echo); out != "TLSv"+version+"\techo\tCN=here.example\n" {
				t.Error(out)
			}
			if got := p.rest(); got != "agreed TLSv"+version+" echo True\nreceived 1000000\n" {
				t.Error(got)
			}
		})
	}
	t.Run("refused", func(t *testing.T) {
		p := start(t, "python3", "-c", pythonServer, both, file(t, "ca.pem", ca.PEM))
		_, err := runLua(t, m("port", port(p.until(t, "PORT")), "ca", ca.PEM, "name", "here.example"), echo)
		if err == nil || !strings.Contains(err.Error(), "the peer refused: client certificate required") {
			t.Error(err)
		}
		if got := p.rest(); !strings.Contains(got, "PEER_DID_NOT_RETURN_A_CERTIFICATE") {
			t.Error(got)
		}
	})
	t.Run("versions", func(t *testing.T) {
		p := start(t, "python3", "-c", pythonServer, both, "", "1.2")
		_, err := runLua(t, m("port", port(p.until(t, "PORT"))), `tls.connect("127.0.0.1", port, {verify = false, min_version = "TLSv1.3", timeout = 5})`)
		if err == nil || !strings.Contains(err.Error(), "no common version") {
			t.Error(err)
		}
	})
}

const pythonClient = `
import socket, ssl, sys, os
ctx = ssl.create_default_context(cafile=sys.argv[2])
if sys.argv[3] == "strict": ctx.verify_flags |= ssl.VERIFY_X509_STRICT
if len(sys.argv) > 4 and sys.argv[4] == "1.2": ctx.maximum_version = ssl.TLSVersion.TLSv1_2
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
c = ctx.wrap_socket(s, server_hostname="localhost")
data = os.urandom(1000000)
got = b""
for i in range(0, len(data), 50000):
    c.sendall(data[i:i+50000])
    while len(got) < i + 50000:
        d = c.recv(65536)
        if not d: sys.exit("ended early")
        got += d
print("same" if got == data else "different", c.version(), flush=True)
plain = c.unwrap()
plain.sendall(b"in the clear\n")
print(plain.makefile("r").readline().strip())
`

// TestPythonClient is also about what Python thinks of our certificates.
func TestPythonClient(t *testing.T) {
	needs(t, "python3")
	for _, version := range []string{"1.3", "1.2"} {
		t.Run(version, func(t *testing.T) {
			path := file(t, "cert.pem", "")
			var p *peer
			out := make(chan string, 1)
			go func() { out <- mustServe(t, path) }()
			var port string
			for range 500 {
				if port = strings.TrimSpace(read(path + ".port")); port != "" {
					break
				}
				time.Sleep(10 * time.Millisecond)
			}
			p = start(t, "python3", "-c", pythonClient, port, path, "strict", version)
			if got := p.rest(); got != "same TLSv"+version+"\nand back\n" {
				t.Error(got)
			}
			if got := <-out; got != "1000000\tin the clear\n" {
				t.Error(got)
			}
		})
	}
}

// mustServe runs a server that echoes a megabyte and then ends TLS with its client.
func mustServe(t *testing.T, path string) string {
	out, err := runLua(t, m("path", path), `
		local function write(name, text) local f = assert(io.open(name, "w")) f:write(text) f:close() end
		local cert, key = tls.self_signed {"localhost"}
		write(path, cert)
		local srv = tls.create_server("127.0.0.1", 0, {cert = cert, key = key, timeout = 20})
		write(path .. ".port", srv:getsockname().port .. "\n")
		local c = srv:accept()
		local n = 0
		for piece in c:chunks(30000) do n = n + #piece c:sendall(piece) end
		local plain = c:unwrap()
		print(n, plain:readline())
		plain:sendall("and back\n")
		plain:close()`)
	if err != nil {
		return err.Error()
	}
	return out
}

func TestOpenSSLServer(t *testing.T) {
	ca := newAuthority(t, "ca")
	cert, key := ca.issue("here.example", -hour, hour)
	for _, version := range []string{"tls1_3", "tls1_2"} {
		p := start(t, "openssl", "s_server", "-accept", "127.0.0.1:0", "-"+version, "-naccept", "1", "-rev",
			"-cert", file(t, "cert.pem", cert), "-key", file(t, "key.pem", key))
		line := p.until(t, "ACCEPT ")
		at := line[strings.LastIndexByte(line, ':')+1:]
		out := must(t, m("port", port(" "+at), "ca", ca.PEM), `
			local c = tls.connect("127.0.0.1", port, {ca = ca, server_name = "here.example", timeout = 10})
			c:sendall("abc\n") print(c:readline())
			c:sendall(("x"):rep(4000) .. "y\n") print(#c:readline())
			print(c:version())
			c:close()`)
		if want := "cba\n4001\nTLSv" + strings.Replace(version[3:], "_", ".", 1) + "\n"; out != want {
			t.Errorf("%s: %q", version, out)
		}
	}
}

func TestOpenSSLClient(t *testing.T) {
	needs(t, "openssl")
	for _, version := range []string{"tls1_3", "tls1_2"} {
		path := file(t, "cert.pem", "")
		out := make(chan string, 1)
		go func() { out <- serveLines(t, path) }()
		var port string
		for range 500 {
			if port = strings.TrimSpace(read(path + ".port")); port != "" {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		p := start(t, "openssl", "s_client", "-connect", "127.0.0.1:"+port, "-CAfile", path, "-verify_return_error",
			"-verify_hostname", "localhost", "-"+version, "-alpn", "echo", "-quiet", "-no_ign_eof")
		fmt.Fprintf(p.stdin, "hello\n")
		p.until(t, "HELLO")
		p.stdin.Close()
		if got := <-out; got != "TLSv"+strings.Replace(version[3:], "_", ".", 1)+"\techo\n" {
			t.Errorf("%s: %s", version, got)
		}
		if got := p.rest(); strings.Contains(got, "unexpected eof") || strings.Contains(got, "error") {
			t.Error(got)
		}
	}
}

func serveLines(t *testing.T, path string) string {
	out, err := runLua(t, m("path", path), `
		local function write(name, text) local f = assert(io.open(name, "w")) f:write(text) f:close() end
		local cert, key = tls.self_signed {"localhost"}
		write(path, cert)
		local srv = tls.create_server("127.0.0.1", 0, {cert = cert, key = key, alpn = {"echo"}, timeout = 20})
		write(path .. ".port", srv:getsockname().port .. "\n")
		local c = srv:accept()
		for line in c:lines() do c:sendall(line:upper() .. "\n") end
		print(c:version(), c:alpn())
		c:close()`)
	if err != nil {
		return err.Error()
	}
	return out
}

// A subject of many parts, and a certificate by name, with openssl at the other end.
func TestOpensslChoices(t *testing.T) {
	needs(t, "openssl")
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	if out, err := exec.Command("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2",
		"-subj", "/C=SE/ST=Skane/L=Lund/O=Example AB/OU=One/OU=Two/CN=named.example/emailAddress=a@b.example",
		"-addext", "subjectAltName=DNS:named.example").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	got := must(t, map[string]any{"cert": cert, "key": key}, `
		local own, own_key = tls.self_signed {"localhost"}
		local l = tls.create_server("127.0.0.1", 0, {certificates = {{cert = own, key = own_key}, {cert = cert, key = key}}, max_version = "TLSv1.2"})
		local function ask(...)
			local p = process.spawn({"openssl", "s_client", "-connect", "127.0.0.1:" .. l:getsockname().port, "-quiet", ...},
				{input = "", stdout = "pipe", stderr = "null"})
			local c = l:accept()
			local ok, err = pcall(c.sendall, c, "hello\n")
			local name, protocol, bits = c:cipher()
			c:close()
			print(ok and p.stdout:read() or "none", name, protocol, bits)
			p:kill() p:wait()
		end
		ask("-servername", "named.example", "-verify_hostname", "named.example", "-CAfile", cert, "-verify_return_error", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256")
		local t = thread.start(function() local c = l:accept() c:do_handshake() c:close() end)
		local c = tls.connect("127.0.0.1", l:getsockname().port, {server_name = "named.example", ca = cert})
		local s = c:peer_certificate().subject
		print(s.C, s.ST, s.L, s.O, s.OU, s.CN, s.emailAddress, s.nothing)
		c:close() t:join()`)
	want := "hello\tTLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\tTLSv1.2\t128\nSE\tSkane\tLund\tExample AB\tOne\tnamed.example\ta@b.example\tnil\n"
	if got != want {
		t.Errorf("got %q", got)
	}
}
