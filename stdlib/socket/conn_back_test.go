//go:build unix

package socket_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/policy"
)

// What the host has got back from a script, connections and listeners, and whose it is to close then.

// A TLS connection or pipe that a script had handed back, and dropped, was closed by the collector, and by
// Close, while the host used it.
func TestBackDropped(t *testing.T) {
	for name, pair := range pairs {
		t.Run(name, func(t *testing.T) {
			in := embed(t, interp.Config{}, `function back(c) assert(c:recv(4) == "LINE") return c end`)
			a, b := pair(t)
			go io.WriteString(b, "LINE")
			var c net.Conn
			if err := in.CallInto(context.Background(), &c, "back", a); err != nil {
				t.Fatal(err)
			}
			collect(in)
			in.Close()
			go io.WriteString(b, "MORE")
			expect(t, c, "MORE")
			c.Close()
			b.Close()
		})
	}
}

// collect has the collector find what scripts have dropped, and what is done about that done.
func collect(in *interp.Interpreter) {
	for range 3 {
		runtime.GC() // its cleanups have goroutines of their own
		time.Sleep(10 * time.Millisecond)
		_, _ = in.Get("_G.nothing")
	}
}

// What a Read brings that a script had begun, and given up, is the host's: it was lost.
func TestBackReadUnderWay(t *testing.T) {
	for name, pair := range pairs {
		t.Run(name, func(t *testing.T) {
			in := embed(t, interp.Config{}, `
				function back(c)
					c:settimeout(0.01)
					local ok, err = pcall(c.recv, c)
					assert(not ok and err.timeout, err)
					return c
				end`)
			a, b := pair(t)
			handshake(t, a, b)
			var c net.Conn
			if err := in.CallInto(context.Background(), &c, "back", a); err != nil {
				t.Fatal(err)
			}
			go func() {
				io.WriteString(b, "FIRST ")
				io.WriteString(b, "SECOND")
				b.Close()
			}()
			if got, err := io.ReadAll(c); string(got) != "FIRST SECOND" || err != nil {
				t.Errorf("%q, %v", got, err)
			}
			c.Close()
		})
	}
}

// The client that a script waited for, and did not wait long enough, is the host's.
func TestBackAcceptUnderWay(t *testing.T) {
	in := embed(t, interp.Config{}, `
		function back(l)
			l:settimeout(0.01)
			assert(not pcall(l.accept, l))
			return l
		end`)
	l, err := tls.Listen("tcp", "127.0.0.1:0", serverConfig(t))
	if err != nil {
		t.Fatal(err)
	}
	var back net.Listener
	if err := in.CallInto(context.Background(), &back, "back", l); err != nil {
		t.Fatal(err)
	}
	collect(in)
	for range 2 {
		client, err := net.Dial("tcp", back.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		server, err := back.Accept()
		if err != nil || server.RemoteAddr().String() != client.LocalAddr().String() {
			t.Fatal(server, err)
		}
		server.Close()
		client.Close()
	}
	back.Close()
	if _, err := back.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
}

// A socket is a descriptor for the script and one for the host, and its peer waits until both are closed. A host
// that is to be the only one that has it takes a handle, and closes the script's.
func TestBackAlone(t *testing.T) {
	in := embed(t, interp.Config{Policy: policy.Policy{Listen: []string{"127.0.0.1"}}}, `
		function line(c) kept = c return c:readline(), c end
		function listen() kept = socket.create_server("127.0.0.1", 0) return kept end`)
	ctx := context.Background()
	a, b := dialed(t, "tcp", "127.0.0.1:0")
	io.WriteString(b, "LINE\nAHEAD")
	var line string
	var s *interp.Object
	if err := in.CallInto(ctx, &interp.Results{&line, &s}, "line", a); err != nil || line != "LINE" {
		t.Fatal(line, err)
	}
	c := alone(t, s).(net.Conn)
	expect(t, c, "AHEAD")
	c.Close()
	if n, err := b.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Error(n, err)
	}
	b.Close()

	if err := in.CallInto(ctx, &s, "listen"); err != nil {
		t.Fatal(err)
	}
	l := alone(t, s).(net.Listener)
	l.Close()
	if c, err := net.Dial("tcp", l.Addr().String()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Error(c, err)
	}
}

// alone returns what the host gets for a socket, which the script has no more.
func alone(t *testing.T, s *interp.Object) any {
	t.Helper()
	v, err := s.Get(context.Background(), "")
	if err == nil {
		_, err = s.CallMethod(context.Background(), "close")
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A connection given to a call is the script's, also when that fails: nobody else closes it but Close, and the
// collector. One whose descriptor is hidden the host can close.
func TestBackFailed(t *testing.T) {
	ctx := context.Background()
	in := embed(t, interp.Config{}, `function fail(c) kept = c error("no") end`)
	a, b := dialed(t, "tcp", "127.0.0.1:0")
	if _, err := in.Call(ctx, "fail", struct{ net.Conn }{a}); err == nil {
		t.Fatal("it did not fail")
	}
	a.Close()
	if n, err := b.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Error(n, err)
	}
	b.Close()

	for name, pair := range pairs {
		a, b := pair(t)
		if _, err := in.Call(ctx, "nothing", a); err == nil {
			t.Fatal("it did not fail")
		}
		handshake(t, a, b) // it is the host's
		if _, err := in.Call(ctx, "fail", a); err == nil {
			t.Fatal("it did not fail")
		}
		if name == "tcp" || name == "unix" {
			a.Close() // does nothing: the host's descriptor went with the call
		}
		var wg sync.WaitGroup
		wg.Go(func() { // the script has it still
			io.WriteString(b, "X")
		})
		if out, err := in.Call(ctx, "kept.recv", kept(t, in)); err != nil || out[0] != "X" {
			t.Error(name, out, err)
		}
		wg.Wait()
		b.Close()
	}
	a, b = dialed(t, "tcp", "127.0.0.1:0")
	if _, err := in.Call(ctx, "fail", a); err == nil {
		t.Fatal("it did not fail")
	}
	in.Close()
	if n, err := b.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Error(n, err)
	}
	b.Close()
}

// kept is a handle on the socket that the script kept.
func kept(t *testing.T, in *interp.Interpreter) (s *interp.Object) {
	t.Helper()
	if err := in.GetInto("kept", &s); err != nil {
		t.Fatal(err)
	}
	return s
}
