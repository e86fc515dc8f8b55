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

var integers = func() (t [256]lua.LValue) {
	for i := range t {
		t[i] = lua.LNumber(i)
	}
	return t
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

// textual returns v as text: a number is one.
func textual(v lua.LValue) (text string, ok bool) {
	switch v := v.(type) {
	case lua.LString:
		return string(v), true
	case lua.LNumber:
		return number.String(float64(v)), true
	}
	return "", false
}

// ParseNumber reads a number as Lua's tonumber does; ok is false for what is none, and for
// a text of more than 256 KB.
func ParseNumber(text string) (x float64, ok bool) { return number.Parse(text) }

// whole returns argument n, a number, without its fraction, as Lua's own
// libraries take integers. What is too large for one is as large as one gets:
// positions in strings and tables may be infinite.
func (s *State) whole(n int) int {
	x := s.Num(n)
	switch {
	case x >= number.Exact:
		return number.Exact
	case x <= -number.Exact:
		return -number.Exact
	case x != x:
		return 0
	}
	return int(x)
}

// optWhole returns argument n, or d when it is absent.
func (s *State) optWhole(n, d int) int {
	if s.Absent(n) {
		return d
	}
	return s.whole(n)
}
