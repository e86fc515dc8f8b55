package glua

import (
	"cmp"
	"slices"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// Walk adds up what values of Lua's take, and all that they refer to: each thing once. It
// takes some 50 ns for each table, function or string.
type Walk struct {
	Total  int              // bytes, so far
	Object func(object any) // is told of each object, to add what that holds

	seen  addresses
	todo  []lua.LValue
	codes []*lua.FunctionProto
	long  []span // strings that may be pieces of each other
	exact int    // how many of those are counted without what they share
	fresh int    // bytes of the others
}

// Value adds a value, and all that it refers to, once.
func (w *Walk) Value(v lua.LValue) {
	switch v := v.(type) {
	case lua.LString:
		w.text(string(v))
	case lua.LNumber:
		if v < 0 || v >= 128 || v != lua.LNumber(int(v)) { // gopher-lua has those once
			w.Total += sizeNumber
		}
	case *lua.LTable:
		w.later(unsafe.Pointer(v), v)
	case *lua.LFunction:
		w.later(unsafe.Pointer(v), v)
	case *lua.LUserData:
		w.later(unsafe.Pointer(v), v)
	case *lua.LState:
		w.later(unsafe.Pointer(v), v)
	case lua.LChannel:
		if w.New(v) {
			w.Total += cap(v) * sizeValue
		}
	}
}

// New reports whether something is met for the first time. It is a pointer, a channel or a map.
func (w *Walk) New(p any) bool { return w.seen.add((*[2]uintptr)(unsafe.Pointer(&p))[1]) }

// Run goes through all that is still to be looked at, until there is no more, or full says,
// asked now and then, that there is enough.
func (w *Walk) Run(full func() bool) {
	for n := 0; len(w.todo)+len(w.codes) > 0; n++ {
		if n&255 == 0 && full() {
			break
		}
		if k := len(w.todo) - 1; k >= 0 {
			v := w.todo[k]
			w.todo = w.todo[:k]
			w.visit(v)
			continue
		}
		k := len(w.codes) - 1
		p := w.codes[k]
		w.codes = w.codes[:k]
		w.code(p)
	}
	w.settle()
}

// Exceeds reports whether the total is more than limit, by now.
func (w *Walk) Exceeds(limit int) bool {
	if w.Total <= limit {
		return false
	}
	if len(w.long) > 2*w.exact || w.fresh > limit/4 {
		w.settle()
	}
	return w.Total-w.fresh > limit
}

// ChannelAddress returns where Go has a channel: equal ones are one.
func ChannelAddress(c lua.LChannel) *byte { return *(**byte)(unsafe.Pointer(&c)) }

func (w *Walk) later(p unsafe.Pointer, v lua.LValue) {
	if p != nil && w.seen.add(uintptr(p)) {
		w.todo = append(w.todo, v)
	}
}

// Sizes of what there is one of for each thing: what Go takes for it.
const (
	sizeValue  = int(unsafe.Sizeof(lua.LValue(nil)))
	sizeString = int(unsafe.Sizeof("")) // of its header, which a value points to
	sizeNumber = 16                     // gopher-lua makes them by the dozen, of which some are not used

	sizeTable    = 96
	sizeFunction = 96
	sizeUpvalue  = 48
	sizeUserData = 64
	sizeProto    = 304
	sizeState    = 1024 // beside its values and calls

	// longString is from where on strings may share their bytes: see interp.Piece.
	longString = 1 << 10
)

// text adds a string. What is short is counted once; what is long may be a piece of
// another, and so the bytes are counted that at least one of them has.
func (w *Walk) text(s string) {
	p := uintptr(unsafe.Pointer(unsafe.StringData(s)))
	switch {
	case len(s) >= longString:
		w.long = append(w.long, span{p, p + uintptr(len(s))})
		w.Total += len(s) + sizeString
		w.fresh += len(s)
	case s != "" && w.seen.add(p):
		w.Total += len(s) + sizeString
	}
}

// span is where a string's bytes are.
type span struct{ from, to uintptr }

// settle takes off what long strings share.
func (w *Walk) settle() {
	slices.SortFunc(w.long, func(x, y span) int { return cmp.Compare(x.from, y.from) })
	kept := w.long[:0]
	for _, s := range w.long {
		last := len(kept) - 1
		if last < 0 || s.from >= kept[last].to {
			kept = append(kept, s)
			continue
		}
		w.Total -= int(min(s.to, kept[last].to) - s.from)
		kept[last].to = max(kept[last].to, s.to)
	}
	w.long, w.exact, w.fresh = kept, len(kept), 0
}

// visit adds what a value takes and refers to.
func (w *Walk) visit(v lua.LValue) {
	switch v := v.(type) {
	case *lua.LTable:
		w.table(v)
	case *lua.LFunction:
		w.function(v)
	case *lua.LState:
		w.state(v)
	case *lua.LUserData:
		w.Total += sizeUserData
		w.Value(v.Env)
		w.Value(v.Metatable)
		if w.Object != nil {
			w.Object(v.Value)
		}
	}
}

// registry is where a stack has its values.
type registry struct {
	array []lua.LValue
	top   int

	growBy, maxSize int

	alloc   *allocator
	handler interface{ registryOverflow() } // the stack, as gopher-lua's own interface
}

// upvalue is a variable of a function around another: in the registry while that runs.
type upvalue struct {
	next   *upvalue
	reg    *registry
	index  int
	value  lua.LValue
	closed bool
}

func (w *Walk) table(v *lua.LTable) {
	t := TableOf(v)
	w.Total += sizeTable + cap(t.array)*sizeValue + cap(t.keys)*sizeValue +
		mapSize(t.dict, 2*sizeValue) + mapSize(t.strdict, sizeString+sizeValue) + mapSize(t.k2i, sizeValue+8) + len(t.k2i)*sizeString
	w.Value(t.metatable)
	for _, e := range t.array {
		w.Value(e)
	}
	for _, k := range t.keys {
		w.Value(k)
	}
	for _, e := range t.dict {
		w.Value(e)
	}
	for _, e := range t.strdict {
		w.Value(e)
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

func (w *Walk) function(f *lua.LFunction) {
	w.Total += sizeFunction + len(f.Upvalues)*8
	w.Value(f.Env)
	for _, u := range f.Upvalues {
		if u != nil && w.seen.add(uintptr(unsafe.Pointer(u))) {
			w.upvalue((*upvalue)(unsafe.Pointer(u)))
		}
	}
	if f.Proto != nil && w.seen.add(uintptr(unsafe.Pointer(f.Proto))) {
		w.codes = append(w.codes, f.Proto)
	}
}

func (w *Walk) upvalue(u *upvalue) {
	w.Total += sizeUpvalue
	switch {
	case u.closed || u.reg == nil:
		w.Value(u.value)
	case u.index < len(u.reg.array):
		w.registry(u.reg) // which it keeps, whoever else does
		w.Value(u.reg.array[u.index])
	}
}

// code adds a function's code.
func (w *Walk) code(p *lua.FunctionProto) {
	w.Total += sizeProto + cap(p.Code)*4 + cap(p.Constants)*2*sizeValue + cap(p.FunctionPrototypes)*8 +
		cap(p.DbgSourcePositions)*8 + cap(p.DbgCalls)*24 + cap(p.DbgLocals)*(8+32) + cap(p.DbgUpvalues)*sizeString
	w.text(p.SourceName)
	for _, c := range p.Constants {
		w.Value(c)
	}
	for _, f := range p.FunctionPrototypes {
		if w.seen.add(uintptr(unsafe.Pointer(f))) {
			w.codes = append(w.codes, f)
		}
	}
}

// state adds a stack: a thread's, a coroutine's, or one that waits to be used again.
func (w *Walk) state(l *lua.LState) {
	w.Total += sizeState
	w.registry(*at[*registry](unsafe.Pointer(l), &stateReg))
	w.Value(l.Env)
	f := Top(l)
	if f != nil {
		w.Total += (f.Idx/lua.FramesPerSegment + 1) * lua.FramesPerSegment * int(unsafe.Sizeof(*f))
	}
	for ; f != nil; f = f.Parent {
		if f.Fn != nil { // a tail call has taken it off the registry
			w.Value(f.Fn)
		}
	}
	w.Total += l.Options.CallStackSize / lua.FramesPerSegment * 8
}

func (w *Walk) registry(r *registry) {
	if r == nil || !w.seen.add(uintptr(unsafe.Pointer(r))) {
		return
	}
	w.Total += cap(r.array) * sizeValue
	for _, v := range r.array[:r.top] {
		w.Value(v)
	}
}
