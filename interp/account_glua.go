package interp

import (
	"reflect"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// What gopher-lua keeps to itself, read only: its structures as the account reads them.
// That they are so is checked when the program starts.

type tableLayout struct {
	Metatable lua.LValue
	array     []lua.LValue
	dict      map[lua.LValue]lua.LValue
	strdict   map[string]lua.LValue
	keys      []lua.LValue
	k2i       map[lua.LValue]int
}

type registryLayout struct {
	array []lua.LValue
	top   int
}

type frameLayout struct {
	Idx    int
	Fn     *lua.LFunction
	Parent *frameLayout
	Pc     int

	Base, LocalBase, ReturnBase, NArgs, NRet int

	TailCall int
}

// replaced returns how many calls the frame has taken the place of by tail calls.
func (f *frameLayout) replaced() int {
	if f.Fn == nil || f.Fn.IsG {
		return 0
	}
	return f.TailCall
}

type upvalueLayout struct {
	next   *upvalueLayout
	reg    *registryLayout
	index  int
	value  lua.LValue
	closed bool
}

var (
	_ = mirrors[tableLayout](reflect.TypeFor[lua.LTable]())
	_ = mirrors[upvalueLayout](reflect.TypeFor[lua.Upvalue]())
	_ = mirrors[frameLayout](frameType)
	_ = mirrors[registryLayout](fieldOf(reflect.TypeFor[lua.LState](), "reg").Type.Elem())

	stateRegistry = fieldOf(reflect.TypeFor[lua.LState](), "reg").Offset
	stateFrame    = fieldOf(reflect.TypeFor[lua.LState](), "currentFrame").Offset
)

func fieldOf(t reflect.Type, name string) reflect.StructField {
	return t.FieldByIndex(fieldIndex(t, name))
}

// mirrors panics unless each field of T's is where t has one of that name and size.
func mirrors[T any](t reflect.Type) bool {
	for i := range reflect.TypeFor[T]().NumField() {
		mine := reflect.TypeFor[T]().Field(i)
		theirs := fieldOf(t, mine.Name)
		if mine.Offset != theirs.Offset || mine.Type.Size() != theirs.Type.Size() || mine.Type.Kind() != theirs.Type.Kind() {
			panic("interp: gopher-lua's " + t.String() + " has another field " + mine.Name)
		}
	}
	return true
}

func (a *Account) table(v *lua.LTable) {
	t := (*tableLayout)(unsafe.Pointer(v))
	a.total += sizeTable + cap(t.array)*sizeValue + cap(t.keys)*sizeValue +
		mapSize(t.dict, 2*sizeValue) + mapSize(t.strdict, sizeString+sizeValue) + mapSize(t.k2i, sizeValue+8) + len(t.k2i)*sizeString
	a.Value(t.Metatable)
	for _, e := range t.array {
		a.Value(e)
	}
	for _, k := range t.keys {
		a.Value(k)
	}
	for _, e := range t.dict {
		a.Value(e)
	}
	for _, e := range t.strdict {
		a.Value(e)
	}
}

// mapSize is what a map of Go's takes, whose keys and values have so many bytes together:
// its slots come in groups of eight, of which up to seven are used, and more of them
// as it grows.
func mapSize[K comparable, V any](m map[K]V, slot int) int {
	switch n := len(m); {
	case m == nil:
		return 0
	case n <= 8:
		return 48 + 8*slot + 8
	default:
		return 48 + n*3/2*(slot+1)
	}
}

func (a *Account) function(f *lua.LFunction) {
	a.total += sizeFunction + len(f.Upvalues)*8
	a.Value(f.Env)
	for _, u := range f.Upvalues {
		if u != nil && a.seen.add(uintptr(unsafe.Pointer(u))) {
			a.upvalue((*upvalueLayout)(unsafe.Pointer(u)))
		}
	}
	if f.Proto != nil && a.seen.add(uintptr(unsafe.Pointer(f.Proto))) {
		a.codes = append(a.codes, f.Proto)
	}
}

func (a *Account) upvalue(u *upvalueLayout) {
	a.total += sizeUpvalue
	switch {
	case u.closed || u.reg == nil:
		a.Value(u.value)
	case u.index < len(u.reg.array):
		a.registry(u.reg) // which it keeps, whoever else does
		a.Value(u.reg.array[u.index])
	}
}

// code adds a function's code.
func (a *Account) code(p *lua.FunctionProto) {
	a.total += sizeProto + cap(p.Code)*4 + cap(p.Constants)*2*sizeValue + cap(p.FunctionPrototypes)*8 +
		cap(p.DbgSourcePositions)*8 + cap(p.DbgCalls)*24 + cap(p.DbgLocals)*(8+32) + cap(p.DbgUpvalues)*sizeString
	a.text(p.SourceName)
	for _, c := range p.Constants {
		a.Value(c)
	}
	for _, f := range p.FunctionPrototypes {
		if a.seen.add(uintptr(unsafe.Pointer(f))) {
			a.codes = append(a.codes, f)
		}
	}
}

// state adds a stack: a thread's, a coroutine's, or one that waits to be used again.
func (a *Account) state(l *lua.LState) {
	a.total += sizeState
	a.registry(*(**registryLayout)(unsafe.Add(unsafe.Pointer(l), stateRegistry)))
	a.Value(l.Env)
	f := frameOf(l)
	if f != nil {
		a.total += (f.Idx/lua.FramesPerSegment + 1) * lua.FramesPerSegment * sizeFrame
	}
	for ; f != nil; f = f.Parent {
		if f.Fn != nil { // a tail call has taken it off the registry
			a.Value(f.Fn)
		}
	}
	a.total += l.Options.CallStackSize / lua.FramesPerSegment * 8
}

var sizeFrame = int(frameType.Size())

func frameOf(l *lua.LState) *frameLayout {
	return *(**frameLayout)(unsafe.Add(unsafe.Pointer(l), stateFrame))
}

func (a *Account) registry(r *registryLayout) {
	if r == nil || !a.seen.add(uintptr(unsafe.Pointer(r))) {
		return
	}
	a.total += cap(r.array) * sizeValue
	for _, v := range r.array[:r.top] {
		a.Value(v)
	}
}

// What Go's stack takes, measured: to begin with, for a State, and for a function that
// is called by one of Go's, or by the VM for a metamethod or an iterator. Calls of
// Lua's own take nothing.
const (
	goStackFirst = 4 << 10
	goStackState = 200
	goStackGo    = 1700
	goStackVM    = 620
)

// goStackOf returns what a stack's calls take of Go's.
func goStackOf(l *lua.LState) int {
	n := goStackState
	for f := frameOf(l); f != nil && f.Parent != nil; f = f.Parent {
		n += f.Parent.goStack()
	}
	return n
}

// goStack is what the call takes that a frame is at.
func (f *frameLayout) goStack() int {
	if f.Fn == nil || f.Fn.Proto == nil {
		return goStackGo
	}
	if f.Pc >= 1 && f.Pc <= len(f.Fn.Proto.Code) {
		if op := int(f.Fn.Proto.Code[f.Pc-1] >> 26); op == lua.OP_CALL || op == lua.OP_TAILCALL {
			return 0
		}
	}
	return goStackVM
}

// goStackSize returns how large a stack is that has n bytes on it: it doubles as it
// grows.
func goStackSize(n int) int {
	size := goStackFirst
	for size < n {
		size *= 2
	}
	return size
}
