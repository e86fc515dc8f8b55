package interp

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
)

// Account adds up what an interpreter holds. The VM makes strings and tables without
// telling anybody, so that nobody can count what was made; but what is held can be
// found: by a walk from the roots, which are the globals, the libraries, the
// stacks of all threads and what the host has an Object of. It is made with the turn, and ends as soon as there is more
// than the limit: so it takes time in proportion to that, some 50 ns for each table,
// function or string.
type Account struct {
	walk  glua.Walk
	limit int // what it ends above; 0: none
	over  func() bool
}

// Holder is implemented by the Go value of an object that holds what a script can make
// large: buffers, or Lua values. Hold adds these to an interpreter's account. It is
// called with the turn, and must not wait.
type Holder interface{ Hold(*Account) }

// Memory returns how many bytes the interpreter holds: what Limits.Memory is compared
// with. It waits for the turn, and then goes through all that there is, some 50 ns for
// each table, function and string. Any goroutine may call it that does not have the turn, at any
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
	in.turn.Take()
	defer in.turn.Give()
	a := Account{}
	return a.measure(in)
}

// Bytes adds n bytes.
func (a *Account) Bytes(n int) { a.walk.Total += n }

// Value adds a value, and all that it refers to, once.
func (a *Account) Value(v lua.LValue) { a.walk.Value(v) }

// Hold adds what h holds, once. Holders are pointers.
func (a *Account) Hold(h Holder) {
	if a.walk.New(h) {
		h.Hold(a)
	}
}

// full reports whether there is more than the limit, or nobody wants to know any more.
func (a *Account) full() bool {
	return a.over != nil && a.over() || a.limit > 0 && a.walk.Exceeds(a.limit)
}

// measure goes through what the interpreter holds. The caller must have its turn.
func (a *Account) measure(in *Interpreter) int {
	a.walk.Object = func(object any) {
		if h, ok := object.(Holder); ok {
			a.Hold(h)
		}
	}
	in.roots(a)
	a.walk.Run(a.full)
	return a.walk.Total
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
	for _, t := range in.types {
		a.Value(t)
	}
	a.Value(root)
	for _, v := range in.kept {
		a.Value(v.Value())
	}
	for handle := range in.lent.handles.all {
		if o := handle.Value(); o != nil {
			a.Value(o.v)
		}
	}
	for _, free := range in.free {
		for _, s := range free {
			a.Value(s.l)
		}
	}
	for _, r := range in.runs.all() {
		for _, t := range r.threads.all {
			a.Hold(t)
		}
	}
}

// sizeThread is what a Thread takes beside its stacks.
const sizeThread = 512

// Hold makes a Thread a Holder: it adds its stacks and results.
func (t *Thread) Hold(a *Account) {
	a.Bytes(sizeThread)
	if t.results != nil {
		for _, v := range *t.results {
			a.Value(v)
		}
	}
	if t.failure != nil {
		a.Bytes(len(t.failure.Message) + len(t.failure.Traceback))
		a.Value(t.failure.value)
	}
	nested := 0
	for s := t.top; s != nil; s = s.up {
		a.Value(s.l)
		nested += glua.GoStack(s.l)
	}
	if t.started && !t.ended && t.task.OnStack() {
		a.Bytes(glua.GoStackSize(nested))
	}
}
