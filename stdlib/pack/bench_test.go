package pack_test

import (
	"context"
	"fmt"
	"testing"
)

// BenchmarkScript runs calls in a loop of Lua; the empty one is the loop's share.
func BenchmarkScript(b *testing.B) {
	for _, call := range []string{"", "local s = struct.pack('!HI8s', 1, 2, 'x')", "local a, b, c = struct.unpack('!HI8s', data)",
		"local s = string.pack('>I2I4s1', 1, 2, 'x')", "local a, b, c = string.unpack('>I2I4c8', data)"} {
		b.Run(call, func(b *testing.B) {
			in := newInterp(b)
			script := fmt.Sprintf("local data, struct, string = ('x'):rep(14), struct, string for _ = 1, %d do %s end", b.N, call)
			b.ReportAllocs()
			b.ResetTimer()
			if err := in.RunString(context.Background(), "bench", script); err != nil {
				b.Fatal(err)
			}
		})
	}
}
