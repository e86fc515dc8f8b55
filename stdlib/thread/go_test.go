package thread_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/stdlib"
)

// open makes an interpreter whose script has run.
func open(t testing.TB, c interp.Config, script string) *interp.Interpreter {
	t.Helper()
	c.Modules = append(stdlib.Modules(), c.Modules...)
	in, err := interp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	if err := in.RunString(context.Background(), "test.lua", script); err != nil {
		t.Fatal(err)
	}
	return in
}

// Each wait ends when its context does, and leaves what it waited for as if it had
// never been.
func TestContextEndsWaits(t *testing.T) {
	in := open(t, interp.Config{}, `
		q, full, lock, sem, ev = thread.queue(), thread.queue(1), thread.lock(), thread.semaphore(0), thread.event()
		full:put("first")
		lock:acquire()
		other = thread.daemon(function() thread.sleep(math.huge) end)
		function get() return q:get() end
		function put() return full:put("second") end
		function acquire() return lock:acquire() end
		function with() return lock:with(function() end) end
		function wait() return ev:wait() end
		function enter() return sem:acquire() end
		function join() return other:join() end
		function sleep() thread.sleep(math.huge) end
		function items() for _ in q:items() do end end
		function receive() return channel.make():receive() end
		function send() return channel.make():send(1) end
		function choose() return channel.select({"|<-", channel.make()}) end
		function compute() while true do end end
		function yield() while true do thread.yield() end end
		function state()
			q:put("item")
			lock:release()
			sem:release()
			local got = {q:get(0), #q, #full, lock:acquire(0), sem:acquire(0), sem:acquire(0)}
			return unpack(got)
		end`)
	for _, name := range []string{"get", "put", "acquire", "with", "wait", "enter", "join", "sleep", "items",
		"receive", "send", "choose", "compute", "yield"} {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		_, err := in.Call(ctx, name)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v, want the context's error", name, err)
		}
	}
	got, err := in.Call(context.Background(), "state")
	if want := "[item 0 1 true true false]"; err != nil || fmt.Sprint(got) != want {
		t.Errorf("afterwards: %v, %v, want %s", got, err, want)
	}
}

// What is put after a getter was stopped goes to the next one, also when the
// stopped one has had no turn yet to take itself off the list.
func TestStoppedGetterTakesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	stop := func(s *interp.State) int { // keeps the lock all the time
		cancel()
		time.Sleep(50 * time.Millisecond)
		return 0
	}
	in, err := interp.New(interp.Config{Modules: append(stdlib.Modules(), &interp.Module{
		Name: "test", Funcs: []interp.Function{{Name: "stop", Fn: stop}},
	})})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := in.RunString(context.Background(), "test.lua", `
		q, lock = thread.queue(), thread.lock()
		lock:acquire()
		waiting = thread.queue()
		function get() waiting:put(1) return q:get() end
		function acquire() waiting:put(1) return lock:acquire() end
		function stop()
			waiting:get() waiting:get()
			test.stop()
			q:put("item")
			lock:release()
			local item, free = q:get(0), lock:acquire(0)
			return item, free
		end`); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for _, name := range []string{"get", "acquire"} {
		wg.Go(func() {
			if _, err := in.Call(ctx, name); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	got, err := in.Call(context.Background(), "stop")
	wg.Wait()
	if err != nil || fmt.Sprint(got) != "[item true]" {
		t.Errorf("got %v, %v", got, err)
	}
}

// What a thread was handed that is stopped before it runs again goes to the next: an item was lost
// with it, and a lock and a semaphore were never free again.
func TestStoppedAfterTheHandOver(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	stop := func(s *interp.State) int { // keeps the turn until the others are stopped
		cancel()
		time.Sleep(50 * time.Millisecond)
		return 0
	}
	in := open(t, interp.Config{Modules: []*interp.Module{{Name: "test", Funcs: []interp.Function{{Name: "stop", Fn: stop}}}}}, `
		q, lock, sem = thread.queue(), thread.lock(), thread.semaphore(0)
		lock:acquire()
		waiting = thread.queue()
		function get() waiting:put(1) return q:get() end
		function acquire() waiting:put(1) return lock:acquire() end
		function with() waiting:put(1) return sem:with(function() end) end
		function stop()
			for _ = 1, 3 do waiting:get() end
			thread.yield()
			q:put("first")
			q:put("second")
			lock:release()
			sem:release()
			test.stop()
			local free, free2 = lock:acquire(10), sem:acquire(10)
			return free, free2, sem:acquire(0), q:get(10), q:get(10)
		end`)
	var wg sync.WaitGroup
	for _, name := range []string{"get", "acquire", "with"} {
		wg.Go(func() {
			if _, err := in.Call(ctx, name); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	got, err := in.Call(context.Background(), "stop")
	wg.Wait()
	if err != nil || fmt.Sprint(got) != "[true true false first second]" {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestLimit(t *testing.T) {
	var out strings.Builder
	open(t, interp.Config{Stdout: &out, Limits: interp.Limits{Threads: 3}}, `
		local gate = thread.event()
		local function wait() gate:wait() end
		for i = 1, 3 do thread.start(wait) end
		local ok, err = pcall(thread.start, wait)
		print(ok, err.code, err.op)
		print(pcall(thread.new, wait)) -- not started, it counts for nothing
		gate:set()`)
	if got := out.String(); !strings.HasPrefix(got, "false\tEAGAIN\tstart\ntrue\tthread(") {
		t.Errorf("got %q", got)
	}
}

// Uncaught errors are reported with the thread's own name.
func TestReport(t *testing.T) {
	var out strings.Builder
	open(t, interp.Config{Stderr: &out}, `
		local t = thread.new(function() error("what happened") end)
		t.name = "worker"
		t:start()
		t:join()`)
	if got := out.String(); !strings.Contains(got, "worker: test.lua:2: what happened\nstack traceback:\n") {
		t.Errorf("got %q", got)
	}
}

// An interpreter that is closed takes its waiting daemons with it; goleak finds
// those that stay.
func TestCloseEndsDaemons(t *testing.T) {
	in := open(t, interp.Config{}, `
		for i = 1, 100 do
			thread.daemon(function() thread.queue():get() end)
			thread.daemon(function() thread.sleep(3600) end)
			thread.daemon(function() local l = thread.lock() l:acquire() thread.start(function() end):join() thread.event():wait() end)
		end
		thread.sleep(0.01)`)
	done := make(chan error, 1)
	go func() { done <- in.Close() }()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("Close hangs")
	}
}

func benchmark(b *testing.B, body string) {
	in := open(b, interp.Config{}, `function run(n) `+body+` end`)
	b.ReportAllocs()
	b.ResetTimer()
	if _, err := in.Call(context.Background(), "run", b.N); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkQueue(b *testing.B) {
	benchmark(b, `local q = thread.queue() for i = 1, n do q:put(true) q:get() end`)
}

func BenchmarkQueuePingPong(b *testing.B) {
	benchmark(b, `
		local ping, pong = thread.queue(), thread.queue()
		thread.start(function() for v in ping:items() do pong:put(v) end end)
		for i = 1, n do ping:put(true) pong:get() end
		ping:close()`)
}

func BenchmarkLock(b *testing.B) {
	benchmark(b, `local l = thread.lock() for i = 1, n do l:acquire() l:release() end`)
}

func BenchmarkStartJoin(b *testing.B) {
	benchmark(b, `local f = function() end for i = 1, n do thread.start(f):join() end`)
}

func BenchmarkYield(b *testing.B) {
	benchmark(b, `for i = 1, n do thread.yield() end`)
}

func BenchmarkEmptyLoop(b *testing.B) { // what the others should be compared with
	benchmark(b, `local f = function() return true end for i = 1, n do f() end`)
}

// TestLight: threads that wait with only calls of Lua's below have no goroutine each.
func TestLight(t *testing.T) {
	in, err := interp.New(interp.Config{Modules: stdlib.Modules()})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	before := runtime.NumGoroutine()
	err = in.RunString(t.Context(), "light", `
		pairs_ = {}
		for i = 1, 200 do
			local a, b = socket.socketpair()
			pairs_[i] = {a, b}
			thread.daemon(function() while true do local d = a:recv() a:sendall(d) end end)
		end
		for i = 1, 200 do pairs_[i][2]:sendall("x") assert(pairs_[i][2]:recv() == "x") end`)
	if err != nil {
		t.Fatal(err)
	}
	if n := runtime.NumGoroutine() - before; n > 20 {
		t.Errorf("%d goroutines for 200 threads that wait", n)
	}
}
