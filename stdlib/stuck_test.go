package stdlib_test

import (
	"context"
	"errors"
	"flag"
	"net"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/dump"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

var updateStuck = flag.Bool("stuck.update", false, "write the report of the twelve threads anew")

func stuckInterp(t *testing.T, c interp.Config) *interp.Interpreter {
	t.Helper()
	c.Modules, c.Policy, c.FindDeadlocks = stdlib.Modules(), policy.All(), true
	in, err := interp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return in
}

// masked is a report without what differs from run to run.
func masked(report string) string {
	for _, m := range [][2]string{{` for [\d.m]+s`, ` for N ms`}, {`127\.0\.0\.1:\d+`, `127.0.0.1:PORT`}, {`pid=\d+`, `pid=PID`}} {
		report = regexp.MustCompile(m[0]).ReplaceAllString(report, m[1])
	}
	return report
}

// What threads wait in was nowhere to be seen: a script that hung said nothing.
func TestTwelveWaits(t *testing.T) {
	in := stuckInterp(t, interp.Config{})
	if err := in.RunFile(t.Context(), "testdata/stuck/twelve.lua"); err != nil {
		t.Fatal(err)
	}
	v, err := in.Get("report")
	if err != nil {
		t.Fatal(err)
	}
	const name = "testdata/stuck/twelve.txt"
	got := masked(v.(string))
	if *updateStuck {
		if err := os.WriteFile(name, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil || got != string(want) {
		t.Errorf("%v; got:\n%s", err, got)
	}
	threads := in.Threads() // the main one has ended
	if len(threads) != 12 || threads[0].Op != "recv" || threads[0].Socket == nil || threads[0].Waited < 40*time.Millisecond || threads[0].Limited {
		t.Errorf("from Go: %+v", threads)
	}
	if len(dump.Mutual(threads)) != 2 {
		t.Errorf("who waits for each other: %v", dump.Mutual(threads))
	}
}

// A script that computes says so to who asks from Go, and many may ask at once.
func TestThreadsOfAScriptThatComputes(t *testing.T) {
	in := stuckInterp(t, interp.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan error)
	go func() {
		over <- in.RunString(ctx, "x.lua", "thread.start(function() thread.sleep(60) end)\nthread.yield() begun = true\nwhile true do end")
	}()
	answers := make(chan string)
	for range 4 {
		go func() {
			for {
				all := in.Threads()
				if len(all) == 2 && all[0].State == dump.Running {
					answers <- all[0].String() + " at " + all[0].Where() + ", " + all[1].For
					return
				}
				time.Sleep(time.Millisecond)
			}
		}()
	}
	for range 4 {
		if got := <-answers; got != "running at x.lua:3, sleep" {
			t.Errorf("got %q", got)
		}
	}
	cancel()
	<-over
}

// Nothing but another thread can have any of these go on, and so none ever does.
var deadlocks = []struct{ name, script, report string }{
	{"locks in turn", `
		local a, b = thread.lock(), thread.lock()
		local function both(x, y) return function() x:acquire() thread.yield() y:acquire() end end
		thread.start(both(a, b)) thread.start(both(b, a))`,
		"main: the end of its threads\nthread-1: lock held by thread-2\nthread-2: lock held by thread-1"},
	{"a semaphore taken twice", `local s = thread.semaphore() s:acquire() s:acquire()`, "main: semaphore"},
	{"a lock that died with its thread", `
		local l = thread.lock()
		thread.start(function() l:acquire() end):join()
		l:acquire()`, "main: lock held by thread-1, which has ended"},
	{"joins in a circle", `
		local t
		local u = thread.start(function() thread.yield() t:join() end)
		t = thread.start(function() u:join() end)
		t:join()`, "main: join thread-2\nthread-1: join thread-2\nthread-2: join thread-1"},
	{"an event that nobody sets", `thread.event():wait()`, "main: event"},
	{"a daemon behind it", `
		local q = thread.queue()
		thread.daemon(function() q:get() end)
		q:get()`, "main: queue\nthread-1: queue"},
	{"inside pcall and a coroutine", `
		coroutine.wrap(function() pcall(function() thread.queue():get() end) end)()`, "main: queue"},
	{"after a wait for a socket", `
		local a, b = socket.socketpair()
		thread.start(function() a:recv() end)
		b:send("x")
		thread.queue():get()`, "main: queue"},
	{"a full queue", `local q = thread.queue(1) q:put(1) q:put(2)`, "main: queue, full"},
	{"a handler that was taken back", `
		signal.on("USR1", print) signal.on("USR1", "default")
		thread.queue():get()`, "main: queue"},
}

func TestDeadlocks(t *testing.T) {
	for _, d := range deadlocks {
		t.Run(d.name, func(t *testing.T) {
			in := stuckInterp(t, interp.Config{})
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			err := in.RunString(ctx, "x.lua", d.script)
			var failure *interp.Error
			if !errors.As(err, &failure) || !errors.Is(err, interp.ErrDeadlock) {
				t.Fatalf("ended with %v", err)
			}
			var got []string
			for _, line := range strings.Split(masked(failure.Traceback), "\n") {
				if !strings.HasPrefix(line, "\t") {
					got = append(got, strings.TrimSuffix(line, " for N ms"))
				}
			}
			if strings.Join(got, "\n") != d.report || failure.Message != "deadlock: every thread waits for another" {
				t.Errorf("%s\ngot: %s", failure.Message, failure.Traceback)
			}
			if err := in.RunString(ctx, "x.lua", "x = 1 + 1"); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

// Each of these waits for another thread with its main thread, and yet something has it go on.
var alive = []struct{ name, script string }{
	{"a deadline", `thread.start(function() thread.sleep(0.05) q:put(1) end) q:get()`},
	{"a limit of its own", `assert(select(2, q:get(0.05)) == "timeout")`},
	{"a handler of a signal", `
		signal.on("USR2", function() q:put(1) end)
		process.spawn({"sh", "-c", "sleep 0.1; kill -USR2 " .. process.pid})
		q:get() signal.on("USR2", "default")`},
	{"a daemon at a socket", `
		local s = socket.create_server("127.0.0.1", 0)
		thread.daemon(function() s:accept() q:put(1) end)
		go.connect(tostring(s:getsockname()))
		q:get()`},
	{"a child process", `
		thread.start(function() process.spawn({"sleep", "0.1"}):wait() q:put(1) end)
		q:get()`},
	{"a shell's command", `
		thread.start(function() os.execute("sleep 0.1") q:put(1) end)
		q:get()`},
	{"a pipe", `
		local r, w = process.pipe()
		process.spawn({"sh", "-c", "sleep 0.1; echo"}, {stdout = w})
		thread.start(function() r:read() q:put(1) end)
		q:get()`},
	{"a channel of the host's", `
		thread.start(function() go.channel:receive() q:put(1) end)
		q:get()`},
	{"a function of the host's", `thread.start(function() go.sleep() q:put(1) end) q:get()`},
	{"one with a context", `thread.start(function() go.wait() q:put(1) end) q:get()`},
	{"a name", `thread.start(function() socket.getaddrinfo("localhost", 80) q:put(1) end) q:get()`},
	{"standard input", `thread.start(function() assert(io.read() == "line") q:put(1) end) q:get()`},
	{"ready threads", `thread.start(function() for i = 1, 1000 do thread.yield() end q:put(1) end) q:get()`},
	{"many hand-overs", `
		local r = thread.queue()
		thread.daemon(function() for v in q:items() do r:put(v) end end)
		for i = 1, 1000 do q:put(i) assert(r:get() == i) end`},
}

func dialAndClose(address string) {
	if c, err := net.Dial("tcp", address); err == nil {
		c.Close()
	}
}

// slowInput gives a line after a moment.
type slowInput struct{}

func (slowInput) Read(p []byte) (int, error) {
	time.Sleep(50 * time.Millisecond)
	return copy(p, "line\n"), nil
}

func TestNoDeadlocks(t *testing.T) {
	for _, a := range alive {
		t.Run(a.name, func(t *testing.T) {
			in := stuckInterp(t, interp.Config{Stdin: slowInput{}})
			ch := make(chan any, 1)
			moment := func() { time.Sleep(50 * time.Millisecond) }
			time.AfterFunc(50*time.Millisecond, func() { ch <- 1 })
			err := in.Set("go", map[string]any{
				"channel": ch, "sleep": moment,
				"wait":    func(ctx context.Context) { moment() },
				"connect": func(address string) { time.AfterFunc(50*time.Millisecond, func() { dialAndClose(address) }) },
			})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			if err := in.RunString(ctx, "x.lua", "q = thread.queue()"+a.script); err != nil {
				t.Error(err)
			}
		})
	}
}

// Without the host's word that it does nothing to wake them, threads wait: a call from another goroutine is
// what such a script is made for.
func TestCallsWakeThreads(t *testing.T) {
	in, err := interp.New(interp.Config{Modules: stdlib.Modules()})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	over := make(chan error)
	go func() {
		over <- in.RunString(t.Context(), "x.lua", `q = thread.queue() function wake() q:put(1) end begun = true q:get()`)
	}()
	for begun := any(nil); begun == nil; begun, _ = in.Get("begun") {
		time.Sleep(time.Millisecond)
	}
	if _, err := in.Call(t.Context(), "wake"); err != nil {
		t.Error(err)
	}
	if err := <-over; err != nil {
		t.Error(err)
	}
}
