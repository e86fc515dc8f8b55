package interp_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"wirelua/interp"
)

// each calls fn for all of list. Those without a context call the interpreter with one
// that says nothing of who calls.
var callers = map[string]any{
	"each": func(ctx context.Context, list []any, fn interp.Func) error { return each(ctx, list, fn) },
	"bare": func(list []any, fn interp.Func) error { return each(context.Background(), list, fn) },
	"wrapped": func(ctx context.Context, fn interp.Func) error {
		if _, err := fn.Call(ctx); err != nil {
			return fmt.Errorf("wrapped: %w", err)
		}
		return nil
	},
}

func each(ctx context.Context, list []any, fn interp.Func) error {
	for _, v := range list {
		if _, err := fn.Call(ctx, v); err != nil {
			return err
		}
	}
	return nil
}

// nestingLua has the ways for Lua to call a function through Go: through simple ones a
// stack goes on, the others need one of their own.
const nestingLua = `
	local function object(event, f)
		return setmetatable({}, {[event] = function() f() return "" end})
	end
	simple = {
		index = function(f) return object("__index", f).x end,
		newindex = function(f) object("__newindex", f).x = 1 end,
		add = function(f) return object("__add", f) + 1 end,
		concat = function(f) return object("__concat", f) .. "x" end,
		lt = function(f)
			local a = object("__lt", f)
			return a < setmetatable({}, getmetatable(a))
		end,
		eq = function(f)
			local a = object("__eq", f)
			return a == setmetatable({}, getmetatable(a))
		end,
		unm = function(f) return -object("__unm", f) end,
		call = function(f) object("__call", f)() end,
		tostring = function(f) return tostring(object("__tostring", f)) end,
		format = function(f) return ("%s"):format(object("__tostring", f)) end,
		print = function(f) print(object("__tostring", f)) end,
		sort = function(f) table.sort({1, 2, 3}, f) end,
		gsub = function(f) return (("x"):gsub("x", f)) end,
		foreach = function(f) table.foreach({1}, f) end,
		iterator = function(f) for x in f do end end,
		load = function(f) assert(load(f)) end,
		require = function(f) count = (count or 0) + 1 local m = "m" .. count package.preload[m] = f require(m) end,
		with = function(f) thread.lock():with(f) end,
		select = function(f) channel.select({"default", f}) end,
	}
	nested = {
		pcall = function(f) assert(pcall(f)) end,
		xpcall = function(f) assert(xpcall(f, function(e) return e end)) end,
		handler = function(f) assert(xpcall(error, function() f() return "handled" end)) end,
		wrap = function(f) coroutine.wrap(f)() end,
		resume = function(f) assert(coroutine.resume(coroutine.create(f))) end,
		describe = function(f) thread.start(function() end):join() pcall(error, object("__tostring", f)) f() end,
		each = function(f) each({1}, f) end,
		bare = function(f) bare({1}, f) end,
		wrapped = function(f) wrapped(f) end,
	}
	-- recurse goes down without end, by way of simple[a], and now and then of nested[b].
	function recurse(a, b, every)
		local n, down = 0, simple[a]
		local function r()
			n = n + 1
			tick()
			if n % every == 0 then nested[b](r) else down(r) end
			return nil
		end
		r()
	end`

// All calls in each other are counted, whatever they go through: Go's stack stays far
// from its limit, whose overflow nothing can catch.
func TestNesting(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector's calls take more of the stack")
	}
	in, _ := embed(t, interp.Config{})
	var n int
	var most uint64
	set(t, in, callers)
	set(t, in, map[string]any{"tick": func() {
		if n++; n%256 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.StackInuse)
		}
	}})
	run(t, in, nestingLua)
	v, _ := in.Get("simple")
	w, _ := in.Get("nested")
	for a := range v.(map[string]any) {
		for b := range w.(map[string]any) {
			if testing.Short() && a != "sort" && b != "pcall" {
				continue
			}
			for where, script := range map[string]string{
				"main": `recurse(%q, %q, 7900)`, "often": `recurse(%q, %q, 3)`,
				"thread": `local ok, err = thread.start(recurse, %q, %q, 450):join() error(err, 0)`,
			} {
				n, most = 0, 0
				err := in.RunString(context.Background(), "x", fmt.Sprintf(script, a, b))
				want := "stack overflow"
				if a == "handler" || b == "handler" { // that is called once more, and fails there
					want = "error in error handling"
				}
				if err == nil || !strings.Contains(err.Error(), "stack overflow") && !strings.Contains(err.Error(), want) {
					t.Errorf("%s: %s and %s ended after %d calls with %v", where, a, b, n, err)
				}
				if most > 200<<20 {
					t.Errorf("%s: %s and %s took %d MB of stack", where, a, b, most>>20)
				}
			}
			runtime.GC() // the stack of this goroutine shrinks
		}
	}
}

// A host function's callback that calls it again overflowed Go's stack.
func TestNestingThroughHost(t *testing.T) {
	in, _ := embed(t, interp.Config{})
	other, _ := embed(t, interp.Config{})
	set(t, in, callers)
	set(t, in, map[string]any{
		"again": func(ctx context.Context) error { _, err := in.Call(ctx, "r"); return err },
		"anew":  func(interp.Func) error { _, err := in.Call(context.Background(), "r"); return err },
		"over":  func(ctx context.Context) error { _, err := other.Call(ctx, "r"); return err },
		"aside": func(ctx context.Context) (err error) {
			done := make(chan struct{})
			go func() { defer close(done); _, err = in.Call(ctx, "r") }()
			<-done
			return err
		},
	})
	set(t, other, map[string]any{"back": func(ctx context.Context) error { _, err := in.Call(ctx, "r"); return err }})
	run(t, other, `function r() back() end`)
	for _, body := range []string{
		`each({1}, r)`, `bare({1}, r)`, `wrapped(r)`, `again()`, `anew(r)`, `over()`, `aside()`,
		`pcall(each, {1}, r) error("stack overflow")`,
		`coroutine.wrap(function() each({1}, r) end)()`, `table.sort({1, 2}, function() each({1}, r) end)`,
	} {
		err := in.RunString(context.Background(), "x", "function r() "+body+" end r()")
		var e *interp.Error
		if !errors.As(err, &e) || !strings.Contains(e.Message, "stack overflow") {
			t.Errorf("%s: %v", body, err)
		}
	}
	run(t, in, `
		local n = 0
		local function r() n = n + 1 if n < 100 then each({1}, r) end end
		r()
		assert(n == 100)`)
}
