package thread_test

import (
	"fmt"
	"runtime"
	"testing"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// BenchmarkWaiting tells what a thread takes that waits, in KB of live heap and of stacks: for what, and
// below what. What it waits for is the same for all, but for the connections, which are its own and counted.
func BenchmarkWaiting(b *testing.B) {
	for _, w := range []struct{ name, body string }{
		{"sleep", `thread.sleep(1000)`},
		{"event", `event:wait()`},
		{"queue get", `local v = queue:get()`},
		{"queue put", `full:put(1)`},
		{"lock", `lock:acquire()`},
		{"semaphore", `semaphore:acquire()`},
		{"join", `other:join()`},
		{"recv", `local a = pair() local d = a:recv()`},
		{"recv, tail call", `local a = pair() return a:recv()`},
		{"recv in pcall", `local a = pair() pcall(function() local d = a:recv() end)`},
		{"recv in xpcall", `local a = pair() xpcall(function() local d = a:recv() end, print)`},
		{"lines", `local a = pair() for line in a:lines() do end`},
		{"chunks", `local a = pair() for d in a:chunks() do end`},
		{"clients", `local l = socket.create_server("127.0.0.1", 0) kept[l] = true for c in l:clients() do end`},
		{"coroutine", `local a = pair() coroutine.wrap(function() local d = a:recv() end)()`},
		{"items", `for v in queue:items() do end`},
		{"select", `local a = pair() select.select({a})`},
	} {
		b.Run(w.name, func(b *testing.B) {
			kb, stacks := waiting(b, w.body, 400)
			b.ReportMetric(kb, "KB/thread")
			b.ReportMetric(stacks, "stacks/thread")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// waiting has n threads run body, and returns what each takes.
func waiting(b testing.TB, body string, n int) (kb, stacks float64) {
	in, err := interp.New(interp.Config{Modules: stdlib.Modules(), Policy: policy.All()})
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	run := func(source string, args ...any) {
		if err := in.RunString(b.Context(), "waiting", fmt.Sprintf(source, args...)); err != nil {
			b.Fatal(err)
		}
	}
	run(`
		event, queue, full, lock, semaphore, kept = thread.event(), thread.queue(), thread.queue(1), thread.lock(), thread.semaphore(0), {}
		full:put(1) lock:acquire()
		function pair() local a, b = socket.socketpair() kept[a] = b return a end
		other = thread.daemon(function() thread.sleep(1e6) end)
		function waits() %s end
		function begin(n) for i = 1, n do thread.daemon(waits) end thread.sleep(0.01) end
		begin(10)`, body)
	before, goroutines := inUse(), runtime.NumGoroutine()
	run(`begin(%d) kept.over = 1`, n)
	return (float64(inUse()) - float64(before)) / 1024 / float64(n), float64(runtime.NumGoroutine()-goroutines) / float64(n)
}

func inUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}
