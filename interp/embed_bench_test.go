package interp_test

import (
	"context"
	"runtime"
	"testing"

	"wirelua/interp"
	"wirelua/stdlib"
)

func BenchmarkNew(b *testing.B) {
	for _, c := range []struct {
		name   string
		config interp.Config
	}{{"bare", interp.Config{}}, {"stdlib", interp.Config{Modules: stdlib.Modules()}}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				in, err := interp.New(c.config)
				if err != nil {
					b.Fatal(err)
				}
				in.Close()
			}
		})
	}
}

// BenchmarkLife is an interpreter's whole life: created, run, closed.
func BenchmarkLife(b *testing.B) {
	config := interp.Config{Modules: stdlib.Modules()}
	b.ReportAllocs()
	for b.Loop() {
		in, err := interp.New(config)
		if err != nil {
			b.Fatal(err)
		}
		if err := in.RunString(context.Background(), "x", "local s = 0 for i = 1, 10 do s = s + i end"); err != nil {
			b.Fatal(err)
		}
		in.Close()
	}
}

// BenchmarkThousand is a host of a thousand interpreters, which are all there at
// once; the metrics are of one of them.
func BenchmarkThousand(b *testing.B) {
	const hosts = 1000
	config := interp.Config{Modules: stdlib.Modules()}
	ins := make([]*interp.Interpreter, hosts)
	var before, after runtime.MemStats
	bytes := 0.0
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		for i := range ins {
			in, err := interp.New(config)
			if err != nil {
				b.Fatal(err)
			}
			if err := in.RunString(context.Background(), "x", "function f(x) return x end"); err != nil {
				b.Fatal(err)
			}
			ins[i] = in
		}
		b.StopTimer()
		runtime.GC()
		runtime.ReadMemStats(&after)
		bytes += float64(after.HeapInuse+after.StackInuse-before.HeapInuse-before.StackInuse) / hosts
		b.StartTimer()
		for i, in := range ins {
			in.Close()
			ins[i] = nil
		}
	}
	b.ReportMetric(bytes/float64(b.N), "held-B/interpreter")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/hosts, "ns/interpreter")
}
