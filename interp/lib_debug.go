package interp

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/dump"
	"wirelua/interp/internal/compile"
	"wirelua/interp/internal/glua"
)

// The debug library is ours, since gopher-lua's counts the levels of one stack only,
// and a protected call is on another. Levels, names and fields are Lua 5.1's. There
// is no debug.debug, whose prompt the command has.
var debugLib = library{name: lua.DebugLibName, funcs: []Function{
	{Name: "getfenv", Args: "value", Doc: "the environment of a function, thread or userdata; nil for other values", Manual: `
		value any: whatever it is
		-> table?: its globals
		> print(debug.getfenv(print) == _G, debug.getfenv("text")) --> true	nil
		`, Fn: debugGetfenv},
	{Name: "gethook", Args: "[thread]", Doc: "the hook's function, mask and count; nil when there is none", Manual: `
		thread coroutine?: whose; the running one when left out
		-> function?: as sethook was given it
		-> string?: the mask
		-> integer?: the count
		> print(debug.gethook() == nil) --> true
		`, Fn: debugGethook},
	{Name: "getinfo", Args: "[thread,] fn or level[, what]", Doc: "a table of what is known of a function; nil when the stack has no such level", Manual: `
		thread coroutine?: whose stack; the running one's when left out
		fn function|integer: a function, or a level of the stack: 0 is getinfo, 1 its caller
		what string?: which fields: "n" name, namewhat; "S" source, short_src, what, linedefined, lastlinedefined; "l" currentline; "u" nups; "f" func; "L" activelines; all when left out
		-> table?: those fields
		! any: what has another letter
		> local function f() return debug.getinfo(1, "nl") end
		> local info = f()
		> print(info.currentline) --> 1
		`, Fn: debugGetinfo},
	{Name: "getlocal", Args: "[thread,] level, n", Doc: "name and value of the nth local variable at a level of the stack; nil when there is none", Manual: `
		thread coroutine?: whose stack; the running one's when left out
		level integer: 1 is the caller
		n integer: from 1 on; arguments come first
		-> string? name: nil when there is none
		-> any value: what it holds
		! any: the stack has no such level
		> local answer = 42
		> print(debug.getlocal(1, 1)) --> answer	42
		`, Fn: debugGetlocal},
	{Name: "getmetatable", Args: "value", Doc: "the value's metatable, whatever its field __metatable says, but for objects of modules", Manual: `
		value any: whatever it is
		-> table?: nil of objects, and of what has none
		> print(debug.getmetatable(setmetatable({}, {__metatable = "locked"})).__metatable) --> locked
		`, Fn: debugGetmetatable},
	{Name: "getregistry", Args: "", Doc: "a table that belongs to nobody", Manual: `
		-> table: at first empty
		> print(type(debug.getregistry())) --> table
		`, Fn: debugGetregistry},
	{Name: "getupvalue", Args: "fn, n", Doc: "name and value of a function's nth upvalue; nothing when there is none", Manual: `
		fn function: of Lua's
		n integer: from 1 on
		-> string? name: the variable's; nil when there is none
		-> any value: what it holds
		> local count = 3
		> print(debug.getupvalue(function() return count end, 1)) --> count	3
		`, Fn: debugGetupvalue},
	{Name: "setfenv", Args: "value, env", Doc: "the value, a function, thread or userdata, its environment set", Manual: `
		value any: whose globals are set
		env table: the globals
		-> any: the value
		! any: it has no environment
		> local f = debug.setfenv(function() return x end, {x = 1})
		> print(f()) --> 1
		`, Fn: debugSetfenv},
	{Name: "sethook", Args: "[thread,] [fn, mask[, count]]", Doc: "calls fn(\"line\", line) for each new line if mask has an \"l\", and fn(\"count\") each count instructions; without fn no more. There are no hooks for calls and returns", Manual: `
		thread coroutine?: whose; the running one when left out
		fn fun(event:string,line:integer)?: "line" and its number, or "count" and nil
		mask string?: "l" for lines
		count integer?: after how many instructions; 0 is never
		-> nothing
		> local lines = 0
		> debug.sethook(function() lines = lines + 1 end, "l")
		> local x = 1
		> debug.sethook()
		> print(lines > 0) --> true
		`, Fn: debugSethook},
	{Name: "setlocal", Args: "[thread,] level, n, value", Doc: "the name of the nth local variable at a level of the stack, which is set; nil when there is none", Manual: `
		thread coroutine?: whose stack; the running one's when left out
		level integer: 1 is the caller
		n integer: from 1 on
		value any: what it holds from now on
		-> string?: its name
		! any: the stack has no such level
		> local answer = 41
		> print(debug.setlocal(1, 1, 42), answer) --> answer	42
		`, Fn: debugSetlocal},
	{Name: "setmetatable", Args: "value, metatable", Doc: "true, the value's metatable set, whatever its field __metatable says", Manual: `
		value any: a table, or another value, whose type then has it
		metatable table|nil: nil takes it away
		-> true
		! any: it is neither a table nor nil
		> local t = setmetatable({}, {__metatable = "locked"})
		> print(debug.setmetatable(t, nil), getmetatable(t)) --> true	nil
		`, Fn: debugSetmetatable},
	{Name: "setupvalue", Args: "fn, n, value", Doc: "the name of a function's nth upvalue, which is set; nothing when there is none", Manual: `
		fn function: of Lua's
		n integer: from 1 on
		value any: what the variable holds from now on
		-> string?: its name
		> local count = 3
		> local function get() return count end
		> print(debug.setupvalue(get, 1, 4), get()) --> count	4
		`, Fn: debugSetupvalue},
	{Name: "threads", Args: "", Doc: "a report of all threads: what each waits in, for how long, and its stack", Manual: `
		-> string: a line for each thread, and its calls below
		> print(debug.threads():match("^%w+")) --> main
		`, Fn: debugThreads},
	{Name: "traceback", Args: "[thread,] [message[, level]]", Doc: "the message and the calls that led here, innermost first; a message that is no string is returned as it is", Manual: `
		thread coroutine?: whose stack; the running one's when left out
		message any?: what comes before it
		level integer?: from which level of the stack on; 1 is the caller
		-> any: a text of several lines, or the message
		> print((debug.traceback("here"):match("^here\nstack traceback:"))) --> here
		> --> stack traceback:
		`, Fn: debugTraceback},
}}

// threadArg returns whose stack a function of the library is about, and where its other
// arguments begin.
func (s *State) threadArg() (of *State, first int) {
	if l, ok := s.Get(1).(*lua.LState); ok {
		if of = stateOf(l); of != s.enclosing() {
			return of, 2
		}
		return s, 2
	}
	return s, 1
}

// getinfo([thread,] fn or level[, what]) returns a table of what is known of a
// function. The letters of what choose: S source, short_src, what, linedefined,
// lastlinedefined; l currentline; u nups; n name, namewhat; f func; L activelines.
func debugGetinfo(s *State) int {
	of, arg := s.threadArg()
	what := s.OptStr(arg+1, "flnSu")
	if i := strings.IndexFunc(what, func(c rune) bool { return !strings.ContainsRune("SlunfL", c) }); i >= 0 {
		s.ArgError(arg+1, "invalid option")
	}
	var a activation
	if fn, ok := s.Get(arg).(*lua.LFunction); ok {
		a.fn = fn
	} else {
		level, ok := s.Get(arg).(lua.LNumber)
		if !ok {
			s.TypeError(arg, "function or level")
		}
		found := false
		if level >= 0 && level < 1<<31 {
			a, found = of.activation(int(level))
		}
		if !found {
			return s.Return(lua.LNil)
		}
	}
	t := s.NewTable()
	for _, c := range what {
		a.describe(t, c)
	}
	return s.Return(t)
}

// describe sets the fields that a letter of getinfo's stands for.
func (a activation) describe(t *lua.LTable, letter rune) {
	set := t.RawSetString
	switch letter {
	case 'S':
		where := sourceOf(a.fn)
		set("source", lua.LString(where.source))
		set("short_src", lua.LString(where.short))
		set("what", lua.LString(where.what))
		set("linedefined", lua.LNumber(where.first))
		set("lastlinedefined", lua.LNumber(where.last))
	case 'l':
		line := -1
		switch {
		case a.fn == nil || a.fn.IsG:
		case a.d != nil:
			line = a.d.CurrentLine
		case a.line > 0:
			line = a.line
		}
		set("currentline", lua.LNumber(line))
	case 'u':
		n := 0
		if a.fn != nil && !a.fn.IsG {
			n = len(a.fn.Upvalues)
		}
		set("nups", lua.LNumber(n))
	case 'n':
		kind, name := a.name()
		set("namewhat", lua.LString(kind))
		if name != "" {
			set("name", lua.LString(name))
		}
	case 'f':
		if a.fn != nil {
			set("func", a.fn)
		}
	case 'L':
		if a.fn != nil && !a.fn.IsG {
			set("activelines", activeLines(a.fn.Proto))
		}
	}
}

// definition is where a function was defined.
type definition struct {
	source, short, what string
	first, last         int
}

func sourceOf(fn *lua.LFunction) definition {
	switch {
	case fn == nil:
		return definition{"=(tail call)", "(tail call)", "tail", -1, -1}
	case fn.IsG:
		return definition{"=[C]", "[C]", "C", -1, -1} // as Lua calls what is not written in it
	}
	p := fn.Proto
	source := "@" + p.SourceName
	if info := compile.InfoOf(p); info != nil {
		source = info.Source
	}
	d := definition{source, p.SourceName, "Lua", p.LineDefined, p.LastLineDefined}
	if p.LineDefined == 0 {
		d.what, d.last = "main", 0
	}
	return d
}

// name returns how the call was made: "global", "local", "method", "field" or "upvalue",
// and the name; both are "" when that is not known.
func (a activation) name() (kind, name string) {
	switch {
	case a.d == nil && a.fn != nil && a.s != nil: // that a coroutine was left in
		return a.s.instruction(0).calls()
	case a.d == nil:
		return "", ""
	}
	frame := glua.FrameOf(a.d)
	if frame.Replaced() > 0 || frame.Parent == nil {
		return "", ""
	}
	return a.s.instructionOf(frame.Parent).calls()
}

func activeLines(p *lua.FunctionProto) *lua.LTable {
	t := &lua.LTable{Metatable: lua.LNil}
	for _, line := range p.DbgSourcePositions {
		t.RawSetInt(line, lua.LTrue)
	}
	return t
}

// variable returns the arguments level and n of getlocal and setlocal.
func (s *State) variable(of *State, arg int) (a activation, n int) {
	level, n := s.whole(arg), s.whole(arg+1)
	a, found := activation{}, false
	if level >= 0 {
		a, found = of.activation(level)
	}
	if !found {
		s.ArgError(arg, "level out of range")
	}
	return a, n
}

// getlocal([thread,] level, n) returns name and value of a local variable; nil when
// there is none. Those without a name are called "(*temporary)".
func debugGetlocal(s *State) int {
	of, arg := s.threadArg()
	a, n := s.variable(of, arg)
	if a.d == nil || n < 1 || n > registryMax {
		return s.Return(lua.LNil)
	}
	name, value := a.s.l.GetLocal(a.d, n)
	if name == "" {
		return s.Return(lua.LNil)
	}
	return s.Return(lua.LString(name), value)
}

// setlocal([thread,] level, n, value) sets a local variable, and returns its name; nil
// when there is none.
func debugSetlocal(s *State) int {
	of, arg := s.threadArg()
	a, n := s.variable(of, arg)
	value := s.any(arg + 2)
	if a.d == nil || n < 1 || n > registryMax {
		return s.Return(lua.LNil)
	}
	name := a.s.l.SetLocal(a.d, n, value)
	if name == "" {
		return s.Return(lua.LNil)
	}
	return s.Return(lua.LString(name))
}

// upvalue returns argument 2 as the place of an upvalue of argument 1, a function
// written in Lua.
func (s *State) upvalue() (fn *lua.LFunction, n int, ok bool) {
	fn, ok = s.Get(1).(*lua.LFunction)
	if !ok {
		s.TypeError(1, "function")
	}
	n = s.whole(2)
	return fn, n, !fn.IsG && n >= 1 && n <= len(fn.Upvalues)
}

// getupvalue(fn, n) returns name and value of an upvalue; nothing when there is none.
func debugGetupvalue(s *State) int {
	fn, n, ok := s.upvalue()
	if !ok {
		return 0
	}
	name, value := s.l.GetUpvalue(fn, n)
	return s.Return(lua.LString(name), value)
}

// setupvalue(fn, n, value) sets an upvalue, and returns its name; nothing when there is
// none.
func debugSetupvalue(s *State) int {
	value := s.any(3)
	fn, n, ok := s.upvalue()
	if !ok {
		return 0
	}
	return s.Return(lua.LString(s.l.SetUpvalue(fn, n, value)))
}

// getfenv(value) returns the environment of a function, thread or userdata.
func debugGetfenv(s *State) int {
	switch v := s.any(1).(type) {
	case *lua.LFunction:
		switch {
		case v == concatenation: // a temporary of its caller's, for getlocal
			return s.Return(lua.LNil)
		case isShared(v):
			return s.Return(s.in.environment(v))
		}
		return s.Return(v.Env)
	case *lua.LState:
		return s.Return(v.Env)
	case *lua.LUserData:
		return s.Return(v.Env)
	}
	return s.Return(lua.LNil)
}

// setfenv(value, env) sets the environment of a function, thread or userdata, and
// returns that. What is written in Go looks at none.
func debugSetfenv(s *State) int {
	env := s.Table(2)
	switch v := s.Get(1).(type) {
	case *lua.LFunction:
		switch {
		case isShared(v):
			set(&s.in.envs, v, env)
		case v.IsG && v.Env == nil: // of code that interpreters share
			s.RaiseError("'setfenv' cannot change environment of given object")
		default:
			v.Env = env
		}
		return s.Return(v)
	case *lua.LState:
		v.Env = env
		return s.Return(v)
	case *lua.LUserData:
		v.Env = env
		return s.Return(v)
	}
	s.RaiseError("'setfenv' cannot change environment of given object")
	return 0
}

// getmetatable(value) returns the value's metatable. Those of modules' objects are none
// of a script's business: of them it gets the name.
func debugGetmetatable(s *State) int {
	switch v := s.any(1).(type) {
	case *lua.LTable:
		return s.Return(v.Metatable)
	case *lua.LUserData:
		if s.in.typeOf[v.Metatable] == nil {
			return s.Return(v.Metatable)
		}
	}
	return s.Return(s.metatable(s.Get(1)))
}

// setmetatable(value, metatable) sets a value's metatable; that of a type whose values
// share one is set for all of them. It returns true.
func debugSetmetatable(s *State) int {
	v, mt := s.any(1), s.Get(2)
	if _, ok := mt.(*lua.LTable); !ok && (mt != lua.LNil || s.GetTop() < 2) {
		s.ArgError(2, "nil or table expected")
	}
	if t, isTable := v.(*lua.LTable); isTable {
		s.in.fill(t)
	}
	s.l.SetMetatable(v, mt)
	return s.Return(lua.LTrue)
}

// getregistry() returns a table: the registry of 5.1 is for code in C, which there is
// none of.
func debugGetregistry(s *State) int {
	type key struct{}
	return s.Return(s.Interp().Local(key{}, func() any { return s.in.root.NewTable() }).(*lua.LTable))
}

// traceback([thread,] [message[, level]]) returns the message and the calls that led
// here, or to where the thread stands.
func debugTraceback(s *State) int {
	of, arg := s.threadArg()
	level := 1
	if of != s {
		level = 0
	}
	if n, ok := s.Get(arg + 1).(lua.LNumber); ok {
		level = int(max(0, min(float64(n), 1<<31)))
	}
	msg := s.Get(arg)
	switch {
	case s.GetTop() < arg:
		return s.Return(lua.LString(of.traceback(level)))
	case !lua.LVCanConvToString(msg):
		return s.Return(msg)
	}
	return s.Return(lua.LString(s.Display(msg) + "\n" + of.traceback(level)))
}

// threads() returns what Interpreter.Threads does as a text.
func debugThreads(s *State) int {
	work := s.Work()
	return s.Return(lua.LString(dump.Text(s.in.threadsNow(s.thread, s.in.runs.all(), &work))))
}

// hookOf returns whose hook a function is about: hooks belong to a thread or coroutine.
func (s *State) hookOf() (base *State, arg int) {
	of, arg := s.threadArg()
	return of.base(), arg
}

// sethook([thread,] [fn, mask[, count]]) sets or, without fn or anything to call it for,
// removes the hook.
func debugSethook(s *State) int {
	base, arg := s.hookOf()
	if s.Absent(arg) {
		base.setHook(nil)
		return 0
	}
	fn, ok := s.Get(arg).(*lua.LFunction)
	if !ok {
		s.TypeError(arg, "function")
	}
	mask, count := s.Str(arg+1), s.optWhole(arg+2, 0)
	if strings.ContainsAny(mask, "cr") {
		s.ArgError(arg+1, "there are no hooks for calls and returns here, only for lines ('l') and a count")
	}
	if count < 0 {
		s.ArgError(arg+2, "count must not be negative, got %d", count)
	}
	lines := strings.Contains(mask, "l")
	if mask = ""; lines {
		mask = "l"
	}
	if !lines && count == 0 {
		base.setHook(nil)
		return 0
	}
	base.setHook(&debugHook{fn: fn, mask: mask, count: count, left: count, lines: map[*State][]int{}})
	return 0
}

// gethook([thread]) returns the hook's function, its mask and its count.
func debugGethook(s *State) int {
	base, _ := s.hookOf()
	h := base.hooked
	if h == nil {
		return s.Return(lua.LNil)
	}
	return s.Return(h.fn, lua.LString(h.mask), lua.LNumber(h.count))
}
