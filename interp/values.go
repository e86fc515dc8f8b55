package interp

import (
	"fmt"
	"reflect"

	lua "github.com/yuin/gopher-lua"
)

// Set sets a global variable, or a field of a table: name may have dots, "config.port". The
// table has to be there, and no metamethod is asked; see Object.Set. Set waits for its turn: until
// a running script waits for something, or ends. This is what Go values become:
//
//	nil; nil pointers, functions...   nil
//	bool                              boolean
//	string, []byte, [n]byte           string
//	integers, floats                  number; an integer that a number can't hold exactly is an error
//	time.Duration                     number, of seconds
//	time.Time                         number, of seconds since 1970
//	slices, arrays                    table with keys 1..n
//	maps                              table; keys may be strings, numbers and booleans
//	structs                           table of the exported fields
//	pointers                          what they point to
//	functions                         function
//	error                             error object; raised, or back in Go, it is the same error
//	Func                              function; one of another interpreter is called there
//	*Object, lua.LValue               what it is, if it is this interpreter's
//	channels, net.Conn, net.Listener  channel, socket: if Config.Modules has these modules
//
// A net.Addr is a struct as others are: scripts want its host and port, or, for dial of module proto, its String().
//
// Fields are named as in encoding/json: by their tag, with "-", omitempty and
// omitzero honoured, or else as in Go: Port is "Port", and "port" only by a tag, in both directions; those of an embedded struct are the outer one's, and those of a map tagged
// `json:",any"` are its pairs. Tables are
// copies: the Go value does not change with them. A map, slice or pointer that is
// found twice becomes one table. What takes more than 2^24 values or 256 MB of bytes
// is an error.
//
// # Functions
//
// A function's parameters may be of all of these types. Arguments are checked:
// "bad argument #1 to 'f' (number expected, got string)". Those left out, and nil,
// are zero values; further ones go to a variadic parameter, or nowhere. A table that is to be a struct must
// have no keys that are no fields, which are most likely misspelt, unless a map field tagged `json:",any"` takes
// them. A last result of
// type error is raised when it is not nil, as an error object (code EOTHER, when it is
// no system error); if no script catches it, errors.Is and errors.As find it
// in what RunFile or Call returns. A panic is an error, too; see PanicError.
//
// A function that takes a context.Context as its first parameter runs beside the
// script: other threads go on, it may wait, and it may call the Interpreter's
// methods and Funcs. Several threads may be in it at once. Its context ends when the
// run is stopped (its own context, os.exit, Close) or the thread cancelled, and has
// the values of the context that RunFile or Call was given:
//
//	in.Set("fetch", func(ctx context.Context, url string) (string, error) { ... })
//
// Any other runs in the script's turn: nothing else happens in the interpreter
// meanwhile, and it costs less. It should be quick: one that takes longer than a tenth
// of a second, since it waits for something or for the interpreter itself, loses the
// turn to others until it returns. But it is never called twice at once, nor is
// another such function of the interpreter's: threads that call one wait until it has
// returned. So what only these functions use needs no lock, if they are one
// interpreter's; and one that waits for another of them to be called waits for ever:
// it needs a context. What they call in the interpreter may call them again, before
// they go on. A function that takes a Func or an *Object counts as one with a context.
//
// Functions with a context need a lock around what they share, with each other and
// with the others.
//
// A function must not return, nor call into the interpreter, while it keeps its goroutine bound to
// a thread of the system (runtime.LockOSThread): threads of scripts are coroutines, which
// Go ends the process for rather than go on with elsewhere. What needs a thread of its own has a
// goroutine of its own.
//
// A func(*State) int is a function as modules have them; see Function.
func (in *Interpreter) Set(name string, value any) error {
	in.turn.Take()
	defer in.turn.Give()
	if in.closed {
		return ErrClosed
	}
	v, err := in.toLua(name, value)
	if err != nil {
		return fmt.Errorf("interp: Set %s%w", name, err)
	}
	if err := in.setGlobal(name, v); err != nil {
		return fmt.Errorf("interp: Set %s: %w", name, err)
	}
	return nil
}

// Get returns a global variable, or what a name with dots stands for, "config.hosts"; nil when there is
// nothing of that name. Metamethods that are functions are not asked; see Object.Get. It waits for
// its turn, as Set does. This is what Lua values become:
//
//	nil, boolean, number, string  nil, bool, float64, string
//	table                         []any, if its keys are 1..n or it has none; else map[string]any
//	function                      Func
//	error object                  error
//	channel                       the channel that Go gave; chan lua.LValue for one made in Lua
//	socket                        net.Conn or net.Listener, with a descriptor of its own
//
// Keys of a map that are no strings are named as tostring does. Two keys of one
// name, a table that contains itself, and what has no form in Go are errors that
// name the path to it: "state.peers[2].conn: a thread has no form in Go". A
// table that is found twice is one slice or map in Go, too. Addresses have none, but their text, where that is to go to a
// string (see GetInto).
//
// A socket with a descriptor of its own stays the script's as well, and its peer finds the end when both have
// closed theirs, or the collector has found that the script dropped its. A host that is to be the only one that has it
// takes a handle, what Get makes of that, and has the script's closed:
//
//	var s *interp.Object
//	err := in.CallInto(ctx, &s, "dial")
//	conn, err := s.Get(ctx, "") // a net.Conn
//	_, err = s.CallMethod(ctx, "close")
//
// A connection that the host handed over and that has no descriptor, such as a tls.Conn or struct{ net.Conn }{conn}, is the
// same one for both: closed by either, it is closed. Once the host has it back, the collector and Close leave it alone.
// What the script had read ahead comes first from what the host gets, which is no *net.TCPConn then, but has one
// as NetConn().
func (in *Interpreter) Get(name string) (v any, err error) {
	err = in.get(name, func(c *fromLua, lv lua.LValue) (err error) { v, err = c.value(lv); return err })
	return v, err
}

// GetInto stores what Get would return in what ptr points to, by the rules for arguments of host
// functions: in a struct, say, or, if that is an *Object, a handle. Nothing of that name is the zero value.
//
//	var limits struct{ Max int; Rest map[string]any `json:",any"` }
//	err := in.GetInto("config.limits", &limits)
func (in *Interpreter) GetInto(name string, ptr any) error {
	target, err := targetOf(ptr)
	if err != nil {
		return fmt.Errorf("interp: Get %s: %w", name, err)
	}
	return in.get(name, func(c *fromLua, v lua.LValue) error { return c.assign(target, v) })
}

func (in *Interpreter) get(name string, take func(*fromLua, lua.LValue) error) error {
	in.turn.Take()
	defer in.turn.Give()
	if in.closed {
		return ErrClosed
	}
	v, err := in.global(name)
	if err != nil {
		return fmt.Errorf("interp: Get %s: %w", name, err)
	}
	if err := take(&fromLua{in: in}, v); err != nil {
		return fmt.Errorf("interp: Get %s%w", name, err)
	}
	return nil
}

// ToLua returns a Go value as Lua sees it, as Set does. It is for modules: the
// caller must have the turn, as every function that Lua called has it.
func (in *Engine) ToLua(v any) (lua.LValue, error) {
	lv, err := in.interpreter().toLua("?", v)
	return lv, trimmed(err)
}

// FromLua returns a Lua value as Go sees it, as Get does. It is for modules: the
// caller must have the turn, as every function that Lua called has it.
func (in *Engine) FromLua(v lua.LValue) (any, error) {
	c := fromLua{in: in.interpreter()}
	out, err := c.value(v)
	return out, trimmed(err)
}

// Assign stores a Lua value in what ptr points to, by the rules for arguments of host
// functions. What the error says is good for ArgError: "number expected, got
// string". It is for modules: the caller must have the turn, as every function
// that Lua called has it.
//
//	var opts struct {
//		Port int    `json:"port"`
//		Name string `json:"name"`
//	}
//	if err := s.Interp().Assign(s.Get(1), &opts); err != nil {
//		s.ArgError(1, "%v", err)
//	}
func (in *Engine) Assign(v lua.LValue, ptr any) error {
	c := fromLua{in: in.interpreter()}
	return trimmed(c.assign(reflect.ValueOf(ptr).Elem(), v))
}
