package stdlib_test

import (
	"context"
	"io"
	"testing"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/interp/trace"
	"wirelua/interp/trace/pcapng"
	"wirelua/stdlib"
)

// BenchmarkTrace is 64 bytes sent and received, without an observer and with each that writes.
func BenchmarkTrace(b *testing.B) {
	for name, o := range map[string]trace.Observer{"none": nil, "text": trace.Text(io.Discard), "json": trace.JSON(io.Discard), "pcap": pcapng.New(io.Discard)} {
		b.Run(name, func(b *testing.B) {
			in, err := interp.New(interp.Config{Modules: stdlib.Modules(), Policy: policy.All(), Observer: o})
			if err != nil {
				b.Fatal(err)
			}
			defer in.Close()
			if err := in.RunString(context.Background(), "x.lua", `
				local a, b = socket.socketpair()
				local data = ("x"):rep(64)
				function run(n) for i = 1, n do a:send(data) b:recv(64) end end`); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ResetTimer()
			if _, err := in.Call(context.Background(), "run", b.N); err != nil {
				b.Fatal(err)
			}
		})
	}
}
