package interp

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// maxModule is how long a module's name may be, and the path of its file: the system looks at none
// that are longer.
const maxModule = 4096

// moduleName returns argument 1, a module's name.
func (s *State) moduleName() string {
	name := s.Str(1)
	if len(name) > maxModule {
		s.ArgError(1, "name too long (%d bytes; at most %d)", len(name), maxModule)
	}
	return name
}

// module(name, ...) makes a table the module of that name, and the environment of the
// function that called; then it calls the further arguments with it.
func packageModule(s *State) int {
	name := s.moduleName()
	caller, _ := s.activation(1)
	fn := caller.fn
	if fn == nil || fn.IsG {
		s.RaiseError("'module' not called from a Lua function")
	}
	t, ok := s.in.loaded.RawGetString(name).(*lua.LTable)
	if !ok {
		if t, ok = s.l.FindTable(s.in.root.G.Global, name, 1).(*lua.LTable); !ok {
			s.RaiseError("name conflict for module '%s'", name)
		}
		s.in.loaded.RawSetString(name, t)
	}
	if t.RawGetString("_NAME") == lua.LNil {
		t.RawSetString("_M", t)
		t.RawSetString("_NAME", lua.LString(name))
		t.RawSetString("_PACKAGE", lua.LString(name[:strings.LastIndexByte(name, '.')+1]))
	}
	fn.Env = t
	for i, n := 2, s.GetTop(); i <= n; i++ {
		s.Push(s.Get(i))
		s.Push(t)
		s.Call(1, 0)
	}
	return 0
}

// seeall(module) lets a module see the global variables.
func packageSeeall(s *State) int {
	t := s.Table(1)
	mt, ok := t.Metatable.(*lua.LTable)
	if !ok {
		mt = s.CreateTable(0, 1)
		t.Metatable = mt
	}
	mt.RawSetString("__index", s.in.root.G.Global)
	return 0
}
