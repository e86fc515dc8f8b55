package interp

import (
	"reflect"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// gopher-lua's words for the two commonest mistakes name its own types. These
// are Lua's.
const (
	notTable    = "attempt to index a non-table object("
	notFunction = "attempt to call a non-function object"
)

// reword puts an error of the VM in Lua's words; called names what was called,
// or is "".
func reword(v lua.LValue, called string) lua.LValue {
	msg, ok := v.(lua.LString)
	if !ok || !strings.Contains(string(msg), "attempt to ") {
		return v
	}
	text := string(msg)
	if before, rest, found := strings.Cut(text, notTable); found {
		typ, key, _ := strings.Cut(rest, ") with key ")
		if key == "" {
			return v
		}
		return lua.LString(before + "attempt to index a " + typ + " value (field " + key + ")")
	}
	if before, found := strings.CutSuffix(text, notFunction); found {
		if called == "" {
			return lua.LString(before + "attempt to call a value that is not a function")
		}
		return lua.LString(before + "attempt to call '" + called + "', which is not a function")
	}
	return v
}

// calledName returns the name of what the running Lua function is calling, as
// it is written there; "" when it has none.
func (s *State) calledName() string {
	d, ok := s.GetStack(0)
	if !ok {
		return ""
	}
	v, err := s.GetInfo("f", d, lua.LNil)
	fn, ok := v.(*lua.LFunction)
	if err != nil || !ok || fn.IsG {
		return ""
	}
	pc := int(reflect.ValueOf(d).Elem().FieldByIndex(debugFrame).Elem().FieldByIndex(framePc).Int())
	for _, call := range fn.Proto.DbgCalls {
		if call.Pc == pc-1 && call.Name != "?" {
			return call.Name
		}
	}
	return ""
}
