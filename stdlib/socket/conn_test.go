//go:build unix

package socket_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

func embed(t testing.TB, c interp.Config, script string) *interp.Interpreter {
	t.Helper()
	running := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, running) })
	c.Modules = stdlib.Modules()
	in, err := interp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	if err := in.RunString(context.Background(), "test.lua", script); err != nil {
		t.Fatal(err)
	}
	return in
}

// pairs are connected ends of all kinds that a host may have.
var pairs = map[string]func(t *testing.T) (a, b net.Conn){
	"tcp":  func(t *testing.T) (a, b net.Conn) { return dialed(t, "tcp", "127.0.0.1:0") },
	"unix": func(t *testing.T) (a, b net.Conn) { return dialed(t, "unix", filepath.Join(t.TempDir(), "s")) },
	"pipe": func(t *testing.T) (a, b net.Conn) { return net.Pipe() },
	"tls": func(t *testing.T) (a, b net.Conn) {
		c, s := dialed(t, "tcp", "127.0.0.1:0")
		return tls.Client(c, &tls.Config{InsecureSkipVerify: true}), tls.Server(s, serverConfig(t))
	},
	"embedded": func(t *testing.T) (a, b net.Conn) {
		a, b = dialed(t, "tcp", "127.0.0.1:0")
		return &upper{a.(*net.TCPConn)}, b
	},
}

// upper changes what it reads, as a filter of the host's may.
type upper struct{ *net.TCPConn }

func (u *upper) Read(p []byte) (int, error) {
	n, err := u.TCPConn.Read(p)
	copy(p, bytes.ToUpper(p[:n]))
	return n, err
}

func dialed(t *testing.T, network, address string) (a, b net.Conn) {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if a, err = net.Dial(network, l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if b, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close(); b.Close() })
	return a, b
}

func serverConfig(t *testing.T) *tls.Config {
	in := embed(t, interp.Config{}, `cert, key = tls.self_signed{"localhost"}`)
	certPEM, _ := in.Get("cert")
	keyPEM, _ := in.Get("key")
	cert, err := tls.X509KeyPair([]byte(certPEM.(string)), []byte(keyPEM.(string)))
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}}
}

// Every kind of connection has the methods of a socket.
func TestImport(t *testing.T) {
	in := embed(t, interp.Config{}, `
		function talk(c)
			assert(c:readline() == "HELLO" and c:recv(2) == "AB" and c:readexactly(3) == "CDE")
			assert(c:readuntil(";") == "F;")
			c:settimeout(0.01)
			local ok, err = pcall(c.recv, c)
			assert(not ok and err.code == "ETIMEDOUT" and err.timeout and err.op == "recv", tostring(err))
			c:settimeout(0)
			local data, code = c:recv()
			assert(data == nil and code == "EAGAIN" and not c:getblocking(), code)
			c:settimeout(nil)
			assert(c:gettimeout() == nil and c.timeout == nil and c:getblocking())
			assert(socket.sendall(c, "reply\n") and c:send("x") == 1)
			assert(c:recv(1, socket.MSG_PEEK) == "M" and c:recv() == "MORE")
			local f = c:makefile()
			f:write("file\n") f:flush()
			assert(f:read("*l") == "LINE")
			f:close()
			c:sendall("more")
			assert(tostring(c):match("^socket%([^*]+%)$"), tostring(c)) -- no type of Go
			assert(c:getsockname() and c:getpeername())
			assert(not pcall(function() return c.nonsense end))
			local rest = {}
			for piece in c:chunks() do rest[#rest + 1] = piece end
			assert(table.concat(rest) == "REST", table.concat(rest))
			assert(c:recv() == "" and c:close() and c:close())
			ok, err = pcall(c.recv, c)
			assert(err.code == "EBADF" and err.message == "socket is closed", tostring(err))
			assert(c:fileno() == -1)
			return "done"
		end`)
	for name, pair := range pairs {
		t.Run(name, func(t *testing.T) {
			a, b := pair(t)
			var wg sync.WaitGroup
			wg.Go(func() {
				io.WriteString(b, "HELLO\r\nABCDEF;")
				expect(t, b, "reply\nx")
				io.WriteString(b, "MORE")
				expect(t, b, "file\n")
				io.WriteString(b, "LINE\n")
				expect(t, b, "more")
				io.WriteString(b, "RE")
				io.WriteString(b, "ST")
				b.Close()
			})
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			out, err := in.Call(ctx, "talk", a)
			if err != nil || out[0] != "done" {
				t.Error(out, err)
				b.Close()
			}
			wg.Wait()
		})
	}
}

func expect(t *testing.T, r io.Reader, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(r, got); err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

// The script owns what it was given: closing is its business, or the interpreter's.
func TestImportOwns(t *testing.T) {
	for name, pair := range pairs {
		t.Run(name, func(t *testing.T) {
			in := embed(t, interp.Config{}, `
				function keep(c) kept = c end
				function wait(c) return pcall(c.recv, c) end
				function closing(c)
					local t = thread.start(function() return pcall(c.recv, c) end)
					thread.sleep(0.01)
					c:close()
					local _, ok, err = t:join()
					assert(not ok and err.code == "EBADF", tostring(err))
				end`)
			a, b := pair(t)
			handshake(t, a, b)
			if _, err := in.Call(context.Background(), "closing", a); err != nil {
				t.Error(err)
			}
			if _, err := b.Read(make([]byte, 1)); err != io.EOF {
				t.Errorf("the peer got %v", err)
			}
			a, b = pair(t)
			handshake(t, a, b)
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
			defer cancel()
			if _, err := in.Call(ctx, "wait", a); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			a, b = pair(t)
			handshake(t, a, b)
			if _, err := in.Call(context.Background(), "keep", a); err != nil {
				t.Error(err)
			}
			done := make(chan error)
			go func() {
				_, err := b.Read(make([]byte, 1))
				done <- err
			}()
			in.Close()
			if err := <-done; err != io.EOF {
				t.Errorf("after Close the peer got %v", err)
			}
		})
	}
}

func handshake(t *testing.T, a, b net.Conn) {
	t.Helper()
	client, ok := a.(*tls.Conn)
	if !ok {
		return
	}
	done := make(chan error, 1)
	go func() { done <- client.Handshake() }()
	if err := errors.Join(b.(*tls.Conn).Handshake(), <-done); err != nil {
		t.Fatal(err)
	}
}

// A read that was given up takes nothing away.
func TestImportGivenUpRead(t *testing.T) {
	in := embed(t, interp.Config{}, `
		function try(c) c:settimeout(0.02) return pcall(c.recv, c) end
		function again(c) c:settimeout(nil) return c:recv(3), c:recv(10) end`)
	a, b := net.Pipe()
	var wg sync.WaitGroup
	in.Set("c", a)
	in.RunString(context.Background(), "x", `assert(not try(c))`)
	wg.Go(func() { io.WriteString(b, "abcdef") })
	if err := in.RunString(context.Background(), "x", `
		thread.sleep(0.02)
		local x, y = again(c)
		assert(x == "abc" and y == "def", x .. y)`); err != nil {
		t.Error(err)
	}
	wg.Wait()
	b.Close()
}

func TestImportWriteTimeout(t *testing.T) {
	in := embed(t, interp.Config{}, "")
	a, b := net.Pipe()
	defer b.Close()
	in.Set("c", a)
	if err := in.RunString(context.Background(), "x", `
		c:settimeout(0.02)
		local ok, err = pcall(c.sendall, c, "nobody reads")
		assert(err.code == "ETIMEDOUT" and err.sent == 0, tostring(err))
		local t = thread.start(function() return pcall(c.sendall, c, "x") end)
		c:settimeout(nil)
		t:cancel()
		local _, ok, err = t:join()
		assert(err.code == "ECANCELED", tostring(err))
		ok, err = pcall(c.shutdown, c, socket.SHUT_WR)
		assert(err.code == "EOPNOTSUPP")`); err != nil {
		t.Error(err)
	}
	b.Close()
	if err := in.RunString(context.Background(), "x", `c:sendall("x")`); !errors.Is(err, syscall.EPIPE) {
		t.Error(err)
	}
}

// A file goes through any connection; to one without a descriptor it is read and sent.
func TestImportSendfile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	text := strings.Repeat("0123456789", 20000)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	in := embed(t, interp.Config{Policy: policy.Policy{Read: []string{path}}}, `
		function send(c, path)
			local n = c:sendfile(path, 5)
			c:close()
			return n
		end`)
	for name, pair := range pairs {
		t.Run(name, func(t *testing.T) {
			a, b := pair(t)
			got := make(chan []byte)
			go func() {
				data, _ := io.ReadAll(b)
				got <- data
			}()
			out, err := in.Call(context.Background(), "send", a, path)
			if data := <-got; err != nil || out[0] != float64(len(text)-5) || string(data) != text[5:] {
				t.Error(out, err, len(data))
			}
		})
	}
}

func TestImportListener(t *testing.T) {
	config := serverConfig(t)
	for name, listen := range map[string]func() (net.Listener, error){
		"tcp":  func() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") },
		"unix": func() (net.Listener, error) { return net.Listen("unix", filepath.Join(t.TempDir(), "s")) },
		"tls":  func() (net.Listener, error) { return tls.Listen("tcp", "127.0.0.1:0", config) },
	} {
		t.Run(name, func(t *testing.T) {
			l, err := listen()
			if err != nil {
				t.Fatal(err)
			}
			addr := l.Addr()
			in := embed(t, interp.Config{}, `
				function serve(l)
					l:settimeout(0.01)
					local ok, err = pcall(l.accept, l)
					assert(err.code == "ETIMEDOUT")
					l:settimeout(0)
					local c, code = l:accept()
					assert(c == nil and code == "EAGAIN", code)
					l:settimeout(nil)
					assert(l:getsockname() and tostring(l):match("^socket%([^*]+%)$"))
					thread.daemon(function()
						for c, a in l:clients() do
							thread.start(function() c:sendall(c:readline() .. "!\n") c:close() end)
						end
						ended = true
					end)
					function stop() l:close() l:close() thread.sleep(0.01) return ended end
				end`)
			if _, err := in.Call(context.Background(), "serve", l); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				c, err := net.Dial(addr.Network(), addr.String())
				if err != nil {
					t.Fatal(err)
				}
				if name == "tls" {
					c = tls.Client(c, &tls.Config{InsecureSkipVerify: true})
				}
				io.WriteString(c, "hi\n")
				expect(t, c, "hi!\n")
				c.Close()
			}
			if out, err := in.Call(context.Background(), "stop"); err != nil || out[0] != true {
				t.Error(out, err)
			}
		})
	}
}

// What a script hands back is a net.Conn, with what the script had read ahead.
func TestExport(t *testing.T) {
	in := embed(t, interp.Config{}, `
		function line(c) return c:readline(), c end
		function listener() return socket.create_server("127.0.0.1", 0) end`)
	for name, pair := range pairs {
		t.Run(name, func(t *testing.T) {
			a, b := pair(t)
			var wg sync.WaitGroup
			wg.Go(func() {
				io.WriteString(b, "LINE\nAHEAD")
				io.WriteString(b, " REST")
				expect(t, b, "back")
				if n, err := b.Read(make([]byte, 1)); n != 0 || err != io.EOF && name != "pipe" {
					t.Error("its end: ", n, err)
				}
				b.Close()
			})
			out, err := in.Call(context.Background(), "line", a)
			if err != nil || out[0] != "LINE" {
				t.Fatal(out, err)
			}
			c := out[1].(net.Conn)
			expect(t, c, "AHEAD REST")
			io.WriteString(c, "back")
			err = c.(interface{ CloseWrite() error }).CloseWrite() // what is read ahead takes nothing away
			if (err != nil) != (name == "pipe") {
				t.Error(err)
			}
			if name == "pipe" {
				c.Close()
			}
			if n, err := c.Read(make([]byte, 1)); n != 0 || err == nil {
				t.Error(n, err)
			}
			c.Close()
			wg.Wait()
		})
	}
	if _, err := in.Call(context.Background(), "listener"); !errors.Is(err, syscall.EACCES) {
		t.Error("the fence is open:", err)
	}
	in.Set("take", func(c *net.TCPConn, l net.Listener) bool { defer c.Close(); return l == nil })
	a, _ := dialed(t, "tcp", "127.0.0.1:0")
	in.Set("c", a)
	if err := in.RunString(context.Background(), "x", `assert(take(c)) c:close()`); err != nil {
		t.Error(err)
	}
	if _, err := in.Get("c"); err == nil || !strings.Contains(err.Error(), "socket is closed") {
		t.Error(err)
	}
}

// A connection whose descriptor the host has hidden is the same for host and script: closing it closes it.
func TestExportSame(t *testing.T) {
	in := embed(t, interp.Config{}, `function back(c) kept = c return c:readline() and c end`)
	a, b := dialed(t, "tcp", "127.0.0.1:0")
	io.WriteString(b, "LINE\n")
	hidden := struct{ net.Conn }{a}
	out, err := in.Call(context.Background(), "back", hidden)
	if err != nil || out[0] != hidden {
		t.Fatal(out, err)
	}
	out[0].(net.Conn).Close()
	if n, err := b.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Error(n, err)
	}
	b.Close()
}

// A connection that the host got back failed with a time-out: the deadline of the script's last
// send was still set.
func TestExportNoDeadline(t *testing.T) {
	for name, pair := range pairs {
		t.Run(name, func(t *testing.T) {
			in := embed(t, interp.Config{}, `function send(c) c:settimeout(0.05) c:sendall("one") return c, c:settimeout(nil) end`)
			a, b := pair(t)
			handshake(t, a, b)
			got := make(chan string)
			go func() {
				data, _ := io.ReadAll(b)
				got <- string(data)
			}()
			out, err := in.Call(context.Background(), "send", a)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(60 * time.Millisecond) // which is the subject
			c := out[0].(net.Conn)
			_, err = io.WriteString(c, " two")
			in.Close()
			c.Close()
			if data := <-got; err != nil || data != "one two" {
				t.Error(data, err)
			}
		})
	}
}

func TestImportLimit(t *testing.T) {
	in := embed(t, interp.Config{Limits: interp.Limits{Sockets: 1}}, "")
	a, b := dialed(t, "tcp", "127.0.0.1:0")
	if err := in.Set("a", a); err != nil {
		t.Error(err)
	}
	if err := in.Set("b", b); !errors.Is(err, syscall.EMFILE) {
		t.Error(err)
	}
	io.WriteString(b, "still the host's")
	b.Close()
}

// badConn and badListener are the host's own code, which may panic on any goroutine, end
// it, and return what makes no sense.
type badConn struct {
	net.Conn
	do func() int
}

func (c badConn) Read([]byte) (int, error)         { return c.do(), nil }
func (c badConn) Write([]byte) (int, error)        { return c.do(), nil }
func (c badConn) Close() error                     { c.do(); return nil }
func (c badConn) SetWriteDeadline(time.Time) error { c.do(); return nil }
func (c badConn) SetDeadline(time.Time) error      { return nil }
func (c badConn) RemoteAddr() net.Addr             { return nil }
func (c badConn) LocalAddr() net.Addr              { return nil }

type badListener struct{ badConn }

func (l badListener) Accept() (net.Conn, error) { l.do(); return nil, nil }
func (l badListener) Addr() net.Addr            { return nil }

func TestImportMisbehaving(t *testing.T) {
	for name, do := range map[string]func() int{
		"panic":   func() int { panic("text") },
		"fault":   func() int { var list []int; return list[1] },
		"Goexit":  func() int { runtime.Goexit(); return 0 },
		"more":    func() int { return 1 << 20 },
		"less":    func() int { return -1 },
		"nothing": func() int { return 0 },
	} {
		in := embed(t, interp.Config{}, "")
		for _, script := range []string{
			`c:recv(10)`, `repeat local _, why = c:recv(10, socket.MSG_DONTWAIT) until why ~= "EAGAIN"`, `c:readline()`, `c:send("x")`, `c:settimeout(0.01) c:sendall("x")`,
			`local a, b = socket.socketpair() b:sendall("x") b:close() socket.relay(c, a)`, `l:accept()`, `l:settimeout(0.01) l:accept()`,
			`local t = thread.start(c.send, c, "x") t:cancel() assert(t:join())`,
		} {
			conn := badConn{do: do}
			if err := in.Set("c", conn); err != nil {
				t.Fatal(err)
			}
			in.Set("l", badListener{conn})
			ended := make(chan struct{})
			go func() { // which some of this ends
				defer close(ended)
				err := in.RunString(context.Background(), "x", `
					local ok, err = pcall(function() `+script+` end)
					problem = ok and "none" or tostring(err)
					pcall(c.close, c) pcall(l.close, l)`)
				problem, _ := in.Get("problem")
				if text, _ := problem.(string); err != nil || text == "none" || strings.Contains(text, "runtime") {
					t.Errorf("%s: %s: %v, %v", name, script, problem, err)
				}
			}()
			select {
			case <-ended:
			case <-time.After(20 * time.Second):
				panic(name + ": " + script)
			}
		}
		within := time.AfterFunc(20*time.Second, func() { panic(name + ": Close") })
		in.Close()
		within.Stop()
	}
}

type panicking struct{ net.Conn }

func (panicking) Read([]byte) (int, error)  { panic("read") }
func (panicking) Write([]byte) (int, error) { panic("write") }
