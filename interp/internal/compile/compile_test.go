package compile

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/syntax"
)

// joining is ".." for these tests: of strings and numbers alone.
var joining = &lua.LFunction{IsG: true, GFunction: func(l *lua.LState) int {
	var b strings.Builder
	for i := range l.GetTop() {
		b.WriteString(lua.LVAsString(l.Get(i + 1)))
	}
	l.Push(lua.LString(b.String()))
	return 1
}}

func compiled(t testing.TB, source string) (*lua.FunctionProto, error) {
	t.Helper()
	chunk, err := syntax.Parse("t", source)
	if err != nil {
		t.Fatal(err)
	}
	return Compile(chunk, Options{Source: "@t", Concat: joining})
}

// count returns how many instructions of a kind a function has, and those in it.
func count(p *lua.FunctionProto, op int) (n int) {
	for _, inst := range p.Code {
		if opOf(inst) == op {
			n++
		}
	}
	for _, f := range p.FunctionPrototypes {
		n += count(f, op)
	}
	return n
}

func TestOneProtoForAll(t *testing.T) {
	p, err := compiled(t, `
		local n, log = 0, {}
		local function add(self, x) n = n + x log[#log + 1] = "n" .. n .. ";" return self end
		local o = {add = add}
		for i = 1, 100 do o:add(i):add(-1) end
		for k in next, log do if k == 3 then goto on end end
		::on::
		local ok = pcall and not pcall(function() local t t.x = 1 end)
		return n, #log, log[200], ok`)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			l := lua.NewState()
			defer l.Close()
			for range 20 {
				l.SetTop(0)
				l.Push(l.NewFunctionFromProto(p))
				l.Call(0, lua.MultRet)
				if n := l.Get(1); n != lua.LNumber(4950) || l.Get(2) != lua.LNumber(200) || l.Get(3) != lua.LString("n4950;") || l.Get(4) != lua.LTrue {
					t.Errorf("%v %v %v %v", n, l.Get(2), l.Get(3), l.Get(4))
				}
			}
		})
	}
	wg.Wait()
}

func TestStop(t *testing.T) {
	chunk, err := syntax.Parse("t", strings.Repeat("x = y + 1 ", 100000))
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	_, err = Compile(chunk, Options{Concat: joining, Stop: func() bool { asked++; return asked == 3 }})
	if !errors.Is(err, syntax.ErrStopped) || asked != 3 {
		t.Fatalf("%v after asking %d times", err, asked)
	}
}

// TestMany compiles very many of what other compilers have loops within loops for: they
// take minutes, this one some hundredths of a second.
func TestMany(t *testing.T) {
	many := func(n int, f func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(f(i))
		}
		return b.String()
	}
	name := func(i int) string {
		return "n" + string(rune('a'+i%26)) + strings.Repeat("z", i%7) + many(1, func(int) string { return lua.LNumber(i).String() })
	}
	for kind, source := range map[string]func(n int) string{
		"names": func(n int) string { return many(n, func(i int) string { return name(i) + "=1 " }) },
		"numbers": func(n int) string {
			return many(n, func(i int) string { return "x=" + lua.LNumber(i).String() + ".5 " })
		},
		"labels": func(n int) string { return many(n, func(i int) string { return "::" + name(i) + ":: " }) },
		"gotos": func(n int) string {
			return many(n, func(i int) string { return "goto " + name(i) + " " }) + many(n, func(i int) string { return "::" + name(i) + ":: " })
		},
		"functions": func(n int) string { return many(n, func(int) string { return "f(function() return a, b, c end) " }) },
		"blocks": func(n int) string {
			return strings.Repeat("do local a ", 150) + strings.Repeat("b = c ", n) + strings.Repeat("end ", 150)
		},
		"operators": func(n int) string { return "x = a" + strings.Repeat("+a", n) },
		"or":        func(n int) string { return "x = a" + strings.Repeat(" or a", n/3) },
		"calls":     func(n int) string { return "f" + strings.Repeat("()", n) },
		"items":     func(n int) string { return "x = {" + strings.Repeat("a,", n) + "}" },
		"strings":   func(n int) string { return "x = ''" + strings.Repeat(" .. 'ab'", n) },
	} {
		chunk, err := syntax.Parse("t", source(100000))
		if err != nil {
			t.Fatal(kind, err)
		}
		start := time.Now()
		if _, err := Compile(chunk, Options{Concat: joining}); err != nil {
			t.Fatal(kind, err)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s: %v", kind, took)
		}
	}
}

// TestCode holds what makes code quick that is run often.
func TestCode(t *testing.T) {
	for source, want := range map[string]map[int]int{
		"local a, b = 1, 2 local x = a + b * 2":                       {lua.OP_MUL: 1, lua.OP_ADD: 1, lua.OP_MOVE: 0},
		"local t = {} t.a.b.c = t.d":                                  {lua.OP_GETTABLEKS: 3, lua.OP_SETTABLEKS: 1, lua.OP_MOVE: 0},
		"local t = {} if t.x == nil then t.x = true end":              {lua.OP_LOADNIL: 0, lua.OP_LOADBOOL: 0},
		"local a, b, c = 1, 2, 3 f(a, b, c)":                          {lua.OP_MOVEN: 1, lua.OP_MOVE: 2},
		"local a = 1 a = a + 1":                                       {lua.OP_ADD: 1, lua.OP_MOVE: 0},
		"local x = 1 + 2 * 3 - 2 ^ 10":                                {lua.OP_LOADK: 1, lua.OP_ADD: 0, lua.OP_POW: 0},
		"while a do b() end":                                          {lua.OP_JMP: 2},
		"for i = 1, 10 do local x = i end":                            {lua.OP_CLOSE: 0, lua.OP_ADD: 0},
		"for i = 1, 10 do local x = i f(function() return x end) end": {lua.OP_CLOSE: 1},
		"for i = 1, 2 do if a then goto c end ::c:: end":              {lua.OP_CLOSE: 0, lua.OP_NOP: 0},
		"return f(x)":                       {lua.OP_TAILCALL: 1, lua.OP_CALL: 0},
		"return (f(x))":                     {lua.OP_TAILCALL: 0, lua.OP_CALL: 1},
		"local s = 'a' .. 'b' .. 'c'":       {lua.OP_CALL: 0, lua.OP_LOADK: 1},
		"local a = not (b and c) and d < e": {lua.OP_LT: 1, lua.OP_NOT: 0},
	} {
		p, err := compiled(t, source)
		if err != nil {
			t.Fatal(source, err)
		}
		for op, n := range want {
			if got := count(p, op); got != n {
				t.Errorf("%s: operation %d %d times, want %d\n%v", source, op, got, n, p)
			}
		}
	}
}

func TestInfo(t *testing.T) {
	p, err := compiled(t, "local a = b.c(a.d) return function() return a + x.y end")
	if err != nil {
		t.Fatal(err)
	}
	if info := InfoOf(p.FunctionPrototypes[0]); info == nil || info.Source != "@t" {
		t.Fatalf("%+v", info)
	}
	var got []string
	for _, f := range []*lua.FunctionProto{p, p.FunctionPrototypes[0]} {
		for pc := range f.Code {
			for operand := range 3 {
				if kind, name := Name(f, pc, operand); name != "" {
					got = append(got, kind+" "+name)
				}
			}
		}
	}
	if s := strings.Join(got, ", "); s != "global b, global a, field c, global x, upvalue a, field y" {
		t.Error(s)
	}
	old := lua.NewState().NewFunctionFromProto(&lua.FunctionProto{}).Proto
	if kind, name := Name(old, 0, Object); kind != "" || name != "" || InfoOf(old) != nil {
		t.Error("names of code that is not ours")
	}
}
