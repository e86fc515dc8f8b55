package interp

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"
)

// Inspection says how values are written down; zero is the default.
type Inspection struct {
	Depth int // of tables in each other; 4
	Items int // of a table; 40
	Width int // of a line, in bytes, up to which a table is written on one; 80
}

// Inspect returns v as Lua would write it: strings quoted, tables with what is in them, their keys in
// order. A table that has itself inside is <table 1> there, 1 being the outermost table around
// it, 2 the next. Other values are as tostring has them, which may wait; functions of modules have their
// arguments.
func (s *State) Inspect(v lua.LValue, how Inspection) string {
	i := inspector{s: s, work: s.Work(), Inspection: Inspection{
		cmp.Or(how.Depth, 4), cmp.Or(how.Items, 40), cmp.Or(how.Width, 80),
	}}
	return i.value(v, 0)
}

type inspector struct {
	s    *State
	work Work
	Inspection
	inside []*lua.LTable
	size   int
}

func (i *inspector) value(v lua.LValue, indent int) string {
	i.work.Spend(20)
	switch v := v.(type) {
	case lua.LString:
		i.spend(len(v))
		return literal(string(v))
	case *lua.LTable:
		if i.s.GetMetaField(v, "__tostring") == lua.LNil {
			return i.table(v, indent)
		}
	case *lua.LFunction:
		if f, ok := i.s.Interp().Manual(v).(*Function); ok {
			return fmt.Sprintf("function %s(%s)", f.Name, f.Args)
		}
	}
	text := i.s.Display(v)
	i.spend(len(text))
	return text
}

// spend counts n bytes of the result: little data may be found by many ways.
func (i *inspector) spend(n int) {
	i.size += n
	i.s.fits(i.size)
	i.work.Spend(n >> 4)
}

func (i *inspector) table(t *lua.LTable, indent int) string {
	if at := slices.Index(i.inside, t); at >= 0 {
		return fmt.Sprintf("<table %d>", at+1)
	}
	if len(i.inside) >= i.Depth {
		return "{...}"
	}
	i.inside = append(i.inside, t)
	items, listed := i.items(t, indent+2)
	i.inside = i.inside[:len(i.inside)-1]
	line := "{" + strings.Join(items, ", ") + "}"
	if indent+len(line) <= i.Width && !strings.Contains(line, "\n") || len(items) == 0 {
		return line
	}
	i.spend(len(line))
	pad := "\n" + strings.Repeat(" ", indent+2)
	return "{" + pad + strings.Join(i.filled(items, listed, indent+2), ","+pad) + "\n" + strings.Repeat(" ", indent) + "}"
}

// filled puts short items in lines, of the first ones, which are a list's.
func (i *inspector) filled(items []string, listed, indent int) (lines []string) {
	room := 0 // in the last line
	for at, item := range items {
		size := len(item) + len(", ")
		short := at < listed && size <= i.Width/4
		if short && size <= room {
			lines[len(lines)-1] += ", " + item
			room -= size
			continue
		}
		lines, room = append(lines, item), 0
		if short {
			room = i.Width - indent - len(item) - len(",")
		}
	}
	return lines
}

// items are what is in a table: a list's values, of which listed are told, then the rest by key.
func (i *inspector) items(t *lua.LTable, indent int) (all []string, listed int) {
	n := 0
	for ; ; n++ {
		v := i.s.element(t, n+1)
		if v == lua.LNil {
			break
		}
		if n < i.Items {
			all = append(all, i.value(v, indent))
		}
		i.work.Spend(1)
	}
	listed = len(all)
	keys := i.keys(t, n)
	for _, k := range keys[:max(min(len(keys), i.Items-n), 0)] {
		name := "[" + i.value(k.v, indent) + "]"
		if s, ok := k.v.(lua.LString); ok && isName(string(s)) && !strings.Contains(keywords, " "+string(s)+" ") {
			name = string(s)
		}
		all = append(all, name+" = "+i.value(t.RawGet(k.v), indent))
	}
	if more := n + len(keys) - i.Items; more > 0 {
		all = append(all, fmt.Sprintf("... (%d more)", more))
	}
	return all, listed
}

// key is one by which a table is put in order: numbers first, then strings, then the rest.
type key struct {
	v    lua.LValue
	kind int
	n    float64
	text string
}

// keys are those of a table but for 1 to n, in order.
func (i *inspector) keys(t *lua.LTable, n int) (all []key) {
	for k, _ := i.s.next(t, lua.LNil); k != lua.LNil; k, _ = i.s.next(t, k) {
		i.work.Spend(10)
		switch v := k.(type) {
		case lua.LNumber:
			if v >= 1 && v <= lua.LNumber(n) && v == lua.LNumber(int(v)) {
				continue
			}
			all = append(all, key{k, 0, float64(v), ""})
		case lua.LString:
			all = append(all, key{k, 1, 0, string(v)})
		default:
			all = append(all, key{k, 2, 0, v.String()})
		}
	}
	slices.SortFunc(all, func(a, b key) int {
		i.work.Spend(5)
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.n, b.n), cmp.Compare(a.text, b.text))
	})
	return all
}

// keywords are no names of fields.
const keywords = " and break do else elseif end false for function goto if in local nil not or repeat return then true until while "

// literal writes a string as Lua reads it, without bytes that would move a terminal's cursor.
func literal(s string) string {
	b := append(make([]byte, 0, len(s)+2), '"')
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case unicode.IsPrint(r) && !(r == utf8.RuneError && n == 1):
			b = append(b, s[:n]...)
		default:
			for _, c := range []byte(s[:n]) {
				b = fmt.Appendf(b, `\%0*d`, width(s[n:]), c)
			}
		}
		s = s[n:]
	}
	return string(append(b, '"'))
}

// width is how many digits an escape needs before rest.
func width(rest string) int {
	if rest != "" && '0' <= rest[0] && rest[0] <= '9' {
		return 3
	}
	return 1
}
