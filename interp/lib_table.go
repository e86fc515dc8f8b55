package interp

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
	"wirelua/interp/internal/number"
)

// tableLib is the table library. Its functions look at tables as they are,
// without asking metatables.
var tableLib = library{name: lua.TabLibName, funcs: []Function{
	{Name: "concat", Args: "list[, separator[, first[, last]]]", Doc: "the strings and numbers of the list in one string", Manual: `
		list table: strings and numbers, addresses and errors
		separator string?: what comes between
		first integer?: 1
		last integer?: #list
		-> string: all of it
		> print(table.concat({1, 2, "three"}, ", ")) --> 1, 2, three
		`, Fn: tableConcat},
	{Name: "foreach", Args: "table, fn", Doc: "calls fn(key, value) for each pair, until it returns something, and returns that; 5.0's pairs", Manual: `
		table table: is not changed
		fn fun(key:any,value:any):any: ends it when it returns something that is not nil
		-> any: what fn returned; nothing when it came to the end
		> print(table.foreach({port = 80}, function(k, v) return k .. "=" .. v end)) --> port=80
		`, Fn: tableForeach},
	{Name: "foreachi", Args: "list, fn", Doc: "calls fn(i, value) for each element, until it returns something, and returns that; 5.0's ipairs", Manual: `
		list table: is not changed
		fn fun(i:integer,value:any):any: ends it when it returns something that is not nil
		-> any: what fn returned; nothing when it came to the end
		> table.foreachi({"a", "b"}, print) --> 1	a
		> --> 2	b
		`, Fn: tableForeachi},
	{Name: "getn", Args: "list", Doc: "#list; 5.0's name for it", Manual: `
		list table: is not changed
		-> integer
		> print(table.getn({"a", "b"})) --> 2
		`, Fn: tableGetn},
	{Name: "insert", Args: "list[, position], value", Doc: "puts value there, moving up what follows; at the end when no position is given", Manual: `
		list table: is changed
		position integer?: 1 to #list + 1
		value any: what is put there
		-> nothing
		> local t = {"b"}
		> table.insert(t, 1, "a") table.insert(t, "c")
		> print(unpack(t)) --> a	b	c
		`, Fn: tableInsert},
	{Name: "maxn", Args: "table", Doc: "the largest number that is a key, or 0", Manual: `
		table table: is not changed
		-> number
		> print(table.maxn({[1] = "a", [10] = "b"})) --> 10
		`, Fn: tableMaxn},
	{Name: "remove", Args: "list[, position]", Doc: "takes out and returns what is there (at the end), moving down what follows", Manual: `
		list table: is changed
		position integer?: #list when left out
		-> any: what was there; nil of an empty list
		> local t = {"a", "b"}
		> print(table.remove(t, 1), #t) --> a	1
		`, Fn: tableRemove},
	{Name: "setn", Args: "list, n", Doc: "an error, as in 5.1: a list's length is what it holds", Manual: `
		list table: a list
		n integer: not used
		-> nothing
		! any: always
		> print((pcall(table.setn, {}, 0))) --> false
		`, Fn: tableSetn},
	{Name: "sort", Args: "list[, less]", Doc: "sorts by <, or by less(a, b), which may wait", Manual: `
		list table: is changed
		less fun(a:any,b:any):boolean?: whether a comes before b
		-> nothing
		> local t = {3, 1, 2}
		> table.sort(t, function(a, b) return a > b end)
		> print(unpack(t)) --> 3	2	1
		`, Fn: tableSort},
}}

// concat(list[, separator[, first[, last]]]) returns the strings and numbers from
// first to last in one string.
func tableConcat(s *State) int {
	t, sep := s.Table(1), s.OptStr(2, "")
	first := s.optWhole(3, 1)
	last := 0
	if s.Absent(4) {
		last = t.Len()
	} else {
		last = s.whole(4)
	}
	size := 0 // of the strings
	work := s.Work()
	for i := first; i <= last; i++ {
		work.Spend(1)
		switch v := s.element(t, i).(type) {
		case lua.LString:
			size += len(v)
		case lua.LNumber:
		default:
			text, ok := s.Text(v)
			if !ok {
				s.RaiseError("invalid value (%s) at index %d in table for 'concat'", v.Type(), i)
			}
			size += len(text)
		}
		if i < last {
			size += len(sep)
		}
		s.fits(size)
	}
	b := make([]byte, 0, size)
	for i := first; i <= last; i++ {
		work.Spend(1)
		switch v := s.element(t, i).(type) {
		case lua.LString:
			b = work.Append(b, string(v))
		case lua.LNumber:
			b = number.Append(b, float64(v))
			s.fits(len(b))
		default:
			text, _ := s.Text(v)
			b = work.Append(b, text)
		}
		if i < last {
			b = work.Append(b, sep)
		}
	}
	s.fits(len(b))
	return s.Return(lua.LString(stringOf(b)))
}

// element returns t[i] for any integer i.
func (s *State) element(t *lua.LTable, i int) lua.LValue {
	if i < 1 || i >= glua.MaxArrayIndex {
		return t.RawGetH(lua.LNumber(i))
	}
	return t.RawGetInt(i)
}

// foreach(table, fn) calls fn(key, value) for each pair, until it returns
// something, and returns that.
func tableForeach(s *State) int {
	t, fn := s.Table(1), s.luaFunction(2)
	work := s.Work()
	for k, v := s.next(t, lua.LNil); k != lua.LNil; k, v = s.next(t, k) {
		work.Spend(10)
		if r := s.call2(fn, k, v); r != lua.LNil {
			return s.Return(r)
		}
	}
	return 0
}

// foreachi(list, fn) calls fn(i, value) for each element, until it returns
// something, and returns that.
func tableForeachi(s *State) int {
	t, fn := s.Table(1), s.luaFunction(2)
	work := s.Work()
	for i, n := 1, t.Len(); i <= n; i++ {
		work.Spend(10)
		if r := s.call2(fn, integer(i), t.RawGetInt(i)); r != lua.LNil {
			return s.Return(r)
		}
	}
	return 0
}

// getn(list) returns #list.
func tableGetn(s *State) int { return s.Return(integer(s.Table(1).Len())) }

// setn(list, n) is an error.
func tableSetn(s *State) int {
	s.Table(1)
	s.RaiseError("'setn' is obsolete")
	return 0
}

// insert(list[, position], value) puts value there, moving up what follows.
func tableInsert(s *State) int {
	t := s.Table(1)
	switch s.GetTop() {
	case 2:
		t.Append(s.Get(2))
		return 0
	case 3:
	default:
		s.RaiseError("wrong number of arguments to 'insert'")
	}
	at, end := s.whole(2), t.Len()+1
	if at >= 1 && at < end && glua.TableOf(t).ArrayLen() == end-1 {
		t.Insert(at, s.Get(3)) // moves all at once
		return 0
	}
	work := s.Work()
	for i := end; i > at; i-- {
		work.Spend(1)
		s.setElement(t, i, s.element(t, i-1))
	}
	s.setElement(t, at, s.Get(3))
	return 0
}

// setElement sets t[i] for any integer i.
func (s *State) setElement(t *lua.LTable, i int, v lua.LValue) { t.RawSet(lua.LNumber(i), v) }

// remove(list[, position]) takes out and returns what is there, moving down what
// follows. Nothing is returned when there is no such position.
func tableRemove(s *State) int {
	t := s.Table(1)
	n := t.Len()
	at := s.optWhole(2, n)
	if at < 1 || at > n {
		return 0
	}
	return s.Return(t.Remove(at))
}

// maxn(table) returns the largest number that is a key, or 0.
func tableMaxn(s *State) int {
	t := s.Table(1)
	top := lua.LNumber(t.MaxN())
	work := s.Work()
	for k := glua.TableOf(t).AfterArray(); ; {
		work.Spend(1)
		if k, _ = t.Next(k); k == lua.LNil {
			return s.Return(top)
		}
		if n, ok := k.(lua.LNumber); ok && n > top {
			top = n
		}
	}
}

// next returns the pair that follows key k, which must be one of t's, or have
// been one when the traversal came to it; nil when there is none.
func (s *State) next(t *lua.LTable, k lua.LValue) (key, value lua.LValue) {
	if k == lua.LNil {
		s.in.fill(t)
	}
	if k == lua.LNil || t.RawGet(k) != lua.LNil {
		return t.Next(k)
	}
	return t.Next(s.wasKey(t, k))
}

// wasKey returns the key to go on behind when k is none of t's any more, or raises
// an error when it never was.
func (s *State) wasKey(t *lua.LTable, k lua.LValue) lua.LValue {
	table := glua.TableOf(t)
	n, _ := k.(lua.LNumber)
	switch i := int(n); {
	case n >= 1 && i <= table.ArrayCap() && lua.LNumber(i) == n:
		if i > table.ArrayLen() { // the array has got shorter
			return table.AfterArray()
		}
	case !table.Knows(k):
		s.RaiseError("invalid key to 'next'")
	}
	return k
}
