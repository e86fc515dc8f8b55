package interp

import (
	"errors"
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Names with dots, by which a host finds what scripts have: "plugin.on_request".

var (
	errNoName     = errors.New("a name must not be empty, nor have an empty part between its dots")
	errNoFunction = errors.New("no function of that name")
)

// eachName calls step with the parts of a name, and with what is before each: for "a.b" with "a" and "",
// then "b" and "a".
func eachName(name string, step func(key, before string) error) error {
	for at := 0; ; {
		key, _, more := strings.Cut(name[at:], ".")
		if key == "" {
			return errNoName
		}
		if err := step(key, name[:max(at-1, 0)]); err != nil || !more {
			return err
		}
		at += len(key) + 1
	}
}

// cutLast returns what stands before the last dot of a name, and after it.
func cutLast(name string) (before, key string) {
	if at := strings.LastIndexByte(name, '.'); at > 0 {
		return name[:at], name[at+1:]
	}
	return "", strings.TrimPrefix(name, ".")
}

// noFields says that what stands before a dot has no fields.
func (in *Interpreter) noFields(name string, v lua.LValue) error {
	if v == lua.LNil {
		return fmt.Errorf("%s is nil", name)
	}
	return fmt.Errorf("%s is %s, which has no fields", name, in.aKind(v))
}

// global returns what a name stands for without running any Lua; nil when there is nothing of the name.
func (in *Interpreter) global(name string) (v lua.LValue, err error) {
	v = in.root.G.Global
	err = eachName(name, func(key, before string) error {
		if !in.hasFields(v) {
			return in.noFields(before, v)
		}
		v = in.field(v, key)
		return nil
	})
	return v, err
}

// hasFields reports whether v has some that can be looked up, if only by a metamethod.
func (in *Interpreter) hasFields(v lua.LValue) bool {
	_, isTable := v.(*lua.LTable)
	return isTable || in.root.GetMetaField(v, "__index") != lua.LNil
}

// maxIndex is how many tables are searched for a field: they may form a circle.
const maxIndex = 20

// field returns a field of v that is found in tables alone, following __index from one to the other, or,
// of the global variables, a module; else nil. It is what Lua would find, if it is not nil.
func (in *Interpreter) field(v lua.LValue, key string) lua.LValue {
	from := v
	for range maxIndex {
		t := in.fieldsOf(v)
		if t == nil {
			break
		}
		if found := t.RawGetString(key); found != lua.LNil {
			return found
		}
		if found := in.constant(t, key); found != nil {
			return found
		}
		v = in.root.GetMetaField(v, "__index")
	}
	if from == in.root.G.Global && in.opened[key] == nil { // else a script has taken it away
		if m := in.load(key); m != nil {
			return m
		}
		if m := in.globalIn(key); m != nil {
			return in.load(m.Name).(*lua.LTable).RawGetString(key)
		}
	}
	return lua.LNil
}

// fieldsOf returns the table that v's fields are in: itself, an object's methods, and for a function that
// is a module, too, what that has.
func (in *Interpreter) fieldsOf(v lua.LValue) *lua.LTable {
	switch v := v.(type) {
	case *lua.LTable:
		return v
	case *lua.LFunction:
		return in.members[v]
	case *lua.LUserData:
		return in.typeOf[v.Metatable].methods()
	}
	return nil
}

// setGlobal sets a variable, or a field, without running any Lua.
func (in *Interpreter) setGlobal(name string, v lua.LValue) error {
	var holder lua.LValue = in.root.G.Global
	before, key := cutLast(name)
	if before != "" {
		var err error
		if holder, err = in.global(before); err != nil {
			return err
		}
	}
	t, isTable := holder.(*lua.LTable)
	switch {
	case key == "":
		return errNoName
	case holder == lua.LNil:
		return in.noFields(before, holder)
	case !isTable:
		return fmt.Errorf("%s is %s, and no table", before, in.aKind(holder))
	}
	t.RawSetString(key, v)
	return nil
}

// find returns what a name stands for as Lua finds it, from v on, and what holds it. Metamethods are
// asked, which may wait; what they raise is an *Error.
func (s *State) find(from lua.LValue, name string) (holder, v lua.LValue, err error) {
	v = from
	err = eachName(name, func(key, before string) (err error) {
		if !s.in.hasFields(v) {
			return s.in.noFields(before, v)
		}
		if holder = v; holder == lua.LValue(s.in.root.G.Global) || s.in.fieldsOf(v) != nil {
			if v = s.in.field(holder, key); v != lua.LNil {
				return nil
			}
		}
		return s.protected(func() { v = s.GetField(holder, key) })
	})
	return holder, v, err
}
