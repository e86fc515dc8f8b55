package interp

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
)

// maxConstants is how many constants a module's table has from the beginning. Where there are more, as in socket with its
// 600, those that are read come into the table one by one, and all when somebody looks at the table as a whole.
const maxConstants = 24

// copy returns a new table of the functions, and of constants, if that is not nil; rest are those that are not in it.
func (sh *shared) copy(funcs []Function, methods bool, constants func() map[string]lua.LValue) (t *lua.LTable, rest map[string]lua.LValue) {
	t, rest = sh.all(funcs, methods, constants)
	if t != sh.table {
		return t, rest
	}
	return sh.pattern.Copy(0), rest
}

// all returns the table that copy copies, and the rest: to be read only.
func (sh *shared) all(funcs []Function, methods bool, constants func() map[string]lua.LValue) (t *lua.LTable, rest map[string]lua.LValue) {
	sh.once.Do(func() {
		sh.of = funcs
		sh.table, sh.rest = sh.make(funcs, methods, constants)
		sh.pattern = glua.NewPattern(sh.table)
	})
	if len(sh.of) != len(funcs) || len(funcs) > 0 && &sh.of[0] != &funcs[0] { // somebody has set others since
		return sh.make(funcs, methods, constants)
	}
	return sh.table, sh.rest
}

func (sh *shared) make(funcs []Function, methods bool, constants func() map[string]lua.LValue) (t *lua.LTable, rest map[string]lua.LValue) {
	var more map[string]lua.LValue
	if constants != nil {
		more = constants()
	}
	if len(more) > maxConstants {
		more, rest = nil, more
	}
	t = glua.NewNames(len(funcs) + len(more) + len(sh.also) + len(sh.later))
	for i := range funcs {
		f := &funcs[i]
		if f.Fn == nil { // it is written in Lua
			continue
		}
		if methods {
			method := *f
			method.method = true
			f = &method
		}
		t.RawSetString(f.Name, sharedFunction(f))
	}
	for name, v := range more {
		t.RawSetString(name, v)
	}
	for name, known := range sh.also {
		t.RawSetString(name, t.RawGetString(known))
	}
	glua.Reserve(t, sh.later...)
	return t, rest
}

// sharedFunction makes a function that knows its name, for argument errors, the op of error objects and
// tracebacks, and that interpreters share. All that it consists of is one piece: there are hundreds.
func sharedFunction(f *Function) *lua.LFunction {
	piece := &struct {
		fn    lua.LFunction
		has   [1]*lua.Upvalue
		about lua.Upvalue
		data  lua.LUserData
	}{data: lua.LUserData{Value: f, Metatable: lua.LNil}}
	piece.about.SetValue(&piece.data)
	piece.has[0] = &piece.about
	piece.fn = lua.LFunction{IsG: true, GFunction: f.called(), Upvalues: piece.has[:]}
	return &piece.fn
}

// known returns what is known of a function; nil for one of a script's.
func (in *Interpreter) known(fn *lua.LFunction) *Function {
	if f := in.funcs[fn]; f != nil {
		return f
	}
	if f := sharedBy(fn); f != nil && !f.hidden {
		return f
	}
	return nil
}

// sharedBy returns what is known of a function that interpreters share; nil for all others.
func sharedBy(fn *lua.LFunction) *Function {
	if fn == nil || !fn.IsG || fn.Env != nil || len(fn.Upvalues) != 1 {
		return nil
	}
	about, ok := fn.Upvalues[0].Value().(*lua.LUserData)
	if !ok {
		return nil
	}
	f, _ := about.Value.(*Function)
	return f
}

func isShared(fn *lua.LFunction) bool { return sharedBy(fn) != nil }

// environment returns what a script has made the environment of a shared function, which looks at none.
func (in *Interpreter) environment(fn *lua.LFunction) *lua.LTable {
	if env := in.envs[fn]; env != nil {
		return env
	}
	return in.root.G.Global
}
