//go:build unix

package socket_test

import (
	"context"
	"io"
	"net"
	"testing"

	"wirelua/interp"
)

// moving are ways from one connection to another, of which the first is Go's own.
var moving = []struct{ name, script string }{
	{"io.Copy", ""},
	{"sendfrom", `function move(a, b) return b:sendfrom(a) end`},
	{"relay", `function move(a, b) b:shutdown(socket.SHUT_RD) return (socket.relay(a, b)) end`},
	{"loop", `function move(a, b) local n = 0 for data in a:chunks(65536) do b:sendall(data) n = n + #data end return n end`},
}

// BenchmarkMove measures how a megabyte goes from one connection to another, beside io.Copy.
func BenchmarkMove(b *testing.B) {
	pipe := func(testing.TB) (net.Conn, net.Conn) { return net.Pipe() }
	for name, pair := range map[string]func(testing.TB) (net.Conn, net.Conn){"tcp": tcpEnds, "pipe": pipe} {
		for _, way := range moving {
			if name == "pipe" && way.name == "relay" {
				way.script = `function move(a, b) return (socket.relay(a, b)) end`
			}
			b.Run(name+"/"+way.name, func(b *testing.B) { benchmarkMove(b, pair, way.script) })
		}
	}
}

func benchmarkMove(b *testing.B, pair func(testing.TB) (net.Conn, net.Conn), script string) {
	const size = 1 << 20
	source, from := pair(b)
	to, sink := pair(b)
	b.SetBytes(size)
	b.ReportAllocs()
	go func() {
		p := make([]byte, size)
		for range b.N {
			source.Write(p)
		}
		source.Close()
	}()
	rest := make(chan int64, 1)
	go func() {
		n, _ := io.Copy(io.Discard, struct{ io.Reader }{sink})
		sink.Close()
		rest <- n
	}()
	if script == "" {
		b.ResetTimer()
		io.Copy(to, from)
		to.Close()
	} else {
		in := embed(b, interp.Config{}, script)
		b.ResetTimer()
		if _, err := in.Call(context.Background(), "move", from, to); err != nil {
			b.Error(err)
		}
		in.Close()
	}
	if n := <-rest; n != int64(b.N)*size {
		b.Error(n, "bytes arrived")
	}
	from.Close()
	to.Close()
}

func tcpEnds(tb testing.TB) (net.Conn, net.Conn) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	a, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	b, err := l.Accept()
	if err != nil {
		tb.Fatal(err)
	}
	return a, b
}
