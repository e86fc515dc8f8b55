package interp

import (
	"math"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/number"
)

// The functions below fetch argument n of the running Go function (the receiver
// of a method is 1), or raise Lua's own kind of message, in which a method's
// arguments are counted without the receiver:
//
//	bad argument #2 to 'connect' (port must be 0-65535, got 70000)

// Absent reports whether argument n is nil or was not given.
func (s *State) Absent(n int) bool { return s.Get(n) == lua.LNil }

// Str returns argument n, a string (or a number, as everywhere in Lua, or an object that stands for
// one: see Type.Text).
func (s *State) Str(n int) string {
	text, ok := s.Text(s.Get(n))
	if !ok {
		s.TypeError(n, "string")
	}
	return text
}

// OptStr returns argument n, or d when it is absent.
func (s *State) OptStr(n int, d string) string {
	if s.Absent(n) {
		return d
	}
	return s.Str(n)
}

// Num returns argument n, a number.
func (s *State) Num(n int) float64 {
	x, ok := numeric(s.Get(n))
	if !ok {
		s.TypeError(n, "number")
	}
	return x
}

// Int returns argument n, a number without a fraction.
func (s *State) Int(n int) int {
	x := s.Num(n)
	if x != math.Trunc(x) || math.Abs(x) > 1<<53 {
		s.ArgError(n, "integer expected, got %s", Shown(s.Get(n)))
	}
	return int(x)
}

// OptInt returns argument n, or d when it is absent.
func (s *State) OptInt(n, d int) int {
	if s.Absent(n) {
		return d
	}
	return s.Int(n)
}

// IntRange returns argument n, an integer from min to max; what names it in the
// message ("port").
func (s *State) IntRange(n, min, max int, what string) int {
	x := s.Num(n)
	if x != math.Trunc(x) || x < float64(min) || x > float64(max) {
		s.ArgError(n, "%s must be %d-%d, got %s", what, min, max, Shown(s.Get(n)))
	}
	return int(x)
}

// maxSeconds is the longest time that fits a time.Duration, about 292 years.
const maxSeconds = float64(math.MaxInt64) / float64(time.Second)

// Seconds returns argument n, a time in seconds; ok is false when it is absent,
// which everywhere means no limit.
func (s *State) Seconds(n int) (d time.Duration, ok bool) {
	if s.Absent(n) {
		return 0, false
	}
	x := s.Num(n)
	if math.IsNaN(x) || x < 0 {
		s.ArgError(n, "seconds must be 0 or more, got %s", Shown(s.Get(n)))
	}
	return duration(x)
}

// Deadline returns the time that argument n, in seconds, is from now; zero, for
// none, when it is absent.
func (s *State) Deadline(n int) time.Time {
	d, ok := s.Seconds(n)
	if !ok {
		return time.Time{}
	}
	return time.Now().Add(d)
}

// Bool returns argument n, which must be true or false.
func (s *State) Bool(n int) bool {
	v, ok := s.Get(n).(lua.LBool)
	if !ok {
		s.TypeError(n, "boolean")
	}
	return bool(v)
}

// Table returns argument n, a table, with all its names: tables of modules and of Lua's libraries that are reached in another
// way may lack some when one goes through them, those that nobody has asked for yet.
func (s *State) Table(n int) *lua.LTable {
	t, ok := s.Get(n).(*lua.LTable)
	if !ok {
		s.TypeError(n, "table")
	}
	s.in.fill(t)
	return t
}

// OptTable returns argument n, or an empty table when it is absent.
func (s *State) OptTable(n int) *lua.LTable {
	if s.Absent(n) {
		return s.NewTable()
	}
	return s.Table(n)
}

// Callable returns argument n, a function or an object that can be called.
func (s *State) Callable(n int) lua.LValue {
	v := s.Get(n)
	if _, ok := v.(*lua.LFunction); !ok && s.GetMetaField(v, "__call") == lua.LNil {
		s.TypeError(n, "function")
	}
	return v
}

// luaFunction returns argument n, a function.
func (s *State) luaFunction(n int) lua.LValue {
	if _, ok := s.Get(n).(*lua.LFunction); !ok {
		s.TypeError(n, "function")
	}
	return s.Get(n)
}

// duration returns seconds as a time.Duration. limited is false when they are too many for one,
// which is no limit. However few they are, more than 0 is not the 0 that means not to wait.
func duration(seconds float64) (d time.Duration, limited bool) {
	if seconds >= maxSeconds {
		return 0, false
	}
	if d = time.Duration(seconds * float64(time.Second)); d == 0 && seconds > 0 {
		d = 1
	}
	return d, true
}

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

// position makes a position that counts from the end, -1 the last, count from
// the beginning; 0 when it is before that.
func position(i, size int) int {
	if i < 0 {
		i += size + 1
	}
	return max(i, 0)
}

// startAt returns argument n, where a search begins, counted from 0.
func (s *State) startAt(n int, src string) int {
	return min(max(position(s.optWhole(n, 1), len(src))-1, 0), len(src))
}

// any returns argument n, which may be nil but must be there.
func (s *State) any(n int) lua.LValue {
	if n > s.GetTop() {
		s.ArgError(n, "value expected")
	}
	return s.Get(n)
}
