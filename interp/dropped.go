package interp

import (
	"runtime"
	"weak"
)

// OnDrop calls fn once the collector has found that nothing refers to object any more.
// rest is what the object leaves behind, an entry in a table of the interpreter's for
// example.
//
// fn is called on a goroutine of its own, without the turn (see Engine.WithTurn). It is not
// called if rest or the interpreter has been collected by then. So something must hold
// rest as long as fn is needed: whoever does lets go of it when the object is closed,
// since fn has nothing to do then. fn should be no closure.
//
// The collector keeps a cleanup, and all that the cleanup refers to. A cleanup that
// refers to the interpreter keeps its globals, they keep the object, and nothing is ever
// freed. That is why OnDrop refers to neither, and why all modules use it instead of
// runtime.AddCleanup. Any goroutine may call it.
func OnDrop[T, R any](in *Engine, object *T, rest *R, fn func(*Engine, *R)) {
	runtime.AddCleanup(object, drop[R].run, drop[R]{weak.Make(in), weak.Make(rest), fn})
}

type drop[R any] struct {
	in   weak.Pointer[Engine]
	rest weak.Pointer[R]
	fn   func(*Engine, *R)
}

// run is called on the one goroutine that all cleanups have, which must not wait.
func (d drop[R]) run() {
	if in, rest := d.in.Value(), d.rest.Value(); in != nil && rest != nil {
		go d.fn(in, rest)
	}
}
