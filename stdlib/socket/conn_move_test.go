//go:build unix

package socket_test

import (
	"bytes"
	"context"
	"io"
	"slices"
	"testing"

	"wirelua/interp"
	"wirelua/interp/policy"
)

const moveScript = `
	function through(from, to)
		local n = to:sendfrom(from, 2)
		local line = from:readline()
		return n + to:sendfrom(from, 1000000), line, from:readexactly(3)
	end
	function pieces(c, data) return c:sendall("", "one,", data, "two,", data:sub(1, 9), "three") end
	function stuck(from, to, data)
		to:settimeout(0.05)
		local ok, err = pcall(to.sendfrom, to, from)
		assert(not ok and err.code == "ETIMEDOUT", tostring(err))
		to:settimeout(nil)
		assert(from:readexactly(#data - err.sent) == data:sub(err.sent + 1), "something was lost")
		return err.sent
	end`

// sendfrom takes every kind of connection, and moves to every kind.
func TestImportSendfrom(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789ABCDEF"), 62500)
	for name, pair := range pairs {
		t.Run(name, func(t *testing.T) {
			from, source := pair(t)
			to, sink := pair(t)
			handshake(t, from, source)
			handshake(t, to, sink)
			in := embed(t, interp.Config{}, moveScript)
			go source.Write(slices.Concat([]byte("ABLINE\n"), data, []byte("END")))
			got := make(chan []byte, 1)
			go func() {
				all := make([]byte, len(data)+2)
				n, _ := io.ReadFull(sink, all)
				got <- all[:n]
			}()
			out, err := in.Call(context.Background(), "through", from, to)
			if err != nil || out[0] != float64(len(data)+2) || out[1] != "LINE" || out[2] != "END" {
				t.Error(out, err)
			}
			if !bytes.Equal(<-got, slices.Concat([]byte("AB"), data)) {
				t.Error("other data arrived")
			}
			source.Close()
			sink.Close()
		})
	}
}

// What did not go when it failed is the source's again, whatever carries the bytes.
func TestImportSendfromStuck(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789ABCDEF"), 1<<20)
	for name, pair := range pairs {
		t.Run(name, func(t *testing.T) {
			from, source := pair(t)
			to, sink := pair(t)
			handshake(t, from, source)
			handshake(t, to, sink)
			in := embed(t, interp.Config{}, moveScript)
			go source.Write(data)
			out, err := in.Call(context.Background(), "stuck", from, to, data)
			if err != nil || name != "pipe" && out[0] == 0.0 {
				t.Error(out, err)
			}
			source.Close()
			sink.Close()
		})
	}
}

func TestImportSendallPieces(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789ABCDEF"), 20000)
	want := slices.Concat([]byte("one,"), data, []byte("two,"), data[:9], []byte("three"))
	for name, pair := range pairs {
		t.Run(name, func(t *testing.T) {
			a, b := pair(t)
			handshake(t, a, b)
			in := embed(t, interp.Config{}, moveScript)
			got := make(chan []byte, 1)
			go func() {
				all := make([]byte, len(want))
				n, _ := io.ReadFull(b, all)
				got <- all[:n]
			}()
			if _, err := in.Call(context.Background(), "pieces", a, data); err != nil {
				t.Error(err)
			}
			if !bytes.Equal(<-got, want) {
				t.Error("other data arrived")
			}
			b.Close()
		})
	}
}

// The observer hears of what comes and goes, and of the sum, and of several strings as of one.
func TestObserverSendfrom(t *testing.T) {
	var r recorder
	in := embed(t, interp.Config{Observer: &r, Policy: policy.All()}, `
		function run()
			local a, b = socket.socketpair()
			local c, d = socket.socketpair()
			a:sendall("some", " ", "bytes")
			a:shutdown(socket.SHUT_WR)
			c:sendfrom(b)
			c:close()
			pcall(c.sendfrom, c, b)
		end`)
	r = recorder{}
	if _, err := in.Call(context.Background(), "run"); err != nil {
		t.Fatal(err)
	}
	want := []string{"socketpair", "socketpair", "socketpair", "socketpair", "send 10", "shutdown", "recv 10", "send 10", "recv", "sendfrom 10", "close", "sendfrom failed"}
	if !slices.Equal(r.seen, want) || r.fds["sendfrom"][0] != r.fds["socketpair"][2] {
		t.Errorf("saw  %q\nwant %q\n%v", r.seen, want, r.fds)
	}
}
