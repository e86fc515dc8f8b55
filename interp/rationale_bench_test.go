package interp_test

import (
	"context"
	"iter"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// These are the measurements that RATIONALE.md speaks of and no other file has.

// inLoop runs body b.N times in Lua, with what it needs made before by setup.
func inLoop(b *testing.B, config interp.Config, setup, body string) {
	in, _ := embed(b, config)
	run(b, in, setup+"\nfunction loop(n) for i = 1, n do "+body+" end end")
	b.ReportAllocs()
	b.ResetTimer()
	if _, err := in.Call(context.Background(), "loop", b.N); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkSwitch is going into a coroutine and back, by three means.
func BenchmarkSwitch(b *testing.B) {
	b.Run("coroutine", func(b *testing.B) {
		inLoop(b, interp.Config{}, "local co = coroutine.wrap(function() while true do coroutine.yield() end end)", "co()")
	})
	b.Run("iter.Pull", func(b *testing.B) {
		next, stop := iter.Pull(func(yield func(int) bool) {
			for yield(1) {
			}
		})
		defer stop()
		for b.Loop() {
			next()
		}
	})
	b.Run("goroutines", func(b *testing.B) {
		there, back := make(chan int), make(chan int)
		defer close(there)
		go func() {
			for v := range there {
				back <- v
			}
		}()
		for b.Loop() {
			there <- 1
			<-back
		}
	})
}

// BenchmarkStart is making a coroutine and running it to its end, by three means.
func BenchmarkStart(b *testing.B) {
	b.Run("coroutine", func(b *testing.B) {
		inLoop(b, interp.Config{}, "local function f() end", "coroutine.wrap(f)()")
	})
	b.Run("iter.Pull", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			next, _ := iter.Pull(func(func(int) bool) {})
			next()
		}
	})
	b.Run("goroutine", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			done := make(chan int)
			go close(done)
			<-done
		}
	})
}

// BenchmarkIterator goes over a list of a hundred items: by number, with an iterator of
// Go's, with one that is written in Lua.
func BenchmarkIterator(b *testing.B) {
	const list = `local t = {} for i = 1, 100 do t[i] = i end
		local function following(t, i) i = i + 1 local v = t[i] if v ~= nil then return i, v end end
		local function each(t) return following, t, 0 end`
	b.Run("number", func(b *testing.B) { inLoop(b, interp.Config{}, list, "for i = 1, #t do local v = t[i] end") })
	b.Run("Go", func(b *testing.B) { inLoop(b, interp.Config{}, list, "for i, v in ipairs(t) do end") })
	b.Run("Lua", func(b *testing.B) { inLoop(b, interp.Config{}, list, "for i, v in each(t) do end") })
}

// BenchmarkField reads a field of an object, calls a method of it, or does nothing: of a
// type whose fields are answered by a function, and of one with classes.
func BenchmarkField(b *testing.B) {
	for name, class := range map[string]func(any) [2]uint64{"function": nil, "class": func(any) [2]uint64 { return [2]uint64{} }} {
		t := &interp.Type{
			Name: "thing", Fields: []interp.Field{{Name: "family"}}, Class: class,
			Index:   func(*interp.State, any, string) lua.LValue { return lua.LNumber(2) },
			Methods: []interp.Function{{Name: "method", Fn: func(s *interp.State) int { return 0 }}},
		}
		module := &interp.Module{Name: "thing", Funcs: []interp.Function{
			{Name: "new", Fn: func(s *interp.State) int { return s.Return(s.NewObject(t, t)) }},
		}}
		for what, body := range map[string]string{"field": "local f = o.family", "method": "o:method()", "none": ""} {
			b.Run(name+"/"+what, func(b *testing.B) {
				inLoop(b, interp.Config{Modules: []*interp.Module{module}}, "local o = thing.new()", body)
			})
		}
	}
}
