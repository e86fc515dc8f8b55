package glua

import (
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// Frame is a call that has not returned. All but the methods is gopher-lua's.
type Frame struct {
	Idx    int            // how many are below it
	Fn     *lua.LFunction // nil once a tail call has taken it off the stack
	Parent *Frame         // the caller's
	Pc     int            // of the next instruction, in a function of Lua's

	base, localBase, returnBase, nArgs int

	NRet int // how many results are wanted; lua.MultRet is all there are

	TailCall int // of a function of Lua's; of others it means nothing
}

// Top returns the innermost call of a stack; nil when there is none.
func Top(l *lua.LState) *Frame { return *at[*Frame](unsafe.Pointer(l), &stateFrame) }

// FrameOf returns the call that d, which GetStack has returned, is about.
func FrameOf(d *lua.Debug) *Frame { return *at[*Frame](unsafe.Pointer(d), &debugFrame) }

// Replaced returns how many calls f has taken the place of by tail calls: GetStack counts
// them as levels, too.
func (f *Frame) Replaced() int {
	if f.Fn == nil || f.Fn.IsG {
		return 0
	}
	return f.TailCall
}

// Instruction returns where a function of Lua's stands: the place of what it is at, or has
// failed at. ok is false in one of Go's.
func (f *Frame) Instruction() (pc int, ok bool) {
	if f.Fn == nil || f.Fn.IsG {
		return 0, false
	}
	pc = f.Pc - 1
	return pc, pc >= 0 && pc < len(f.Fn.Proto.Code)
}

// Calls reports whether a function of Lua's is at a call: else what runs above it is a
// metamethod or an iterator, which the VM calls by calling itself.
func (f *Frame) Calls() bool {
	pc, ok := f.Instruction()
	if !ok {
		return false
	}
	op := Code(f.Fn.Proto.Code[pc]).Op()
	return op == lua.OP_CALL || op == lua.OP_TAILCALL
}

// CanLeave reports whether nothing but functions of Lua's, each at a call, lie below the function of Go's that
// runs on l: then gopher-lua can leave the stack, as yield does, and come back to it.
func CanLeave(l *lua.LState) bool {
	for f := Top(l).Parent; f != nil; f = f.Parent {
		if !f.Calls() {
			return false
		}
	}
	return !callsOf(l).full()
}

// Leave has the function of Go's that runs on l, if CanLeave, leave the stack as it is when it
// returns -1, but for itself and its n arguments: these lie on top of its caller's then, to be called again, and
// wanted is how many results are. With n = -1 nothing is left of it. gopher-lua's yield would move the arguments
// to Parent.
func Leave(l *lua.LState, n int) (wanted int) {
	f := Top(l)
	tail := f.returnBase != f.base
	f.localBase--
	if n >= 0 {
		l.Replace(1, f.Fn) // of an object that is called, the object lies there
	}
	l.SetTop(n + 1)
	f.localBase += n + 1
	f.returnBase = f.localBase
	if tail {
		callsOf(l).push(*f) // the VM takes the frame below the last away, which was the caller's
	}
	return f.NRet // the caller returns as many, if it is a tail call
}

// Continue goes on with a stack that was left, after the call that it was left at, whose
// results are on it by now.
func Continue(l *lua.LState) {
	loop := *at[func(l *lua.LState, base *Frame)](unsafe.Pointer(l), &stateLoop)
	loop(l, nil)
}

// What Go's stack takes, measured: to begin with, for a stack of Lua's, and for a function
// that is called by one of Go's, or by the VM for a metamethod or an iterator. Calls of
// Lua's own take nothing.
const (
	goStackFirst = 4 << 10
	goStackState = 200
	goStackGo    = 1700
	goStackVM    = 620
)

// GoStack returns what the calls of a stack take of Go's.
func GoStack(l *lua.LState) int {
	n := goStackState
	for f := Top(l); f != nil && f.Parent != nil; f = f.Parent {
		switch {
		case f.Parent.Fn == nil || f.Parent.Fn.Proto == nil:
			n += goStackGo
		case !f.Parent.Calls():
			n += goStackVM
		}
	}
	return n
}

// GoStackSize returns how large a stack of Go's is that has n bytes on it: it doubles as
// it grows.
func GoStackSize(n int) int {
	size := goStackFirst
	for size < n {
		size *= 2
	}
	return size
}
