package glua

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"
)

// TestInsides is what an upgrade of gopher-lua may break. It says in words what has changed
// about the fields that it keeps to itself, and about the words of its VM. Both are read by this package only.
func TestInsides(t *testing.T) {
	if all := changes(); len(all) > 0 { // nothing can be tried
		t.Fatal("gopher-lua's insides have changed:\n\t" + strings.Join(all, "\n\t"))
	}
	t.Run("words", testWords)
	t.Run("panics", testPanics)
	t.Run("frames", testFrames)
	t.Run("tables", testTables)
	t.Run("code", testCode)
	t.Run("walk", testWalk)
}

func newState(t *testing.T) *lua.LState {
	l := lua.NewState(lua.Options{CallStackSize: 100, MinimizeStackMemory: true})
	t.Cleanup(l.Close)
	return l
}

// run runs a piece of Lua.
func run(t *testing.T, l *lua.LState, source string) {
	t.Helper()
	fn, err := l.LoadString(source)
	if err != nil {
		t.Fatal(err)
	}
	l.Push(fn)
	l.Call(0, lua.MultRet)
}

func testWords(t *testing.T) {
	l := newState(t)
	at := "<string>:1: "
	for source, want := range map[string]Mistake{
		"local x = nil; return x.y":         {Index, at, "nil", ""},
		"local x = true; x[1] = 2":          {Index, at, "boolean", ""},
		"local x = 1; return x:f()":         {Index, at, "number", ""},
		"local x = {}; x.f()":               {Call, at, "", ""},
		"for x in 1 do end":                 {Call, at, "", ""},
		"return -{}":                        {Negate, at, "", ""},
		"return #true":                      {Length, at, "", ""},
		"return {} + 1":                     {Operands, at, "", ""},
		"return 1 % {}":                     {Operands, at, "", ""},
		"return 2 ^ {}":                     {Operands, at, "", ""},
		"return {} < {}":                    {Order, at, "table", ""},
		"return true <= false":              {Order, at, "boolean", ""},
		"return 1 < '2'":                    {Order, at, "", ""},
		"for i = {}, 1 do end":              {Loop, at, "", "initial value"},
		"for i = 1, {} do end":              {Loop, at, "", "limit"},
		"for i = 1, 2, {} do end":           {Loop, at, "", "step"},
		"error('x')":                        {},
		"error('attempt to index nothing')": {},
	} {
		fn, err := l.LoadString(source)
		if err != nil {
			t.Fatal(err)
		}
		l.Push(fn)
		failure := l.PCall(0, 0, nil)
		if failure == nil {
			t.Errorf("%s: is no error any more", source)
			continue
		}
		text := failure.(*lua.ApiError).Object.String()
		if got := ReadMistake(text); got != want {
			t.Errorf("%s: gopher-lua's words for it are %q now, which ReadMistake reads as %+v, not %+v", source, text, got, want)
		}
	}
}

// What ends a call that Go's runtime, or an overflow of the stack, has ended.
func testPanics(t *testing.T) {
	l := newState(t)
	l.SetGlobal("fault", l.NewFunction(func(*lua.LState) int { var p *lua.LTable; return p.Len() }))
	l.SetGlobal("assertion", l.NewFunction(func(*lua.LState) int { var v any = 1; return len(v.(string)) }))
	resume := func(source string) lua.LValue {
		fn, err := l.LoadString(source)
		if err != nil {
			t.Fatal(err)
		}
		co, _ := l.NewThread()
		l.SetGlobal("co", co)
		l.SetGlobal("fn", fn)
		run(t, l, "local ok, why = coroutine.resume(coroutine.create(fn)); return why")
		return l.Get(-1)
	}
	for _, source := range []string{"fault()", "assertion()"} {
		if v := resume(source); !IsFault(v) {
			t.Errorf("a coroutine that %s has ended gives %q now: IsFault does not see that it is Go's", source, v)
		}
	}
	if v := resume("error('runtime')"); IsFault(v) {
		t.Errorf("IsFault takes %q for Go's", v)
	}
	if v := resume("local function f() return 1 + f() end f()"); !IsOverflow(v.String()) {
		t.Errorf("too many calls in a coroutine give %q now: IsOverflow does not know it", v)
	}
	defer func() {
		if v := recover(); !IsOverflow(fmt.Sprint(v)) {
			t.Errorf("too many calls of Go's functions panic with %v now: IsOverflow does not know it", v)
		}
	}()
	var deep lua.LGFunction
	deep = func(l *lua.LState) int { l.Push(l.NewFunction(deep)); l.Call(0, 0); return 0 }
	l.Push(l.NewFunction(deep))
	l.Call(0, 0)
}

func testFrames(t *testing.T) {
	l := newState(t)
	if Top(l) != nil {
		t.Error("Top: an idle stack has a call on it")
	}
	looked := 0
	look := l.NewFunction(func(l *lua.LState) int {
		looked++
		d, _ := l.GetStack(0)
		f := Top(l)
		if f != FrameOf(d) {
			t.Error("FrameOf(GetStack(0)) is not Top: currentFrame is another thing now")
		}
		if !f.Fn.IsG || f.Idx != 2 || f.Replaced() != 0 || f.Calls() {
			t.Errorf("the frame of a Go function that the second of Lua's calls is %+v", f)
		}
		if _, ok := f.Instruction(); ok {
			t.Error("a Go function is at an instruction")
		}
		f = f.Parent
		if f.Fn.IsG || f.Replaced() != 1 {
			t.Errorf("a call that a tail call was replaced by has replaced %d now", f.Replaced())
		}
		pc, ok := f.Instruction()
		if op := Code(f.Fn.Proto.Code[pc]).Op(); !ok || op != lua.OP_CALL && op != lua.OP_GETTABLEKS && op != lua.OP_GETTABLE {
			t.Errorf("a function that calls is at instruction %d (%v), %d", pc, ok, op)
		}
		l.Push(lua.LBool(f.Calls()))
		if f.Parent.Fn.IsG || !f.Parent.Calls() || f.Parent.Parent != nil {
			t.Errorf("the main chunk's frame is %+v", f.Parent)
		}
		return 1
	})
	l.SetGlobal("look", look)
	run(t, l, `
		local function inner() local is = look(); return is end
		local function outer() return inner() end
		local is = outer()
		assert(is == true, "Calls does not see a call")
	`)
	run(t, l, `
		local t = setmetatable({}, {__index = look})
		local function inner() local is = t.x; return is end
		local function outer() return inner() end
		local is = outer()
		assert(is == false, "Calls takes an index for a call")
	`)
	if looked != 2 {
		t.Errorf("looked %d times", looked)
	}
	if n := GoStack(l); n != goStackState {
		t.Errorf("an idle stack takes %d bytes of Go's", n)
	}
	if n := GoStackSize(goStackFirst + 1); n != 2*goStackFirst {
		t.Errorf("one byte more than %d takes %d", goStackFirst, n)
	}
}

func testTables(t *testing.T) {
	table := &lua.LTable{Metatable: lua.LNil}
	if n, k := TableOf(table).ArrayLen(), TableOf(table).AfterArray(); n != 0 || k != lua.LNil {
		t.Errorf("an empty table has an array of %d; Next goes on behind %v", n, k)
	}
	for i := 1; i <= 3; i++ {
		table.RawSetInt(i, lua.LTrue)
	}
	table.RawSetString("name", lua.LTrue)
	view := TableOf(table)
	if view.ArrayLen() != 3 || view.ArrayCap() < 3 || len(view.strdict) != 1 || view.metatable != lua.LNil {
		t.Errorf("a table of three items and a name is %+v", view)
	}
	if k, _ := table.Next(view.AfterArray()); k != lua.LString("name") {
		t.Errorf("behind the array Next finds %v, not the name", k)
	}
	table.RawSetString("name", lua.LNil)
	if !view.Knows(lua.LString("name")) || view.Knows(lua.LString("other")) {
		t.Error("Knows: k2i has not the keys any more that were in the table")
	}
}

func testCode(t *testing.T) {
	if c := Code(ABC(lua.OP_CALL, 255, 511, 300)); c.Op() != lua.OP_CALL || c.A() != 255 || c.B() != 511 || c.C() != 300 {
		t.Errorf("ABC and Code do not agree: %d %d %d %d", c.Op(), c.A(), c.B(), c.C())
	}
	if c := Code(ABx(lua.OP_LOADK, 7, MaxBx)); c.Op() != lua.OP_LOADK || c.A() != 7 || c.Bx() != MaxBx {
		t.Errorf("ABx and Code do not agree: %d %d %d", c.Op(), c.A(), c.Bx())
	}
	p := &lua.FunctionProto{
		SourceName: "test", NumUsedRegisters: 2,
		Code:               []uint32{ABx(lua.OP_GETGLOBAL, 0, 1), ABC(lua.OP_RETURN, 0, 2, 0)},
		Constants:          []lua.LValue{lua.LNil, lua.LString("answer")},
		DbgSourcePositions: []int{1, 1},
	}
	SetStringConstants(p, []string{"", "answer"})
	l := newState(t)
	l.SetGlobal("answer", lua.LNumber(42))
	l.Push(l.NewFunctionFromProto(p))
	l.Call(0, 1)
	if got := l.Get(-1); got != lua.LNumber(42) {
		t.Errorf("a function put together by hand returned %v: the VM writes its code another way now, or reads the names of globals from elsewhere than stringConstants", got)
	}
}

// The walk meets each thing that can be held, once: where it does not, gopher-lua keeps it elsewhere now.
func testWalk(t *testing.T) {
	l := newState(t)
	held := map[string]*lua.LUserData{}
	l.SetGlobal("object", l.NewFunction(func(l *lua.LState) int {
		ud := &lua.LUserData{Value: l.Get(1).String(), Env: l.Env, Metatable: lua.LNil}
		held[l.Get(1).String()] = ud
		l.Push(ud)
		return 1
	}))
	run(t, l, `
		list = {object "item", [1.5] = object "value of a number", name = object "value of a name", [object "key"] = true}
		setmetatable(list, {object "in a metatable"})
		local closed = object "closed upvalue"
		function fn() return closed end
		co = coroutine.create(function() local a, b = object "local", object "open upvalue"; co2 = function() return b end; coroutine.yield() end)
		coroutine.resume(co)
		code = "never met"
	`)
	var met []string
	w := Walk{Object: func(v any) {
		if name, ok := v.(string); ok {
			met = append(met, name)
		}
	}}
	w.Value(l.G.Global)
	w.Run(func() bool { return false })
	for name := range held {
		if n := len(slices.DeleteFunc(slices.Clone(met), func(s string) bool { return s != name })); n != 1 {
			t.Errorf("the walk meets what is %q %d times", name, n)
		}
	}
	if len(held) != 8 {
		t.Errorf("%d objects were made", len(held))
	}
	all := w.Total
	w = Walk{}
	w.Value(l.G.Global)
	w.Run(func() bool { return true })
	if w.Total >= all {
		t.Errorf("a walk that is full at once comes to %d of %d bytes", w.Total, all)
	}
}

// TestChanges tries what an upgrade would be told of.
func TestChanges(t *testing.T) {
	type was struct {
		Idx, Gone int
		Pc        string
		Base      int
	}
	type is struct {
		idx  int
		pc   int
		base int
	}
	got := layout{reflect.TypeFor[was](), reflect.TypeFor[is]()}.changes()
	want := []string{
		"glua.is has no field Gone any more",
		"glua.is.pc is of type int now, and was string",
		"glua.is.base is 16 bytes from the beginning now, and was 32",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if err := Check(); err != nil {
		t.Error(err)
	}
}
