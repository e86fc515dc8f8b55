package interp_test

import (
	"context"
	"errors"
	"io/fs"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/interp/trace"
	"wirelua/stdlib"
)

// goWords are what no script shall be told.
var goWords = []string{"runtime error", "interface conversion", "goroutine", "nil pointer", "index out of range", "slice bounds"}

// misbehave calls what there is: it panics as Go itself does, or ends the goroutine.
var misbehave = map[string]func(){
	"panic":  func() { var list []int; list[1]++ },
	"text":   func() { panic("text") },
	"Goexit": runtime.Goexit,
}

// within fails the test if fn, which may end its goroutine, is not over before long.
func within(t *testing.T, what string, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); fn() }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		panic(what + ": still at it")
	}
}

// inOrder runs a script that uses threads, errors and waits, after something went wrong.
func inOrder(t *testing.T, what string, in *interp.Interpreter) {
	t.Helper()
	within(t, what, func() {
		if err := in.RunString(context.Background(), "after", `
			local t = thread.start(function() thread.sleep(0.001) error("x", 0) end)
			local ok, err = t:join()
			assert(not ok and err == "x" and thread.count() == 1)`); err != nil {
			t.Errorf("%s: afterwards: %v", what, err)
		}
	})
}

// A panic inside a wait left the turn free; to give it up then ended the process.
func TestPanicInsideWait(t *testing.T) {
	for name, fn := range misbehave {
		waiting, woken := make(chan struct{}), make(chan struct{})
		wait := &interp.Module{Name: "wait", Funcs: []interp.Function{
			{Name: "now", Fn: func(s *interp.State) int { s.Thread().Outside(fn, nil); return s.True() }},
			{Name: "block", Fn: func(s *interp.State) int {
				if err := s.Thread().Block(func(context.Context) { fn() }); err != nil {
					s.Raise(err)
				}
				return s.True()
			}},
			{Name: "woken", Fn: func(s *interp.State) int {
				s.Thread().Outside(func() { close(waiting); <-woken }, func() { close(woken); fn() })
				return s.True()
			}},
			{Name: "waiting", Fn: func(s *interp.State) int {
				s.Thread().Outside(func() { <-waiting }, nil)
				return s.True()
			}},
		}}
		in, _ := embed(t, interp.Config{Modules: append(stdlib.Modules(), wait)})
		within(t, name, func() {
			run(t, in, `
				for _, fn in ipairs{wait.now, wait.block} do
					for i = 1, 3 do
						local ok, err = thread.start(fn):join()
						assert(not ok and #tostring(err) > 0)
					end
					assert(not thread.start(pcall, fn):join() or not select(2, thread.start(pcall, fn):join()))
				end
				if `+quote(name)+` ~= "Goexit" then
					assert(not pcall(wait.now) and not pcall(wait.block))
					local t = thread.start(wait.woken) wait.waiting() t:cancel() assert(t:join())
				end`)
		})
		within(t, name, func() { in.RunString(context.Background(), "x", "wait.now()") })
		inOrder(t, name, in)
	}
}

func quote(s string) string { return `"` + s + `"` }

// host is everything that a Config can take, and all of it does the same.
type host struct {
	do func()
	n  int // what Read and Write return, when do is nil
}

func (h host) act() (int, error) {
	if h.do != nil {
		h.do()
	}
	return h.n, nil
}
func (h host) Read(p []byte) (int, error)        { return h.act() }
func (h host) Write(p []byte) (int, error)       { return h.act() }
func (h host) Observe(trace.Event)               { h.act() }
func (h host) Open(name string) (fs.File, error) { h.act(); return badFile{h}, nil }
func (h host) Fd() uintptr                       { h.act(); return 0 }

type badFile struct{ host }

func (f badFile) Stat() (fs.FileInfo, error) { return f, nil }
func (f badFile) Close() error               { return nil }
func (f badFile) Name() string               { return "" }
func (f badFile) Size() int64                { return 1 << 50 }
func (f badFile) Mode() fs.FileMode          { return 0 }
func (f badFile) ModTime() time.Time         { return time.Time{} }
func (f badFile) IsDir() bool                { return false }
func (f badFile) Sys() any                   { return nil }

// What the host supplies may panic, end its goroutine, and say that it read or wrote
// more than there was, or less than nothing.
func TestHostInterfaces(t *testing.T) {
	kinds := map[string]host{"more": {n: 1 << 20}, "less": {n: -1}}
	for name, do := range misbehave {
		kinds[name] = host{do: do}
	}
	for name, h := range kinds {
		in, _ := embed(t, interp.Config{Stdin: h, Stdout: h, Stderr: h, FS: h, Observer: h, Policy: policy.All()})
		for _, script := range []string{
			`print(1)`, `io.write("x"):write("y")`, `io.stderr:write("x")`, `io.stdout:setvbuf("full") io.write("x")`,
			`assert(io.read())`, `assert(io.read("*a"))`, `for l in io.lines() do end`,
			`assert(loadfile("x"))`, `require "x"`, `dofile("x")`,
			`thread.start(error, "x"):join()`, `thread.start(function() error("x") end) thread.sleep(0.01)`,
			`local a, b = socket.socketpair() a:send("x") b:recv() b:close()`,
		} {
			what := name + ": " + script
			within(t, what, func() {
				err := in.RunString(context.Background(), "x", "local ok, err = pcall(function() "+script+" end) problem = ok or tostring(err)")
				if err != nil && name != "Goexit" && script != `io.stdout:setvbuf("full") io.write("x")` {
					t.Errorf("%s: %v", what, err)
				}
			})
			problem, _ := in.Get("problem")
			for _, word := range goWords {
				if text, _ := problem.(string); strings.Contains(text, word) {
					t.Errorf("%s: the script was told %q", what, text)
				}
			}
			inOrder(t, what, in)
		}
		within(t, name, func() { in.RunFile(context.Background(), "x.lua") })
		within(t, name+": Close", func() { in.Close() })
	}
}

// A module's code runs outside of scripts, too.
func TestModulePanics(t *testing.T) {
	closed := false
	bad := &interp.Module{
		Name:   "bad",
		Import: func(*interp.Engine, any) (v lua.LValue, err error) { panic("import") },
		Export: func(*interp.Engine, any) (any, error) { panic("export") },
		Funcs: []interp.Function{{Name: "open", Fn: func(s *interp.State) int {
			s.Interp().OnClose(func() { closed = true })
			s.Interp().OnClose(func() { panic("close") })
			s.Push(s.Interp().NewObject(&interp.Type{Name: "thing"}, 1))
			return 1
		}}},
	}
	in, _ := embed(t, interp.Config{Modules: append(stdlib.Modules(), bad)})
	run(t, in, "thing = bad.open()")
	var p *interp.PanicError
	if err := in.Set("x", make(chan bool)); err != nil { // another module knows channels
		t.Error(err)
	}
	if err := in.Set("x", &struct{ unexported int }{}); !errors.As(err, &p) {
		t.Error(err)
	}
	if _, err := in.Get("thing"); !errors.As(err, &p) {
		t.Error(err)
	}
	if err := in.Close(); !errors.As(err, &p) || !closed {
		t.Error(err, closed)
	}
	var wg sync.WaitGroup
	wg.Go(func() { in.Set("x", 1) }) // the turn is free
	wg.Wait()
}
