package json

import (
	"strconv"
	"strings"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

func decode(s *interp.State) int {
	d := decoder{Work: s.Work(), s: s, text: s.Str(1), null: nullOf(s.Interp()), array: arrayMark(s)}
	if strings.HasPrefix(d.text, "\ufeff") {
		d.fail(0, "a byte order mark (BOM), which JSON must not begin with")
	}
	v := d.value(0)
	if d.space(); d.at < len(d.text) {
		d.unexpected("after top-level value")
	}
	return s.Return(v)
}

// decoder reads a text from the front, value by value, and spends as it goes: encoding/json
// cannot be stopped on its way, and makes everything twice. What is wrong it says in the same words.
type decoder struct {
	interp.Work
	s     *interp.State
	text  string
	at    int
	null  lua.LValue
	array *lua.LTable
}

// fail raises a message about text[at].
func (d *decoder) fail(at int, format string, args ...any) {
	before := d.text[:min(at, len(d.text))]
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	d.s.RaiseError("invalid JSON at line %d, column %d: "+format, append([]any{line, column}, args...)...)
}

// unexpected raises that the character at hand cannot be where it is.
func (d *decoder) unexpected(where string) {
	if d.at >= len(d.text) {
		d.fail(len(d.text), "unexpected end of JSON input")
	}
	r, n := utf8.DecodeRuneInString(d.text[d.at:])
	if r == utf8.RuneError && n == 1 {
		d.fail(d.at, "byte %#x is not UTF-8", d.text[d.at])
	}
	d.fail(d.at, "invalid character %s %s", strconv.QuoteRune(r), where)
}

// peek returns the byte at hand, 0 at the end.
func (d *decoder) peek() byte {
	if d.at < len(d.text) {
		return d.text[d.at]
	}
	return 0
}

// space goes over white space, and returns what follows.
func (d *decoder) space() byte {
	for {
		switch c := d.peek(); c {
		case ' ', '\t', '\r', '\n':
			d.at++
			d.Spend(1)
		default:
			return c
		}
	}
}

// value reads a value, and the white space before it.
func (d *decoder) value(depth int) lua.LValue {
	if depth > maxDepth {
		d.s.RaiseError("invalid JSON: nested more than %d deep", maxDepth)
	}
	d.Spend(5)
	switch c := d.space(); {
	case c == '{':
		return d.object(depth)
	case c == '[':
		return d.list(depth)
	case c == '"':
		return lua.LString(d.string())
	case c == '-' || '0' <= c && c <= '9':
		return d.number()
	case c == 't':
		return d.literal("true", lua.LTrue)
	case c == 'f':
		return d.literal("false", lua.LFalse)
	case c == 'n':
		return d.literal("null", d.null)
	}
	d.unexpected("looking for beginning of value")
	return nil
}

func (d *decoder) literal(word string, v lua.LValue) lua.LValue {
	for i := range len(word) {
		if d.peek() != word[i] {
			d.unexpected("in literal " + word + " (expecting " + strconv.QuoteRune(rune(word[i])) + ")")
		}
		d.at++
	}
	return v
}

func (d *decoder) list(depth int) lua.LValue {
	t := d.s.NewTable()
	t.Metatable = d.array
	d.at++
	if d.space() == ']' {
		d.at++
		return t
	}
	for {
		t.Append(d.value(depth + 1))
		switch d.space() {
		case ',':
			d.at++
		case ']':
			d.at++
			return t
		default:
			d.unexpected("after array element")
		}
	}
}

func (d *decoder) object(depth int) lua.LValue {
	t := d.s.NewTable()
	d.at++
	if d.space() == '}' {
		d.at++
		return t
	}
	for {
		if d.space() != '"' {
			d.unexpected("looking for beginning of object key string")
		}
		key := d.string()
		if d.space() != ':' {
			d.unexpected("after object key")
		}
		d.at++
		t.RawSetString(key, d.value(depth+1))
		switch d.space() {
		case ',':
			d.at++
		case '}':
			d.at++
			return t
		default:
			d.unexpected("after object key:value pair")
		}
	}
}

// maxNumber is how many characters a number may have: strconv cannot be stopped.
const maxNumber = 1 << 16

func (d *decoder) number() lua.LValue {
	start := d.at
	if d.peek() == '-' {
		d.at++
	}
	if d.peek() == '0' {
		d.at++
	} else {
		d.digits("in numeric literal")
	}
	if d.peek() == '.' {
		d.at++
		d.digits("after decimal point in numeric literal")
	}
	if d.peek()|0x20 == 'e' {
		if d.at++; d.peek() == '+' || d.peek() == '-' {
			d.at++
		}
		d.digits("in exponent of numeric literal")
	}
	text := d.text[start:d.at]
	if len(text) > maxNumber {
		d.fail(start, "a number of %d characters; at most %d", len(text), maxNumber)
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		d.fail(start, "number %s is too large", text)
	}
	return lua.LNumber(x)
}

// digits goes over at least one.
func (d *decoder) digits(where string) {
	start := d.at
	for c := d.peek(); '0' <= c && c <= '9'; c = d.peek() {
		d.at++
		d.Spend(1)
	}
	if d.at == start {
		d.unexpected(where)
	}
}
