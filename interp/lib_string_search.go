package interp

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/number"
	"wirelua/interp/internal/pattern"
)

// matching is a State seen as the pattern.Caller that it is.
type matching State

// Look ends the matching when the run was stopped.
func (m *matching) Look() {
	work := (*State)(m).Work()
	work.check()
}

func (m *matching) Fail(message string) { (*State)(m).RaiseError("%s", message) }

// captured returns capture i, counted from 0, of the match from start to end: a position,
// or a part of the subject.
func captured(m *pattern.Matcher, i, start, end int) lua.LValue {
	from, to := m.Capture(i, start, end)
	if to < 0 {
		return integer(from + 1)
	}
	return Piece(m.Subject(), from, to)
}

// pushCaptures pushes the captures of the match from start to end, or all of it when
// there are none, and returns their number.
func (s *State) pushCaptures(m *pattern.Matcher, start, end int) int {
	n := max(m.Captures(), 1)
	for i := range n {
		s.Push(captured(m, i, start, end))
	}
	return n
}

// find(s, pattern[, init[, plain]]) returns where the first match at init or
// behind it begins and ends, and its captures; nil when there is none.
func stringFind(s *State) int {
	src, pat := s.Str(1), s.Str(2)
	at := s.startAt(3, src)
	if lua.LVAsBool(s.Get(4)) || pattern.IsPlain((*matching)(s), pat) {
		i := pattern.Index((*matching)(s), src[at:], pat)
		if i < 0 {
			return s.Return(lua.LNil)
		}
		return s.Return(integer(at+i+1), integer(at+i+len(pat)))
	}
	var m pattern.Matcher
	m.Init((*matching)(s), src, pat, true)
	start, end := m.Find(at)
	if end < 0 {
		return s.Return(lua.LNil)
	}
	s.Push(integer(start + 1))
	s.Push(integer(end))
	if m.Captures() == 0 {
		return 2
	}
	return 2 + s.pushCaptures(&m, start, end)
}

// match(s, pattern[, init]) returns the captures of the first match, or all of it
// when there are none; nil when there is no match.
func stringMatch(s *State) int {
	src, pat := s.Str(1), s.Str(2)
	var m pattern.Matcher
	m.Init((*matching)(s), src, pat, true)
	start, end := m.Find(s.startAt(3, src))
	if end < 0 {
		return s.Return(lua.LNil)
	}
	return s.pushCaptures(&m, start, end)
}

// gmatch(s, pattern) returns an iterator over the captures of all matches. '^'
// has no meaning in it: there would be one match at most.
func stringGmatch(s *State) int {
	m, at := &pattern.Matcher{}, 0
	m.Init((*matching)(s), s.Str(1), s.Str(2), false)
	return s.Return(s.NewFunction("gmatch", func(s *State) int {
		if at > len(m.Subject()) {
			return s.Return(lua.LNil)
		}
		m.Call((*matching)(s)) // whoever calls; an error may have ended the last call
		start, end := m.Find(at)
		if end < 0 {
			at = len(m.Subject()) + 1
			return s.Return(lua.LNil)
		}
		if at = end; end == start {
			at++
		}
		return s.pushCaptures(m, start, end)
	}, s.Get(1), s.Get(2)))
}

// gsub(s, pattern, replacement[, max]) returns s with its first max matches
// replaced, and their number. The replacement is a string, in which %1 is the
// first capture and %0 all of the match; a table, asked for the first capture;
// or a function of the captures, which may wait. nil and false from these keep
// what is there.
func stringGsub(s *State) int {
	src := s.Str(1)
	g := gsub{s: s, work: s.Work(), src: src, repl: s.Get(3)}
	g.Init((*matching)(s), src, s.Str(2), true)
	switch r := g.repl.(type) {
	case lua.LString, *lua.LTable, *lua.LFunction:
	case lua.LNumber:
		g.repl = lua.LString(number.String(float64(r)))
	case *lua.LUserData:
		g.repl = lua.LString(s.Str(3))
	default:
		s.ArgError(3, "string/function/table expected, got %s", s.typeName(3))
	}
	n := g.run(s.optWhole(4, len(src)+1))
	if g.copied == 0 && g.out.Len() == 0 {
		return s.Return(lua.LString(src), integer(n))
	}
	g.write(src[g.copied:])
	return s.Return(lua.LString(g.out.String()), integer(n))
}

type gsub struct {
	pattern.Matcher
	s      *State
	work   Work
	src    string
	repl   lua.LValue
	out    strings.Builder
	copied int // how much of the subject out stands for
}

// run replaces at most max matches, and returns how many it found.
func (g *gsub) run(max int) (n int) {
	for at := 0; n < max && at <= len(g.src); {
		start, end := g.Find(at)
		if end < 0 {
			break
		}
		n++
		g.replace(start, end)
		if at = end; end == start {
			at++
		}
		if g.Anchored() {
			break
		}
	}
	return n
}

// replace writes what comes in place of the match from start to end.
func (g *gsub) replace(start, end int) {
	var v lua.LValue
	switch r := g.repl.(type) {
	case lua.LString:
		g.write(g.src[g.copied:start])
		g.copied = end
		g.expand(string(r), start, end)
		return
	case *lua.LTable:
		v = g.s.l.GetTable(r, captured(&g.Matcher, 0, start, end))
	case *lua.LFunction:
		g.s.Push(r)
		g.s.Call(g.s.pushCaptures(&g.Matcher, start, end), 1)
		v = g.s.Get(-1)
		g.s.Pop(1)
	}
	text, ok := textual(v)
	if !ok {
		if lua.LVAsBool(v) {
			g.s.RaiseError("invalid replacement value (a %s)", v.Type())
		}
		return
	}
	g.write(g.src[g.copied:start])
	g.copied = end
	g.write(text)
}

// expand writes a replacement string, its %0 to %9 replaced. Other characters
// may be escaped with '%' whether that is needed or not.
func (g *gsub) expand(repl string, start, end int) {
	for {
		g.work.Spend(2)
		i := strings.IndexByte(repl, '%')
		if i < 0 {
			g.write(repl)
			return
		}
		g.write(repl[:i])
		if i+1 == len(repl) {
			g.s.RaiseError("invalid use of '%%' in replacement string")
		}
		switch c := repl[i+1]; {
		case c == '0':
			g.write(g.src[start:end])
		case '1' <= c && c <= '9':
			v := captured(&g.Matcher, int(c-'1'), start, end)
			g.write(v.String())
		default:
			g.write(repl[i+1 : i+2])
		}
		repl = repl[i+2:]
	}
}

func (g *gsub) write(text string) {
	g.s.fits(g.out.Len() + len(text))
	g.work.Spend(len(text) >> 6)
	g.out.WriteString(text)
}
