package interp

import (
	"runtime"
	"weak"
)

// OnDrop has fn called once the collector has found that nothing holds object any more:
// for what a module's objects leave behind, rest, such as an entry in a table of the
// interpreter's. fn is called on a goroutine of its own, without the turn (see
// Locked), unless rest is gone by then, or the interpreter: so whatever keeps the rest
// keeps it until fn is called, and lets go of it when the object is closed, which
// leaves fn nothing to do. fn should be no closure.
//
// A cleanup is kept by the collector, and with it all that it refers to. One that held
// the interpreter would hold its globals, they the object, and none would ever
// be freed. That is why this holds neither the interpreter nor rest, and why all
// modules use it instead of runtime.AddCleanup. It may be called by any goroutine.
func OnDrop[T, R any](in *Interpreter, object *T, rest *R, fn func(*Interpreter, *R)) {
	runtime.AddCleanup(object, drop[R].run, drop[R]{weak.Make(in), weak.Make(rest), fn})
}

type drop[R any] struct {
	in   weak.Pointer[Interpreter]
	rest weak.Pointer[R]
	fn   func(*Interpreter, *R)
}

// run is called on the one goroutine that all cleanups have, which must not wait.
func (d drop[R]) run() {
	if in, rest := d.in.Value(), d.rest.Value(); in != nil && rest != nil {
		go d.fn(in, rest)
	}
}
