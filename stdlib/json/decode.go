package json

import (
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

func decode(s *interp.State) int {
	text := s.Str(1)
	if at := invalidUTF8(text); at >= 0 {
		failAt(s, text, at, "byte %#x is not UTF-8", text[at])
	}
	if strings.HasPrefix(text, "\ufeff") {
		failAt(s, text, 0, "a byte order mark (BOM), which JSON must not begin with")
	}
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		explain(s, text, err)
	}
	d := decoder{s: s, null: nullOf(s.Interp()), array: arrayMark(s)}
	return s.Return(d.value(v, 0))
}

// invalidUTF8 returns where text is not UTF-8, or -1. encoding/json would put
// U+FFFD there without a word.
func invalidUTF8(text string) int {
	if utf8.ValidString(text) {
		return -1
	}
	for i, r := range text {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(text[i:]); n == 1 {
				return i
			}
		}
	}
	return -1
}

// explain raises what encoding/json found wrong with text.
func explain(s *interp.State, text string, err error) {
	var syntax *json.SyntaxError
	var number *json.UnmarshalTypeError // the only way to not fit into any Go value
	switch {
	case errors.As(err, &number):
		at := min(int(number.Offset)-1, len(text)) // its end
		for at > 0 && strings.IndexByte("0123456789.eE+-", text[at-1]) >= 0 {
			at--
		}
		failAt(s, text, at, "%s is too large", number.Value)
	case errors.As(err, &syntax) && !atEnd(text, syntax):
		failAt(s, text, int(syntax.Offset)-1, "%v", err)
	}
	failAt(s, text, len(text), "unexpected end of JSON input")
}

// atEnd reports whether the text is wrong in that it ends. Inside a word or a
// number encoding/json calls that a space after the last character.
func atEnd(text string, err *json.SyntaxError) bool {
	at := int(err.Offset)
	return strings.HasPrefix(err.Error(), "unexpected end") ||
		at == len(text) && strings.HasPrefix(err.Error(), "invalid character ' '") && !strings.HasSuffix(text, " ")
}

// failAt raises a message about text[at].
func failAt(s *interp.State, text string, at int, format string, args ...any) {
	before := text[:min(at, len(text))]
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	s.RaiseError("invalid JSON at line %d, column %d: "+format, append([]any{line, column}, args...)...)
}

type decoder struct {
	s     *interp.State
	null  lua.LValue
	array *lua.LTable
}

// value turns what encoding/json makes of a text into Lua's values.
func (d *decoder) value(v any, depth int) lua.LValue {
	if depth > maxDepth {
		d.s.RaiseError("invalid JSON: nested more than %d deep", maxDepth)
	}
	switch v := v.(type) {
	case bool:
		return lua.LBool(v)
	case float64:
		return lua.LNumber(v)
	case string:
		return lua.LString(v)
	case []any:
		t := d.s.CreateTable(len(v), 0)
		for _, e := range v {
			t.Append(d.value(e, depth+1))
		}
		t.Metatable = d.array
		return t
	case map[string]any:
		t := d.s.CreateTable(0, len(v))
		for k, e := range v {
			t.RawSetString(k, d.value(e, depth+1))
		}
		return t
	}
	return d.null
}
