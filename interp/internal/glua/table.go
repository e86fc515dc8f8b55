package glua

import (
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// Table is a table of gopher-lua's: an array, and two maps with a list of the keys that
// ever were in them, by which Next goes.
type Table struct {
	metatable lua.LValue
	array     []lua.LValue
	dict      map[lua.LValue]lua.LValue
	strdict   map[string]lua.LValue
	keys      []lua.LValue
	k2i       map[lua.LValue]int
}

// TableOf returns t as gopher-lua has it.
func TableOf(t *lua.LTable) *Table { return (*Table)(unsafe.Pointer(t)) }

// ArrayLen returns how long the array is, which may end in nils.
func (t *Table) ArrayLen() int { return len(t.array) }

// ArrayCap returns how long it ever was, or more.
func (t *Table) ArrayCap() int { return cap(t.array) }

// Knows reports whether k, which is not in the array, is a key or ever was one, so that
// Next can go on behind it.
func (t *Table) Knows(k lua.LValue) bool {
	_, ok := t.k2i[k]
	return ok
}

// AfterArray returns the key behind which Next goes on with what is not in the array.
func (t *Table) AfterArray() lua.LValue {
	if n := len(t.array); n > 0 {
		return lua.LNumber(n)
	}
	return lua.LNil
}

// NewNames returns a new table with room for exactly n names.
func NewNames(n int) *lua.LTable {
	t := &lua.LTable{Metatable: lua.LNil}
	room := TableOf(t)
	room.strdict, room.keys, room.k2i = make(map[string]lua.LValue, n), make([]lua.LValue, 0, n), make(map[lua.LValue]int, n)
	return t
}

// SetNew sets what t has under a name, a string, that it never had: v is not nil.
func SetNew(t *lua.LTable, name, v lua.LValue) {
	to := TableOf(t)
	to.strdict[string(name.(lua.LString))] = v
	to.k2i[name] = len(to.keys)
	to.keys = append(to.keys, name)
}

// Reserve has t know names that it is to have later: Put then takes no memory.
func Reserve(t *lua.LTable, names ...string) {
	to := TableOf(t)
	for _, name := range names {
		key := lua.LString(name)
		to.k2i[key] = len(to.keys)
		to.keys = append(to.keys, key)
	}
}

// Put is RawSetString for a value that is not nil, and takes no memory for a name that t has, had, or was to have.
func Put(t *lua.LTable, name string, v lua.LValue) {
	to := TableOf(t)
	if to.knows(name) && to.strdict != nil {
		to.strdict[name] = v
	} else {
		t.RawSetString(name, v)
	}
}

// AddNames sets in t what from, a table of names, has.
func AddNames(t, from *lua.LTable) {
	_, _ = Names(from, func(name, v lua.LValue) error {
		Put(t, string(name.(lua.LString)), v)
		return nil
	})
}

// Names calls fn for each name that t has, if it has nothing else; else it returns false. What fn does must not change t.
func Names(t *lua.LTable, fn func(name, v lua.LValue) error) (plain bool, err error) {
	from := TableOf(t)
	if len(from.array) > 0 || len(from.dict) > 0 {
		return false, nil
	}
	for _, k := range from.keys {
		name, is := k.(lua.LString)
		if v, there := from.strdict[string(name)]; is && there {
			if err := fn(k, v); err != nil {
				return true, err
			}
		}
	}
	return true, nil
}

// Len returns how many pairs t has that are not in the array.
func (t *Table) Len() int { return len(t.dict) + len(t.strdict) }
