// Package glua is what we know of gopher-lua's insides: the fields that it keeps to itself,
// how they lie in memory, how its VM's code is written, and the words in which it says what
// is wrong. Nothing else in wirelua knows of these.
//
// What is read is read only, but for Calls and Leave, and but for the stacks that it makes, by who has the turn of the interpreter that it belongs to. Check
// says in words what has changed when gopher-lua is another than it is known.
package glua

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// Check returns what is other about gopher-lua's insides than is known here, so that
// nothing of this package may be used; nil if all is as it was. Any goroutine may call it.
var Check = sync.OnceValue(func() error {
	all := changes()
	if len(all) == 0 {
		return nil
	}
	return errors.New("interp: this version of gopher-lua is not the one that its insides are known of: " + strings.Join(all, "; "))
})

// layout is a struct of gopher-lua's, and what we take it for: each of our fields has one of
// the same name, but for the first letter's case, at the same place.
type layout struct{ ours, theirs reflect.Type }

var (
	debugFrame = fieldOf(reflect.TypeFor[lua.Debug](), "frame")
	stateFrame = fieldOf(reflect.TypeFor[lua.LState](), "currentFrame")
	stateAlloc = fieldOf(reflect.TypeFor[lua.LState](), "alloc")
	stateLoop  = fieldOf(reflect.TypeFor[lua.LState](), "mainLoop")
	stateReg   = fieldOf(reflect.TypeFor[lua.LState](), "reg")
	stateStack = fieldOf(reflect.TypeFor[lua.LState](), "stack")

	globalMetatables = fieldOf(reflect.TypeFor[lua.Global](), "builtinMts")
	stringsOf        = fieldOf(reflect.TypeFor[lua.FunctionProto](), "stringConstants")
)

// fieldOf returns the zero StructField where there is none of that name; changes tells.
func fieldOf(t reflect.Type, name string) reflect.StructField {
	f, _ := t.FieldByName(name)
	return f
}

// changes are in words what has changed.
func changes() (all []string) {
	for _, f := range []struct {
		of    reflect.Type
		name  string
		field reflect.StructField
		want  string
	}{
		{reflect.TypeFor[lua.Debug](), "frame", debugFrame, "*lua.callFrame"},
		{reflect.TypeFor[lua.LState](), "currentFrame", stateFrame, "*lua.callFrame"},
		{reflect.TypeFor[lua.LState](), "alloc", stateAlloc, "*lua.allocator"},
		{reflect.TypeFor[lua.LState](), "mainLoop", stateLoop, "func(*lua.LState, *lua.callFrame)"},
		{reflect.TypeFor[lua.LState](), "reg", stateReg, "*lua.registry"},
		{reflect.TypeFor[lua.LState](), "stack", stateStack, "lua.callFrameStack"},
		{reflect.TypeFor[lua.Global](), "builtinMts", globalMetatables, "map[int]lua.LValue"},
		{reflect.TypeFor[lua.FunctionProto](), "stringConstants", stringsOf, "[]string"},
	} {
		switch {
		case f.field.Type == nil:
			all = append(all, fmt.Sprintf("%v has no field %s any more", f.of, f.name))
		case f.field.Type.String() != f.want:
			all = append(all, fmt.Sprintf("%v.%s is of type %v now, and was %s", f.of, f.name, f.field.Type, f.want))
		}
	}
	if len(all) > 0 { // the layouts are found by these
		return all
	}
	calls := reflect.ValueOf(pattern()).Elem().FieldByName("stack").Elem().Type().Elem()
	for _, l := range []layout{
		{reflect.TypeFor[Frame](), stateFrame.Type.Elem()},
		{reflect.TypeFor[registry](), stateReg.Type.Elem()},
		{reflect.TypeFor[allocator](), stateAlloc.Type.Elem()},
		{reflect.TypeFor[callStack](), calls},
		{reflect.TypeFor[segment](), calls.Field(0).Type.Elem().Elem()},
		{reflect.TypeFor[Table](), reflect.TypeFor[lua.LTable]()},
		{reflect.TypeFor[upvalue](), reflect.TypeFor[lua.Upvalue]()},
	} {
		all = append(all, l.changes()...)
	}
	return all
}

// changes are in words what has changed about one struct.
func (l layout) changes() (all []string) {
	for i := range l.ours.NumField() {
		ours := l.ours.Field(i)
		theirs, ok := l.like(ours.Name, i)
		switch {
		case !ok:
			all = append(all, fmt.Sprintf("%v has no field %s any more", l.theirs, ours.Name))
		case theirs.Type.Kind() != ours.Type.Kind() || theirs.Type.Size() != ours.Type.Size():
			all = append(all, fmt.Sprintf("%v.%s is of type %v now, and was %v", l.theirs, theirs.Name, theirs.Type, ours.Type))
		case theirs.Offset != ours.Offset:
			all = append(all, fmt.Sprintf("%v.%s is %d bytes from the beginning now, and was %d", l.theirs, theirs.Name, theirs.Offset, ours.Offset))
		}
	}
	return all
}

// like returns their field of a name of ours, which is the ith most likely.
func (l layout) like(name string, i int) (f reflect.StructField, ok bool) {
	if i < l.theirs.NumField() {
		if f = l.theirs.Field(i); strings.EqualFold(f.Name, name) {
			return f, true
		}
	}
	return l.theirs.FieldByNameFunc(func(theirs string) bool { return strings.EqualFold(theirs, name) })
}

// at returns the field of the struct at p.
func at[T any](p unsafe.Pointer, field *reflect.StructField) *T {
	return (*T)(unsafe.Add(p, field.Offset))
}
