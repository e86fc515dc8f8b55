package interp_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// The scripts in testdata/hostile are written to bring their host down, or to
// outlive it. A file holds many, each below a line
//
//	--- name => outcome
//
// where outcome is "ok"; "stopped", for one that only its context ends; "full", for
// one that Limits.Memory ends; "exit N"; "error", with text that the message has; "any";
// or "broken", for one that leaves nothing for others to work with.

// hostileTime is how long such a script may go on, hostileGrace how long it may take
// to end after that: the collector, and a machine that is busy, need some.
const (
	hostileTime  = 60 * time.Millisecond
	hostileGrace = 5 * time.Second

	hostileMemory = 64 << 20
)

type hostile struct{ name, outcome, source string }

func hostileScripts(t *testing.T) (all []hostile) {
	files, err := filepath.Glob("testdata/hostile/*.lua")
	if err != nil || len(files) == 0 {
		t.Fatal("no hostile scripts", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range strings.Split("\n"+string(data), "\n--- ")[1:] {
			head, source, _ := strings.Cut(text, "\n")
			name, outcome, ok := strings.Cut(head, " => ")
			if !ok {
				t.Fatalf("%s: no outcome in %q", file, head)
			}
			topic := strings.TrimSuffix(filepath.Base(file), ".lua")
			all = append(all, hostile{topic + "/" + name, outcome, source})
		}
	}
	return all
}

func TestHostile(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(4 << 30)) // let the collector keep up with them
	for _, h := range hostileScripts(t) {
		if raceDetector && h.alone() {
			continue
		}
		t.Run(h.name, func(t *testing.T) { h.run(t) })
		if h.outcome == "stopped" {
			t.Run(h.name+"/closed", func(t *testing.T) { h.close(t) })
		}
	}
}

// run has the script run until its end, or the context's, and then an innocent
// one, which must find everything in order.
func (h hostile) run(t *testing.T) {
	defer nothingLeft(t)()
	in := h.interpreter(t)
	ctx, cancel := context.WithTimeout(context.Background(), hostileTime)
	defer cancel()
	if h.outcome != "stopped" {
		ctx = context.Background()
	}
	err, took := h.within(t, 4*hostileGrace, func() error { return in.RunString(ctx, "hostile", h.source) })
	if problem := h.check(err); problem != "" {
		t.Error(problem)
	}
	if h.outcome == "stopped" && took > hostileTime+hostileGrace {
		t.Errorf("stopped %v late", took-hostileTime)
	}
	runtime.GC() // closes the sockets that nobody holds any more
	if err := in.RunString(context.Background(), "innocent", innocent); err != nil && h.outcome != "broken" {
		t.Errorf("afterwards: %v", err)
	}
	if err, _ := h.within(t, hostileGrace, in.Close); err != nil {
		t.Error(err)
	}
}

// close closes the interpreter while the script is at work.
func (h hostile) close(t *testing.T) {
	defer nothingLeft(t)()
	in := h.interpreter(t)
	done := make(chan error, 1)
	go func() { done <- in.RunString(context.Background(), "hostile", h.source) }()
	time.Sleep(hostileTime / 3)
	if err, _ := h.within(t, hostileGrace, in.Close); err != nil {
		t.Error(err)
	}
	if err, _ := h.within(t, hostileGrace, func() error { return <-done }); !errors.Is(err, interp.ErrClosed) {
		t.Errorf("ended with %v", err)
	}
}

// alone reports whether there is nothing beside the script: no threads, no peers. The race
// detector has nothing to find, and is ten times slower.
func (h hostile) alone() bool {
	return strings.HasPrefix(h.name, "compile/") || strings.HasPrefix(h.name, "sizes/") || strings.HasPrefix(h.name, "recursion/")
}

func (h hostile) interpreter(t *testing.T) *interp.Interpreter {
	limits := interp.Limits{Threads: 300, Sockets: 100, Output: 1 << 20}
	if strings.HasPrefix(h.name, "memory/") {
		limits.Memory = hostileMemory
		runtime.GC() // of what others left
	}
	in, err := interp.New(interp.Config{
		Policy: policy.All(), Modules: stdlib.Modules(),
		Limits: limits,
	})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func (h hostile) within(t *testing.T, limit time.Duration, fn func() error) (error, time.Duration) {
	t.Helper()
	start, done := time.Now(), make(chan error, 1)
	go func() { done <- fn() }()
	select {
	case err := <-done:
		return err, time.Since(start)
	case <-time.After(limit):
		panic(h.name + ": still at it after " + limit.String()) // with the stacks of all
	}
}

// check says what is wrong with how the script ended, or "".
func (h hostile) check(err error) string {
	kind, rest, _ := strings.Cut(h.outcome, " ")
	var failure *interp.Error
	var exit *interp.ExitError
	ok := false
	switch kind {
	case "any", "broken":
		ok = err == nil || errors.As(err, &failure) || errors.As(err, &exit)
	case "ok":
		ok = err == nil
	case "stopped":
		ok = errors.Is(err, context.DeadlineExceeded)
	case "full":
		ok = errors.Is(err, syscall.ENOMEM)
	case "exit":
		ok = errors.As(err, &exit) && fmt.Sprint(exit.Code) == rest || rest == "0" && err == nil
	case "error":
		ok = errors.As(err, &failure) && strings.Contains(failure.Message, rest) && !errors.Is(err, context.DeadlineExceeded)
	}
	if ok {
		return ""
	}
	return fmt.Sprintf("ended with %T %v; want %s", err, err, h.outcome)
}

const innocent = `
local made, a, b
for _ = 1, 100 do -- the limit on sockets counts what is being closed, which may leave room for one pair
  made, a, b = pcall(socket.socketpair)
  if made then break end
  collectgarbage() thread.sleep(0.01)
end
assert(made, a)
assert(select("#", pcall(error)) == 2)
local co = coroutine.wrap(function(...) coroutine.yield(...) return "end" end)
assert(co(1) == 1 and co() == "end")
local t = thread.start(function() return b:recv(5) end)
a:sendall("hello")
local ok, got = t:join()
assert(ok and got == "hello")
a:close() b:close()
assert(table.concat({("x"):rep(3), 1, "%d"}, ","):format(2) == "xxx,1,2")
assert(json.decode('{"a":[1]}').a[1] == 1)
assert(loadstring("return 1 + 1")() == 2)`

// nothingLeft returns a function that fails t when there are more goroutines or
// descriptors than now. Some take their time: the collector closes descriptors,
// and compiling what is large goes on for a while.
func nothingLeft(t *testing.T) func() {
	current, before := goleak.IgnoreCurrent(), hostileDescriptors()
	return func() {
		var left error
		for range 60 { // each looks for half a second
			if left = goleak.Find(current); left == nil {
				break
			}
		}
		if left != nil {
			t.Error(left)
		}
		after := hostileDescriptors()
		for range 200 {
			if after <= before {
				return
			}
			time.Sleep(10 * time.Millisecond)
			after = hostileDescriptors()
		}
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

func hostileDescriptors() int {
	d, err := os.Open("/dev/fd") // which makes those that Go waits with, so that they count from the beginning
	if err != nil {
		return 0
	}
	defer d.Close()
	names, _ := d.Readdirnames(-1)
	return len(names)
}
