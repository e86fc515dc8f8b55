package pattern

import (
	"fmt"
	"strings"
	"testing"
)

// caller is a Caller that may look so many times.
type caller struct{ looks int }

type (
	failed string
	ended  struct{}
)

func (c *caller) Look() {
	if c.looks--; c.looks < 0 {
		panic(ended{})
	}
}

func (c *caller) Fail(message string) { panic(failed(message)) }

// answer is what matching comes to: "3-5 a,@2", "no match", or what was raised. Of a
// capture of a position only that is said.
func answer(find func() (m *Matcher, start, end int)) (text string) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case failed:
			text = string(v)
		case ended:
			text = "ended"
		default:
			panic(v)
		}
	}()
	m, start, end := find()
	if end < 0 {
		return "no match"
	}
	text = fmt.Sprintf("%d-%d ", start, end)
	for i := range m.Captures() {
		if i > 0 {
			text += ","
		}
		if from, to := m.Capture(i, start, end); to < 0 {
			text += fmt.Sprint("@", from)
		} else {
			text += m.Subject()[from:to]
		}
	}
	return text
}

func find(src, pat string, looks int) string {
	return answer(func() (*Matcher, int, int) {
		var m Matcher
		m.Init(&caller{looks}, src, pat, true)
		start, end := m.Find(0)
		return &m, start, end
	})
}

// What Lua 5.1's string.find answers, positions counted from 0 and ends behind the last byte.
func TestFind(t *testing.T) {
	for _, c := range []struct{ src, pat, want string }{
		{"hello world", "(o)%s*(w)", "4-7 o,w"},
		{"key = value", "^(%w+)%s*=%s*(%w+)$", "0-11 key,value"},
		{"f(a(b)c)d", "%b()", "1-8 "},
		{"THE (quick) fox", "%f[%a]%a+%f[^%a]", "0-3 "},
		{"x aa bb", "(%a)%1", "2-4 a"},
		{"abc", "()b()", "1-2 @1,@2"},
		{"aXb", "[^%u]-[%l_]$", "2-3 "},
		{"]]^-", "[]^-]+", "0-4 "},
		{"a-z", "[a%-]+", "0-2 "},
		{"x]", "[a-%%]", "1-2 "},
		{"a%]", "[a-%]]", "2-3 "},
		{"aaa", "a-$", "0-3 "},
		{"aaab", "a*ab", "0-4 "},
		{"ab", "ac?b", "0-2 "},
		{"a\x00b", "%z", "1-2 "},
		{"", "", "0-0 "},
		{"", "x", "no match"},
		{"bb", "^a", "no match"},
		{"a^b", "a^b", "0-3 "},
		{"a$b", "a$b", "0-3 "},
		{"é", "%a", "no match"},
		{"a", "%", "malformed pattern (ends with '%')"},
		{"a", "[a", "malformed pattern (missing ']')"},
		{"a", "[]", "malformed pattern (missing ']')"},
		{"a", "[^]", "malformed pattern (missing ']')"},
		{"a", "%b(", "malformed pattern (missing arguments to '%b')"},
		{"a", "%fa", "missing '[' after '%f' in pattern"},
		{"a", "%1", "invalid capture index"},
		{"a", "(%1)", "invalid capture index"},
		{"a", "%0", "invalid capture index"},
		{"a", "a)", "invalid pattern capture"},
		{"a", "(a", "unfinished capture"},
		{"a", strings.Repeat("()", 33), "too many captures"},
		{"ab", "a%", "malformed pattern (ends with '%')"},
		{"b", "a%", "no match"}, // as in Lua: what is wrong is told once it is reached
		{strings.Repeat("a", 3000), strings.Repeat("a?", 3000), "pattern too complex"},
	} {
		if got := find(c.src, c.pat, 1<<20); got != c.want {
			t.Errorf("%.20q in %.20q: %s, want %s", c.pat, c.src, got, c.want)
		}
	}
}

// The pattern fails in the square of the length, or by its 40th power: the caller must be asked.
func TestEnded(t *testing.T) {
	a := strings.Repeat("a", 50_000)
	for _, pat := range []string{".-b", strings.Repeat("a*", 40) + "b", strings.Repeat("(.-)", 30) + "%f[b]", "%b(a", "[^b]-[b]", "(a*)%1b"} {
		src := a
		if pat == "%b(a" {
			src = strings.Repeat("(", 50_000)
		}
		if got := find(src, pat, 100); got != "ended" {
			t.Errorf("%q: %s", pat, got)
		}
	}
	long := strings.Repeat("a", 100<<20)
	if got := answer(func() (*Matcher, int, int) { return nil, 0, Index(&caller{20}, long, a+a+"b") }); got != "ended" {
		t.Errorf("Index: %s", got)
	}
	if got := answer(func() (*Matcher, int, int) { IsPlain(&caller{20}, long); return nil, 0, -1 }); got != "ended" {
		t.Errorf("IsPlain: %s", got)
	}
}

// A matcher that was ended in the middle goes on with another caller.
func TestCall(t *testing.T) {
	var m Matcher
	m.Init(&caller{10}, strings.Repeat("ab", 50_000)+"c", "(a.-c)d?c", false)
	if got := answer(func() (*Matcher, int, int) { s, e := m.Find(0); return &m, s, e }); got != "ended" {
		t.Fatal(got)
	}
	m.Call(&caller{1 << 20})
	if got := answer(func() (*Matcher, int, int) { s, e := m.Find(99_999); return &m, s, e }); got != "no match" {
		t.Error(got)
	}
}

func TestIndex(t *testing.T) {
	a := strings.Repeat("a", 3*pieceSize)
	for _, c := range []struct{ src, text string }{
		{"", ""}, {"a", ""}, {"", "a"}, {"abc", "c"}, {a + "b", "ab"}, {a + "b", a[:2*pieceSize] + "b"}, {a, a}, {a, a + "a"},
		{a[1:pieceSize] + "xy" + a, "xy"}, {a[1:2*pieceSize] + "xy" + a, "xy"}, {a, a[:2*pieceSize] + "b"},
	} {
		if got, want := Index(&caller{1 << 20}, c.src, c.text), strings.Index(c.src, c.text); got != want {
			t.Errorf("%d bytes in %d: %d, want %d", len(c.text), len(c.src), got, want)
		}
	}
	for pat, want := range map[string]bool{"": true, "abc)]": true, "a.c": false, a: true, a + "%": false, a[:pieceSize] + "^": false} {
		if got := IsPlain(&caller{1 << 20}, pat); got != want {
			t.Errorf("IsPlain(%.20q): %v, want %v", pat, got, want)
		}
	}
}

// FuzzFind compares with matching at each place in turn, without what tells beforehand
// that there is no need to; and plain text with strings.Index.
func FuzzFind(f *testing.F) {
	for _, seed := range [][2]string{
		{"hello world", "(o)%s*(w)"}, {"key = value", "^(%w+)%s*=%s*(%w+)$"}, {"f(a(b)c)d", "%b()"}, {"THE (quick) fox", "%f[%a]%a+"},
		{"abcabc", "(a)(b)c%1%2"}, {"]]^-", "[]^-]+"}, {"a.b-c", "[%.%-]?"}, {"", "()"}, {"aaa", "a-b?$"}, {"x", "[a-%]"}, {"aXb", "[^%u]-[%l_]"},
		{"a", "[a"}, {"ab", "(a)("}, {"ab", "b"},
	} {
		f.Add(seed[0], seed[1])
	}
	const looks = 200
	f.Fuzz(func(t *testing.T, src, pat string) {
		got := find(src, pat, looks)
		want := answer(func() (*Matcher, int, int) {
			var m Matcher
			m.Init(&caller{4 * looks}, src, pat, true)
			m.prepared, m.first = true, -1
			start, end := m.Find(0)
			return &m, start, end
		})
		// A pattern that is wrong is told where it is reached, which it need not be.
		if got != want && got != "ended" && want != "ended" && got != "no match" {
			t.Errorf("%q in %q: %s, want %s", pat, src, got, want)
		}
		if got == "no match" && want[0] >= '0' && want[0] <= '9' {
			t.Errorf("%q in %q: %s, want %s", pat, src, got, want)
		}
		if at := Index(&caller{1 << 20}, src, pat); at != strings.Index(src, pat) {
			t.Errorf("Index(%q, %q): %d", src, pat, at)
		}
		if at := strings.Index(src, pat); IsPlain(&caller{1 << 20}, pat) && !strings.Contains(pat, ")") && got != "ended" {
			if want := "no match"; at < 0 && got != want || at >= 0 && got != fmt.Sprintf("%d-%d ", at, at+len(pat)) {
				t.Errorf("%q in %q: %s, is at %d", pat, src, got, at)
			}
		}
	})
}
