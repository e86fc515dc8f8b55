package hint_test

import (
	"strings"
	"testing"

	"wirelua/interp/hint"
)

// TestPlain: source that is Lua's gets no hint for an error that is about something else. The mistakes
// themselves are in the command's testdata/mistakes.txtar.
func TestPlain(t *testing.T) {
	for _, c := range [][2]string{
		{"x.lua:1: ')' expected near 'end'", `if x then for k, v in pairs(t) do print(k end end`},
		{"x.lua:1: ')' expected near 'end'", `if x then y = 1 else if z then print(y end end end`},
		{"x.lua:1: '=' expected near 'there'", `print("a != b && c") hello there -- x += 1`},
		{"x.lua:1: unexpected symbol near ')'", `t = {s:recv(), s:send()} t[a:b()] = )`},
		{"x.lua:1: attempt to call method 'connect' (a nil value)", `list:connect()`},
		{"x.lua:1: attempt to index field 'path' (a nil value)", `print(request.path.x)`},
		{"x.lua:1: connect 127.0.0.1:80: connection refused", `s:connect("127.0.0.1", 80)`},
		{"x.lua:7: '=' expected near 'x'", "one line"},
		{"no place at all", ""},
	} {
		if said := hint.Of(c[0], c[1]); said != "" {
			t.Errorf("%s\n%s\ngets the hint %s", c[0], c[1], said)
		}
	}
}

// TestHostile: what is repeated of a line is short, and any line may be asked about.
func TestHostile(t *testing.T) {
	long := strings.Repeat("x", 1<<16)
	for _, line := range []string{long + " += 1", "\xff += \xff", "'\\", "\"", "[[", "x[" + long + ":]", "x[99999999999:]"} {
		if said := hint.Of("x.lua:1: '=' expected near '+'", line); len(said) > 1000 {
			t.Errorf("a hint of %d bytes", len(said))
		}
	}
}

func TestCaret(t *testing.T) {
	source := "local x = 1\n\tif x != 2 then\nprint(len(s), y)\n" + strings.Repeat("a = b ", 1000)
	for _, c := range []struct {
		line, column int
		want         string
	}{
		{2, 7, "    \tif x != 2 then\n    \t     ^\n"},
		{1, 1, "    local x = 1\n    ^\n"},
		{1, 12, "    local x = 1\n               ^\n"},
		{1, 13, ""}, {9, 1, ""}, {0, 0, ""},
	} {
		if got := hint.Caret(source, c.line, c.column); got != c.want {
			t.Errorf("line %d, column %d:\n%s\nand not\n%s", c.line, c.column, got, c.want)
		}
	}
	if got := hint.Caret(source, 4, 3001); len(got) > 300 || strings.Count(got, "...") != 2 {
		t.Errorf("of a long line:\n%s", got)
	}
	for message, want := range map[string]int{
		"x.lua:3: attempt to call global 'len' (a nil value)":  7,
		"x.lua:3: attempt to index global 'y' (a nil value)":   15,
		"x.lua:3: bad argument #1 to 'print' (value expected)": 1,
		"x.lua:1: attempt to index global 'z' (a nil value)":   0,
		"x.lua:99: attempt to index global 'z' (a nil value)":  0,
		"nothing": 0,
	} {
		if got := hint.Column(message, source); got != want {
			t.Errorf("%s: column %d, not %d", message, got, want)
		}
	}
}
