package glua

import (
	"reflect"
	"testing"

	lua "github.com/yuin/gopher-lua"
)

func TestStringConstants(t *testing.T) {
	if !hasStringConstants {
		t.Fatal("gopher-lua's FunctionProto has no field stringConstants any more: look where its VM (rkString, OP_GETGLOBAL) finds the names of globals and fields now")
	}
	if got := stringConstants.Type; got != reflect.TypeFor[[]string]() {
		t.Fatalf("gopher-lua's FunctionProto.stringConstants is %v now, not []string: SetStringConstants would write nonsense", got)
	}
	p := &lua.FunctionProto{
		SourceName: "test", NumUsedRegisters: 2,
		Code:               []uint32{uint32(lua.OP_GETGLOBAL)<<26 | 1, uint32(lua.OP_RETURN)<<26 | 2},
		Constants:          []lua.LValue{lua.LNil, lua.LString("answer")},
		DbgSourcePositions: []int{1, 1},
	}
	SetStringConstants(p, []string{"", "answer"})
	l := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer l.Close()
	l.SetGlobal("answer", lua.LNumber(42))
	l.Push(l.NewFunctionFromProto(p))
	l.Call(0, 1)
	if got := l.Get(-1); got != lua.LNumber(42) {
		t.Fatalf("a function put together by hand returned %v: the VM does not read the names of globals from stringConstants any more", got)
	}
}
