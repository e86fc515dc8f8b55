package glua

import (
	"runtime"
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

// A copy's further keys are its own, though it has the list of keys with others.
func TestCopyNames(t *testing.T) {
	from := NewNames(8) // has room for more
	from.RawSetString("a", lua.LTrue)
	one, other := CopyNames(from, 0), CopyNames(from, 4)
	one.RawSetString("one", lua.LTrue)
	other.RawSetString("other", lua.LTrue)
	from.RawSetString("from", lua.LTrue)
	for name, table := range map[string]*lua.LTable{"one": one, "other": other, "from": from} {
		first, _ := table.Next(lua.LNil)
		second, _ := table.Next(first)
		if third, _ := table.Next(second); first != lua.LString("a") || second != lua.LString(name) || third != lua.LNil {
			t.Error(name, "has", first, second, third)
		}
	}
}
