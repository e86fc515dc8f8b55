package interp

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/number"
)

// tostring returns v as a string, or what its metamethod __tostring returns.
func (s *State) tostring(v lua.LValue) lua.LValue {
	switch n := v.(type) {
	case lua.LString:
		return v
	case lua.LNumber:
		return lua.LString(number.String(float64(n)))
	}
	mm := s.GetMetaField(v, "__tostring")
	if mm == lua.LNil {
		return lua.LString(v.String())
	}
	s.Push(mm)
	s.Push(v)
	s.Call(1, 1)
	v = s.Get(-1)
	s.Pop(1)
	return v
}

// Display returns v as tostring writes it, its metamethod asked, which may wait.
func (s *State) Display(v lua.LValue) string {
	text, ok := textual(s.tostring(v))
	if !ok {
		s.RaiseError("'__tostring' must return a string")
	}
	return text
}

// Text returns v as text, if it can stand for a string: one, a number, or an object whose type has
// Text.
func (s *State) Text(v lua.LValue) (text string, ok bool) { return s.in.text(v) }

func (in *Interpreter) text(v lua.LValue) (text string, ok bool) {
	if text, ok = textual(v); ok {
		return text, true
	}
	if ud, isObject := v.(*lua.LUserData); isObject {
		if t := in.typeOf[ud.Metatable]; t != nil && t.Text {
			return t.String(ud.Value), true
		}
	}
	return "", false
}

// textMethod returns the method of strings that objects of type t have under a name; nil for none.
func (in *Interpreter) textMethod(t *Type, name string) lua.LValue {
	if !t.Text {
		return nil
	}
	lib := in.root.GetMetaField(lua.LString(""), "__index")
	if lib, ok := lib.(*lua.LTable); ok {
		if v := lib.RawGetString(name); v != lua.LNil {
			return v
		}
	}
	return nil
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

// textOf returns a string or number as text.
func textOf(v lua.LValue) string {
	text, _ := textual(v)
	return text
}

// join returns pieces as one string of size bytes.
func (s *State) join(pieces []string, size int) string {
	s.fits(size)
	b := make([]byte, 0, size)
	if size <= pieceSize {
		for _, p := range pieces {
			b = append(b, p...)
		}
		return stringOf(b)
	}
	work := s.Work()
	for _, p := range pieces {
		b = work.Append(b, p)
	}
	return stringOf(b)
}
