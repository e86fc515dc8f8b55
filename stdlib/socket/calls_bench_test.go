//go:build unix

package socket_test

import (
	"context"
	"testing"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// BenchmarkCalls measures the calls that scripts make most, between the two ends of a pair in one
// thread: none of them waits.
func BenchmarkCalls(b *testing.B) {
	for _, c := range []struct{ name, step string }{
		{"echo", `x:send(data) y:sendall(y:recv(64)) x:recv(64)`},
		{"datagram", `u:send(data) u:recvfrom(64)`},
		{"readline", `x:sendall(line) y:readline()`},
		{"readexactly", `x:sendall(data) y:readexactly(64)`},
		{"bulk", `x:sendall(block) y:recv(65536)`},
	} {
		b.Run(c.name, func(b *testing.B) {
			in, err := interp.New(interp.Config{Policy: policy.All(), Modules: stdlib.Modules()})
			if err != nil {
				b.Fatal(err)
			}
			defer in.Close()
			if err := in.RunString(context.Background(), "bench", `
				local x, y = socket.socketpair()
				local u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
				u:bind("127.0.0.1", 0)
				u:connect(u:getsockname())
				local data, line, block = ("x"):rep(64), ("x"):rep(63) .. "\n", ("x"):rep(65536)
				function steps(n) for i = 1, n do `+c.step+` end end`); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ResetTimer()
			if _, err := in.Call(context.Background(), "steps", b.N); err != nil {
				b.Fatal(err)
			}
		})
	}
}
