//go:build unix

package tls_test

import (
	"context"
	"testing"

	"wirelua/interp"
	"wirelua/stdlib"
)

// BenchmarkCalls is an echo between the two ends of a connection in one thread: no call waits.
func BenchmarkCalls(b *testing.B) {
	in, err := interp.New(interp.Config{Modules: stdlib.Modules()})
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	if err := in.RunString(context.Background(), "bench", `
		local cert, key = tls.self_signed{"localhost"}
		local near, far = socket.socketpair()
		local server = thread.start(tls.wrap, far, {server_side = true, cert = cert, key = key})
		local x = tls.wrap(near, {verify = false})
		local _, y = server:join()
		local data = ("x"):rep(64)
		function steps(n) for i = 1, n do x:send(data) y:sendall(y:recv(64)) x:recv(64) end end`); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	if _, err := in.Call(context.Background(), "steps", b.N); err != nil {
		b.Fatal(err)
	}
}
