package interp

import (
	"sync"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
)

// Module is a Lua module written in Go: a value that holds its functions with
// their manual. List it in Config.Modules; require finds it by Name, and it is a
// global of that name, too. It may be shared by any number of interpreters, so
// it holds no state: what one interpreter needs is made by Open.
type Module struct {
	Name   string // as require names it; the name of one of Lua's libraries ("string") adds to that
	Doc    string // what it is for, a sentence or more
	Funcs  []Function
	Types  []*Type // the objects it makes; for their manual
	Groups []Group // of its constants; for their manual

	// Foreign is what is said of names that scripts for something else look for here, and of modules
	// that these require: another library's. Of other names that the module lacks, reading one is an error
	// that names the nearest there is, but where Elsewhere reports true: then it is nil. Names that
	// begin with "_" are nil, too, and those that Lua's own libraries lack.
	Foreign   map[string]string
	Elsewhere func(name string) bool

	// Globals are those of its functions that are globals, too, whenever the module is there. See
	// Config.Globals for all of them.
	Globals []string

	// Early has the module's table made with the interpreter, not when a script first uses it:
	// it is what scripts expect to find where they look (package.loaded, pairs(_G)), as Lua's
	// own libraries are.
	Early bool

	// Constants, if set, returns what the table has beside functions that is alike in all interpreters: strings,
	// numbers and booleans. It is asked once.
	Constants func() map[string]lua.LValue

	// Open, if set, completes the module's table when a script first uses it, or early:
	// constants, tables, anything that is not a function of Go's. Functions written in Lua it adds by
	// Engine.Define; Funcs has their manual, without Fn.
	Open func(in *Engine, table *lua.LTable)

	// Import, if set, is asked for Go values that the host hands to scripts and interp
	// has no form for: pointers, structs, channels and functions. It returns nil for what
	// it does not know, and is asked whether or not the module was opened.
	Import func(in *Engine, v any) (lua.LValue, error)

	// Export, if set, is asked for the Go form of an object's value that scripts hand to
	// the host. It returns nil for what it does not know.
	Export func(in *Engine, v any) (any, error)

	made shared
}

// Function is a function of a module, or a method of a type. A whole one:
//
//	{Name: "add", Args: "a, b", Doc: "a + b", Fn: func(s *interp.State) int {
//		return s.Return(lua.LNumber(s.Num(1) + s.Num(2)))
//	}}
type Function struct {
	Name string
	Args string // for people: "host, port[, timeout]", without the object of a method
	Doc  string // one line: what it returns, and whether it waits

	// Manual is what else there is to say: arguments, results, errors, an example, in the lines that
	// package manual reads.
	Manual string

	// Fn gets its arguments from the State (the object of a method is the first), pushes
	// its results and returns their number. It has the turn: to wait it uses its
	// Thread's methods, which let others run meanwhile. Errors it raises with
	// State.Raise and State.ArgError. A panic becomes an error of the script's.
	Fn func(s *State) int

	// Restarts says that Fn may be called again from its beginning, with the same arguments, when it
	// had to wait: a thread that waits in it then keeps no stack of Go's. Until it has waited
	// for the last time Fn changes nothing that calling it again would change once more, and all its
	// waits are by one deadline. When a wait fails it does nothing but raise the error.
	Restarts bool

	method bool
	hidden bool // it is no business of the script's
}

// Group is some of a module's constants that belong together: for the manual. The others that it
// has are not explained.
type Group struct {
	Doc    string // a sentence
	Fields []Field
}

// Field is a field of objects: for the manual, and for who completes names.
type Field struct {
	Name string // as it is written after the dot: "timeout"; "[1]" for a number
	Type string // as package manual writes types: "number?"; constants need none
	Doc  string // what it is, in a line
}

// Type is a kind of object that modules hand to Lua. Values of one type share a
// metatable; what they hold is any Go value.
type Type struct {
	Name    string // as error messages name it: "socket"
	Doc     string
	Methods []Function
	Fields  []Field // those that Index answers: for the manual, and for who completes names

	// Class, if set, makes fields as quick to find as methods. Objects of one
	// class have the same Fields with the same values; Index is then asked for
	// them without a State. An object that changes its class says so with Reclass.
	Class func(self any) [2]uint64

	// What follows may be nil. self is what the object holds. Index returns a field, after methods were asked; nil when
	// there is none of that name. A key that is no string is given as tostring writes it. Set sets one, and reports whether there is one that can be set: if
	// not, that is an error. String is for tostring, Len for the operator #. Meta are further metamethods,
	// "__eq" or "__call", whose arguments are Lua's.
	Index  func(s *State, self any, key string) lua.LValue
	Set    func(s *State, self any, key string, v lua.LValue) bool
	String func(self any) string
	Len    func(self any) int
	Meta   map[string]func(s *State) int

	// Text says that an object is taken wherever a string is, as what String returns, and has the
	// methods of strings beside its own. Index must be set.
	Text bool

	// Of, if set, is any value of a Lua type whose values share one metatable:
	// channels. They all get Methods, wherever they come from; the rest is not used.
	Of lua.LValue

	// Strict makes an unknown field an error that names it, and the nearest there is. A misspelt method
	// otherwise ends in "attempt to call a nil value".
	Strict bool

	made shared

	// Foreign is what such an error says instead of names that scripts bring along from elsewhere:
	// another library's name for a method, say.
	Foreign map[string]string
}

// classKey names a class of a type.
type classKey struct {
	t     *Type
	class [2]uint64
}

// shared are the functions of a module, a type or a library as Lua has them: made once, and the same in
// all interpreters, since nothing of an interpreter's is in them. What is known of such a function is its only
// upvalue, which no script can get at; environment it has none.
type shared struct {
	once    sync.Once
	also    map[string]string // further names of theirs
	later   []string          // names of what each interpreter sets by itself
	of      []Function        // what they were made of
	table   *lua.LTable       // they, by name, and the constants; it is only copied
	pattern *glua.Pattern
	rest    map[string]lua.LValue // the constants, when they are too many for that

	meta      sync.Once
	metatable *lua.LTable // of a type's objects
}
