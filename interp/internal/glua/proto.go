// Package glua is what we know of gopher-lua's insides: what its VM takes and has no
// public way for. Each file has a test that says in words what has changed when a new
// version of gopher-lua breaks it.
package glua

import (
	"reflect"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// stringConstants is the one field of a FunctionProto that gopher-lua does not export:
// the constants that are strings, once more, as Go has them, at the same places. The
// VM's instructions for globals and for fields with a constant name read them there.
var stringConstants, hasStringConstants = reflect.TypeFor[lua.FunctionProto]().FieldByName("stringConstants")

// SetStringConstants gives p its constants that are strings: one for each of
// p.Constants, "" for those that are none. Nobody may run p yet.
func SetStringConstants(p *lua.FunctionProto, s []string) {
	*(*[]string)(unsafe.Add(unsafe.Pointer(p), stringConstants.Offset)) = s
}
