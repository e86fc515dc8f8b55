// Package json holds the module json.
package json

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// Module is the module json: values as JSON text, and back.
//
//	local text = json.encode({name = "x", ports = {80, 443}})   -- {"name":"x","ports":[80,443]}
//	local value = json.decode('{"a": [1, null]}')               -- {a = {1, json.null}}
//	print(json.encode(value, {indent = 2}))
//
// Tables with the keys 1 to n are arrays, those with strings for keys objects,
// whose keys are written in order. An empty table is an object; json.array({})
// is an empty array, and stays an array whatever is put into it. All arrays that
// decode makes are such. (The mark is a metatable with __jsontype = "array",
// which may also be a field of a metatable of your own.)
//
// encode refuses, naming the path to it, what JSON has no form for: functions,
// objects such as sockets, nan and infinity, other keys, arrays with gaps,
// tables that contain themselves, and strings that are not UTF-8. Bytes go into
// JSON as base64.encode(bytes) or hex.encode(bytes). encode(nil) is null.
//
// decode says at which line and column a text is wrong. JSON's null becomes
// json.null, a value that is true in conditions: compare with it. Of a key that
// is there twice the last value counts. Numbers become Lua numbers; integers
// beyond 2^53 are rounded to the nearest, as JavaScript does. An escape such as
// \ud800 that is half a character becomes U+FFFD.
var Module = &interp.Module{
	Name: "json",
	Doc:  "Values as JSON text, and back.",
	Foreign: map[string]string{
		"cjson":      "cjson is lua-cjson's; here: json",
		"cjson.safe": "cjson.safe is lua-cjson's; here: json, and pcall",
		"dkjson":     "dkjson is another library's; here: json",
	},
	Funcs: []interp.Function{
		{Name: "array", Args: "[t]", Doc: "returns table t, or a new one, marked to be written as an array even when empty", Manual: `
		t table?: a list
		-> table: t, or the new one
		> print(json.encode({list = json.array()})) --> {"list":[]}
		`, Fn: array},
		{Name: "decode", Args: "s", Doc: "returns the value that s, a JSON text, says; null is json.null", Manual: `
		s string: JSON
		-> any: tables, strings, numbers, booleans, json.null
		> local v = json.decode('{"port": 80, "names": ["a", "b"]}')
		> print(v.port, v.names[2]) --> 80	b
		`, Fn: decode},
		{Name: "encode", Args: "v[, {indent=}]", Doc: "returns v as JSON text, on several lines when indent is a number of spaces or a string", Manual: `
		Tables with keys 1 to n are arrays, others objects; an empty one is an object, but see json.array.
		v any: without cycles, and without functions or objects in it
		options.indent integer|string?: spaces for each level, or what stands for them
		-> string: JSON
		> print(json.encode({1, 2, {a = true}})) --> [1,2,{"a":true}]
		`, Fn: encode},
	},
	Types: []*interp.Type{nullType},
	Groups: []interp.Group{{Doc: "A value:", Fields: []interp.Field{
		{Name: "null", Type: "json.null", Doc: "JSON's null, in tables, which cannot hold nil; decode gives it, too"},
	}}},
	Open: func(in *interp.Engine, table *lua.LTable) {
		table.RawSetString("null", nullOf(in))
	},
}

// maxDepth is how deep tables and texts may nest. Both recurse on the Go stack.
const maxDepth = 1000

// null is what json.null holds.
type null struct{}

var nullType = &interp.Type{
	Name:   "json.null",
	Doc:    "JSON's null, which a table can hold",
	String: func(any) string { return "null" },
	Strict: true,
}

type (
	nullKey  struct{}
	arrayKey struct{}
)

// nullOf returns the interpreter's json.null.
func nullOf(in *interp.Engine) *lua.LUserData {
	return in.Local(nullKey{}, func() any { return in.NewObject(nullType, null{}) }).(*lua.LUserData)
}

// mark is the field of a metatable that makes a table an array.
const mark = "__jsontype"

// arrayMark returns the metatable that marks arrays.
func arrayMark(s *interp.State) *lua.LTable {
	return s.Interp().Local(arrayKey{}, func() any {
		t := s.NewTable()
		t.RawSetString(mark, lua.LString("array"))
		return t
	}).(*lua.LTable)
}

func isMarked(t *lua.LTable) bool {
	mt, ok := t.Metatable.(*lua.LTable)
	return ok && mt.RawGetString(mark) == lua.LString("array")
}

func array(s *interp.State) int {
	t := s.OptTable(1)
	if !isMarked(t) {
		if t.Metatable != lua.LNil {
			s.ArgError(1, "the table has a metatable, in which %s = 'array' would do the same", mark)
		}
		t.Metatable = arrayMark(s)
	}
	return s.Return(t)
}
