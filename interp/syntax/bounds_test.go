package syntax

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
)

// nested returns n times open, then middle, then n times end.
func nested(open, middle, end string, n int) string {
	return strings.Repeat(open, n) + middle + strings.Repeat(end, n)
}

// What lies deep in itself is refused in words, and what is some thousands deep is not.
func TestDepth(t *testing.T) {
	for _, c := range []struct{ before, open, middle, end, after string }{
		{"x = ", "(", "1", ")", ""},
		{"x = ", "{", "", "}", ""},
		{"x = ", "{x={", "", "}}", ""},
		{"x = ", "a[", "1", "]", ""},
		{"", "f(", "", ")", ""},
		{"x = ", "- ", "1", "", ""},
		{"x = ", "not ", "1", "", ""},
		{"x = ", "2^-", "1", "", ""},
		{"x = ", "2^", "1", "", ""},
		{"x = ", "1+(", "1", ")", ""},
		{"x = ", "function() return ", "1", " end", ""},
		{"", "do ", "", " end", ""},
		{"", "if x then ", "", " end", ""},
		{"", "if x then else ", "", " end", ""},
		{"", "while x do ", "", " end", ""},
		{"", "repeat ", "", " until x", ""},
		{"", "for x in y do ", "", " end", ""},
		{"", "for x = 1, 2 do ", "", " end", ""},
		{"", "local function f() ", "", " end", ""},
		{"", "function f() ", "", " end", ""},
		{"", "f(function() ", "", " end)", ""},
		{"x = ", "a or b and c < d .. e + f * -(", "1", ")", ""},
	} {
		source := func(n int) string { return c.before + nested(c.open, c.middle, c.end, n) + c.after }
		chunk, err := Parse("t", source(MaxDepth/4))
		if err != nil {
			t.Errorf("%q: %v", c.open, err)
			continue
		}
		walkAll(chunk)
		_, err = Parse("t", source(MaxDepth+10))
		if err == nil || err.Error() != "t:1: chunk has too many syntax levels" {
			t.Errorf("%q: %v", c.open, err)
		}
		if _, err := Parse("t", source(300_000)[:300_000]); err == nil {
			t.Errorf("%q: no error without an end", c.open)
		}
	}
}

// walkAll looks at every place of a tree.
func walkAll(n Node) (nodes int) {
	Walk(n, func(n Node) bool {
		if n != nil {
			nodes++
			_, _ = n.Pos(), n.End()
		}
		return true
	})
	return nodes
}

// Chains are as long as the source, and take no stack.
func TestChains(t *testing.T) {
	const n = 50_000
	for _, c := range []struct{ before, link, after string }{
		{"x = 1", "+1", ""},
		{"x = 1", "*1-1", ""},
		{"x = a", "..a", ""},
		{"x = a", " ..a+1", ""},
		{"x = a", "..-a", ""},
		{"x = a", " and b", ""},
		{"x = a", " or b and c", ""},
		{"x = a", "==b", ""},
		{"x = a", ".b", ""},
		{"x = a", "[b]", ""},
		{"f()", "()", ""},
		{"f()", ":f()", ""},
		{"f()", "{}", ""},
		{"f()", "''", ""},
		{"function a", ".b", "() end"},
		{"if a then", " elseif b then", " end"},
		{"x = {1", ",1", "}"},
		{"f(1", ",1", ")"},
		{"local a", ",a", ""},
		{"a", ",a", " = 1"},
		{"", "f();", ""},
		{"", "local x;", ""},
		{"", "--\n", ""},
		{"", "--[[]]", ""},
		{"x = '", "\\n", "'"},
		{"x = [[", "] ", "]]"},
		{"x = [==[", "]=", "]==]"},
	} {
		chunk, err := Parse("t", c.before+strings.Repeat(c.link, n)+c.after)
		if err != nil {
			t.Errorf("%q: %v", c.link, err)
		} else if strings.Contains("'[-", c.link[:1]) || c.link[0] == '\\' {
			continue // no nodes
		} else if nodes := walkAll(chunk); nodes < n && c.link[0] != ']' {
			t.Errorf("%q: only %d nodes", c.link, nodes)
		}
	}
}

// Whoever waits can have the parser give up.
func TestStop(t *testing.T) {
	for _, source := range []string{strings.Repeat("f(x) ", 100_000), strings.Repeat("--\n", 500_000)} {
		calls := 0
		chunk, err := Parse("t", source, Stop(func() bool { calls++; return calls == 3 }))
		if chunk != nil || err != ErrStopped || calls != 3 {
			t.Errorf("%q: %v after %d calls", source[:5], err, calls)
		}
		chunk, err = Parse("t", source, Stop(func() bool { calls++; return false }))
		if chunk == nil || err != nil || calls < 50 {
			t.Errorf("%q: %v after %d calls", source[:5], err, calls)
		}
	}
}

func TestSkipComments(t *testing.T) {
	chunk, err := Parse("t", "f() -- a\n--[[ b ]] g()", SkipComments())
	if err != nil || len(chunk.Comments) > 0 || sexpr(chunk) != "(call f) (call g)" {
		t.Errorf("%v %v", chunk, err)
	}
}

// The error says what lacks its end, and whether more lines could help.
func TestErrorData(t *testing.T) {
	for _, c := range []struct {
		source     string
		pos, end   int32  // offsets
		opening    string // what is at the opening place
		incomplete bool
	}{
		{"f()\nwhile x do", 14, 14, "while", true},
		{"if x then\nif y then end", 23, 23, "if x", true},
		{"do\nlocal function f(\n)", 22, 22, "function", true},
		{"x = function()", 14, 14, "function", true},
		{"function f() ]", 13, 14, "", false},
		{"function f()\nuntil", 13, 18, "function", false},
		{"f(\n1", 4, 4, "(\n", true},
		{"x = {\n1, 2]", 10, 11, "{", false},
		{"x = ((1)", 8, 8, "((1", true},
		{"repeat\nend", 7, 10, "repeat", false},
		{"x = [[\na", 8, 8, "[[", true},
		{"--[==[\na]]", 10, 10, "--[==[", true},
		{"x = 'a", 6, 6, "'a", false},
		{"x = 'a\nb", 4, 6, "'a", false},
		{"x = 'a\\\nb\n", 4, 9, "'a", false},
		{"x = 'a\\", 7, 7, "'a", true},
		{"x = 'a\\\n", 8, 8, "'a", true},
		{"x = 'a\\z", 8, 8, "'a", true},
		{"x = 'a\\z \n ", 11, 11, "'a", true},
		{"x =", 3, 3, "", true},
		{"x", 1, 1, "", true},
		{"local", 5, 5, "", true},
		{"f(1,", 4, 4, "", true},
		{"break", 5, 5, "", false},
		{"x = )", 4, 5, "", false},
		{"x = 3..2", 4, 8, "", false},
		{"x = '\\300'", 4, 9, "", false},
		{"x = y end", 6, 9, "", false},
		{"x = $", 4, 5, "", false},
		{"local [[a\nb]]", 6, 13, "", false},
	} {
		_, err := Parse("t", c.source)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%q: %v", c.source, err)
			continue
		}
		if e.Pos.Offset != c.pos || e.End.Offset != c.end {
			t.Errorf("%q: %v at %d to %d", c.source, e, e.Pos.Offset, e.End.Offset)
		}
		if e.Opening.IsValid() != (c.opening != "") || !strings.HasPrefix(c.source[e.Opening.Offset:], c.opening) {
			t.Errorf("%q: %v opens at %v", c.source, e, e.Opening)
		}
		if e.Incomplete != c.incomplete || errors.Is(err, io.ErrUnexpectedEOF) != c.incomplete {
			t.Errorf("%q: %v: incomplete is %v", c.source, e, e.Incomplete)
		}
		if e.Incomplete && e.Near != "<eof>" {
			t.Errorf("%q: %v is incomplete", c.source, e)
		}
	}
}

// What an error repeats of a source is bounded, and whole characters.
func TestErrorSize(t *testing.T) {
	for _, source := range []string{
		"local '" + strings.Repeat("\u00e9", 1<<20) + "'", "x " + strings.Repeat("a", 1<<20),
		"x = '" + strings.Repeat("\u20ac", 1<<20) + "\n", "x = 1" + strings.Repeat("a", 1<<20), "x = [" + strings.Repeat("=", 1<<20),
	} {
		_, err := Parse("t", source)
		if err == nil || len(err.Error()) > 1100 || strings.ToValidUTF8(err.Error(), "") != err.Error() {
			t.Errorf("%.20q: %.100v", source, err)
		}
	}
}

// A tree takes memory in proportion to its source, whatever is in it.
func TestMemory(t *testing.T) {
	for _, c := range []struct{ before, link, after string }{
		{"f", "''", ""},
		{"f", "{}", ""},
		{"x = a", "..a", ""},
		{"x = 1", "+1", ""},
		{"x = {", "1,", "}"},
		{"", "f()", ""},
		{"", "a=a ", ""},
		{"", "--\n", ""},
	} {
		source := c.before + strings.Repeat(c.link, 100_000) + c.after
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := Parse("t", source); err != nil {
			t.Errorf("%q: %v", c.link, err)
		}
		runtime.ReadMemStats(&after)
		if each := (after.TotalAlloc - before.TotalAlloc) / uint64(len(source)); each > 120 {
			t.Errorf("%q: %d bytes for each of the source", c.link, each)
		}
	}
}
