package interp

import (
	"cmp"
	"slices"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// Account adds up what an interpreter holds. The VM makes strings and tables without
// telling anybody, so that nobody can count what was made; but what is held can be
// found: by a walk from the roots, which are the globals, the libraries and the
// stacks of all threads. It is made holding the turn, and ends as soon as there is more
// than the limit: so it takes time in proportion to that, some 50 ns for each table,
// function or string.
type Account struct {
	total int
	limit int // what it ends above; 0: none
	seen  addresses
	todo  []lua.LValue
	codes []*lua.FunctionProto
	long  []span // strings that may be pieces of each other
	exact int    // how many of those are counted without what they share
	fresh int    // bytes of the others
	over  func() bool
}

// Holder is what an object's Go value implements when it holds what its script can
// make large: buffers, or values of Lua's. Hold tells an interpreter's account. It is
// called holding the turn, and must not wait.
type Holder interface{ Hold(*Account) }

// Memory returns how many bytes the interpreter holds: what Limits.Memory is compared
// with. It waits for the turn, and then goes through all that there is, some 50 ns for
// each table, function and string. Any goroutine may call it that does not hold the turn, at any
// time.
//
// The bytes of strings and the slots of tables are exact, but for the system's rounding
// up. Functions, stacks of threads and coroutines, Go's stacks below them, sockets and
// other objects are estimated. Buffers that read ahead, files' and queues are counted.
// Not seen are values in channels, what the host's objects hold, buffers of the
// kernel's, what a library function is about to make, and garbage, which the
// interpreter no longer holds, and the process does until it is collected. A piece of a
// long string counts as itself, though it may keep all of it; those that are shorter than
// an eighth are copies.
func (in *Interpreter) Memory() int {
	in.turn.Lock()
	defer in.turn.Unlock()
	a := Account{}
	return a.measure(in)
}

// Bytes adds n bytes.
func (a *Account) Bytes(n int) { a.total += n }

// Value adds a value, and all that it refers to, once.
func (a *Account) Value(v lua.LValue) {
	switch v := v.(type) {
	case lua.LString:
		a.text(string(v))
	case lua.LNumber:
		if v < 0 || v >= 128 || v != lua.LNumber(int(v)) { // gopher-lua has those once
			a.total += sizeNumber
		}
	case *lua.LTable:
		a.later(unsafe.Pointer(v), v)
	case *lua.LFunction:
		a.later(unsafe.Pointer(v), v)
	case *lua.LUserData:
		a.later(unsafe.Pointer(v), v)
	case *lua.LState:
		a.later(unsafe.Pointer(v), v)
	case lua.LChannel:
		if a.seen.add(uintptr(*(*unsafe.Pointer)(unsafe.Pointer(&v)))) {
			a.total += cap(v) * sizeValue
		}
	}
}

// Hold adds what h holds, once. Holders are pointers.
func (a *Account) Hold(h Holder) {
	if a.seen.add((*[2]uintptr)(unsafe.Pointer(&h))[1]) {
		h.Hold(a)
	}
}

func (a *Account) later(p unsafe.Pointer, v lua.LValue) {
	if p != nil && a.seen.add(uintptr(p)) {
		a.todo = append(a.todo, v)
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
	sizeThread   = 512

	// longString is from where on strings may share their bytes: see Piece.
	longString = 1 << 10
)

// text adds a string. What is short is counted once; what is long may be a piece of
// another, and so the bytes are counted that at least one of them has.
func (a *Account) text(s string) {
	p := uintptr(unsafe.Pointer(unsafe.StringData(s)))
	switch {
	case len(s) >= longString:
		a.long = append(a.long, span{p, p + uintptr(len(s))})
		a.total += len(s) + sizeString
		a.fresh += len(s)
	case s != "" && a.seen.add(p):
		a.total += len(s) + sizeString
	}
}

// span is where a string's bytes are.
type span struct{ from, to uintptr }

// settle takes off what long strings share.
func (a *Account) settle() {
	slices.SortFunc(a.long, func(x, y span) int { return cmp.Compare(x.from, y.from) })
	kept := a.long[:0]
	for _, s := range a.long {
		last := len(kept) - 1
		if last < 0 || s.from >= kept[last].to {
			kept = append(kept, s)
			continue
		}
		a.total -= int(min(s.to, kept[last].to) - s.from)
		kept[last].to = max(kept[last].to, s.to)
	}
	a.long, a.exact, a.fresh = kept, len(kept), 0
}

// full reports whether there is more than the limit, or nobody wants to know any more.
func (a *Account) full() bool {
	if a.over != nil && a.over() {
		return true
	}
	if a.limit == 0 || a.total <= a.limit {
		return false
	}
	if len(a.long) > 2*a.exact || a.fresh > a.limit/4 {
		a.settle()
	}
	return a.total-a.fresh > a.limit
}

// measure goes through what the interpreter holds. The caller must have its turn.
func (a *Account) measure(in *Interpreter) int {
	in.roots(a)
	for n := 0; len(a.todo)+len(a.codes) > 0; n++ {
		if n&255 == 0 && a.full() {
			break
		}
		if k := len(a.todo) - 1; k >= 0 {
			v := a.todo[k]
			a.todo = a.todo[:k]
			a.visit(v)
			continue
		}
		k := len(a.codes) - 1
		p := a.codes[k]
		a.codes = a.codes[:k]
		a.code(p)
	}
	a.settle()
	return a.total
}

// roots adds what everything else hangs on.
func (in *Interpreter) roots(a *Account) {
	root := in.root
	for _, t := range []*lua.LTable{root.G.Global, root.G.Registry, root.Env, in.loaded} {
		a.Value(t)
	}
	for f := range in.funcs {
		a.Value(f)
	}
	for _, tables := range []map[*Type]*lua.LTable{in.types, in.methods} {
		for _, t := range tables {
			a.Value(t)
		}
	}
	a.Value(root)
	for _, free := range in.free {
		for _, s := range free {
			a.Value(s.LState)
		}
	}
	for _, r := range in.runs.all() {
		for t := range r.threads {
			a.Hold(t)
		}
	}
}

// Hold makes a Thread a Holder: it adds its stacks and results.
func (t *Thread) Hold(a *Account) {
	a.total += sizeThread
	for _, v := range t.results {
		a.Value(v)
	}
	if t.failure != nil {
		a.total += len(t.failure.Message) + len(t.failure.Traceback)
		a.Value(t.failure.value)
	}
	nested := 0
	for s := t.top; s != nil; s = s.up {
		a.Value(s.LState)
		nested += goStackOf(s.LState)
	}
	if t.started && !t.ended {
		a.total += goStackSize(nested)
	}
}

// visit adds what a value takes and refers to.
func (a *Account) visit(v lua.LValue) {
	switch v := v.(type) {
	case *lua.LTable:
		a.table(v)
	case *lua.LFunction:
		a.function(v)
	case *lua.LState:
		a.state(v)
	case *lua.LUserData:
		a.total += sizeUserData
		a.Value(v.Env)
		a.Value(v.Metatable)
		if h, ok := v.Value.(Holder); ok {
			a.Hold(h)
		}
	}
}

// addresses is a set of them, in a table of twice the size: Go's maps take five times as
// long.
type addresses struct {
	slots []uintptr
	shift uint
	n     int
}

// add reports whether p is new.
func (s *addresses) add(p uintptr) bool {
	if 2*s.n >= len(s.slots) {
		s.grow()
	}
	i := s.slot(p)
	for ; s.slots[i] != 0; i = (i + 1) & (len(s.slots) - 1) {
		if s.slots[i] == p {
			return false
		}
	}
	s.slots[i] = p
	s.n++
	return true
}

func (s *addresses) slot(p uintptr) int {
	return int(uint64(p) * 0x9E3779B97F4A7C15 >> s.shift)
}

func (s *addresses) grow() {
	old := s.slots
	bits := uint(12)
	for 1<<bits <= 2*len(old) {
		bits++
	}
	s.slots, s.shift, s.n = make([]uintptr, 1<<bits), 64-bits, 0
	for _, p := range old {
		if p != 0 {
			s.add(p)
		}
	}
}
