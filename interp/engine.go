package interp

import "wirelua/interp/policy"

// Engine is an Interpreter as modules see it. A function of a module gets it from its State,
// and a module's Open is given it; a goroutine of a module's own may keep it. Where nothing else
// is said, only who has the turn may call its methods: every Go function called by Lua has
// it, but for a host's with a context (see Interpreter.Set); any other goroutine takes it with
// WithTurn.
//
// Most modules need Local and OnClose, Policy, DescriptorRoom and CountDescriptors, ToLua, FromLua and Assign, and
// WithTurn. Of the others Define, NewFunction and NewObject are for Module.Open; Config, Stdout, Stderr and SetStreams for who
// shows the host's streams and settings to scripts; NewDesc, DescribeWaits, FindLeaks, MayWake and CountThreads for
// who has descriptors or threads; Lookup, Manual, Libraries, LibraryName and Prompt for tools.
type Engine Interpreter

// Engine returns what modules have of the interpreter, for hosts that do a module's work
// themselves. It does not wait; any goroutine may call it.
func (in *Interpreter) Engine() *Engine { return (*Engine)(in) }

func (in *Engine) interpreter() *Interpreter { return (*Interpreter)(in) }

// Policy returns the compiled policy, for modules to ask. It may be called by any
// goroutine.
func (in *Engine) Policy() *policy.Checker { return in.policy }

// Config returns what New was given, for modules to read and not to change. Any
// goroutine may call it.
func (in *Engine) Config() *Config { return &in.config }

// Local returns what this interpreter keeps under key. If that is nothing yet, it keeps
// and returns what make returns. Modules keep their state here, since they must have no
// global variables. A key is a value of a type that the module does not export, as with
// context.WithValue.
func (in *Engine) Local(key any, make func() any) any {
	v, ok := in.locals[key]
	if !ok {
		v = make()
		set(&in.locals, key, v)
	}
	return v
}

// OnClose has fn called when the interpreter is closed, after its threads have
// ended, last registered first. It is for modules; fn is called with the turn.
func (in *Engine) OnClose(fn func()) { in.onClose = append(in.onClose, fn) }

// WithTurn takes the turn, waiting until it is free, and runs fn with it. It is for
// goroutines of a module's own, and must not be called by a function that Lua called,
// which has the turn already. After Close it does the same: what fn does must be
// right then, too.
func (in *Engine) WithTurn(fn func()) {
	in.turn.Take()
	defer in.turn.Give()
	fn()
}
