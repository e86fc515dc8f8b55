package interp

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Module is a Lua module written in Go: a value that holds its functions with
// their manual. List it in Config.Modules; require finds it by Name, and it is a
// global of that name, too. It may be shared by any number of interpreters, so
// it holds no state: what one interpreter needs is made by Open.
type Module struct {
	Name  string // as require names it; the name of one of Lua's libraries ("string") adds to that
	Doc   string // what it is for, a sentence or more
	Funcs []Function
	Types []*Type // the objects it makes; for their manual

	// Early has the module's table made with the interpreter, not when a script first uses it:
	// it is what scripts expect to find where they look (package.loaded, pairs(_G)), as Lua's
	// own libraries are.
	Early bool

	// Open, if set, completes the module's table when a script first uses it, or early:
	// constants, tables, anything that is not a function.
	Open func(in *Interpreter, table *lua.LTable)

	// Import, if set, is asked for Go values that the host hands to scripts and interp
	// has no form for: pointers, structs, channels and functions. It returns nil for what
	// it does not know, and is asked whether or not the module was opened.
	Import func(in *Interpreter, v any) (lua.LValue, error)

	// Export, if set, is asked for the Go form of an object's value that scripts hand to
	// the host. It returns nil for what it does not know.
	Export func(in *Interpreter, v any) (any, error)
}

// Function is a function of a module, or a method of a type. A whole one:
//
//	{Name: "add", Args: "a, b", Doc: "a + b", Fn: func(s *interp.State) int {
//		return s.Return(lua.LNumber(s.Num(1) + s.Num(2)))
//	}}
type Function struct {
	Name string
	Args string // "host, port[, timeout]", without the receiver
	Doc  string // one line: what it returns, and whether it waits

	// Fn gets its arguments from the State (the receiver is the first), pushes
	// its results and returns their number. It has the turn: to wait it uses its
	// Thread's methods, which let others run meanwhile. Errors it raises with
	// State.Raise and State.ArgError. A panic becomes an error of the script's.
	Fn func(s *State) int

	method bool
}

// Type is a kind of object that modules hand to Lua. Values of one type share a
// metatable; what they hold is any Go value.
type Type struct {
	Name    string // as error messages name it: "socket"
	Doc     string
	Methods []Function
	Fields  string // names of the fields that Index answers, for the manual

	// Class, if set, makes fields as quick to find as methods. Objects of one
	// class have the same Fields with the same values; Index is then asked for
	// them without a State. An object that changes its class says so with Reclass.
	Class func(self any) [2]uint64

	Index  func(s *State, self any, key string) lua.LValue // fields, asked after methods; nil when there is none of that name
	Set    func(s *State, self any, key string, v lua.LValue) bool
	String func(self any) string
	Len    func(self any) int
	Meta   map[string]func(s *State) int // further metamethods: "__eq", "__call"...

	// Of, if set, is any value of a Lua type whose values share one metatable:
	// channels. They all get Methods, wherever they come from; the rest is not used.
	Of lua.LValue

	// Strict makes an unknown field an error that names it. A misspelt method
	// otherwise ends in "attempt to call a nil value".
	Strict bool
}

// function makes a Lua function that knows its name: for argument errors, the
// op of error objects, and tracebacks. Tables that scripts may read hold it.
func (in *Interpreter) function(name, args string, fn func(*State) int) *lua.LFunction {
	return in.register(&Function{Name: name, Args: args, Fn: fn})
}

func (in *Interpreter) register(f *Function) *lua.LFunction {
	fn := f.Fn
	lf := in.root.NewFunction(func(l *lua.LState) int { return fn(StateOf(l)) })
	in.funcs[lf] = f
	return lf
}

// NewFunction makes a Lua function out of fn, for values that modules return:
// iterators, callbacks. name is what errors call it. kept are the values that fn
// refers to, as far as a script can make them large: for the account of what the
// interpreter holds (see Holder), which cannot look into fn.
func (s *State) NewFunction(name string, fn func(*State) int, kept ...lua.LValue) *lua.LFunction {
	f := &Function{Name: name, Fn: fn}
	// Not entered in the table of known functions, which would keep every
	// iterator alive: the name goes with the Go closure instead.
	return s.l.NewClosure(func(l *lua.LState) int {
		s := StateOf(l)
		old := s.unnamed
		s.unnamed = f
		n := fn(s)
		s.unnamed = old
		return n
	}, kept...)
}

// NewObject makes a Lua object of type t that holds v.
func (s *State) NewObject(t *Type, v any) *lua.LUserData { return s.in.newObject(t, v) }

func (in *Interpreter) newObject(t *Type, v any) *lua.LUserData {
	return &lua.LUserData{Value: v, Env: in.root.G.Global, Metatable: in.metatable(t, v)}
}

// Reclass must be called when the object at argument n has changed its class; see
// Type.Class.
func (s *State) Reclass(n int) {
	ud := s.Get(n).(*lua.LUserData)
	if t := s.in.typeOf[ud.Metatable]; t != nil {
		ud.Metatable = s.in.metatable(t, ud.Value)
	}
}

// classKey names a class of a type.
type classKey struct {
	t     *Type
	class [2]uint64
}

// maxClasses bounds the tables made for classes; objects of further ones have
// their fields looked up by a call.
const maxClasses = 64

// metatable returns the metatable of t's objects, or that of v's class.
func (in *Interpreter) metatable(t *Type, v any) *lua.LTable {
	base := in.types[t]
	if base == nil {
		base = in.newMetatable(t)
		in.types[t] = base
		in.typeOf[base] = t
	}
	if t.Class == nil {
		return base
	}
	key := classKey{t, t.Class(v)}
	mt := in.classes[key]
	switch {
	case mt != nil:
		return mt
	case len(in.classes) >= maxClasses:
		return base
	}
	mt = in.classMetatable(t, base, v)
	in.classes[key] = mt
	in.typeOf[mt] = t
	return mt
}

// classMetatable is base but for __index, which is a table: of the methods, and
// of the fields as v has them.
func (in *Interpreter) classMetatable(t *Type, base *lua.LTable, v any) *lua.LTable {
	mt, index := in.root.NewTable(), in.root.CreateTable(0, len(t.Methods)+4)
	base.ForEach(mt.RawSet)
	in.methods[t].ForEach(index.RawSet)
	known := map[string]bool{}
	for _, name := range strings.Fields(t.Fields) {
		known[name] = true
		index.RawSetString(name, t.Index(nil, v, name))
	}
	index.Metatable = in.root.NewTable()
	index.Metatable.(*lua.LTable).RawSetString("__index", in.function("index", "", func(s *State) int {
		if t.Strict && !known[s.Get(2).String()] {
			s.RaiseError("%s has no method or field '%s'", t.Name, s.Get(2).String())
		}
		return s.Return(lua.LNil)
	}))
	mt.RawSetString("__index", index)
	return mt
}

// newMetatable makes the metatable of a type.
func (in *Interpreter) newMetatable(t *Type) *lua.LTable {
	mt := in.root.NewTable()
	methods := in.root.CreateTable(0, len(t.Methods))
	for i := range t.Methods {
		f := t.Methods[i]
		f.method = true
		methods.RawSetString(f.Name, in.register(&f))
	}
	in.methods[t] = methods
	mt.RawSetString("__name", lua.LString(t.Name))
	mt.RawSetString("__metatable", lua.LString(t.Name)) // scripts see the name, and can't change the table
	in.setIndex(t, mt, methods)
	in.setOperators(t, mt)
	for name, fn := range t.Meta {
		mt.RawSetString(name, in.function(strings.TrimPrefix(name, "__"), "", fn))
	}
	return mt
}

// setIndex sets how methods and fields are found: by a table where that can be,
// since a call for each costs more than many a method itself.
func (in *Interpreter) setIndex(t *Type, mt, methods *lua.LTable) {
	if t.Index == nil {
		mt.RawSetString("__index", methods)
		if t.Strict {
			methods.Metatable = in.root.NewTable()
			methods.Metatable.(*lua.LTable).RawSetString("__index", in.function("index", "", func(s *State) int {
				s.RaiseError("%s has no method or field '%s'", t.Name, s.Get(2).String())
				return 0
			}))
		}
		return
	}
	mt.RawSetString("__index", in.function("index", "", func(s *State) int {
		key := lua.LVAsString(s.Get(2))
		if v := methods.RawGetString(key); v != lua.LNil {
			return s.Return(v)
		}
		if v := t.Index(s, s.Get(1).(*lua.LUserData).Value, key); v != nil {
			return s.Return(v)
		}
		if t.Strict {
			s.RaiseError("%s has no method or field '%s'", t.Name, s.Get(2).String())
		}
		return s.Return(lua.LNil)
	}))
}

// setOperators sets what all objects can do beside their methods.
func (in *Interpreter) setOperators(t *Type, mt *lua.LTable) {
	mt.RawSetString("__newindex", in.function("newindex", "", func(s *State) int {
		ud := s.Get(1).(*lua.LUserData)
		if key := s.Get(2).String(); t.Set == nil || !t.Set(s, ud.Value, key, s.Get(3)) {
			s.RaiseError("cannot set field '%s' of a %s", key, t.Name)
		}
		return 0
	}))
	str := t.String
	if str == nil {
		str = func(v any) string { return fmt.Sprintf("%s: %p", t.Name, v) }
	}
	text := func(v lua.LValue) string {
		if ud, ok := v.(*lua.LUserData); ok && in.typeOf[ud.Metatable] == t {
			return str(ud.Value)
		}
		if !lua.LVCanConvToString(v) {
			return ""
		}
		return v.String()
	}
	mt.RawSetString("__tostring", in.function("tostring", "", func(s *State) int {
		return s.Return(lua.LString(text(s.Get(1))))
	}))
	mt.RawSetString("__concat", in.function("concat", "", func(s *State) int {
		for i := 1; i <= 2; i++ {
			ud, ok := s.Get(i).(*lua.LUserData)
			if !lua.LVCanConvToString(s.Get(i)) && (!ok || s.GetMetaField(ud, "__concat") == lua.LNil) {
				s.RaiseError("attempt to concatenate a %s value", s.Get(i).Type())
			}
		}
		left, right := s.Display(s.Get(1)), s.Display(s.Get(2))
		return s.Return(lua.LString(s.join([]string{left, right}, len(left)+len(right))))
	}))
	if t.Len != nil {
		mt.RawSetString("__len", in.function("len", "", func(s *State) int {
			return s.Return(lua.LNumber(t.Len(s.Get(1).(*lua.LUserData).Value)))
		}))
	}
}

// Object returns argument n as what an object of type T holds, or raises an
// argument error that names the type.
func Object[T any](s *State, n int, typeName string) T {
	if ud, ok := s.Get(n).(*lua.LUserData); ok {
		if v, ok := ud.Value.(T); ok {
			return v
		}
	}
	s.TypeError(n, typeName)
	panic("unreachable")
}

// openModules makes the modules reachable: by require, and as globals that come
// to be when first read, so that an interpreter pays only for what it uses.
func (in *Interpreter) openModules() {
	g := in.root.G.Global
	mt := in.root.NewTable()
	mt.RawSetString("__index", in.function("index", "", func(s *State) int {
		name, _ := s.Get(2).(lua.LString)
		if in.opened[string(name)] != nil { // there was such a global, and the script took it away
			return s.Return(lua.LNil)
		}
		if v := in.load(string(name)); v != nil {
			return s.Return(v)
		}
		return s.Return(lua.LNil)
	}))
	g.Metatable = mt
}

// load returns the table of the module, or library of Lua's, called name, making it when this
// is its first use; nil when the interpreter has no such module.
func (in *Interpreter) load(name string) lua.LValue {
	if v := in.opened[name]; v != nil {
		return v
	}
	if m := in.modules[name]; m != nil {
		return in.openModule(m, in.root.CreateTable(0, len(m.Funcs)))
	}
	return nil
}

// noteLibraries has load know Lua's own libraries.
func (in *Interpreter) noteLibraries() {
	in.loaded.ForEach(func(name, v lua.LValue) {
		if t, ok := v.(*lua.LTable); ok && name != lua.LString("_G") {
			in.opened[name.String()] = t
		}
	})
}

// openLibrary makes a table of functions that is there from the start, as a global and
// for require.
func (in *Interpreter) openLibrary(name string, funcs []Function) *lua.LTable {
	t := in.root.CreateTable(0, len(funcs))
	for i := range funcs {
		t.RawSetString(funcs[i].Name, in.register(&funcs[i]))
	}
	in.root.G.Global.RawSetString(name, t)
	in.loaded.RawSetString(name, t)
	return t
}

// openEarly opens the modules that are to be there from the start.
func (in *Interpreter) openEarly() {
	for _, m := range in.config.Modules {
		if m.Early {
			in.loaded.RawSetString(m.Name, in.load(m.Name))
		}
	}
}

// extendLibraries opens the modules that are named as one of Lua's own libraries
// ("string"): their functions join that library's, and must be there from the
// start, since its table is found without asking for a module.
func (in *Interpreter) extendLibraries() {
	for name, m := range in.modules {
		switch lib := in.root.G.Global.RawGetString(name).(type) {
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
	in.members[fn] = in.openModule(m, in.root.CreateTable(0, len(m.Funcs)))
	in.opened[m.Name] = fn
	if in.functions != nil {
		return
	}
	in.functions = in.root.NewTable()
	in.functions.RawSetString("__index", in.function("index", "", func(s *State) int {
		fields := s.in.members[s.Get(1)]
		if fields == nil {
			s.RaiseError("attempt to index %s", s.indexedBelow("function"))
		}
		return s.Return(s.l.GetTable(fields, s.Get(2)))
	}))
	in.root.SetMetatable(fn, in.functions)
}

// metatable returns a value's metatable, or that one's field __metatable; nil for what
// scripts have none of.
func (s *State) metatable(v lua.LValue) lua.LValue {
	mt := s.l.GetMetatable(v)
	if t, ok := mt.(*lua.LTable); ok && t == s.in.functions {
		return lua.LNil
	}
	return mt
}

func (in *Interpreter) openModule(m *Module, table *lua.LTable) *lua.LTable {
	for i := range m.Funcs {
		table.RawSetString(m.Funcs[i].Name, in.register(&m.Funcs[i]))
	}
	in.opened[m.Name] = table
	if g := in.root.G.Global; g.RawGetString(m.Name) == lua.LNil {
		g.RawSetString(m.Name, table)
	}
	if m.Open != nil {
		m.Open(in, table)
	}
	return table
}

// NewObject makes a Lua object of type t that holds v, for a module's Open.
func (in *Interpreter) NewObject(t *Type, v any) *lua.LUserData { return in.newObject(t, v) }

// NewFunction makes a Lua function for a module's Open to put in a table.
func (in *Interpreter) NewFunction(name, args string, fn func(*State) int) *lua.LFunction {
	return in.function(name, args, fn)
}

// moduleNames lists the modules there are, for messages.
func (in *Interpreter) moduleNames() string {
	names := make([]string, 0, len(in.modules))
	for name := range in.modules {
		names = append(names, name)
	}
	sort.Strings(names)
	return strings.Join(names, ", ")
}

func itoa(n int) string { return strconv.Itoa(n) }
