package interp

import (
	"context"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"
)

// BenchmarkLibraries compares our functions with those of gopher-lua that they
// replace, called in the same way on the same stack.
func BenchmarkLibraries(b *testing.B) {
	stock := lua.NewState()
	defer stock.Close()
	in, err := New(Config{})
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	line := "GET /index.html HTTP/1.1"
	text := strings.Repeat("The quick brown fox jumps over the lazy dog. ", 100)
	upper := func(lib *lua.LTable) lua.LValue { return lib.RawGetString("upper") }
	list := func(n int) *lua.LTable {
		t := stock.NewTable()
		for i := range n {
			t.Append(lua.LNumber(i * 7919 % n))
		}
		return t
	}
	words := stock.NewTable()
	for _, w := range strings.Fields(text) {
		words.Append(lua.LString(w))
	}
	for _, c := range []struct {
		name, lib, fn string
		args          []any
	}{
		{"find-plain", "string", "find", []any{text, "lazy cat", 1, true}},
		{"find-short", "string", "find", []any{line, "%s"}},
		{"find-long", "string", "find", []any{text, "cat%s*dog"}},
		{"find-captures", "string", "find", []any{line, "^(%S+) (%S+) HTTP/(%d)%.(%d)$"}},
		{"match-captures", "string", "match", []any{line, "^(%S+) (%S+) HTTP/(%d)%.(%d)$"}},
		{"match-piece", "string", "match", []any{text, "%a+"}},
		{"match-set", "string", "match", []any{text, "[%w_]+=[^;]*"}},
		{"match-trim", "string", "match", []any{"  trim me  ", "^%s*(.-)%s*$"}},
		{"gsub-string", "string", "gsub", []any{text, "%w+", "<%0>"}},
		{"gsub-function", "string", "gsub", []any{text, "%w+", upper}},
		{"gsub-none", "string", "gsub", []any{text, "[<>&]", "x"}},
		{"format-d", "string", "format", []any{"%d", 12345}},
		{"format-mixed", "string", "format", []any{"%s: %5d items, %.2f%%", "name", 42, 3.14159}},
		{"format-g", "string", "format", []any{"%.14g", 0.1}},
		{"rep", "string", "rep", []any{"ab", 100}},
		{"sub", "string", "sub", []any{line, 5, 9}},
		{"sub-piece", "string", "sub", []any{text, 5, 9}},
		{"byte", "string", "byte", []any{line, 5}},
		{"upper", "string", "upper", []any{line}},
		{"tostring", "_G", "tostring", []any{123456}},
		{"tostring-float", "_G", "tostring", []any{1234.5678}},
		{"tonumber", "_G", "tonumber", []any{"1234.5"}},
		{"type", "_G", "type", []any{"x"}},
		{"select", "_G", "select", []any{2, 1, 2, 3}},
		{"next", "_G", "next", []any{list(100), 5}},
		{"rawget", "_G", "rawget", []any{list(100), 5}},
		{"unpack", "_G", "unpack", []any{list(5)}},
		{"concat", "table", "concat", []any{list(100), ","}},
		{"concat-strings", "table", "concat", []any{words, " "}},
		{"sort-numbers", "table", "sort", []any{list(1000)}},
		{"floor", "math", "floor", []any{1.5}},
		{"random", "math", "random", []any{100}},
	} {
		for _, side := range []struct {
			name string
			l    *lua.LState
		}{{"ours", in.root}, {"stock", stock}} {
			lib := side.l.G.Global.RawGetString(c.lib).(*lua.LTable)
			args := make([]lua.LValue, len(c.args))
			for i, a := range c.args {
				switch a := a.(type) {
				case func(*lua.LTable) lua.LValue:
					args[i] = a(lib)
				case lua.LValue:
					args[i] = a
				case string:
					args[i] = lua.LString(a)
				case int:
					args[i] = lua.LNumber(a)
				case float64:
					args[i] = lua.LNumber(a)
				case bool:
					args[i] = lua.LBool(a)
				}
			}
			fn := lib.RawGetString(c.fn)
			b.Run(c.name+"/"+side.name, func(b *testing.B) {
				in.enter(context.Background(), false, benchVisit(func(s *State) {
					b.ReportAllocs()
					for b.Loop() {
						s.Push(fn)
						for _, a := range args {
							s.Push(a)
						}
						s.Call(len(args), lua.MultRet)
						s.SetTop(0)
					}
				}))
			})
		}
	}
}
