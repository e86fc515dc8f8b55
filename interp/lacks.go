package interp

import (
	"maps"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
)

// What a script reads and is not there: nil would end up as "attempt to call a nil value", or as
// an option number of 0, far from the misspelling. Objects whose type is Strict, and modules, say
// so where it is read, with the name that is nearest.

// lacks raises that objects of type t have no field or method key.
func (t *Type) lacks(s *State, key lua.LValue) int {
	name, kind := key.String(), "field"
	if say, ok := t.Foreign[name]; ok {
		s.RaiseError("%s", say)
	}
	if s.callsMethod() {
		kind = "method"
	}
	var known []string
	for _, m := range t.Methods {
		known = append(known, m.Name)
	}
	for _, f := range t.Fields {
		known = append(known, f.Name)
	}
	s.RaiseError("%s has no %s '%.100s'%s", t.Name, kind, name, DidYouMean(name, known))
	return 0
}

// callsMethod reports whether the function below the running one wrote a:b(), and not a.b.
func (s *State) callsMethod() bool {
	d, ok := s.l.GetStack(1)
	if !ok {
		return false
	}
	i := s.instructionOf(glua.FrameOf(d))
	return i.fn != nil && i.code().Op() == lua.OP_SELF
}

// strict has reading a name that m lacks be an error. What begins with an underscore is asked
// for by who wants to know what it has (_VERSION): nil. So is what Lua's own libraries lack, since scripts for
// several versions of Lua look there (table.unpack or unpack).
func (in *Interpreter) strict(m *Module, table *lua.LTable) bool {
	if table.Metatable != lua.LNil {
		return false
	}
	mt := in.root.CreateTable(0, 4)
	mt.RawSetString("__index", in.function("index", "", func(s *State) int {
		name, ok := s.Get(2).(lua.LString)
		if v := in.constant(table, string(name)); v != nil {
			return s.Return(v)
		}
		if !ok || strings.HasPrefix(string(name), "_") || m.Elsewhere != nil && m.Elsewhere(string(name)) {
			return s.Return(lua.LNil)
		}
		if say, ok := m.Foreign[string(name)]; ok {
			s.RaiseError("%s", say)
		}
		in.fill(table)
		s.RaiseError("module '%s' has no '%.100s'%s", m.Name, name, DidYouMean(string(name), namesOf(table)))
		return 0
	}))
	mt.RawSetString("__metatable", lua.LString(m.Name)) // scripts see the name, and can't change the table
	table.Metatable = mt
	if in.constants[table] != nil {
		mt.RawSetString("__newindex", in.function("newindex", "", func(s *State) int {
			in.fill(table) // what is set to nil shall be gone
			mt.RawSetString("__newindex", lua.LNil)
			s.l.SetTable(table, s.Get(2), s.Get(3))
			return 0
		}))
	}
	return true
}

// namesOf are the names that a table has, in order.
func namesOf(t *lua.LTable) []string {
	names := map[string]bool{}
	t.ForEach(func(k, _ lua.LValue) {
		if name, ok := k.(lua.LString); ok {
			names[string(name)] = true
		}
	})
	return slices.Sorted(maps.Keys(names))
}

// foreign is what is said of a module that is not here, but that scripts for something else
// require.
func (in *Interpreter) foreign(name string) string {
	for _, m := range in.config.Modules {
		if say, ok := m.Foreign[name]; ok {
			return say
		}
	}
	return ""
}
