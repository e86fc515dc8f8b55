package interp

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
)

// State is one Lua stack: that of a thread, of a coroutine, or of a protected
// call. Go functions of modules receive the State they are called on.
// A State may be used only by the function that runs on it, while that has the
// interpreter's turn, as every function called by Lua has; it must not be kept beyond that. What a function
// needs later is s.Interp() and s.Thread().
//
// Arguments lie on the stack from position 1 on, and are read by Str, Num, Int, IntRange, Bool, Table,
// Callable, Seconds, Deadline, OptStr, OptInt, OptTable, Options, Absent and JoinArgs. Results are pushed by
// Return, ReturnBytes and True, all of which return their number. Raise, RaiseError, ArgError, TypeError and Error do not return.
// The rest is gopher-lua's stack: see "For authors of modules" above.
type State struct {
	// What each step needs is one line of the cache. Of hundreds of threads that are served none
	// of it is there any more when their turn comes.
	l      *lua.LState
	in     *Interpreter
	thread *Thread
	stop   *stopFlag // the thread's run's, one load away from the VM's loop
	steps

	up      *State        // who waits for this one: its resumer, or its pcall
	co      *coroutine    // the coroutine this stack belongs to; nil on a thread's own
	room    *glua.Calls   // what a deep one has its calls in, while it is used
	caught  *lua.ApiError // what a protected call ended with
	unnamed *Function     // what runs, when it was made by NewFunction
	hooked  *debugHook    // of a thread's or coroutine's first State
	nesting
	deep bool
}

// Interp returns the interpreter that the state belongs to, as modules see it.
func (s *State) Interp() *Engine { return s.in.Engine() }

// Typed reports whether what runs was typed at a prompt.
func (s *State) Typed() bool { return s.thread.run.typed }

// Thread returns the Lua thread that runs on this state.
func (s *State) Thread() *Thread {
	s.thread.run.known = true
	return s.thread
}

// CheckStop returns nil, or the reason to give up once the run was stopped. It is for
// functions of modules that take long without waiting.
func (s *State) CheckStop() error {
	if s.stop.Load() {
		return errStopped
	}
	return nil
}

// coroutine is what we know of a coroutine beside gopher-lua: its State, and
// whether a thread is inside it. gopher-lua compares with one global "current
// thread" instead, which is wrong as soon as a coroutine waits.
type coroutine struct {
	// left is the function in which a coroutine that does not run was left: yield, or what
	// raised the error it died of. gopher-lua has taken it off the stack by then; to
	// scripts it is the innermost call. nil when there is none.
	left    *lua.LFunction
	leftAt  lua.Debug // its line, and the name it was called by, if it is one of Lua's
	active  bool
	resumed bool // at least once
}

// base returns the first State of s's thread or coroutine, below its protected
// calls.
func (s *State) base() *State {
	for s.co == nil && s.up != nil {
		s = s.up
	}
	return s
}

// nesting is how much of the goroutine's stack belongs to others than a State: the
// States that wait for it, through protected calls, coroutines and functions of
// the host's that call back. Nothing can catch an overflow of Go's stack.
type nesting struct {
	depth int32 // how many States
	below int32 // how many calls they have
}
