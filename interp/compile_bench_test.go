package interp

import (
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"
)

// vmPrograms return a function that does some milliseconds' work.
var vmPrograms = map[string]string{
	"fib":      `local function fib(n) if n < 2 then return n end return fib(n-1) + fib(n-2) end return function() fib(22) end`,
	"tables":   `return function() local t = {} for i = 1, 20000 do t[i] = i end local s = 0 for i = 1, #t do s = s + t[i] end return s end`,
	"fields":   `local P = {} P.__index = P function P.new(x, y) return setmetatable({x = x, y = y}, P) end function P:add(o) return P.new(self.x + o.x, self.y + o.y) end return function() local p = P.new(0, 0) local q = P.new(1, 2) for i = 1, 3000 do p = p:add(q) p.x = p.x - q.y end return p.x end`,
	"strings":  `return function() local t = {} for i = 1, 3000 do t[#t + 1] = "key" .. i .. "=" .. (i * 2) .. ";" end local s = table.concat(t) local n = 0 for k, v in s:gmatch("(%w+)=(%w+)") do n = n + #k + #v end return n end`,
	"concat":   `return function() local s = "" for i = 1, 2000 do s = s .. "x" end local a, b, c = "abc", "def", 5 for i = 1, 3000 do local u = a .. b local v = a .. "," .. b .. "," .. c .. "," .. a .. "," .. b end return s end`,
	"sort":     `return function() local t, x = {}, 42 for i = 1, 3000 do x = (x * 1103515245 + 12345) % 2147483648 t[i] = x end table.sort(t, function(a, b) return a < b end) local function q(a, lo, hi) if lo < hi then local p, i = a[hi], lo - 1 for j = lo, hi - 1 do if a[j] <= p then i = i + 1 a[i], a[j] = a[j], a[i] end end a[i + 1], a[hi] = a[hi], a[i + 1] q(a, lo, i) q(a, i + 2, hi) end end x = 7 for i = 1, 3000 do x = (x * 1103515245 + 12345) % 2147483648 t[i] = x end q(t, 1, #t) return t[1] end`,
	"closures": `local function counter() local n = 0 return function() n = n + 1 return n end end return function() local s = 0 for i = 1, 2000 do local c = counter() s = s + c() + c() end return s end`,
	"logic":    `return function() local n = 0 for i = 1, 20000 do local a = i % 3 == 0 and "x" or i % 5 == 0 and "y" or nil if a == "x" or not a and i > 10 then n = n + 1 elseif a ~= nil then n = n - 1 end end return n end`,
	"calls":    `local function f(a, b, c) return c, b, a end return function() local x, y, z = 1, 2, 3 for i = 1, 10000 do x, y, z = f(x, y, z) end return x end`,
	"while":    `return function() local i, s = 0, 0 while i < 20000 do i = i + 1 s = s + i end repeat s = s - 1000 until s < 190000000 for k, v in pairs({a=1,b=2,c=3}) do s = s + v end return s end`,
	"varargs":  `local function sum(...) local s = 0 for i = 1, select("#", ...) do s = s + (select(i, ...)) end return s end local function pack(...) return {...} end return function() local s = 0 for i = 1, 1000 do s = s + sum(1, 2, i) + #pack(i, i, i) end return s end`,
}

// BenchmarkCode runs the code of gopher-lua's compiler and ours in turn, and reports how
// long ours takes beside the other's: the best times of both are compared.
func BenchmarkCode(b *testing.B) {
	for name, source := range vmPrograms {
		b.Run(name, func(b *testing.B) {
			in, err := New(Config{})
			if err != nil {
				b.Fatal(err)
			}
			defer in.Close()
			ours, failure := in.compile(source, name)
			if failure != nil {
				b.Fatal(failure)
			}
			makers := []*lua.LFunction{ours, in.root.NewFunctionFromProto(theirs(b, source, name))}
			failed := in.enter(b.Context(), false, benchVisit(func(s *State) {
				compareCode(b, s, makers)
			}))
			if failed != nil {
				b.Fatal(failed)
			}
		})
	}
}

// theirs compiles with gopher-lua's own front end.
func theirs(b *testing.B, source, name string) *lua.FunctionProto {
	chunk, err := parse.Parse(strings.NewReader(source), name)
	if err != nil {
		b.Fatal(err)
	}
	p, err := lua.Compile(chunk, name)
	if err != nil {
		b.Fatal(err)
	}
	return p
}

func compareCode(b *testing.B, s *State, makers []*lua.LFunction) {
	best := []time.Duration{time.Hour, time.Hour}
	var fns []lua.LValue
	for _, m := range makers {
		s.Push(m)
		s.Call(0, 1)
		fns = append(fns, s.Get(-1))
		s.Pop(1)
	}
	for b.Loop() {
		for i, fn := range fns {
			start := time.Now()
			s.Push(fn)
			s.Call(0, 0)
			best[i] = min(best[i], time.Since(start))
		}
	}
	b.ReportMetric(float64(best[0].Nanoseconds()), "ours-ns")
	b.ReportMetric(float64(best[0])/float64(best[1]), "ours/gopher-lua")
}

// benchVisit is a visit that measures.
type benchVisit func(*State)

func (f benchVisit) begin(s *State) error { f(s); return nil }
func (benchVisit) end(*State) error       { return nil }
