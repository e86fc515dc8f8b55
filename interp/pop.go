package interp

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/compile"
)

// popping is the function that compiled code calls for "t[#t] = nil", with t and #t. The
// VM would leave a nil at the end of the table, and look at all there are whenever the
// length is asked for: what takes its items off a stack would take time by their square.
// It is shared as concatenation is.
var popping = &lua.LFunction{IsG: true, GFunction: func(l *lua.LState) int {
	t, ok := l.Get(1).(*lua.LTable)
	n := l.Get(2)
	if !ok || t.Metatable != lua.LNil || n == lua.LNumber(0) || n != lua.LNumber(t.Len()) {
		popFrom(stateOf(l), l.Get(1), n)
		return 0
	}
	for t.Remove(0) == lua.LNil { // the last place of the array, which holds nil at times
	}
	return 0
}}

// popFrom sets v[n] to nil as the VM does.
func popFrom(s *State, v, n lua.LValue) {
	if _, ok := v.(*lua.LTable); !ok && s.GetMetaField(v, "__newindex") == lua.LNil {
		s.RaiseError("attempt to index %s", described(s.typeOf(v), s.instruction(1).name(compile.Left)))
	}
	s.l.SetTable(v, n, lua.LNil)
}
