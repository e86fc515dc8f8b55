package interp_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"wirelua/interp"
)

// A call's thread and run are used again by later calls; whoever may remember one keeps it for good. Each script
// here leaves something that knows its call, and the calls that come after it must not be taken for that.
func TestCallsLeaveWhatIsTheirs(t *testing.T) {
	in, _ := embed(t, interp.Config{})
	run(t, in, `
		function nothing() end
		lock = thread.lock()
		function take() lock:acquire() end
		function held() return lock:acquire(0) == false end -- and not EDEADLK
		function leave() co = coroutine.create(function() coroutine.yield() return thread.current().name end) coroutine.resume(co) end
		function go_on() local ok, name = coroutine.resume(co) return ok, name end
		function start() other = thread.start(function() thread.sleep(60) end, {daemon = true}) end
		function alive() return other:alive() end
		function me() mine = thread.current() end
		function ended() return not mine:alive() end`)
	for _, c := range []struct{ first, then string }{{"take", "held"}, {"leave", "go_on"}, {"start", "alive"}, {"me", "ended"}} {
		call(t, in, c.first)
		for range 5 {
			call(t, in, "nothing")
		}
		if out := call(t, in, c.then); out[0] != true {
			t.Errorf("%s, then %s: %v", c.first, c.then, out)
		}
	}
}

// A context that ends when its call is over stops nothing that comes after.
func TestCallsEndWithTheirOwnContext(t *testing.T) {
	in, _ := embed(t, interp.Config{})
	run(t, in, `function nothing() end function busy(n) for i = 1, n do end return n end`)
	for range 300 {
		ctx, cancel := context.WithCancel(context.Background())
		if _, err := in.Call(ctx, "nothing"); err != nil {
			t.Fatal(err)
		}
		go cancel()
		if out, err := in.Call(context.Background(), "busy", 3000); err != nil || out[0] != 3000.0 {
			t.Fatal(out, err)
		}
	}
	if _, err := in.Call(context.Background(), "error"); err == nil {
		t.Error("no error")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	run(t, in, `function spin() while true do end end`)
	if _, err := in.Call(ctx, "spin"); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	call(t, in, "nothing")
}

// An empty call needs nothing of the collector's, but what the race detector drops of pools.
func TestCallAllocates(t *testing.T) {
	in, _ := embed(t, interp.Config{})
	run(t, in, `function nothing() end`)
	ctx := context.Background()
	if n := testing.AllocsPerRun(1000, func() { _, _ = in.Call(ctx, "nothing") }); n > 1.5 {
		t.Errorf("%v allocations", n)
	}
}

// What has a way of its own into Lua and back, without reflection, does what all else does.
func TestQuickValues(t *testing.T) {
	in, _ := embed(t, interp.Config{})
	run(t, in, `
		function kinds(...)
			local out = {}
			for i = 1, select("#", ...) do out[i] = type((select(i, ...))) end
			return table.concat(out, " ")
		end
		function same(a, b) return a == b end
		function twice() local t = {x = "1"} return t, t end
		function echo(...) return ... end
		function count(t) local n = 0 for k in pairs(t) do n = n + 1 end return n, next(t, "b") ~= nil end`)
	texts, anys := map[string]string{"a": strings.Repeat("x", 5000), "b": ""}, map[string]any{"a": nil, "b": 1, "c": []byte("x")}
	if out := call(t, in, "kinds", "", 1, 1.5, true, nil, []byte(nil), texts, anys, map[string]any(nil), map[string]string(nil)); out[0] != "string number number boolean nil string table table table table" {
		t.Error(out)
	}
	if out := call(t, in, "same", anys, anys); out[0] != true {
		t.Error("one map is two tables")
	}
	if out := call(t, in, "same", texts, texts); out[0] != true {
		t.Error("one map is two tables")
	}
	if out := call(t, in, "count", anys); out[0] != 2.0 {
		t.Error(out)
	}
	loop := map[string]any{}
	loop["deep"] = map[string]any{"loop": loop}
	if _, err := in.Call(context.Background(), "kinds", loop); err == nil || err.Error() != "interp: Call kinds: argument 1.deep.loop: a map[string]interface {} that contains itself has no form in Lua" {
		t.Error(err)
	}
	var a, b map[string]string
	if err := in.CallInto(context.Background(), &interp.Results{&a, &b}, "twice"); err != nil {
		t.Fatal(err)
	}
	if a["y"] = "2"; b["y"] != "2" {
		t.Error("one table is two maps")
	}
	var text string
	var data []byte
	var n int
	var x float64
	var yes bool
	var back map[string]string
	err := in.CallInto(context.Background(), &interp.Results{&text, &data, &n, nil, &x, &yes, &back}, "echo", "1", "2", 3, "dropped", 4.5, true, texts)
	if err != nil || text != "1" || string(data) != "2" || n != 3 || x != 4.5 || !yes || !reflect.DeepEqual(back, texts) {
		t.Error(err, text, data, n, x, yes, len(back))
	}
	for _, bad := range []struct {
		into any
		arg  any
		want string
	}{
		{&n, 1.5, "interp: Call echo: result 1: integer expected, got 1.5"},
		{&n, true, "interp: Call echo: result 1: number expected, got boolean"},
		{&yes, "x", "interp: Call echo: result 1: boolean expected, got string"},
		{&back, "x", "interp: Call echo: result 1: table expected, got string"},
		{&back, map[string]any{"a": true}, "interp: Call echo: result 1.a: string expected, got boolean"},
		{n, 1, "interp: Call echo: results go to what a pointer points to, and a int is none"},
		{&interp.Results{&text, n}, 1, "interp: Call echo: results go to what a pointer points to, and a int is none"},
	} {
		if err := in.CallInto(context.Background(), bad.into, "echo", bad.arg); err == nil || err.Error() != bad.want {
			t.Error(err, "wanted", bad.want)
		}
	}
	if err := in.CallInto(context.Background(), &n, "echo", 1<<40); err != nil || n != 1<<40 {
		t.Error(err, n)
	}
}

func call(t *testing.T, in *interp.Interpreter, name string, args ...any) []any {
	t.Helper()
	out, err := in.Call(context.Background(), name, args...)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out
}

// The context of a host function is made when it is asked for, and ends with the call, for whoever kept it.
func TestHostContextKept(t *testing.T) {
	in, _ := embed(t, interp.Config{})
	type key struct{}
	var kept, late context.Context
	set(t, in, map[string]any{
		"keep": func(ctx context.Context, names ...string) (int, error) {
			child, cancel := context.WithCancel(ctx)
			defer cancel()
			kept = ctx
			return len(names), errors.Join(ctx.Err(), child.Err())
		},
		"unasked": func(ctx context.Context) { late = ctx },
	})
	run(t, in, `function nested() unasked() return keep("a", "b") + keep() end`)
	out, err := in.Call(context.WithValue(context.Background(), key{}, "value"), "nested")
	if err != nil || out[0] != 2.0 {
		t.Fatal(out, err)
	}
	for _, ctx := range []context.Context{kept, late} {
		if ctx.Err() != context.Canceled || ctx.Value(key{}) != "value" {
			t.Error(ctx.Err(), ctx.Value(key{}))
		}
		<-ctx.Done()
	}
	if kept == late {
		t.Error("two calls have one context")
	}
}

// A function's arguments are its own: what a call inside it gets is not put in their place.
func TestHostFunctionNested(t *testing.T) {
	in, _ := embed(t, interp.Config{})
	set(t, in, map[string]any{
		"sum": func(ctx context.Context, n int, parts []int, name string) (string, error) {
			if n == 0 {
				return "", nil
			}
			out, err := in.Call(ctx, "again", n-1, []int{n, n, n}, name+"x")
			if err != nil {
				return "", err
			}
			return name + ":" + strings.Repeat("i", len(parts)) + out[0].(string), nil
		},
		"quick": func(a string, rest ...int) (string, int) { return a, len(rest) },
	})
	run(t, in, `
		function again(n, parts, name) quick("other", 1, 2) return sum(n, parts, name) end
		function go() return sum(3, {1, 2}, "a") end
		function all() local text, n = quick("a", 1, 2, 3) local none, m = quick() return text, n, none, m end`)
	if out := call(t, in, "go"); out[0] != "a:iiax:iiiaxx:iii" {
		t.Error(out)
	}
	if out := call(t, in, "all"); !reflect.DeepEqual(out, []any{"a", 3.0, "", 0.0}) {
		t.Error(out)
	}
}
