package interp_test

import (
	"context"
	"runtime"
	"testing"

	lua "github.com/yuin/gopher-lua"

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
	prog := compile(b, "function f(x) return x end")
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
			if _, err := in.Run(context.Background(), prog); err != nil {
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

func BenchmarkCall(b *testing.B) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		script string
		args   []any
	}{
		"empty":  {"function f() end", nil},
		"values": {"function f(s, n) return n, s end", []any{"text", 42}},
		"table":  {"function f(t) return t end", []any{map[string]any{"port": 80, "hosts": []string{"a", "b"}}}},
	} {
		b.Run(name, func(b *testing.B) {
			in, _ := embed(b, interp.Config{})
			run(b, in, c.script)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := in.Call(ctx, "f", c.args...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkHostFunction is a script that calls the host.
func BenchmarkHostFunction(b *testing.B) {
	for name, fn := range map[string]any{
		"in turn": func(a, b int) int { return a + b },
		"beside":  func(_ context.Context, a, b int) int { return a + b },
		"module":  func(s *interp.State) int { return s.Return(lua.LNumber(s.Int(1) + s.Int(2))) },
	} {
		b.Run(name, func(b *testing.B) {
			in, _ := embed(b, interp.Config{})
			set(b, in, map[string]any{"add": fn})
			run(b, in, `function loop(n) for i = 1, n do add(i, 1) end end`)
			b.ReportAllocs()
			b.ResetTimer()
			if _, err := in.Call(context.Background(), "loop", b.N); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// BenchmarkHook is what being able to stop a script that computes costs: gopher-lua
// with our context, with none, and with one of the standard library's.
func BenchmarkHook(b *testing.B) {
	const script = `function loop(n)
		local t, s = {}, 0
		for i = 1, n do
			t[i % 100 + 1] = i
			s = s + i % 7 + (t[50] or 0)
			if s > 1e9 then s = s - 1e9 end
		end
		return s
	end`
	plain := func(ctx context.Context) func(b *testing.B) {
		return func(b *testing.B) {
			l := lua.NewState(lua.Options{RegistrySize: 32, RegistryGrowStep: 64, RegistryMaxSize: 1 << 18,
				CallStackSize: 16000, MinimizeStackMemory: true})
			defer l.Close()
			if ctx != nil {
				l.SetContext(ctx)
			}
			if err := l.DoString(script); err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			l.Push(l.GetGlobal("loop"))
			l.Push(lua.LNumber(b.N))
			l.Call(1, 0)
		}
	}
	cancellable, cancel := context.WithCancel(context.Background())
	defer cancel()
	b.Run("none", plain(nil))
	b.Run("WithCancel", plain(cancellable))
	b.Run("wirelua", func(b *testing.B) {
		in, _ := embed(b, interp.Config{})
		run(b, in, script)
		b.ResetTimer()
		if _, err := in.Call(cancellable, "loop", b.N); err != nil {
			b.Fatal(err)
		}
	})
}
