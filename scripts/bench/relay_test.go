//go:build linux

package bench

import (
	"io"
	"net"
	"strconv"
	"testing"
)

// pump sends n pieces and reads them back at the same time.
func pump(tb testing.TB, conn net.Conn, n, size int) {
	go func() {
		out := make([]byte, size)
		for range n {
			if _, err := conn.Write(out); err != nil {
				return
			}
		}
	}()
	if _, err := io.CopyN(io.Discard, conn, int64(n)*int64(size)); err != nil {
		tb.Error(err)
	}
}

// BenchmarkRelay measures a proxy between a client and an echo server: relay
// beside io.Copy both ways.
func BenchmarkRelay(b *testing.B) {
	const size = 65536
	for _, p := range []struct{ name, role string }{{"go", "goproxy"}, {"lua", "relay_server.lua"}} {
		b.Run(p.name, func(b *testing.B) {
			back := start(b, "go", "BENCH_SIZE="+strconv.Itoa(size))
			s := start(b, p.role, "BENCH_BACK="+back.addr)
			conn := s.dial(b, 1)[0]
			defer conn.Close()
			before := s.cpu(b)
			b.SetBytes(size)
			b.ResetTimer()
			pump(b, conn, b.N, size)
			b.StopTimer()
			b.ReportMetric(float64((s.cpu(b)-before).Nanoseconds())/float64(b.N), "proxy-cpu-ns/64KB")
		})
	}
}
