package glua

import (
	"runtime"
	"slices"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"
)

// Go's strings and numbers become Lua's and Lua's strings Go's by their type's word alone.
func TestValuesKeepTheirPlace(t *testing.T) {
	text := strings.Repeat("x", 100)
	v := Text(any(text))
	if s, ok := v.(lua.LString); !ok || string(s) != text {
		t.Errorf("Text: %#v", v)
	}
	if n, ok := Number(any(1.5)).(lua.LNumber); !ok || n != 1.5 {
		t.Errorf("Number: %v", n)
	}
	if s, ok := TextOf(lua.LString(text)).(string); !ok || s != text {
		t.Errorf("TextOf: %v", s)
	}
	if n := testing.AllocsPerRun(100, func() { TextOf(Text(text)) }); n > 1 { // of text as any
		t.Errorf("%v allocations there and back", n)
	}
}

// What a room of strings has given outlives the room.
func TestTexts(t *testing.T) {
	const n = 3 * roomSize
	room, table := NewTexts(n), NewNames(n)
	for i := range n {
		SetNew(table, room.Value(strings.Repeat("k", i)), room.Value(strings.Repeat("v", i*i)))
	}
	runtime.GC()
	found := 0
	if plain, err := Names(table, func(k, v lua.LValue) error {
		found++
		if n := len(k.(lua.LString)); len(v.(lua.LString)) != n*n {
			t.Errorf("under %d: %d", n, len(v.(lua.LString)))
		}
		return nil
	}); !plain || err != nil || found != n {
		t.Errorf("plain %v, %v, %d names", plain, err, found)
	}
	if v := table.RawGetString("kkk"); v != lua.LString("vvvvvvvvv") {
		t.Errorf("kkk: %v", v)
	}
	if k, _ := table.Next(lua.LString("kkk")); k == lua.LNil {
		t.Error("nothing comes after kkk")
	}
}

// Names leaves tables to others that have more than names, and passes over those that are gone.
func TestNames(t *testing.T) {
	none := func(_, _ lua.LValue) error { t.Error("called"); return nil }
	list := &lua.LTable{Metatable: lua.LNil}
	list.Append(lua.LTrue)
	if plain, _ := Names(list, none); plain {
		t.Error("a list is taken for names")
	}
	gone := NewNames(1)
	gone.RawSetString("a", lua.LTrue)
	gone.RawSetString("a", lua.LNil)
	if plain, _ := Names(gone, none); !plain {
		t.Error("what is empty has nothing else")
	}
	other := NewNames(1)
	other.RawSet(lua.LTrue, lua.LTrue)
	if plain, _ := Names(other, none); plain {
		t.Error("true is taken for a name")
	}
}

// A pattern's copies have its names in its order, and then their own, whenever the list of keys is made.
func TestPattern(t *testing.T) {
	from := NewNames(8)
	for _, name := range []string{"a", "gone", "set"} {
		from.RawSetString(name, lua.LTrue)
	}
	Reserve(from, "later", "never")
	pattern := NewPattern(from)
	for _, complete := range []bool{false, true} {
		for more := range 3 {
			one, other := pattern.Copy(more), pattern.Copy(more)
			if complete {
				Complete(one)
			}
			one.RawSetString("one", lua.LTrue)
			one.RawSetString("gone", lua.LNil)
			one.RawSetString("set", lua.LNumber(1))
			one.RawSet(lua.LTrue, lua.LTrue)
			Put(one, "later", lua.LTrue)
			Put(one, "put", lua.LTrue)
			for k, _ := one.Next(lua.LNil); k != lua.LNil; k, _ = one.Next(k) { // comes to an end at least
			}
			if got := keysOf(one); !slices.Equal(got, []string{"a", "set", "later", "one", "true", "put"}) {
				t.Errorf("complete before: %v, room for %d more: %q", complete, more, got)
			}
			if got := keysOf(other); !slices.Equal(got, []string{"a", "gone", "set"}) {
				t.Errorf("the other: %q", got)
			}
		}
	}
}

func keysOf(t *lua.LTable) (keys []string) {
	Complete(t)
	for k, _ := t.Next(lua.LNil); k != lua.LNil; k, _ = t.Next(k) {
		keys = append(keys, k.String())
	}
	return keys
}
