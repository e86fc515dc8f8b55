//go:build unix

package socket_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"

	"wirelua/interp"
)

const relayScript = `
	function relay(c)
		local a, b = socket.socketpair()
		local echo = thread.start(function()
			for data in b:chunks(65536) do b:sendall(data) end
			b:close()
		end)
		local out, back = socket.relay(c, a)
		echo:join()
		c:close() a:close()
		return out, back
	end
	function idle(c)
		local a, b = socket.socketpair()
		c:settimeout(0.02)
		local ok, err = pcall(socket.relay, c, a)
		assert(err.code == "ETIMEDOUT" and err.timeout, tostring(err))
		c:settimeout(nil)
		local t = thread.start(pcall, socket.relay, c, b)
		while select("#", t:join(0.001)) < 1 do end
		t:cancel()
		local _, ok, err = t:join()
		assert(err.code == "ECANCELED", tostring(err))
	end
	function broken(c) return socket.relay(c, (socket.socketpair())) end`

// A relay takes every kind of connection.
func TestImportRelay(t *testing.T) {
	for name, pair := range pairs {
		t.Run(name, func(t *testing.T) {
			a, b := pair(t)
			in := embed(t, interp.Config{}, relayScript)
			handshake(t, a, b)
			data := bytes.Repeat([]byte("0123456789ABCDEF"), 1<<16)
			half, ok := b.(interface{ CloseWrite() error })
			go func() {
				b.Write(data)
				if ok {
					half.CloseWrite()
				}
			}()
			got := make(chan error, 1)
			go func() {
				back := make([]byte, len(data))
				_, err := io.ReadFull(b, back)
				if err == nil && !bytes.Equal(back, data) {
					err = errors.New("other data came back")
				}
				if !ok {
					b.Close()
				}
				got <- err
			}()
			out, err := in.Call(context.Background(), "relay", a)
			if err != nil || out[0] != float64(len(data)) || out[1] != float64(len(data)) {
				t.Error(out, err)
			}
			if err := <-got; err != nil {
				t.Error(err)
			}
			b.Close()
		})
	}
}

// A relay that was given up takes nothing away.
func TestImportRelayIdle(t *testing.T) {
	for name, pair := range pairs {
		t.Run(name, func(t *testing.T) {
			a, b := pair(t)
			in := embed(t, interp.Config{}, relayScript)
			handshake(t, a, b)
			if err := in.Set("c", a); err != nil {
				t.Fatal(err)
			}
			if err := in.RunString(context.Background(), "x", `idle(c)`); err != nil {
				t.Fatal(err)
			}
			go b.Write([]byte("STILL THERE\n"))
			if err := in.RunString(context.Background(), "x", `assert(c:readline() == "STILL THERE")`); err != nil {
				t.Error(err)
			}
			b.Close()
		})
	}
}

type failing struct{ net.Conn }

func (failing) Read([]byte) (int, error) { return 0, syscall.ECONNRESET }

func TestImportRelayFails(t *testing.T) {
	in := embed(t, interp.Config{}, relayScript)
	for want, conn := range map[error]func(net.Conn) net.Conn{
		syscall.ECONNRESET: func(c net.Conn) net.Conn { return failing{c} },
		nil:                func(c net.Conn) net.Conn { return panicking{c} },
	} {
		a, b := net.Pipe()
		var p *interp.PanicError
		if _, err := in.Call(context.Background(), "broken", conn(a)); want != nil && !errors.Is(err, want) || want == nil && !errors.As(err, &p) {
			t.Error(want, err)
		}
		a.Close()
		b.Close()
	}
}
