package interp

import (
	"math"
	"sync"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
)

// arithmetics is arithmetic with strings that stand for numbers: the VM reads them as
// source code is not read even there ("010" is 8, "1_000" a number), but asks for
// metamethods first. So they are in the metatable of strings.
var arithmetics = [...]struct {
	event   string
	compute func(x, y float64) float64
}{
	{"__add", func(x, y float64) float64 { return x + y }},
	{"__sub", func(x, y float64) float64 { return x - y }},
	{"__mul", func(x, y float64) float64 { return x * y }},
	{"__div", func(x, y float64) float64 { return x / y }},
	{"__mod", modulo},
	{"__pow", math.Pow},
	{"__unm", func(x, _ float64) float64 { return -x }},
}

// modulo is the VM's "%".
func modulo(x, y float64) float64 {
	z := math.Mod(x, y)
	if y > 0 && z < 0 || y < 0 && z > 0 {
		z += y
	}
	return z
}

// stringMetatable is what the metatable of strings is copied from: arithmetic, and __index.
var stringMetatable = sync.OnceValue(func() *glua.Pattern {
	mt := glua.NewNames(1 + len(arithmetics))
	for _, a := range arithmetics {
		fn := func(s *State) int { return stringArithmetic(s, a.event, a.compute) }
		mt.RawSetString(a.event, sharedFunction(&Function{Fn: fn, hidden: true}))
	}
	glua.Reserve(mt, "__index")
	return glua.NewPattern(mt)
})

// stringArithmetic computes with two operands, of which one is a string; a metamethod is
// called with the one operand of "-" alone. One that is no number may know how to compute
// with it.
func stringArithmetic(s *State, event string, compute func(x, y float64) float64) int {
	a, b := s.Get(1), s.Get(2)
	if event == "__unm" {
		b = a
	}
	x, ok1 := numeric(a)
	y, ok2 := numeric(b)
	if ok1 && ok2 {
		return s.Return(lua.LNumber(compute(x, y)))
	}
	for _, v := range []lua.LValue{a, b} {
		if _, ok := v.(lua.LString); ok {
			continue
		}
		if mm := s.GetMetaField(v, event); mm != lua.LNil {
			return s.Return(s.call2(mm, a, b))
		}
	}
	if i := s.instruction(1); i.fn != nil && i.isArithmetic() {
		s.RaiseError("%s", i.notNumbers(a, b))
	}
	s.RaiseError(notNumber+"a %s value", s.typeOf(a)) // a script calls it by itself
	return 0
}
