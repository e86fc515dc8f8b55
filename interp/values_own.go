package interp

import (
	"fmt"
	"maps"
	"reflect"
	"weak"

	"wirelua/interp/internal/glua"

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
	handles   weakSet[Object]
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

// lend notes that Go code gets v.
func (in *Interpreter) lend(v lua.LValue) lua.LValue {
	switch v := v.(type) {
	case *lua.LTable:
		in.lent.tables.add(v)
		glua.Complete(v)
	case *lua.LFunction:
		in.lent.functions.add(v)
	case *lua.LUserData:
		in.lent.objects.add(v)
	case lua.LChannel:
		in.lent.channels.add(glua.ChannelAddress(v))
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
		return in.lent.channels.has(glua.ChannelAddress(v))
	case *lua.LState:
		return v.G == in.root.G
	}
	return true
}

// Func is a Lua function that Go can call: what scripts' functions become in Go.
// It belongs to its interpreter; any goroutine may call it, and so may a
// host function that has a Func or a context.Context as parameter. Funcs can be compared:
// they are equal if they are one Lua function.
type Func struct {
	in *Interpreter
	fn *lua.LFunction
}

// String names the function by where it was defined: "function <script.lua:3>".
func (f Func) String() string {
	if f.fn == nil || f.fn.IsG {
		return "function"
	}
	return fmt.Sprintf("function <%s:%d>", f.fn.Proto.SourceName, f.fn.Proto.LineDefined)
}

// Object is a handle of the host's on a table, a function or an object of a script's: that itself, not a copy.
// A call gives one whose target is an *Object, and so does a parameter of a host function:
//
//	var plugin *interp.Object
//	err := in.RunInto(ctx, &plugin, prog)
//	out, err := plugin.Call(ctx, "on_request", request)
//
// It may be kept until the interpreter is closed, and its methods called by any goroutine, host functions that
// a script called among them, if they have an *Object, a Func or a context.Context as parameter. Each waits for
// its turn, and for what the script does then, as Interpreter.Call does; ctx, the
// conversions and the errors are as there. Names may have dots. Given to its own interpreter, as an argument or
// a result, it is what it stands for; given to another, an error. nil makes a nil *Object, as it makes all zero values,
// and the methods of that say so.
type Object struct {
	in *Interpreter
	v  lua.LValue
}

var objectType = reflect.TypeFor[*Object]()

// handle returns a new handle on v, and false for what is no table, function or object.
func (in *Interpreter) handle(v lua.LValue) (*Object, bool) {
	switch v.(type) {
	case *lua.LTable, *lua.LFunction, *lua.LUserData:
		o := &Object{in, v}
		in.lent.handles.add(o)
		return o, true
	}
	return nil, false
}

// String says what it is a handle on: "table: 0xc000123400". It does not wait.
func (o *Object) String() string {
	if o == nil {
		return "nil"
	}
	return o.v.Type().String() + fmt.Sprintf(": %p", o.v)
}
