package interp

import (
	"fmt"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
)

// function makes a Lua function that knows its name: for argument errors, the
// op of error objects, and tracebacks. Tables that scripts may read hold it.
func (in *Interpreter) function(name, args string, fn func(*State) int) *lua.LFunction {
	return in.register(&Function{Name: name, Args: args, Fn: fn})
}

func (in *Interpreter) register(f *Function) *lua.LFunction {
	lf := in.root.NewFunction(f.called())
	set(&in.funcs, lf, f)
	return lf
}

// NewFunction makes a Lua function out of fn, for values that modules return:
// iterators, callbacks. name is what errors call it. kept are the values that fn
// refers to, as far as a script can make them large: for the account of what the
// interpreter holds (see Holder), which cannot look into fn.
func (s *State) NewFunction(name string, fn func(*State) int, kept ...lua.LValue) *lua.LFunction {
	return s.newFunction(&Function{Name: name, Fn: fn}, kept)
}

// NewIterator is NewFunction for a function that may be called again from its beginning when it had to wait, as
// Function.Restarts has it: a thread that waits in `for x in object:method()` then keeps no stack of Go's.
func (s *State) NewIterator(name string, fn func(*State) int, kept ...lua.LValue) *lua.LFunction {
	return s.newFunction(&Function{Name: name, Fn: fn, Restarts: true}, kept)
}

// newFunction does not enter f in the table of known functions, which would keep every iterator alive: the name
// goes with the Go closure instead.
func (s *State) newFunction(f *Function, kept []lua.LValue) *lua.LFunction {
	call := f.Fn
	if f.Restarts {
		call = f.restart
	}
	return s.l.NewClosure(func(l *lua.LState) int {
		s := stateOf(l)
		old := s.unnamed
		if f.Restarts && s.thread.light.resumed {
			old = nil // it is f's own
		}
		s.unnamed = f
		n := call(s)
		if n >= 0 { // else it is left
			s.unnamed = old
		}
		return n
	}, kept...)
}

// NewObject makes a Lua object of type t that holds v: a pointer, as a rule. Two of one v are two objects to
// Lua, so what must be one is kept. ObjectArg gives v back.
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

// maxClasses bounds the tables made for classes; objects of further ones have
// their fields looked up by a call.
const maxClasses = 64

// metatable returns the metatable of t's objects, or that of v's class.
func (in *Interpreter) metatable(t *Type, v any) *lua.LTable {
	base := in.types[t]
	if base == nil {
		base = t.metatable()
		set(&in.types, t, base)
		set(&in.typeOf, lua.LValue(base), t)
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
	set(&in.classes, key, mt)
	set(&in.typeOf, lua.LValue(mt), t)
	return mt
}

// classMetatable is base but for __index, which is a table: of the methods, and
// of the fields as v has them.
func (in *Interpreter) classMetatable(t *Type, base *lua.LTable, v any) *lua.LTable {
	mt, index := in.root.CreateTable(0, 4), in.root.CreateTable(0, len(t.Methods)+4)
	base.ForEach(mt.RawSet)
	t.methods().ForEach(index.RawSet)
	known := map[string]bool{}
	for _, f := range t.Fields {
		known[f.Name] = true
		index.RawSetString(f.Name, t.Index(nil, v, f.Name))
	}
	index.Metatable = in.root.CreateTable(0, 4)
	index.Metatable.(*lua.LTable).RawSetString("__index", in.function("index", "", func(s *State) int {
		if t.Strict && !known[s.Get(2).String()] {
			return t.lacks(s, s.Get(2))
		}
		return s.Return(lua.LNil)
	}))
	mt.RawSetString("__index", index)
	return mt
}

// methods returns the table of t's methods, which all interpreters share, since no script gets at it; nil if t is nil.
func (t *Type) methods() *lua.LTable {
	if t == nil {
		return nil
	}
	methods, _ := t.made.all(t.Methods, true, nil)
	return methods
}

// metatable returns the metatable of t's objects, which interpreters share as they do the methods.
func (t *Type) metatable() *lua.LTable {
	methods := t.methods()
	if methods != t.made.table { // they are others than they were
		return t.newMetatable(methods)
	}
	t.made.meta.Do(func() { t.made.metatable = t.newMetatable(methods) })
	return t.made.metatable
}

func (t *Type) newMetatable(methods *lua.LTable) *lua.LTable {
	mt, name := glua.NewNames(8), t.Name
	if t.Of != nil {
		name = t.Of.Type().String()
	}
	mt.RawSetString("__name", lua.LString(name))
	mt.RawSetString("__metatable", lua.LString(name)) // scripts see the name, and can't change the table
	if t.Of != nil {
		mt.RawSetString("__index", methods)
		return mt
	}
	t.setIndex(mt, methods)
	t.setOperators(mt)
	for event, fn := range t.Meta {
		mt.RawSetString(event, sharedFunction(&Function{Name: strings.TrimPrefix(event, "__"), Fn: fn}))
	}
	return mt
}

// setIndex sets how methods and fields are found: by a table where that can be,
// since a call for each costs more than many a method itself.
func (t *Type) setIndex(mt, methods *lua.LTable) {
	index := func(of *lua.LTable, fn func(*State) int) {
		of.RawSetString("__index", sharedFunction(&Function{Name: "index", Fn: fn}))
	}
	if t.Index == nil {
		mt.RawSetString("__index", methods)
		if t.Strict {
			strict := glua.NewNames(1)
			index(strict, func(s *State) int { return t.lacks(s, s.Get(2)) })
			methods.Metatable = strict
		}
		return
	}
	index(mt, func(s *State) int {
		key := lua.LVAsString(s.Get(2))
		if v := methods.RawGetString(key); v != lua.LNil {
			return s.Return(v)
		}
		if v := t.Index(s, s.Get(1).(*lua.LUserData).Value, key); v != nil {
			return s.Return(v)
		}
		if v := s.in.textMethod(t, key); v != nil {
			return s.Return(v)
		}
		if t.Strict {
			return t.lacks(s, s.Get(2))
		}
		return s.Return(lua.LNil)
	})
}

// setOperators sets what all objects can do beside their methods.
func (t *Type) setOperators(mt *lua.LTable) {
	operator := func(name string, fn func(*State) int) {
		mt.RawSetString("__"+name, sharedFunction(&Function{Name: name, Fn: fn}))
	}
	operator("newindex", func(s *State) int {
		ud := s.Get(1).(*lua.LUserData)
		if key := s.Get(2).String(); t.Set == nil || !t.Set(s, ud.Value, key, s.Get(3)) {
			s.RaiseError("cannot set field '%s' of a %s", key, t.Name)
		}
		return 0
	})
	operator("tostring", func(s *State) int { return s.Return(lua.LString(t.display(s.in, s.Get(1)))) })
	operator("concat", func(s *State) int {
		for i := 1; i <= 2; i++ {
			ud, ok := s.Get(i).(*lua.LUserData)
			if !lua.LVCanConvToString(s.Get(i)) && (!ok || s.GetMetaField(ud, "__concat") == lua.LNil) {
				s.RaiseError("attempt to concatenate a %s value", s.Get(i).Type())
			}
		}
		left, right := s.Display(s.Get(1)), s.Display(s.Get(2))
		return s.Return(lua.LString(s.join([]string{left, right}, len(left)+len(right))))
	})
	if t.Len != nil {
		operator("len", func(s *State) int {
			return s.Return(lua.LNumber(t.Len(s.Get(1).(*lua.LUserData).Value)))
		})
	}
}

// display is what tostring makes of one of t's objects, or of what stands in its place.
func (t *Type) display(in *Interpreter, v lua.LValue) string {
	ud, ok := v.(*lua.LUserData)
	switch {
	case ok && in.typeOf[ud.Metatable] == t && t.String != nil:
		return t.String(ud.Value)
	case ok && in.typeOf[ud.Metatable] == t:
		return fmt.Sprintf("%s: %p", t.Name, ud.Value)
	case !lua.LVCanConvToString(v):
		return ""
	}
	return v.String()
}

// ObjectArg returns what the object holds that is argument n, the value given to NewObject, if that is a T; else it
// raises an argument error that names the type, typeName: that of Type.Name. The object of a method is argument 1.
// It is for who has the turn.
func ObjectArg[T any](s *State, n int, typeName string) T {
	if ud, ok := s.Get(n).(*lua.LUserData); ok {
		if v, ok := ud.Value.(T); ok {
			return v
		}
	}
	s.TypeError(n, typeName)
	panic("unreachable")
}

// NewObject makes a Lua object of type t that holds v, where there is no State: see State.NewObject.
func (in *Engine) NewObject(t *Type, v any) *lua.LUserData { return in.interpreter().newObject(t, v) }

// NewFunction makes a Lua function for a module's Open to put in a table.
func (in *Engine) NewFunction(name, args string, fn func(*State) int) *lua.LFunction {
	return in.interpreter().function(name, args, fn)
}

func itoa(n int) string { return strconv.Itoa(n) }
