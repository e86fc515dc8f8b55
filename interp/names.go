package interp

import (
	"context"
	"slices"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/front"
)

// frontEnd is the interpreter as a prompt has it.
type frontEnd struct{ *Interpreter }

// Prompt returns what package repl has of the interpreter beyond what hosts have.
func (in *Engine) Prompt() front.Prompt[Chunk, *Error] { return frontEnd{in.interpreter()} }

// What a prompt needs to know of names. No Lua runs for it: a script's metamethods
// are not asked, and what they would answer is not known here.

// Explain is what front.Prompt says.
func (in frontEnd) Explain(about func(*Error) string) { in.explain = about }

// Complete is what front.Prompt says.
func (in frontEnd) Complete(ctx context.Context, word string) []string {
	if in.takeTurn(ctx) != nil {
		return nil
	}
	defer in.turn.Give()
	at := strings.LastIndexAny(word, ".:") + 1
	prefix := word[at:]
	var owner lua.LValue = in.root.G.Global
	if at > 0 {
		owner = in.Engine().Lookup(word[:at-1])
	}
	var names []string
	add := func(name string) {
		if strings.HasPrefix(name, prefix) && isName(name) {
			names = append(names, name)
		}
	}
	method := at > 0 && word[at-1] == ':'
	for _, t := range in.indexed(owner) {
		in.fill(t)
		t.ForEach(func(k, v lua.LValue) {
			name, ok := k.(lua.LString)
			if _, callable := v.(*lua.LFunction); ok && (callable || !method) {
				add(string(name))
			}
		})
	}
	if owner == in.root.G.Global {
		for _, m := range in.config.Modules { // those, too, that nothing has used yet
			add(m.Name)
			for _, f := range m.Funcs {
				if strings.HasPrefix(f.Name, prefix) && in.globalIn(f.Name) == m {
					add(f.Name)
				}
			}
		}
	}
	if at == 0 {
		for name := range in.kept {
			add(name)
		}
	}
	if t, ok := in.Engine().Manual(owner).(*Type); ok && !method {
		for _, f := range t.Fields {
			add(f.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Lookup returns what a name stands for, "socket.bind", "s:recv" or "list[1].name", or nil. Of the
// fields of objects it knows methods only. It is for modules: the caller must have the
// turn, as every function that Lua called has it.
func (in *Engine) Lookup(name string) lua.LValue {
	var v lua.LValue = in.root.G.Global
	for first, more := true, true; more && v != lua.LNil; first = false {
		var key lua.LValue
		key, name, more = firstKey(name)
		text, isText := key.(lua.LString)
		switch local := in.kept[string(text)]; {
		case first && local != nil:
			v = local.Value()
		case isText:
			v = in.interpreter().field(v, string(text))
		default:
			t, _ := v.(*lua.LTable)
			if v = lua.LNil; t != nil {
				v = t.RawGet(key)
			}
		}
	}
	return v
}

// firstKey returns the first key of a name, "list", 1 and "name" of "list[1].name", and the rest, if there is more.
func firstKey(name string) (key lua.LValue, rest string, more bool) {
	end := strings.IndexAny(name, ".:[")
	switch {
	case end < 0:
		return lua.LString(name), "", false
	case end > 0 || name[0] != '[':
		key, rest = lua.LString(name[:end]), name[end:]
	default:
		key, rest = keyIn(name[1:])
	}
	if more = rest != ""; more && rest[0] != '[' {
		rest = rest[1:] // the dot, or the colon
	}
	return key, rest, more
}

// keyIn returns the constant that stands in brackets, after the opening one, and what follows them.
func keyIn(text string) (key lua.LValue, rest string) {
	for _, quote := range []string{`"`, "'"} {
		if quoted, ok := strings.CutPrefix(text, quote); ok {
			inside, rest, _ := strings.Cut(quoted, quote+"]")
			return lua.LString(inside), rest
		}
	}
	inside, rest, _ := strings.Cut(text, "]")
	n, err := strconv.ParseFloat(inside, 64)
	if err != nil {
		return lua.LNil, rest
	}
	return lua.LNumber(n), rest
}

// Signature is what front.Prompt says.
func (in frontEnd) Signature(ctx context.Context, name string) string {
	if in.takeTurn(ctx) != nil {
		return ""
	}
	defer in.turn.Give()
	v := in.Engine().Lookup(name)
	if f, ok := in.Engine().Manual(v).(*Function); ok {
		return name + "(" + f.Args + ")"
	}
	fn, ok := v.(*lua.LFunction)
	if !ok || fn.IsG {
		return ""
	}
	args := parameters(fn.Proto)
	if strings.Contains(name, ":") && len(args) > 0 && args[0] != "..." {
		args = args[1:]
	}
	return name + "(" + strings.Join(args, ", ") + ")"
}

// parameters are those of a function of Lua's.
func parameters(p *lua.FunctionProto) (names []string) {
	for _, l := range p.DbgLocals[:min(int(p.NumParameters), len(p.DbgLocals))] {
		names = append(names, l.Name)
	}
	if p.IsVarArg != 0 {
		names = append(names, "...")
	}
	return names
}

// Manual returns what is known of a value: the *Function that it is, the *Type of an
// object, the *Module whose table it is; else nil. It is for modules: the
// caller must have the turn, as every function that Lua called has it.
func (in *Engine) Manual(v lua.LValue) any {
	switch v := v.(type) {
	case *lua.LFunction:
		if in.members[v] != nil {
			return in.interpreter().moduleOf(v)
		}
		if f := in.interpreter().known(v); f != nil {
			return f
		}
		if f := in.manuals[v]; f != nil {
			return f
		}
	case *lua.LUserData:
		if t := in.typeOf[v.Metatable]; t != nil {
			return t
		}
	case *lua.LTable:
		return in.interpreter().moduleOf(v)
	}
	return nil
}

func (in *Interpreter) moduleOf(v lua.LValue) any {
	for _, m := range in.config.Modules {
		if in.opened[m.Name] == v {
			return m
		}
	}
	return nil
}

// indexed returns the tables in which v's fields are found: itself, and those that
// __index leads to.
func (in *Interpreter) indexed(v lua.LValue) (tables []*lua.LTable) {
	for range maxIndex {
		switch v := v.(type) {
		case *lua.LTable:
			tables = append(tables, v)
		case *lua.LFunction:
			if t := in.members[v]; t != nil {
				return append(tables, t)
			}
		case *lua.LUserData:
			if t := in.typeOf[v.Metatable]; t != nil {
				return append(tables, t.methods())
			}
		}
		if v = in.root.GetMetaField(v, "__index"); v == lua.LNil {
			break
		}
	}
	return tables
}

// Base is the name that Libraries gives to the functions that are globals.
const Base = "base"

// Libraries returns what Lua has by itself as modules: for their manual. The caller must have the
// turn.
func (in *Engine) Libraries() (libs []*Module) {
	for _, lib := range ownLibraries {
		if table, ok := in.opened[lib.Name].(*lua.LTable); ok {
			libs = append(libs, &Module{Name: lib.Name, Doc: lib.Doc, Groups: lib.Groups, Funcs: in.interpreter().ownFuncs(lib.Name, table)})
		}
	}
	base := &Module{
		Name: Base, Doc: "Lua's basic functions, which are globals; a failure raises an error object",
		Funcs: in.interpreter().ownFuncs(Base, in.root.G.Global), Types: []*Type{errorType}, Groups: baseGroups,
	}
	return append(libs, base)
}

// ownFuncs lists what a table has of functions of our own that no module has brought.
func (in *Interpreter) ownFuncs(name string, table *lua.LTable) (funcs []Function) {
	table.ForEach(func(k, v lua.LValue) {
		fn, ok := v.(*lua.LFunction)
		if !ok {
			return
		}
		f := in.known(fn)
		if f == nil || in.fromModule(name, k.String()) {
			return
		}
		said := *f
		if said.Name = k.String(); said.Name != f.Name {
			said.Doc = "another name of " + f.Name
		}
		said.complete(name)
		funcs = append(funcs, said)
	})
	slices.SortFunc(funcs, func(a, b Function) int { return strings.Compare(a.Name, b.Name) })
	return funcs
}

// fromModule reports whether a module has brought a function of a library's, or a global.
func (in *Interpreter) fromModule(library, name string) bool {
	for _, m := range in.config.Modules {
		if m.Name != library && library != Base || library == Base && m.Globals == nil && !slices.Contains(in.config.Globals, m.Name) {
			continue
		}
		if slices.ContainsFunc(m.Funcs, func(f Function) bool { return f.Name == name }) {
			return true
		}
	}
	return false
}

// LibraryName returns the name of a library of Lua's own, by its table; else "".
func (in *Engine) LibraryName(t *lua.LTable) string {
	for name, table := range in.opened {
		if table == t {
			return name
		}
	}
	return ""
}

// What Lua's own libraries say of themselves beyond what is said where their functions are made.

// complete adds what ownManual has of a function.
func (f *Function) complete(library string) {
	for i := range ownManual {
		if own := &ownManual[i]; own.Name == library+"."+f.Name {
			if own.Doc != "" {
				f.Args, f.Doc = own.Args, own.Doc
			}
			f.Manual = own.Manual
		}
	}
}

var baseGroups = []Group{{"Other globals:", []Field{
	{Name: "_G", Type: "table", Doc: "the table of all globals"},
	{Name: "_VERSION", Type: "string", Doc: "the language: \"Lua 5.1\""},
	{Name: "_GOPHER_LUA_VERSION", Type: "string", Doc: "what runs it"},
	{Name: "arg", Type: "string[]?", Doc: "the script's arguments; arg[0] is its name"}}}}

var ownLibraries = []*Module{
	{Name: "coroutine", Doc: "coroutines, each with a stack of its own; waiting works inside them"},
	{Name: "debug", Doc: "looking into functions, stacks and threads"},
	{Name: "math", Doc: "functions of numbers", Groups: []Group{{"Numbers:", []Field{
		{Name: "pi", Type: "number", Doc: "3.14159..."}, {Name: "huge", Type: "number", Doc: "more than any other number: infinity"}}}}},
	{Name: "package", Doc: "what require goes by", Groups: []Group{{"Fields:", []Field{
		{Name: "path", Type: "string", Doc: "where require looks for files: templates joined by \";\", \"?\" being the name"},
		{Name: "loaded", Type: "table", Doc: "a table of the modules that have been loaded, by name"},
		{Name: "preload", Type: "table", Doc: "a table of functions that make modules, by name; asked first"},
		{Name: "loaders", Type: "function[]", Doc: "the functions that require asks, one after the other"},
		{Name: "cpath", Type: "string", Doc: "not used: there are no libraries written in C"},
		{Name: "config", Type: "string", Doc: "the characters that path is written with"}}}}},
	{Name: "string", Doc: "strings of bytes; the functions are methods of every string, too; positions begin with 1, negative ones count from the end"},
	{Name: "table", Doc: "lists"},
}

// ownManual is of functions that have not said it where they are made.
var ownManual = []Function{
	{Name: "base.assert", Args: "value[, message, ...]", Doc: "its arguments, when value is neither nil nor false; else raises message, which may be any value", Manual: `
		value any: what should be so
		message any?: the error; "assertion failed!" when left out
		... any: further values, which go through
		-> any ...: its arguments
		! any: message, of an error object all that it has
		> print(assert(1, 2, 3)) --> 1	2	3
		> print(pcall(assert, nil, "no file")) --> false	no file
		`},
	{Name: "base.error", Args: "value[, level=1]", Doc: "raises value; before a string it puts where level 1, the caller, stands (0 nothing, 2 the caller's caller)", Manual: `
		value any: a message, or any other value: a table, an error object
		level integer?: whose place is put before a string: 1 is who calls error, 2 who called that, 0 nobody
		-> nothing
		! any: the value
		> local ok, err = pcall(error, {code = "EMINE"})
		> print(ok, err.code, select(2, pcall(error, "wrong", 0))) --> false	EMINE	wrong
		`},
	{Name: "base.pcall", Args: "fn, ...", Doc: "true and what fn(...) returns, or false and the error that it raises", Manual: `
		An error object stays one: err.code, err.message... Waiting works inside it. A thread's cancellation is an error like any other; the end of the script is none.
		fn any: a function, or what has __call
		... any: its arguments
		-> boolean: whether it came to its end
		-> any ...: its results, or the error
		> local ok, err = pcall(socket.create_connection, "127.0.0.1", 1)
		> print(ok, err.code) --> false	ECONNREFUSED
		`},
	{Name: "base.xpcall", Args: "fn, handler, ...", Doc: "as pcall; an error goes through handler(err), which is called where it was raised", Manual: `
		fn any: a function, or what has __call
		handler fun(err:any):any: what it returns takes the error's place; debug.traceback tells where it was raised
		... any: arguments for fn
		-> boolean: whether it came to its end
		-> any ...: its results, or what the handler returned
		> print(xpcall(error, function(err) return "got " .. err end, "it", 0)) --> false	got it
		`},
	{Name: "base.require", Args: "name", Doc: "a module: a file of the script's own of that name, else a built-in one (\"wirelua.json\" is always that)", Manual: `
		It runs a module once, and then gives the same value again. A file is sought by package.path, beginning beside the script.
		name string: with dots for folders: "proto.client" is proto/client.lua
		-> any: what the module returned, or true
		! any: there is none of that name, or it raised the error
		> local json = require "json"
		> print(json.encode({1, 2})) --> [1,2]
		`},
	{Name: "base.module", Args: "name[, ...]", Doc: "makes a table the module of that name and the environment of the calling chunk; 5.1's way", Manual: `
		name string: with dots for tables in tables: "a.b"
		... fun(module:table): each is called with the module: package.seeall
		-> nothing
		! any: the name belongs to something else
		> module("counting", package.seeall)
		> function up(n) return n + 1 end
		> print(package.loaded.counting.up(1)) --> 2
		`},
	{Name: "coroutine.create", Args: "fn", Doc: "a new coroutine that will run fn", Manual: `
		fn function: of Lua's or of Go's
		-> coroutine: suspended
		> local co = coroutine.create(function(a) return a + coroutine.yield(a) end)
		> print(coroutine.resume(co, 1)) --> true	1
		> print(coroutine.resume(co, 2)) --> true	3
		`},
	{Name: "coroutine.resume", Args: "co, ...", Doc: "lets a coroutine run until it yields or ends; true and the values, or false and the error", Manual: `
		co coroutine: one that is suspended
		... any: arguments of its function, or results of its yield
		-> boolean: true, or false when it raised an error or cannot be resumed
		-> any ...: what it yields or returns, or the error
		> print(coroutine.resume(coroutine.create(error), "broken")) --> false	broken
		`},
	{Name: "coroutine.wrap", Args: "fn", Doc: "a function that resumes a new coroutine, and raises its errors", Manual: `
		fn function: of Lua's or of Go's
		-> function: resumes it with its arguments, and gives what it yields or returns
		> local next_one = coroutine.wrap(function() for i = 1, 2 do coroutine.yield(i) end end)
		> print(next_one(), next_one()) --> 1	2
		`},
	{Name: "coroutine.status", Args: "co", Doc: "\"running\", \"suspended\", \"normal\" (it has resumed another) or \"dead\"", Manual: `
		co coroutine: any
		-> "running"|"suspended"|"normal"|"dead"
		> print(coroutine.status(coroutine.create(print))) --> suspended
		`},
	{Name: "coroutine.running", Args: "", Doc: "the running coroutine; nil outside of all", Manual: `
		-> coroutine?
		> print(coroutine.running()) --> nil
		> print(coroutine.wrap(function() return type(coroutine.running()) end)()) --> thread
		`},
	{Name: "coroutine.isyieldable", Args: "", Doc: "whether yield is possible here", Manual: `
		-> boolean: false outside of coroutines, and inside pcall, iterators, metamethods and callbacks within one
		> print(coroutine.isyieldable(), coroutine.wrap(coroutine.isyieldable)()) --> false	true
		`},
	{Name: "coroutine.yield", Args: "...", Doc: "leaves the coroutine, resume returning the values; returns what the next resume is given", Manual: `
		... any: what resume returns
		-> any ...: what the next resume is given
		! any: there is no coroutine, or a function of Go's is between
		> local co = coroutine.wrap(function() print(coroutine.yield("first")) end)
		> print(co()) --> first
		> co("again") --> again
		`},
	{Name: "package.loadlib", Args: "path, name", Doc: "nil and a message: there are no libraries written in C", Manual: `
		path string: not used
		name string: not used
		-> nil
		-> string: the message
		-> "absent": as in Lua 5.1
		> print((package.loadlib("libm.so", "sin"))) --> nil
		`},
	{Name: "package.seeall", Args: "module", Doc: "has a module see the globals; for module", Manual: `
		module table: gets a metatable by which it reads globals
		-> nothing
		> local m = {}
		> package.seeall(m)
		> print(m.print == print) --> true
		`},
}
