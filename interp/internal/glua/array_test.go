package glua

import (
	"testing"

	lua "github.com/yuin/gopher-lua"
)

func TestMaxArrayIndex(t *testing.T) {
	table := &lua.LTable{Metatable: lua.LNil}
	table.RawSetInt(MaxArrayIndex, lua.LTrue)
	table.RawSet(lua.LNumber(20260101), lua.LTrue)
	if n := table.Len(); n != 0 {
		t.Errorf("a table with two large keys has length %d: gopher-lua does not ask MaxArrayIndex any more", n)
	}
	if table.RawGet(lua.LNumber(20260101)) != lua.LTrue || table.RawGet(lua.LNumber(MaxArrayIndex)) != lua.LTrue {
		t.Error("gopher-lua does not find what it has put under a large key")
	}
}
