//go:build unix

package tls_test

import (
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/interp/trace"
)

const hour = time.Hour

// meet is a script in which a client and a server meet, with the options that the
// globals client and server hold, and that prints what each of them met with.
const meet = `
	local a, b = socket.socketpair()
	client.timeout, server.timeout, server.server_side = 5, 5, true
	local function talk(sock, opts)
		local ok, err = pcall(function()
			tls.wrap(sock, opts):with(function(c) c:sendall("x") c:recv() return c:version() end)
		end)
		return ok and "fine" or err.code .. " " .. err.message
	end
	local t = thread.start(talk, b, server)
	print("client: " .. talk(a, client))
	print("server: " .. select(2, t:join()))`

func TestCertificates(t *testing.T) {
	ours, theirs := newAuthority(t, "our CA"), newAuthority(t, "their CA")
	good, goodKey := ours.issue("good.example", -hour, hour)
	expired, expiredKey := ours.issue("good.example", -2*hour, -hour)
	early, earlyKey := ours.issue("good.example", hour, 2*hour)
	unknown, unknownKey := theirs.issue("good.example", -hour, hour)
	for _, c := range []struct {
		name           string
		client, server map[string]any
		want           []string
	}{
		{"good", m("ca", ours.PEM, "server_name", "good.example"), m("cert", good, "key", goodKey),
			[]string{"client: fine", "server: fine"}},
		{"expired", m("ca", ours.PEM, "server_name", "good.example"), m("cert", expired, "key", expiredKey),
			[]string{"client: ETLS certificate has expired: on 20", "server: ETLS the peer refused"}},
		{"not yet valid", m("ca", ours.PEM, "server_name", "good.example"), m("cert", early, "key", earlyKey),
			[]string{"client: ETLS certificate is not valid yet: from 20"}},
		{"wrong name", m("ca", ours.PEM, "server_name", "wrong.example"), m("cert", good, "key", goodKey),
			[]string{"client: ETLS certificate is not for wrong.example: it is for good.example"}},
		{"unknown issuer", m("ca", ours.PEM, "server_name", "good.example"), m("cert", unknown, "key", unknownKey),
			[]string{"client: ETLS certificate not trusted: its issuer is unknown (CN=their CA)"}},
		{"the system's issuers", m("server_name", "good.example"), m("cert", good, "key", goodKey),
			[]string{"client: ETLS certificate not trusted: its issuer is unknown (CN=our CA)"}},
		{"a good client", m("ca", ours.PEM, "server_name", "good.example", "cert", good, "key", goodKey), m("cert", good, "key", goodKey, "ca", ours.PEM),
			[]string{"client: fine", "server: fine"}},
		{"an unknown client", m("ca", ours.PEM, "server_name", "good.example", "cert", unknown, "key", unknownKey), m("cert", good, "key", goodKey, "ca", ours.PEM),
			[]string{"client: ETLS the peer refused", "server: ETLS certificate not trusted: its issuer is unknown (CN=their CA)"}},
		{"an expired client", m("ca", ours.PEM, "server_name", "good.example", "cert", expired, "key", expiredKey), m("cert", good, "key", goodKey, "ca", ours.PEM),
			[]string{"client: ETLS the peer refused", "server: ETLS certificate has expired"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := must(t, map[string]any{"client": c.client, "server": c.server}, meet)
			for _, want := range c.want {
				if !strings.Contains(out, want) {
					t.Errorf("got\n%swanted %s", out, want)
				}
			}
		})
	}
}

// m makes a map of keys and values.
func m(kv ...any) map[string]any {
	r := map[string]any{}
	for i := 0; i < len(kv); i += 2 {
		r[kv[i].(string)] = kv[i+1]
	}
	return r
}

// Certificates named by path are the read door's.
func TestReadDoor(t *testing.T) {
	ca := newAuthority(t, "ca")
	path := file(t, "ca.pem", ca.PEM)
	script := `a, b = socket.socketpair() tls.wrap(a, {ca = path, server_name = "x", timeout = 0.01})`
	_, err := runLuaAs(t, interp.Config{}, m("path", path), script)
	if err == nil || !strings.Contains(err.Error(), "ca: not allowed") && !strings.Contains(err.Error(), "read") {
		t.Errorf("without a rule: %v", err)
	}
	_, err = runLuaAs(t, interp.Config{Policy: policy.Policy{Read: []string{path}}}, m("path", path), script)
	if err == nil || !strings.Contains(err.Error(), "timed out") {
		t.Errorf("with a rule: %v", err)
	}
	// PEM text needs no door, and neither does a pair of sockets.
	_, err = runLuaAs(t, interp.Config{}, m("path", ca.PEM), script)
	if err == nil || !strings.Contains(err.Error(), "timed out") {
		t.Errorf("with text: %v", err)
	}
}

// The observer sees what went over the wire, encrypted.
func TestObserver(t *testing.T) {
	var seen events
	_, err := runLuaAs(t, interp.Config{Observer: &seen}, nil, `
		local cert, key = tls.self_signed()
		local a, b = socket.socketpair()
		local t = thread.start(function()
			tls.wrap(b, {server_side = true, cert = cert, key = key}):with(function(c) assert(c:recv() == "the secret") end)
		end)
		tls.wrap(a, {ca = cert, server_name = "localhost"}):with(function(c) c:sendall("the secret") c:recv() end)
		t:join()`)
	if _, closed := seen.moved["close"]; !closed {
		t.Error("saw no close")
	}
	if err != nil || seen.moved["send"] != seen.moved["recv"] || seen.moved["send"] < 1000 || strings.Contains(seen.all.String(), "the secret") {
		t.Errorf("%v: %v", err, seen.moved)
	}
}

type events struct {
	moved map[string]int
	all   strings.Builder
}

func (e *events) Observe(ev trace.Event) {
	if ev.Layer != "socket" {
		return
	}
	if e.moved == nil {
		e.moved = map[string]int{}
	}
	e.moved[ev.Op] += len(ev.Data)
	e.all.Write(ev.Data)
}

func TestKeyLog(t *testing.T) {
	var log strings.Builder
	_, err := runLuaAs(t, interp.Config{TLSKeyLog: &log}, nil, `
		local cert, key = tls.self_signed()
		local a, b = socket.socketpair()
		local t = thread.start(tls.wrap, b, {server_side = true, cert = cert, key = key})
		tls.wrap(a, {ca = cert, server_name = "localhost"}):close()
		t:join()`)
	if err != nil || strings.Count(log.String(), "CLIENT_TRAFFIC_SECRET_0 ") != 2 {
		t.Errorf("%v\n%s", err, log.String())
	}
}

// A key log that fails in whatever way fails the handshake, and no other: crypto/tls has
// one lock for all logs of the process.
func TestKeyLogMisbehaving(t *testing.T) {
	const script = `
		local cert, key = tls.self_signed()
		local a, b = socket.socketpair()
		local t = thread.start(function() return pcall(tls.wrap, b, {server_side = true, cert = cert, key = key}) end)
		ok, problem = pcall(tls.wrap, a, {ca = cert, server_name = "localhost"})
		a:close() b:close() t:join()
		assert(ok == expected, problem)`
	for name, fail := range map[string]func(){"panic": func() { panic("log") }, "Goexit": runtime.Goexit} {
		if _, err := runLuaAs(t, interp.Config{TLSKeyLog: badLog(fail)}, nil, "expected = false"+script); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := runLuaAs(t, interp.Config{TLSKeyLog: io.Discard}, nil, "expected = true"+script); err != nil {
		t.Error(err)
	}
}

type badLog func()

func (l badLog) Write(p []byte) (int, error) { l(); return len(p), nil }
