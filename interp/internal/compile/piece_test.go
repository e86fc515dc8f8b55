package compile

import (
	"fmt"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/syntax"
)

// Pieces share the variables of their outermost blocks, and no others.
func TestPiece(t *testing.T) {
	l := lua.NewState()
	defer l.Close()
	vars := map[string]*lua.Upvalue{}
	run := func(source string) string {
		chunk, err := syntax.Parse("t", source)
		if err != nil {
			return err.Error()
		}
		proto, ups, err := Piece(chunk, Options{Concat: joining}, func(name string) bool { return vars[name] != nil })
		if err == nil {
			err = verify(proto)
		}
		if err != nil {
			return err.Error()
		}
		fn := l.NewFunctionFromProto(proto)
		for i, up := range ups {
			if up.Fresh {
				vars[up.Name] = &lua.Upvalue{}
			}
			fn.Upvalues[i] = vars[up.Name]
		}
		if err := l.CallByParam(lua.P{Fn: fn, NRet: 1, Protect: true}); err != nil {
			return err.Error()
		}
		defer l.Pop(1)
		return l.Get(-1).String()
	}
	var many, use strings.Builder
	for i := range 255 {
		fmt.Fprintf(&many, "local v%d = %d ", i, i)
	}
	use.WriteString("return function() return v0")
	for i := 1; i < 61; i++ {
		fmt.Fprintf(&use, "+v%d", i)
	}
	for _, c := range []struct{ source, want string }{
		{"local a, b, c = 1, 2 return c", "nil"},
		{"a = a + b return a", "3"},
		{"do local a = 10 b = a end return a .. b", "310"},
		{"local function f(n) if n == 0 then return a end return f(n - 1) end return f(5)", "3"},
		{"return (function() return (function() a = a + 1 return f(1) end)() end)()", "4"},
		{"local a = a + 1 local a = a + 1 return a .. f(1)", "64"},
		{"for a = 1, 2 do local f = a end return a", "6"},
		{"x = 1 return x", "1"},
		{"local x return x", "nil"},
		{"return x", "nil"},
		{"local l = 1 goto on ::on:: return l", "1"},
		{"return l", "nil"},
		{"goto on local l = 1 ::on:: return l", "<goto on> at line 1 jumps into the scope of local 'l'"},
		{many.String() + "return v254", "254"},
		{many.String() + "local one = 1", "main function has more than 255 upvalues"},
		{use.String() + " end", "has more than 60 upvalues"},
		{"return v0 + v100", "100"},
	} {
		if got := run(c.source); got != c.want && !(len(c.want) > 10 && strings.Contains(got, c.want)) {
			t.Errorf("%.60s: %s, not %s", c.source, got, c.want)
		}
	}
}
