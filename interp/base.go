package interp

import (
	"runtime"
	"strings"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
	"wirelua/interp/internal/meter"
	"wirelua/interp/internal/number"
)

// baseLib are the basic functions, but for those about errors (protect.go) and
// code (load.go).
var baseLib = library{funcs: []Function{
	{Name: "collectgarbage", Args: "[what]", Doc: "\"collect\" (the default), \"count\": the KB in use, by the whole process or, in a fence or with a limit of memory, by this interpreter; the collector itself is Go's", Manual: `
		what "collect"|"count"|"step"|"stop"|"restart"|"setpause"|"setstepmul"?: "collect" when left out; the others than these two do nothing
		-> number|true: the KB for "count", true for "step", else 0
		> print(collectgarbage("count") > 0, collectgarbage()) --> true	0
		`, Fn: baseCollectgarbage},
	{Name: "gcinfo", Args: "", Doc: "the KB in use; the old collectgarbage(\"count\")", Manual: `
		-> number: KB
		> print(gcinfo() > 0) --> true
		`, Fn: baseGcinfo},
	{Name: "getfenv", Args: "[fn or level]", Doc: "the environment of a function: the table of its globals", Manual: `
		fn function|integer?: a function, or the level of one on the stack: 1 (when left out) is the caller, 0 all of the thread
		-> table: its globals
		! any: the stack has no such level
		> print(getfenv(1) == _G, getfenv(print) == _G) --> true	true
		`, Fn: baseGetfenv},
	{Name: "getmetatable", Args: "value", Doc: "the value's metatable, or that one's field __metatable; nil when it has none", Manual: `
		value any: whatever it is
		-> any
		> local t = setmetatable({}, {__metatable = "locked"})
		> print(getmetatable(t), getmetatable({})) --> locked	nil
		`, Fn: baseGetmetatable},
	{Name: "newproxy", Args: "[like]", Doc: "a userdata without a meaning; with true it has a metatable of its own, with a proxy that one's", Manual: `
		like boolean|userdata?: true, or another proxy; false and nil give one without a metatable
		-> userdata: which tells itself from all other values
		! any: it is neither a boolean nor a proxy
		> local p = newproxy(true)
		> getmetatable(p).__tostring = function() return "a proxy" end
		> print(p) --> a proxy
		`, Fn: baseNewproxy},
	{Name: "next", Args: "table[, key]", Doc: "the key and value that follow key, the first two when it is nil; nil at the end", Manual: `
		table table: is not changed
		key any?: one of its keys
		-> any: the next key
		-> any: its value
		> print(next({}) == nil) --> true
		`, Fn: baseNext},
	{Name: "rawequal", Args: "a, b", Doc: "whether the two are the same, without asking __eq", Manual: `
		a any: a value
		b any: another
		-> boolean: whether they are one
		> local equal = {__eq = function() return true end}
		> local a, b = setmetatable({}, equal), setmetatable({}, equal)
		> print(a == b, rawequal(a, b)) --> true	false
		`, Fn: baseRawequal},
	{Name: "rawget", Args: "table, key", Doc: "table[key] without asking __index", Manual: `
		table table: is not changed
		key any: what is looked up
		-> any: its value
		> local t = setmetatable({}, {__index = function() return "made" end})
		> print(t.x, rawget(t, "x")) --> made	nil
		`, Fn: baseRawget},
	{Name: "rawset", Args: "table, key, value", Doc: "the table, table[key] set without asking __newindex", Manual: `
		table table: is changed
		key any: not nil
		value any: its value
		-> table: the same
		> local t = setmetatable({}, {__newindex = function() error("read only") end})
		> print(rawset(t, "x", 1).x) --> 1
		`, Fn: baseRawset},
	{Name: "select", Args: "n, ...", Doc: "the arguments from the nth on (-1 is the last), or with \"#\" their number", Manual: `
		n integer|"#": from which on
		... any: the values
		-> any ...: values, or their number
		> print(select("#", nil, nil), select(-1, "a", "b")) --> 2	b
		`, Fn: baseSelect},
	{Name: "setfenv", Args: "fn or level, env", Doc: "the function, the table of its globals set", Manual: `
		fn function|integer: a function of Lua's, or the level of one on the stack: 1 is the caller, 0 all of the thread
		env table: its globals from now on
		-> function: fn
		! any: it is a function of Go's, or the stack has no such level
		> local f = setfenv(function() return x end, {x = 1})
		> print(f()) --> 1
		`, Fn: baseSetfenv},
	{Name: "setmetatable", Args: "table, metatable", Doc: "the table, its metatable set or, with nil, removed", Manual: `
		table table: is changed
		metatable table|nil: its fields __index, __newindex, __call, __tostring, __add... say what the table does
		-> table: the same
		! any: its metatable has a field __metatable, and cannot be changed
		> local t = setmetatable({}, {__index = function(_, key) return key .. "?" end})
		> print(t.what) --> what?
		`, Fn: baseSetmetatable},
	{Name: "tonumber", Args: "value[, base]", Doc: "the value as a number; nil when it is none", Manual: `
		value any: a number, or a string that is one
		base integer?: 2-36, of a string; 10
		-> number?: its value
		> print(tonumber("0x10"), tonumber("ff", 16), tonumber("ten")) --> 16	255	nil
		`, Fn: baseTonumber},
	{Name: "tostring", Args: "value", Doc: "the value as a string; __tostring says how", Manual: `
		value any: whatever it is
		-> string: its text
		> print(tostring(0.1), tostring(nil), #tostring({}) > 0) --> 0.1	nil	true
		`, Fn: baseTostring},
	{Name: "type", Args: "value", Doc: "the name of the value's type", Manual: `
		value any: whatever it is
		-> string: "nil", "boolean", "number", "string", "table", "function", "thread" (a coroutine), "userdata" (objects), "channel"
		> print(type({}), type(socket.AF_INET)) --> table	number
		`, Fn: baseType},
	{Name: "unpack", Args: "list[, first[, last]]", Doc: "list[first] to list[last]: all of it", Manual: `
		list table: is not changed
		first integer?: 1
		last integer?: #list
		-> any ...: its elements
		> print(unpack({"a", "b", "c"}, 2)) --> b	c
		`, Fn: baseUnpack},
}}

// openBase makes the basic functions, and package.loaded know of all libraries.
// globals is what the table of global variables is copied from.
var globals = sync.OnceValue(func() *glua.Pattern {
	g := glua.NewNames(roomForGlobals)
	g.RawSetString("_VERSION", lua.LString(lua.LuaVersion))
	g.RawSetString("_GOPHER_LUA_VERSION", lua.LString(lua.PackageName+" "+lua.PackageVersion))
	for _, lib := range []*library{&baseLib, &protectLib, &loadLib, &requireLib} {
		own, _ := lib.all(lib.funcs, false, nil)
		glua.AddNames(g, own)
	}
	next, tostring := g.RawGetString("next"), g.RawGetString("tostring")
	ipairs := sharedFunction(&Function{Name: "ipairs", Args: "list, i", Fn: ipairsNext})
	for _, f := range []Function{ipairsUsing(ipairs), pairsUsing(next), printUsing(tostring)} {
		g.RawSetString(f.Name, sharedFunction(&f))
	}
	glua.Reserve(g, libraryNames...)
	glua.Reserve(g, "arg")
	return glua.NewPattern(g)
})

// There may be roomForGlobals before their table grows, which takes twice the memory then; scripts are expected to add
// moreGlobals.
const (
	roomForGlobals = 56
	moreGlobals    = 8
)

// printUsing makes print(...), which writes its arguments to standard output as
// the global function tostring has them: a script may have set another than ours.
func printUsing(ours lua.LValue) Function {
	text := func(s *State, v lua.LValue) lua.LValue {
		tostring := s.in.root.G.Global.RawGetString("tostring")
		if tostring == ours {
			return s.tostring(v)
		}
		s.Push(tostring)
		s.Push(v)
		s.Call(1, 1)
		v = s.Get(-1)
		s.Pop(1)
		return v
	}
	return Function{
		Name: "print", Args: "...",
		Doc: "writes its arguments to standard output, as tostring has them, tabs between; may wait", Manual: `
		... any: values
		-> nothing
		! EPIPE: nobody reads standard output any more
		> print("a", 1, nil, true) --> a	1	nil	true
		`,
		Fn: func(s *State) int {
			var room [8]string
			pieces, size := room[:0], 0
			for i, n := 1, s.GetTop(); i <= n; i++ {
				v := text(s, s.Get(i))
				if !lua.LVCanConvToString(v) {
					s.RaiseError("'tostring' must return a string to 'print'")
				}
				end := "\t"
				if i == n {
					end = "\n"
				}
				pieces, size = append(pieces, textOf(v), end), size+len(textOf(v))+1
				s.fits(size)
			}
			if len(pieces) == 0 {
				pieces, size = append(pieces, "\n"), 1
			}
			if err := s.in.streams.Print(s, s.join(pieces, size)); err != nil {
				s.Raise(err)
			}
			return 0
		},
	}
}

// tostring(value) returns the value as a string.
func baseTostring(s *State) int { return s.Return(s.tostring(s.any(1))) }

// tonumber(value[, base]) returns the value as a number, nil when it is none. Only
// integers can be in another base than ten.
func baseTonumber(s *State) int {
	x, ok := 0.0, false
	switch base := s.optWhole(2, 10); {
	case base != 10:
		str := s.Str(1)
		if base < 2 || base > 36 {
			s.ArgError(2, "base out of range")
		}
		x, ok = number.ParseBase(str, base)
	default:
		if v, ok := s.any(1).(lua.LNumber); ok {
			return s.Return(v)
		}
		x, ok = numeric(s.Get(1))
	}
	if !ok {
		return s.Return(lua.LNil)
	}
	return s.number(x)
}

// typeNames has the names of types as values: there is no need to make them again.
var typeNames = func() (t [lua.LTChannel + 1]lua.LValue) {
	for i := range t {
		t[i] = lua.LString(lua.LValueType(i).String())
	}
	return t
}()

// type(value) returns the name of the value's type.
func baseType(s *State) int { return s.Return(typeNames[s.any(1).Type()]) }

// next(table[, key]) returns the key and value that follow key, the first two when
// it is nil; nil at the end.
func baseNext(s *State) int {
	k, v := s.next(s.Table(1), s.Get(2))
	if k == lua.LNil {
		return s.Return(lua.LNil)
	}
	return s.Return(k, v)
}

// pairsUsing makes pairs(table), which returns next, the table and nil: an
// iterator over all keys and values. They may be changed and cleared on the way.
func pairsUsing(next lua.LValue) Function {
	return Function{
		Name: "pairs", Args: "table",
		Doc: "an iterator over all keys and values; they may be changed and cleared on the way", Manual: `
		table table: no key may be added meanwhile
		-> function: next
		-> table: the same
		-> nil
		> for key, value in pairs({port = 80}) do print(key, value) end --> port	80
		`,
		Fn: func(s *State) int { return s.Return(next, s.Table(1), lua.LNil) },
	}
}

// ipairsUsing makes ipairs(list), which returns an iterator over 1, list[1] and on
// up to the first nil.
func ipairsUsing(next lua.LValue) Function {
	return Function{
		Name: "ipairs", Args: "list",
		Doc: "an iterator over 1, list[1] and on up to the first nil", Manual: `
		list table: as it is while the loop goes on
		-> function: gives the next number and what is there
		-> table: the same
		-> 0
		> for i, value in ipairs({"a", "b"}) do print(i, value) end
		> --> 1	a
		> --> 2	b
		`,
		Fn: func(s *State) int { return s.Return(next, s.Table(1), integer(0)) },
	}
}

func ipairsNext(s *State) int {
	t, i := s.Table(1), s.whole(2)+1
	v := s.element(t, i)
	if v == lua.LNil {
		return 0
	}
	return s.Return(integer(i), v)
}

// rawequal(a, b) tells whether the two are the same, without asking __eq.
func baseRawequal(s *State) int { return s.Return(lua.LBool(s.l.RawEqual(s.any(1), s.any(2)))) }

// rawget(table, key) returns table[key] without asking __index.
func baseRawget(s *State) int { return s.Return(s.Table(1).RawGet(s.any(2))) }

// rawset(table, key, value) sets table[key] without asking __newindex, and returns
// the table.
func baseRawset(s *State) int {
	t, k, v := s.Table(1), s.any(2), s.any(3)
	if n, ok := k.(lua.LNumber); ok && n != n {
		s.RaiseError("table index is NaN")
	}
	if k == lua.LNil {
		s.RaiseError("table index is nil")
	}
	t.RawSet(k, v)
	return s.Return(t)
}

// select(n, ...) returns the arguments from the nth on, -1 being the last; with "#"
// their number.
func baseSelect(s *State) int {
	n := s.GetTop()
	if str, ok := s.Get(1).(lua.LString); ok && strings.HasPrefix(string(str), "#") {
		return s.Return(integer(n - 1))
	}
	i := s.whole(1)
	if i < 0 {
		i += n
	}
	if i < 1 {
		s.ArgError(1, "index out of range")
	}
	return n - min(i, n)
}

// getmetatable(value) returns the value's metatable, or that one's field
// __metatable; nil when it has none.
func baseGetmetatable(s *State) int { return s.Return(s.metatable(s.any(1))) }

// setmetatable(table, metatable) sets the table's metatable, or with nil removes
// it, and returns the table. A metatable with a field __metatable stays.
func baseSetmetatable(s *State) int {
	t, mt := s.Table(1), s.Get(2)
	if _, ok := mt.(*lua.LTable); !ok && (mt != lua.LNil || s.GetTop() < 2) {
		s.ArgError(2, "nil or table expected")
	}
	if s.GetMetaField(t, "__metatable") != lua.LNil {
		s.RaiseError("cannot change a protected metatable")
	}
	t.Metatable = mt
	return s.Return(t)
}

// unpack(list[, first[, last]]) returns list[first] to list[last].
func baseUnpack(s *State) int {
	t, first := s.Table(1), s.optWhole(2, 1)
	last := 0
	if s.Absent(3) {
		last = t.Len()
	} else {
		last = s.whole(3)
	}
	if first > last {
		return 0
	}
	n := last - first + 1
	s.reserve(n, "too many results to unpack")
	for i := first; i <= last; i++ {
		s.Push(s.element(t, i))
	}
	return n
}

// collectgarbage([what]) collects, or with "count" returns the KB in use. The
// collector is Go's, and its settings are the host's.
func baseCollectgarbage(s *State) int {
	switch what := s.OptStr(1, "collect"); what {
	case "collect":
		runtime.GC()
	case "count":
		return s.Return(lua.LNumber(float64(s.inUse()) / 1024))
	case "step": // which a loop may well call
		return s.Return(lua.LTrue)
	case "stop", "restart", "setpause", "setstepmul":
	default:
		s.ArgError(1, "invalid option '%s'", what)
	}
	return s.Return(integer(0))
}

// gcinfo() returns the KB in use.
func baseGcinfo(s *State) int { return s.Return(integer(s.inUse() / 1024)) }

// inUse returns the bytes in use: by the process, or, where that is the script's affair no more
// than the host's files are, by the interpreter's account. That is made again when ten
// times as long has passed as it takes.
func (s *State) inUse() int {
	in := s.in
	if in.policy.AllowsAll() && in.config.Limits.Memory == 0 {
		return meter.Read().Objects
	}
	if start := time.Now(); start.Sub(in.reported.at) >= 10*in.reported.took {
		a := Account{over: s.stop.Load}
		held := a.measure(in)
		in.reported = reportedUse{held: held, at: time.Now(), took: time.Since(start)}
	}
	return in.reported.held
}

// reportedUse is what an interpreter's account was when a script last asked.
type reportedUse struct {
	held int
	at   time.Time
	took time.Duration
}
