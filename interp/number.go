package interp

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/number"
)

// integer returns n as a Lua value. The small ones, which are most, are there
// already: making one takes an allocation.
func integer(n int) lua.LValue {
	if uint(n) < uint(len(integers)) {
		return integers[n]
	}
	return lua.LNumber(n)
}

var integers = func() *[256]lua.LValue { // no array, which the stack would have to grow for
	var t [256]lua.LValue
	for i := range t {
		t[i] = lua.LNumber(i)
	}
	return &t
}()

// numeric returns v as a number: a string that stands for one is one.
func numeric(v lua.LValue) (x float64, ok bool) {
	switch v := v.(type) {
	case lua.LNumber:
		return float64(v), true
	case lua.LString:
		return number.Parse(string(v))
	}
	return 0, false
}

// ParseNumber reads a number as Lua's tonumber does; ok is false for what is none, and for
// a text of more than 256 KB.
func ParseNumber(text string) (x float64, ok bool) { return number.Parse(text) }
