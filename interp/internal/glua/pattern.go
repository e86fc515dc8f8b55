package glua

import (
	"maps"

	lua "github.com/yuin/gopher-lua"
)

// Pattern is a table of names that others are copied from, which takes a fraction of the time that setting each name
// takes. It is not to be changed any more; any goroutine may copy it.
type Pattern struct {
	of    *Table
	draft [1]lua.LValue
}

// NewPattern returns the pattern of a table that has nothing but names, and that belongs to the pattern from then on.
func NewPattern(t *lua.LTable) *Pattern {
	p := &Pattern{of: TableOf(t)}
	p.draft[0] = &lua.LUserData{Value: p, Metatable: lua.LNil}
	return p
}

// Copy returns a new table that has under names what the pattern has, with room for so many more that a script
// may add. Its list of keys is not made, since most such tables are never gone through, but by Complete: who goes through
// it without sees the names that came later, and no others.
func (p *Pattern) Copy(more int) *lua.LTable {
	t := &lua.LTable{Metatable: lua.LNil}
	to := TableOf(t)
	to.strdict, to.keys, to.k2i = maps.Clone(p.of.strdict), p.draft[:], map[lua.LValue]int{}
	if more > 0 {
		to.keys = append(make([]lua.LValue, 0, 1+more), to.keys...)
	}
	return t
}

// pattern returns what t is a copy of whose list of keys is not made; nil for other tables. The first key tells, which no
// script can have.
func (t *Table) pattern() *Pattern {
	if len(t.keys) == 0 {
		return nil
	}
	first, ok := t.keys[0].(*lua.LUserData)
	if !ok {
		return nil
	}
	p, _ := first.Value.(*Pattern)
	return p
}

// knows reports whether name is a key, or ever was one, or was to be one.
func (t *Table) knows(name string) bool {
	if p := t.pattern(); p != nil {
		t = p.of
	}
	_, known := t.k2i[lua.LString(name)]
	return known
}

// Complete makes the list of keys of a table that is the copy of a pattern, unless that is done. It is quick for all others.
func Complete(t *lua.LTable) {
	if keys := TableOf(t).keys; len(keys) > 0 {
		if _, may := keys[0].(*lua.LUserData); may {
			TableOf(t).complete()
		}
	}
}

func (t *Table) complete() {
	p := t.pattern()
	if p == nil {
		return
	}
	added := t.keys[1:]
	t.keys, t.k2i = append(make([]lua.LValue, 0, len(p.of.keys)+len(added)), p.of.keys...), maps.Clone(p.of.k2i)
	for _, k := range added {
		if _, known := t.k2i[k]; !known {
			t.k2i[k] = len(t.keys)
			t.keys = append(t.keys, k)
		}
	}
}
