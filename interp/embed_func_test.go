package interp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

type point struct {
	X, Y int
	Name string `json:"name"`
}

// set sets globals, or fails the test.
func set(t testing.TB, in *interp.Interpreter, globals map[string]any) {
	t.Helper()
	for name, v := range globals {
		if err := in.Set(name, v); err != nil {
			t.Fatal(err)
		}
	}
}

func TestHostFunctionArguments(t *testing.T) {
	in, _ := embed(t, interp.Config{})
	set(t, in, map[string]any{
		"text":     func(s string, n int) string { return fmt.Sprintf("%q %d", s, n) },
		"small":    func(n int8, u uint8, f float32) string { return fmt.Sprint(n, u, f) },
		"flag":     func(b bool) bool { return !b },
		"wait":     func(d time.Duration) string { return d.String() },
		"bytes":    func(b []byte, four [4]byte) string { return fmt.Sprint(b, four) },
		"list":     func(l []int, two [2]string) string { return fmt.Sprint(l, two) },
		"dict":     func(m map[string]int, n map[int]string) string { return fmt.Sprint(m, n) },
		"at":       func(p point, q *point) string { return fmt.Sprint(p, q) },
		"whatever": func(v any) string { return fmt.Sprintf("%T %v", v, v) },
		"sum": func(base int, more ...int) (n int) {
			for _, m := range more {
				base += m
			}
			return base
		},
		"two":    func() (int, string) { return 1, "x" },
		"none":   func() {},
		"raw":    func(t *lua.LTable, v lua.LValue) string { return fmt.Sprint(t.Len(), v) },
		"native": func(s *interp.State) int { return s.Return(lua.LNumber(s.Int(1) + 1)) },
		"deep":   map[string]any{"er": func(s string) string { return s }},
	})
	for _, c := range []struct{ call, want string }{
		{`text("a", 2)`, `"a" 2`}, {`text()`, `"" 0`}, {`text(12, "13")`, `"12" 13`}, {`text(nil, nil, "more")`, `"" 0`},
		{`text({})`, "bad argument #1 to 'text' (string expected, got table)"},
		{`text("a", "b")`, "bad argument #2 to 'text' (number expected, got string)"},
		{`text("a", 1.5)`, "bad argument #2 to 'text' (integer expected, got 1.5)"},
		{`text("a", 2^63)`, "bad argument #2 to 'text' (integer of 64 bits expected, got 9.223372036854776e+18)"},
		{`small(-128, 255, 0.5)`, "-128 255 0.5"},
		{`small(128)`, "bad argument #1 to 'small' (integer of 8 bits expected, got 128)"},
		{`small(0, -1)`, "bad argument #2 to 'small' (integer of 8 bits, 0 or more, expected, got -1)"},
		{`flag(false)`, "true"}, {`flag(0)`, "bad argument #1 to 'flag' (boolean expected, got number)"},
		{`wait(1.5)`, "1.5s"}, {`wait(math.huge)`, time.Duration(1<<63 - 1).String()}, {`wait(0/0)`, "bad argument #1 to 'wait' (seconds expected, got nan)"},
		{`bytes("ab", "cdef")`, "[97 98] [99 100 101 102]"}, {`bytes("", "x")`, "bad argument #2 to 'bytes' (string of 4 bytes expected, got 1)"},
		{`list({1, 2}, {"a", "b"})`, "[1 2] [a b]"}, {`list({1, "x"})`, "bad argument #1 to 'list' ([2]: number expected, got string)"},
		{`list({a = 1})`, "bad argument #1 to 'list' (table with keys 1..n expected, got one with others)"},
		{`dict({a = 1}, {[2] = "b"})`, "map[a:1] map[2:b]"}, {`dict({}, {a = "b"})`, "bad argument #2 to 'dict' (key a: number expected, got string)"},
		{`at({X = 1, name = "n"}, {Y = 2})`, "{1 0 n} &{0 2 }"}, {`at({X = 1, names = 2})`, "bad argument #1 to 'at' (unknown field 'names' (did you mean 'name'?))"}, {`at(nil, nil)`, "{0 0 } <nil>"},
		{`at({}, {X = "1x"})`, "bad argument #2 to 'at' (X: number expected, got string)"}, {`at(1)`, "bad argument #1 to 'at' (table expected, got number)"},
		{`whatever()`, "<nil> <nil>"}, {`whatever({1, {a = "b"}})`, "[]interface {} [1 map[a:b]]"},
		{`whatever({a = coroutine.create(print)})`, "bad argument #1 to 'whatever' (a: a thread has no form in Go)"},
		{`sum(1)`, "1"}, {`sum(1, 2, nil, 3)`, "6"}, {`sum(1, 2, {})`, "bad argument #3 to 'sum' (number expected, got table)"},
		{`select("#", two())`, "2"}, {`select("#", none())`, "0"},
		{`raw({1, 2}, print == nil)`, "2 false"}, {`raw(1)`, "bad argument #1 to 'raw' (table expected, got number)"},
		{`native(41)`, "42"}, {`native("x")`, "bad argument #1 to 'native' (number expected, got string)"},
		{`deep.er({})`, "bad argument #1 to 'er' (string expected, got table)"},
		{`(function() local t = {} t.X = t at(t) end)()`, "(X: number expected, got table)"},
	} {
		run(t, in, "ok, v = pcall(function() return "+c.call+" end) v = tostring(v)")
		if v, _ := in.Get("v"); !strings.HasSuffix(v.(string), c.want) {
			t.Errorf("%s: got %s, want %s", c.call, v, c.want)
		}
	}
}

type customError struct{ code int }

func (e *customError) Error() string { return fmt.Sprint("custom ", e.code) }

func TestHostFunctionErrors(t *testing.T) {
	in, _ := embed(t, interp.Config{})
	failure := error(&customError{7})
	set(t, in, map[string]any{
		"fail":  func() (int, error) { return 0, failure },
		"works": func() (int, error) { return 1, nil },
		"eof":   io.EOF,
	})
	run(t, in, `
		assert(works() == 1)
		ok, err = pcall(fail)
		assert(not ok and err.code == "EOTHER" and err.op == "fail" and err.message == "custom 7" and err.where == "test.lua:3", err.where)
		assert(tostring(err) == "fail: custom 7")
		assert(select(2, pcall(error, eof)) == eof)`)
	err := in.RunString(context.Background(), "x.lua", "\nfail()")
	var custom *customError
	if !errors.Is(err, failure) || !errors.As(err, &custom) || custom.code != 7 || err.Error() != "x.lua:2: fail: custom 7" {
		t.Error(err)
	}
	if v, err := in.Get("err"); err != nil || !errors.Is(v.(error), failure) {
		t.Errorf("the error object came back as %v, %v", v, err)
	}
	if err := in.RunString(context.Background(), "x.lua", "error(eof)"); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	failure = fs.ErrPermission
	if _, err := in.Call(context.Background(), "fail"); !errors.Is(err, fs.ErrPermission) {
		t.Error(err)
	}
}

func TestHostFunctionPanics(t *testing.T) {
	in, out := embed(t, interp.Config{})
	boom := errors.New("boom")
	set(t, in, map[string]any{
		"inturn": func(v string) { panicking(boom) },
		"beside": func(ctx context.Context) { var p *point; p.X++ },
		"native": func(s *interp.State) int { panicking("native"); return 0 },
	})
	ctx := context.Background()
	for name, want := range map[string]string{"inturn": "panicking", "beside": "TestHostFunctionPanics", "native": "panicking"} {
		_, err := in.Call(ctx, name)
		var e *interp.Error
		var p *interp.PanicError
		if !errors.As(err, &e) || !errors.As(err, &p) || !strings.Contains(e.Traceback, want) || !strings.Contains(e.Traceback, "stack traceback:") {
			t.Errorf("%s: %v\n%v", name, err, e.Traceback)
		}
	}
	if _, err := in.Call(ctx, "inturn"); !errors.Is(err, boom) || err.Error() != "inturn: panic: boom" {
		t.Error(err)
	}
	run(t, in, `
		for i = 1, 3 do assert(not pcall(inturn) and not pcall(beside) and not pcall(native)) end
		local t = thread.start(beside)
		assert(not t:join())
		assert(not thread.start(native):join())`)
	if !strings.Contains(out.String(), "goroutine ") {
		t.Errorf("a thread's panic was reported without Go's stack: %s", out)
	}
}

// Whatever the host's own code panics in, the host goes on.
func TestHostPanics(t *testing.T) {
	in, _ := embed(t, interp.Config{Stdin: broken{}, Stdout: broken{}, Stderr: broken{}})
	for _, script := range []string{"print(1)", "assert(io.read())"} {
		var p *interp.PanicError
		err := in.RunString(context.Background(), "x.lua", script)
		if err == nil || script == "print(1)" && !errors.As(err, &p) {
			t.Errorf("%s: %v", script, err)
		}
	}
	if err := in.RunString(context.Background(), "x.lua", "return 1"); err != nil {
		t.Error(err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error)  { panic("read") }
func (broken) Write([]byte) (int, error) { panic("write") }

func panicking(v any) { panic(v) }

// A function with a context lets others run, and may call the interpreter.
func TestHostFunctionBeside(t *testing.T) {
	in, _ := embed(t, interp.Config{})
	type key struct{}
	release := make(chan struct{})
	set(t, in, map[string]any{
		"block":   func(ctx context.Context) any { <-release; return ctx.Value(key{}) },
		"release": func() { close(release) },
		"each": func(list []int, f interp.Func) (sum float64, err error) {
			for _, n := range list {
				out, err := f.Call(context.Background(), n)
				if err != nil {
					return 0, err
				}
				sum += out[0].(float64)
			}
			return sum, nil
		},
		"wait": func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
	})
	ctx := context.WithValue(context.Background(), key{}, "value")
	if err := in.RunString(ctx, "x.lua", `
		local t = thread.start(block)
		thread.yield()
		release()
		local ok, v = t:join()
		assert(v == "value", v)
		assert(each({1, 2, 3}, function(n) return 2 * n end) == 12)
		local ok, err = pcall(each, {1}, function() error("inner", 0) end)
		assert(err == "inner", err)
		local t = thread.start(function() return pcall(wait) end)
		thread.sleep(0.01)
		t:cancel()
		local _, ok, err = t:join()
		assert(not ok and err.code == "ECANCELED", err)
		assert(t:alive() == false)`); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if _, err := in.Call(short, "wait"); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := in.Call(context.Background(), "wait"); err != interp.ErrClosed {
			t.Error(err)
		}
	})
	time.Sleep(10 * time.Millisecond)
	in.Close()
	wg.Wait()
}

// A function without one holds the turn; should it wait for the interpreter, it
// loses it before long.
func TestHostFunctionInTurn(t *testing.T) {
	in, _ := embed(t, interp.Config{})
	n, inside := 0, atomic.Int32{}
	set(t, in, map[string]any{
		"count": func() int {
			if inside.Add(1) != 1 {
				t.Error("two at once")
			}
			n++
			runtime.Gosched()
			inside.Add(-1)
			return n
		},
		"reenter": func() (any, error) {
			if _, err := in.Call(context.Background(), "twice", 4); err != nil {
				return nil, err
			}
			return in.Get("answer")
		},
	})
	run(t, in, `
		function twice(x) count() answer = 2 * x end
		local threads = {}
		for i = 1, 8 do threads[i] = thread.start(function() for j = 1, 500 do count() thread.yield() end end) end
		for i = 1, 8 do assert(threads[i]:join()) end
		assert(count() == 4001)
		assert(reenter() == 8)`)
}

// One that takes less than a tenth of a second keeps the turn, whenever it began.
func TestHostFunctionKeepsTheTurn(t *testing.T) {
	in, _ := embed(t, interp.Config{})
	slow := false
	set(t, in, map[string]any{
		"work": func() {
			start := time.Now()
			time.Sleep(15 * time.Millisecond)
			slow = slow || time.Since(start) > 90*time.Millisecond
		},
		"quiet": func() bool { return !slow }, // the machine was
	})
	run(t, in, `
		local others = 0
		thread.daemon(function() while true do others = others + 1 thread.yield() end end)
		for i = 1, 20 do
			local before = others
			work()
			assert(others == before or not quiet(), "another thread ran meanwhile")
			thread.yield()
		end`)
}

// Such a function is not called twice at once, nor is another beside it, also when
// one has lost the turn; who calls one waits.
func TestHostFunctionLate(t *testing.T) {
	in, _ := embed(t, interp.Config{})
	var inside, calls atomic.Int32
	entered, release, others := make(chan struct{}), make(chan struct{}), make(chan struct{})
	alone := func(fn func()) func() {
		return func() {
			if inside.Add(1) != 1 {
				t.Error("two at once")
			}
			calls.Add(1)
			fn()
			inside.Add(-1)
		}
	}
	set(t, in, map[string]any{
		"block":  alone(func() { entered <- struct{}{}; <-release }),
		"quick":  alone(func() {}),
		"others": func(context.Context) { close(others) },
		"reenter": func() error {
			_, err := in.Call(context.Background(), "quick")
			return err
		},
	})
	ended := make(chan error, 2)
	start := func(script string) {
		go func() { ended <- in.RunString(context.Background(), "x", script) }()
	}
	start(`block()`)
	<-entered
	start(`
		local threads = {}
		for i = 1, 4 do threads[i] = thread.start(function() quick() block() reenter() quick() end) end
		thread.sleep(0.01)
		others()
		for _, t in ipairs(threads) do assert(t:join()) end`)
	<-others
	if calls.Load() != 1 {
		t.Error("another function was called beside one that is late")
	}
	short, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if _, err := in.Call(short, "quick"); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	for range 4 {
		release <- struct{}{}
		<-entered
	}
	release <- struct{}{}
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if calls.Load() != 1+4*4 {
		t.Error(calls.Load())
	}
}

// What a host function does to its goroutine is no reason to hang: t.FailNow is
// runtime.Goexit.
func TestHostFunctionGoexit(t *testing.T) {
	in, out := embed(t, interp.Config{})
	set(t, in, map[string]any{
		"exit":   func() { runtime.Goexit() },
		"beside": func(context.Context) { runtime.Goexit() },
	})
	for _, name := range []string{"exit", "beside"} {
		var wg sync.WaitGroup
		wg.Go(func() { in.Call(context.Background(), name) })
		wg.Wait()
		run(t, in, `local ok, err = thread.start(`+name+`):join() assert(not ok)`)
	}
	run(t, in, `print(thread.count())`)
	if out.String() != "1\n" && !strings.HasSuffix(out.String(), "\n1\n") {
		t.Error(out)
	}
}

// os.exit ends the script also when a host function stands between.
func TestExitThroughHost(t *testing.T) {
	for _, beside := range []bool{false, true} {
		in, out := embed(t, interp.Config{})
		var got error
		var call any = func(f interp.Func) error { _, got = f.Call(context.Background()); return got }
		if beside {
			call = func(ctx context.Context, f interp.Func) error { _, got = f.Call(ctx); return got }
		}
		in.Set("call", call)
		for script, want := range map[string]error{
			`call(function() os.exit(7) end) print("on")`:                    &interp.ExitError{Code: 7},
			`pcall(call, function() pcall(os.exit, 7) end) print("on")`:      &interp.ExitError{Code: 7},
			`call(function() call(function() os.exit(7) end) end)`:           &interp.ExitError{Code: 7},
			`call(function() os.exit(0) end) print("on")`:                    nil,
			`thread.start(call, function() os.exit(3) end) thread.sleep(60)`: &interp.ExitError{Code: 3},
		} {
			if err := in.RunString(context.Background(), "x", script); !reflect.DeepEqual(err, want) {
				t.Errorf("%s: %v, want %v", script, err, want)
			}
			if got == nil || out.Len() > 0 {
				t.Errorf("%s: the host got %v, and the script went on: %q", script, got, out)
			}
		}
	}
}
