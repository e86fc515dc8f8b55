package interp

import (
	"maps"
	"reflect"
	"weak"

	lua "github.com/yuin/gopher-lua"
)

// Lua's own values belong to the interpreter that made them: a table has no lock but
// the turn, and a function does what its interpreter may do. So what Go code got raw,
// as a lua.LValue, is noted; and what it gives raw is taken only by the interpreter
// that it came from.

// lent are the values that Go code may give back.
type lent struct {
	tables    weakSet[lua.LTable]
	functions weakSet[lua.LFunction]
	objects   weakSet[lua.LUserData]
	channels  weakSet[byte] // by the address of Go's own channel
}

// weakSet is a set that keeps nothing alive.
type weakSet[T any] struct {
	all   map[weak.Pointer[T]]struct{}
	sweep int // the length at which it is looked through for what is gone
}

func (w *weakSet[T]) add(p *T) {
	if w.all == nil {
		w.all = map[weak.Pointer[T]]struct{}{}
	}
	if len(w.all) >= w.sweep {
		maps.DeleteFunc(w.all, func(p weak.Pointer[T], _ struct{}) bool { return p.Value() == nil })
		w.sweep = max(64, 2*len(w.all))
	}
	w.all[weak.Make(p)] = struct{}{}
}

func (w *weakSet[T]) has(p *T) bool {
	if len(w.all) == 0 {
		return false
	}
	_, ok := w.all[weak.Make(p)]
	return ok
}

func channelAddress(v lua.LChannel) *byte { return (*byte)(reflect.ValueOf(v).UnsafePointer()) }

// lend notes that Go code gets v.
func (in *Interpreter) lend(v lua.LValue) lua.LValue {
	switch v := v.(type) {
	case *lua.LTable:
		in.lent.tables.add(v)
	case *lua.LFunction:
		in.lent.functions.add(v)
	case *lua.LUserData:
		in.lent.objects.add(v)
	case lua.LChannel:
		in.lent.channels.add(channelAddress(v))
	}
	return v
}

// owns reports whether v is the interpreter's, or nobody's.
func (in *Interpreter) owns(v lua.LValue) bool {
	switch v := v.(type) {
	case *lua.LTable:
		return in.lent.tables.has(v)
	case *lua.LFunction:
		return in.lent.functions.has(v) || in.funcs[v] != nil
	case *lua.LUserData:
		return in.lent.objects.has(v) || in.typeOf[v.Metatable] != nil
	case lua.LChannel:
		return in.lent.channels.has(channelAddress(v))
	case *lua.LState:
		return v.G == in.root.G
	}
	return true
}

// raw takes a value of Lua's that Go code gives.
func (c *toLua) raw(v lua.LValue) (lua.LValue, error) {
	ch, isChannel := v.(lua.LChannel)
	switch {
	case c.in.owns(v):
		return v, nil
	case isChannel:
		return c.imported((chan lua.LValue)(ch)) // one of the host's, or another interpreter's
	}
	return nil, badValue("a raw %s that is not from this interpreter has no form in it: give it as a Func, a map or a slice", v.Type())
}

// ownExtra is what of an error's further fields may be read in the interpreter.
func (in *Interpreter) ownExtra(e *OpError) *OpError {
	for _, v := range e.Extra {
		if !in.owns(v) {
			own := *e
			own.Extra = maps.Clone(e.Extra)
			maps.DeleteFunc(own.Extra, func(_ string, v lua.LValue) bool { return !in.owns(v) })
			return &own
		}
	}
	return e
}
