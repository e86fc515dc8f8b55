package interp_test

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// What an interpreter holds is compared with what Go's heap and stacks have more of than
// before: the account is to be near that, whatever it is.
var heldScripts = map[string]string{
	"long strings":        `t = {} for i = 1, 200 do t[i] = ("x"):rep(1e5 + i) end`,
	"short strings":       `t = {} for i = 1, 2e5 do t[i] = "number " .. i end`,
	"numbers":             `t = {} for i = 1, 1e6 do t[i] = i / 3 end`,
	"names":               `t = {} for i = 1, 1e5 do t["name" .. i] = i end`,
	"sparse":              `t = {} for i = 1, 1e5 do t[i + 0.5] = i end`,
	"tables":              `t = {} for i = 1, 1e5 do t[i] = {i} end`,
	"objects":             `t = {} for i = 1, 3e4 do t[i] = {x = i, y = {}, name = "n"} end`,
	"closures":            `t = {} for i = 1, 1e5 do t[i] = function() return i end end`,
	"coroutines":          `t = {} for i = 1, 5e3 do t[i] = coroutine.create(function(x) coroutine.yield() end) coroutine.resume(t[i]) end`,
	"wrapped":             `t = {} for i = 1, 5e3 do t[i] = coroutine.wrap(function() coroutine.yield() end) t[i]() end`,
	"compiled":            `t = {} for i = 1, 3e3 do t[i] = loadstring("return function() return " .. i .. " end") end`,
	"queue":               `q = thread.queue() for i = 1, 1e5 do q:put("value " .. i) end`,
	"names that are gone": `t = {} for i = 1, 2e5 do t["name" .. i] = i t["name" .. i] = nil end`,
	"sets":                `t = {} for i = 1, 3e4 do t[{}] = true t[i] = {[t] = i, [i + 0.5] = "x"} end`,
	"buffers":             `t = {} for i = 1, 10 do t[i] = io.tmpfile() t[i]:setvbuf("full", 2 ^ 24) t[i]:write(("x"):rep(2 ^ 20)) end`,
	"threads":             `n = 0 for i = 1, 1e3 do thread.daemon(function() n = n + 1 thread.sleep(1e6) end) end while n < 1e3 do thread.sleep(0.001) end`,
	"iterators":           `t = {} for i = 1, 1e2 do t[i] = (("x"):rep(1e5) .. i):gmatch("y") end`,
	"deep in metamethods": deepThreads(`local function f(n) if n == 0 then sleep() end return setmetatable({}, {__index = function(_, k) return f(n - 1) end}).x end f(300)`),
	"deep in pcall":       deepThreads(`local function f(n) if n == 0 then sleep() end pcall(f, n - 1) end f(150)`),
	"deep in sort":        deepThreads(`local function f(n) if n == 0 then sleep() end table.sort({1, 2}, function() f(n - 1) end) end f(100)`),
	"deep in gsub":        deepThreads(`local function f(n) if n == 0 then sleep() end ("x"):gsub("x", function() f(n - 1) end) end f(100)`),
	"deep in Lua":         deepThreads(`local function f(n) if n == 0 then sleep() end f(n - 1) return 1 end f(300)`),
}

func deepThreads(body string) string {
	return `bottom = 0 function sleep() bottom = bottom + 1 thread.sleep(1e6) end
		for i = 1, 30 do thread.daemon(function() ` + body + ` end) end while bottom < 30 do thread.sleep(0.001) end`
}

func TestMemory(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	for name, source := range heldScripts {
		t.Run(name, func(t *testing.T) {
			// Go uses stacks again that goroutines have left, and so may need fewer new ones.
			// And it doubles them: how far they are filled is up to the size of its frames.
			deep := strings.HasPrefix(name, "deep")
			for range 3 { // what was there before may go meanwhile
				held, heap := holds(t, source)
				t.Logf("%d held, %d in use: %.2f", held, heap, float64(held)/float64(heap))
				tooMuch := held > heap*14/10 && !deep && name != "threads"
				if held >= heap*4/10 && (held >= heap*6/10 || deep) && !tooMuch {
					return
				}
			}
			t.Error("not what the heap has more")
		})
	}
}

// holds returns how much more there is after the script has run: by the account, and in
// the process.
func holds(t *testing.T, source string) (held, heap int) {
	in, err := interp.New(interp.Config{Policy: policy.All(), Modules: stdlib.Modules()})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	run := func(source string) {
		if err := in.RunString(context.Background(), "held", source); err != nil {
			t.Fatal(err)
		}
	}
	run(`require "thread" thread.yield() io.tmpfile():close() collectgarbage()`)
	heap, held = inUse(), in.Memory()
	run(source)
	return in.Memory() - held, inUse() - heap
}

// inUse returns what the process has in use, once that does not change any more.
func inUse() (n int) {
	for same := 0; same < 3; same++ {
		last := n
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		if n = int(m.HeapAlloc + m.StackInuse); max(n-last, last-n) > 32<<10 {
			same = 0
		}
		time.Sleep(time.Millisecond)
	}
	return n
}

// A word that a script found in a long text kept all of the text: 64 MB for each line, and the
// account knew of none.
func TestPiecesKeepLittle(t *testing.T) {
	for name, find := range map[string]string{
		"sub": `s:sub(-3)`, "match": `s:match("abc")`, "capture": `s:match("x(abc)")`, "gmatch": `s:gmatch("abc")()`,
		"gsub": `(function() local f s:gsub("abc", function(w) f = w end) return f end)()`,
		"find": `select(3, s:find("x(abc)"))`, "unpack": `string.unpack("c3", s, #s - 2)`, "struct": `struct.unpack_from("3s", s, #s - 2)`,
	} {
		t.Run(name, func(t *testing.T) {
			if _, heap := holds(t, `t = {} for i = 1, 10 do local s = ("x"):rep(1e6 + i) .. "abc" t[i] = `+find+` assert(t[i] == "abc", t[i]) end`); heap > 2e6 {
				t.Errorf("%d bytes are kept of ten texts of 1 MB", heap)
			}
		})
	}
}

// collectgarbage("count") told a script in a fence what its host had in use.
func TestCountIsOnesOwn(t *testing.T) {
	held := make([]byte, 200<<20)
	for name, c := range map[string]interp.Config{
		"denied": {}, "limited": {Policy: policy.All(), Limits: interp.Limits{Memory: 64 << 20}}, "free": {Policy: policy.All()},
	} {
		in, err := interp.New(c)
		if err != nil {
			t.Fatal(err)
		}
		err = in.RunString(context.Background(), "count", `function count()
			local before = collectgarbage("count")
			t = {} for i = 1, 1e4 do t[i] = {i} end
			local after, tries = 0, 0
			repeat after, tries = gcinfo(), tries + 1 until after > before or tries == 1e6
			return before * 1024, (after - before) * 1024 end`)
		if err != nil {
			t.Fatal(err)
		}
		out, err := in.Call(context.Background(), "count")
		if err != nil {
			t.Fatal(err)
		}
		before, more := out[0].(float64), out[1].(float64)
		if host := before > float64(len(held)); host != (name == "free") || more < 5e5 {
			t.Errorf("%s: %v bytes, and then %v more", name, before, more)
		}
		in.Close()
	}
	runtime.KeepAlive(held)
}

// One interpreter that hoarded just below the limit made every other one fail. Each has its
// own account, and what is over its own is stopped.
func TestMemoryTenants(t *testing.T) {
	limits := interp.Limits{Memory: 32 << 20}
	var hoarders []*interp.Interpreter
	for range 4 {
		in, _ := embed(t, interp.Config{Limits: limits})
		run(t, in, `t = {} for i = 1, 24 do t[i] = ("x"):rep(2 ^ 20) .. i end`)
		hoarders = append(hoarders, in)
	}
	in, _ := embed(t, interp.Config{Limits: limits})
	run(t, in, `local t = {} for i = 1, 1000 do t[i % 10] = ("x"):rep(1e6) .. i end`)
	for _, h := range hoarders {
		run(t, h, `for i = 1, 1000 do local s = ("x"):rep(1e5) .. i end`)
	}
	err := in.RunString(context.Background(), "full", `t = {} while true do t[#t + 1] = ("x"):rep(1e5) .. #t end`)
	if !errors.Is(err, syscall.ENOMEM) || !strings.Contains(err.Error(), "33554432 (Limits.Memory)") {
		t.Error("ended with", err)
	}
	run(t, in, `t = nil for i = 1, 1000 do local s = ("x"):rep(1e5) .. i end`) // it goes on
	if held := in.Memory(); held > 4<<20 {
		t.Errorf("%d bytes are held of what is gone", held)
	}
}

// BenchmarkMemory is what measuring costs: an interpreter that has just been made, and
// a hundred thousand tables.
func BenchmarkMemory(b *testing.B) {
	for name, source := range map[string]string{"fresh": "", "tables": heldScripts["tables"], "names": heldScripts["names"]} {
		b.Run(name, func(b *testing.B) {
			in, _ := interp.New(interp.Config{Modules: stdlib.Modules()})
			defer in.Close()
			if err := in.RunString(context.Background(), name, source); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				in.Memory()
			}
		})
	}
}
