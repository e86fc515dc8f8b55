package interp

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/number"
)

// ArgError raises "bad argument #n to 'f' (...)", in which the arguments of a method are counted
// without the object; it does not return. n is the position, as for Str.
func (s *State) ArgError(n int, format string, args ...any) {
	msg := sayText(format, args)
	f := s.current()
	if f == nil {
		f = &Function{Name: "?"}
	}
	if f.method {
		n--
		if n == 0 {
			s.RaiseError("calling '%s' on bad self (%s; was it called with '.' in place of ':'?)", f.Name, msg)
		}
	}
	s.RaiseError("bad argument #%d to '%s' (%s)", n, f.Name, msg)
}

// RaiseError raises a message in Lua's form, "script.lua:3: message"; it does not
// return. For what failed outside the script there is Raise.
func (s *State) RaiseError(format string, args ...any) {
	msg := sayText(format, args)
	if at := s.Where(); at != "" {
		msg = at + ": " + msg
	}
	s.Error(lua.LString(msg), 0)
}

// maxTold is how much of a text an error message repeats, in bytes.
const maxTold = 64 << 10

// sayText makes a message. What it is about may be any text of the script's.
func sayText(format string, args []any) string {
	for i, arg := range args {
		switch arg := arg.(type) {
		case string:
			args[i] = told(arg)
		case lua.LString:
			args[i] = told(string(arg))
		case error:
			args[i] = told(arg.Error())
		}
	}
	return fmt.Sprintf(format, args...)
}

func told(text string) string {
	if len(text) > maxTold {
		return text[:maxTold] + "..."
	}
	return text
}

// TypeError raises "want expected, got ..." for argument n; it does not return.
func (s *State) TypeError(n int, want string) {
	s.ArgError(n, "%s expected, got %s", want, s.typeName(n))
}

func (s *State) typeName(n int) string {
	if n > s.GetTop() {
		return "no value"
	}
	return s.typeOf(s.Get(n))
}

// typeOf names v's type: that of an object is its module's.
func (s *State) typeOf(v lua.LValue) string {
	if ud, ok := v.(*lua.LUserData); ok {
		if name, ok := s.GetMetaField(ud, "__name").(lua.LString); ok {
			return string(name)
		}
	}
	return v.Type().String()
}

// Error raises v, any value of Lua's, as it is; it does not return. level, for a string, is what
// Lua's error takes: 1 has the script's line put before it, 0 does not.
func (s *State) Error(v lua.LValue, level int) {
	if s.co != nil { // which may die of it
		s.co.left = s.runningGo()
	}
	s.l.Error(v, level)
}

// Shown returns a value as error messages show it: short, and strings in quotes.
func Shown(v lua.LValue) string {
	switch v := v.(type) {
	case lua.LString:
		return fmt.Sprintf("%.100q", string(v))
	case lua.LNumber:
		return number.String(float64(v))
	case lua.LBool:
		return v.String()
	}
	return v.Type().String()
}

// callable reports whether the VM calls v: a function, or what has one as __call.
func callable(s *State, v lua.LValue) bool {
	if _, ok := v.(*lua.LFunction); !ok {
		v = s.GetMetaField(v, "__call")
	}
	_, ok := v.(*lua.LFunction)
	return ok
}
