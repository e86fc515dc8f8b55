package interp

import (
	"slices"
	"sort"
	"strings"
	"sync"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
)

// libraryNames are those of tables that interpreters have of their own, as globals and in package.loaded.
var libraryNames = []string{"_G", "coroutine", "debug", "io", "math", "os", "package", "string", "table"}

// loadedNames is what package.loaded is copied from.
var loadedNames = sync.OnceValue(func() *glua.Pattern {
	t := glua.NewNames(14)
	glua.Reserve(t, libraryNames...)
	return glua.NewPattern(t)
})

// globalsMetatable is what that of the global variables is copied from. It makes the modules reachable: as
// globals that come to be when first read, so that an interpreter pays only for what it uses.
var globalsMetatable = sync.OnceValue(func() *glua.Pattern {
	mt := glua.NewNames(1)
	mt.RawSetString("__index", sharedFunction(&Function{Name: "index", Fn: indexGlobals}))
	return glua.NewPattern(mt)
})

func indexGlobals(s *State) int {
	in := s.in
	name, _ := s.Get(2).(lua.LString)
	if in.opened[string(name)] != nil { // there was such a global, and the script took it away
		return s.Return(lua.LNil)
	}
	if v := in.load(string(name)); v != nil {
		return s.Return(v)
	}
	if m := in.globalIn(string(name)); m != nil {
		return s.Return(in.load(m.Name).(*lua.LTable).RawGetString(string(name)))
	}
	return s.Return(lua.LNil)
}

// module returns the module of that name, or nil.
func (in *Interpreter) module(name string) *Module {
	for _, m := range in.config.Modules {
		if m.Name == name {
			return m
		}
	}
	return nil
}

// globalIn returns the module that has a function of that name as a global, or nil.
func (in *Interpreter) globalIn(name string) *Module {
	for _, m := range in.config.Modules {
		if slices.Contains(m.Globals, name) {
			return m
		}
		if slices.Contains(in.config.Globals, m.Name) && slices.ContainsFunc(m.Funcs, func(f Function) bool { return f.Name == name }) {
			return m
		}
	}
	return nil
}

// Define runs prog, which defines functions in Lua and returns their table, with args, and adds the
// functions to a module's table: it is for Module.Open. What prog does by itself, beside defining
// functions, must not call any.
func (in *Engine) Define(table *lua.LTable, prog *Program, args ...lua.LValue) {
	top := in.root.GetTop()
	in.root.Push(in.root.NewFunctionFromProto(prog.proto))
	for _, v := range args {
		in.root.Push(v)
	}
	in.root.Call(len(args), 1)
	defined, _ := in.root.Get(-1).(*lua.LTable)
	in.root.SetTop(top)
	defined.ForEach(table.RawSet)
	in.interpreter().noteDefined(prog.proto)
}

// noteDefined has Where look past a function and those in it.
func (in *Interpreter) noteDefined(p *lua.FunctionProto) {
	set(&in.defined, p, true)
	for _, inner := range p.FunctionPrototypes {
		in.noteDefined(inner)
	}
}

// load returns the table of the module, or library of Lua's, called name, making it when this
// is its first use; nil when the interpreter has no such module.
func (in *Interpreter) load(name string) lua.LValue {
	if v := in.opened[name]; v != nil {
		return v
	}
	if m := in.module(name); m != nil {
		t := in.openModule(m, nil)
		if m.Early || !in.strict(m, t) {
			in.fill(t)
		}
		return t
	}
	return nil
}

// library is one of Lua's own.
type library struct {
	name      string
	funcs     []Function
	constants func() map[string]lua.LValue
	shared
}

// openLibrary makes a table of functions that is there from the start, as a global and
// for require.
func (in *Interpreter) openLibrary(lib *library) *lua.LTable {
	name := lib.name
	t, _ := lib.copy(lib.funcs, false, lib.constants)
	glua.Put(in.root.G.Global, name, t)
	glua.Put(in.loaded, name, t)
	in.opened[name] = t
	return t
}

// openEarly opens the modules that are to be there from the start.
func (in *Interpreter) openEarly() {
	for _, m := range in.config.Modules {
		if m.Early {
			glua.Put(in.loaded, m.Name, in.load(m.Name))
		}
	}
}

// extendLibraries opens the modules that are named as one of Lua's own libraries
// ("string"): their functions join that library's, and must be there from the
// start, since its table is found without asking for a module.
func (in *Interpreter) extendLibraries() {
	for _, m := range in.config.Modules {
		if m.Early { // it is open
			continue
		}
		switch lib := in.root.G.Global.RawGetString(m.Name).(type) {
		case *lua.LTable:
			in.openModule(m, lib)
		case *lua.LFunction:
			in.extendFunction(lib, m)
		}
	}
}

// extendFunction gives one of Lua's own functions the fields of the module of its name:
// select. Functions have one metatable in common, which scripts do not see.
func (in *Interpreter) extendFunction(fn *lua.LFunction, m *Module) {
	fields, rest := m.made.all(m.Funcs, false, m.Constants) // nobody can set them
	if m.Open != nil || rest != nil {
		fields = in.openModule(m, nil)
		in.fill(fields)
	}
	set(&in.members, lua.LValue(fn), fields)
	in.opened[m.Name] = fn
	in.functions = functionsMetatable()
	in.root.SetMetatable(fn, in.functions)
}

var functionsMetatable = sync.OnceValue(func() *lua.LTable {
	mt := glua.NewNames(1)
	mt.RawSetString("__index", sharedFunction(&Function{Name: "index", Fn: func(s *State) int {
		fields := s.in.members[s.Get(1)]
		if fields == nil {
			s.RaiseError("attempt to index %s", s.indexedBelow("function"))
		}
		return s.Return(s.l.GetTable(fields, s.Get(2)))
	}}))
	return mt
})

// metatable returns a value's metatable, or that one's field __metatable; nil for what
// scripts have none of.
func (s *State) metatable(v lua.LValue) lua.LValue {
	mt := s.l.GetMetatable(v)
	if t, ok := mt.(*lua.LTable); ok && t == s.in.functions {
		return lua.LNil
	}
	return mt
}

// openModule makes a module's table, or adds its functions to one that is there.
func (in *Interpreter) openModule(m *Module, table *lua.LTable) *lua.LTable {
	if table == nil {
		var rest map[string]lua.LValue
		if table, rest = m.made.copy(m.Funcs, false, m.Constants); rest != nil {
			set(&in.constants, table, rest)
		}
	} else {
		own, rest := m.made.all(m.Funcs, false, m.Constants)
		glua.AddNames(table, own)
		for name, v := range rest {
			table.RawSetString(name, v)
		}
	}
	in.opened[m.Name] = table
	if g := in.root.G.Global; g.RawGetString(m.Name) == lua.LNil {
		glua.Put(g, m.Name, table)
	}
	if m.Open != nil {
		m.Open(in.Engine(), table)
	}
	for i := range m.Funcs {
		if fn, ok := table.RawGetString(m.Funcs[i].Name).(*lua.LFunction); ok && m.Funcs[i].Fn == nil {
			set(&in.manuals, fn, &m.Funcs[i])
		}
	}
	return table
}

// moduleNames lists the modules there are, for messages.
func (in *Interpreter) moduleNames() string {
	names := make([]string, 0, len(in.config.Modules))
	for _, m := range in.config.Modules {
		names = append(names, m.Name)
	}
	sort.Strings(names)
	return strings.Join(names, ", ")
}
