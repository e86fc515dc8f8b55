package json

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

func encode(s *interp.State) int {
	if s.GetTop() < 1 {
		s.ArgError(1, "value expected")
	}
	e := encoder{Work: s.Work(), s: s, indent: indentOf(s)}
	e.value(s.Get(1))
	s.Fits(len(e.out))
	return s.ReturnBytes(e.out)
}

// indentOf returns what each level is indented by, from the options; nil is all
// on one line.
func indentOf(s *interp.State) *string {
	o := s.Options(2, "indent")
	text := ""
	switch v := o.Get("indent").(type) {
	case *lua.LNilType:
		return nil
	case lua.LString:
		if text = string(v); len(text) > 100 || strings.Trim(text, " \t") != "" {
			o.Wrong("indent", "0-100, or at most 100 spaces and tabs")
		}
	default:
		text = strings.Repeat(" ", o.Int("indent", 0, 0, 100, "0-100, or at most 100 spaces and tabs"))
	}
	return &text
}

// encoder writes one value. The tables and keys that lead to where it is are
// kept for messages, and to find tables that contain themselves.
type encoder struct {
	interp.Work
	s      *interp.State
	out    []byte
	indent *string
	tables []*lua.LTable
	keys   []key
}

// key is an object's, or an array's index: then that is not 0.
type key struct {
	name  string
	index int
}

// fail raises what is wrong with the value at hand.
func (e *encoder) fail(format string, args ...any) {
	msg := fmt.Sprintf(format, args...)
	if len(e.keys) > 0 {
		msg = pathOf(e.keys) + ": " + msg
	}
	e.s.ArgError(1, "%s", msg)
}

// pathOf spells keys as Lua would: .users[3].name.
func pathOf(keys []key) string {
	var b strings.Builder
	for _, k := range keys {
		switch {
		case k.index != 0:
			fmt.Fprintf(&b, "[%d]", k.index)
		case len(k.name) <= 100 && isName(k.name):
			b.WriteString("." + k.name)
		default:
			fmt.Fprintf(&b, "[%.100q]", k.name)
		}
	}
	return b.String()
}

func isName(s string) bool {
	for i, c := range s {
		if c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

func (e *encoder) value(v lua.LValue) {
	// Tables that are in many places at once can make little data into more than
	// there is memory for.
	e.s.Fits(len(e.out))
	e.Spend(10)
	switch v := v.(type) {
	case *lua.LNilType:
		e.out = append(e.out, "null"...)
	case lua.LBool:
		e.out = strconv.AppendBool(e.out, bool(v))
	case lua.LNumber:
		e.number(float64(v))
	case lua.LString:
		e.string(string(v))
	case *lua.LTable:
		e.table(v)
	default:
		if ud, ok := v.(*lua.LUserData); ok {
			if _, ok := ud.Value.(null); ok {
				e.out = append(e.out, "null"...)
				return
			}
		}
		if text, ok := e.s.Text(v); ok {
			e.string(text)
			return
		}
		name, ok := e.s.GetMetaField(v, "__name").(lua.LString)
		if !ok {
			name = lua.LString(v.Type().String())
		}
		e.fail("values of type %s have no form in JSON", name)
	}
}

// number writes the shortest text that is x again, as JavaScript does: with an
// exponent only when there would be many zeros.
func (e *encoder) number(x float64) {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		e.fail("nan and infinity have no form in JSON")
	}
	if a := math.Abs(x); a == 0 || a >= 1e-6 && a < 1e21 {
		e.out = strconv.AppendFloat(e.out, x, 'f', -1, 64)
		return
	}
	e.out = strconv.AppendFloat(e.out, x, 'e', -1, 64)
	if n := len(e.out); e.out[n-4] == 'e' && e.out[n-2] == '0' { // 1e-07
		e.out = append(e.out[:n-2], e.out[n-1])
	}
}

func (e *encoder) string(s string) {
	e.s.Fits(len(e.out) + len(s))
	e.out = append(e.out, '"')
	start := 0 // of what needs no escape
	for i := 0; i < len(s); {
		if i%16 == 0 {
			e.Spend(3)
		}
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				e.fail("the string is not UTF-8 (byte %#x at position %d); bytes can go as base64 or hex", c, i+1)
			}
			i += n
			continue
		}
		i++
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		e.out = append(append(e.out, s[start:i-1]...), '\\')
		e.Spend(3)
		e.s.Fits(len(e.out) + len(s) - i)
		start = i
		if short := strings.IndexByte("\"\\\b\f\n\r\t", c); short >= 0 {
			e.out = append(e.out, `"\bfnrt`[short])
		} else {
			e.out = append(e.out, 'u', '0', '0', "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		}
	}
	e.out = append(append(e.out, s[start:]...), '"')
}

func (e *encoder) table(t *lua.LTable) {
	if i := slices.Index(e.tables, t); i >= 0 {
		what := "the whole"
		if i > 0 {
			what = pathOf(e.keys[:i])
		}
		e.fail("the table contains itself: it is the same as %s", what)
	}
	if len(e.tables) == maxDepth {
		// The path to it would be as long; where it begins is enough.
		e.s.ArgError(1, "nested more than %d tables deep, at %s...", maxDepth, pathOf(e.keys[:10]))
	}
	e.tables = append(e.tables, t)
	length, names := e.keysOf(t)
	if length > 0 || isMarked(t) {
		e.list('[', ']', length, func(i int) {
			e.element(key{index: i + 1}, t.RawGetInt(i+1))
		})
	} else {
		e.list('{', '}', len(names), func(i int) {
			e.keys = append(e.keys, key{name: names[i]})
			e.string(names[i])
			e.keys = e.keys[:len(e.keys)-1]
			e.out = append(e.out, ':')
			if e.indent != nil {
				e.out = append(e.out, ' ')
			}
			e.element(key{name: names[i]}, t.RawGetString(names[i]))
		})
	}
	e.tables = e.tables[:len(e.tables)-1]
}

func (e *encoder) element(k key, v lua.LValue) {
	e.keys = append(e.keys, k)
	e.value(v)
	e.keys = e.keys[:len(e.keys)-1]
}

// keysOf returns an array's length, or an object's sorted names.
func (e *encoder) keysOf(t *lua.LTable) (length int, names []string) {
	top, isArray := 0.0, isMarked(t)
	t.ForEach(func(k, _ lua.LValue) {
		e.Spend(5)
		switch k := k.(type) {
		case lua.LString:
			names = append(names, string(k))
			return
		case lua.LNumber:
			if x := float64(k); x >= 1 && x == math.Trunc(x) {
				length++
				top = max(top, x)
				return
			}
		}
		e.fail("the key %v has no form in JSON: keys are strings, or 1 to n", k)
	})
	switch {
	case len(names) > 0 && (length > 0 || isArray):
		e.fail("the array has the key %.100q, too: keys are strings, or 1 to n", slices.Min(names))
	case top != float64(length):
		i := 1
		for t.RawGetInt(i) != lua.LNil {
			e.Spend(1)
			i++
		}
		e.fail("the array has a gap: [%d] is nil, but there is [%v]; json.null can fill it, tostring makes names of numbers", i, lua.LNumber(top))
	}
	slices.SortFunc(names, func(a, b string) int {
		e.Spend(2)
		return strings.Compare(a, b)
	})
	return length, names
}

// list writes n elements between two brackets.
func (e *encoder) list(open, close byte, n int, element func(i int)) {
	e.out = append(e.out, open)
	for i := range n {
		if i > 0 {
			e.out = append(e.out, ',')
		}
		e.newline(len(e.tables))
		element(i)
	}
	if n > 0 {
		e.newline(len(e.tables) - 1)
	}
	e.out = append(e.out, close)
}

func (e *encoder) newline(level int) {
	if e.indent == nil {
		return
	}
	e.out = append(e.out, '\n')
	for range level {
		e.Spend(1)
		e.out = append(e.out, *e.indent...)
	}
}
