package interp_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// showing is the Lua code that evaluates one expression and prints all that came
// of it, alike in both Luas: numbers as 5.1's tostring has them, errors without
// where they were raised.
const showing = `
local format, concat, gsub, byte = string.format, table.concat, string.gsub, string.byte
local select, type, pcall, print, tostring, loadstring, pairs, sort = select, type, pcall, print, tostring, loadstring, pairs, table.sort
local function show(v, depth)
  if type(v) == "number" then
    if v ~= v then return "nan" end
    return (format("%.14g", v))
  elseif type(v) == "string" then
    return '"' .. gsub(v, "[^ -~]", function(c) return format("\\%d", byte(c)) end) .. '"'
  elseif type(v) == "table" and not depth then
    local t = {}
    for k, x in pairs(v) do t[#t + 1] = show(k, true) .. "=" .. show(x, true) end
    sort(t)
    return "{" .. concat(t, ",") .. "}"
  elseif type(v) == "table" or type(v) == "function" then
    return type(v)
  end
  return tostring(v)
end
local function results(...)
  local t = {}
  for i = 1, select("#", ...) do t[i] = show((select(i, ...))) end
  return concat(t, " ")
end
function pass(...) return ... end
function collect(iterate, ...)
  local t = {}
  for a, b in iterate(...) do
    t[#t + 1] = show(a) .. ":" .. show(b)
    if #t > 100 then break end
  end
  return concat(t, " ")
end
function sorted(t, less) table.sort(t, less) return concat(t, " ") end
function inserted(t, ...) table.insert(t, ...) return t end
function removed(t, ...)
  local v = table.remove(t, ...)
  return t, v
end
function answer(source)
  local fn, err = loadstring("return pass(" .. source .. ")", "=case")
  if not fn then return "does not compile" end
  local function report(ok, ...)
    if ok then return results(...) end
    return "error: " .. gsub(gsub(tostring((...)), "^[^:]*:%d+: ", ""), "%c", "?")
  end
  return report(pcall(fn))
end
function case(source) print((answer(source))) end
`

// TestLua51 compares what expressions come to here and in Lua 5.1 itself: those of
// testdata/lua51.txt, and random ones, always the same.
func TestLua51(t *testing.T) {
	for i, group := range []struct {
		name     string
		n        int
		makeCase func(*rand.Rand) string
	}{
		{"fixed", 0, nil},
		{"patterns", 6000, patternCase},
		{"format", 6000, formatCase},
		{"numbers", 3000, numberCase},
		{"strings", 3000, stringCase},
		{"tables", 3000, tableCase},
		{"sort", 1000, sortCase},
		{"math", 2000, mathCase},
	} {
		t.Run(group.name, func(t *testing.T) {
			cases := random(rand.New(rand.NewPCG(1, uint64(i))), group.n, group.makeCase)
			if group.makeCase == nil {
				cases = fixedCases(t)
			}
			compare51(t, "expressions-"+group.name, cases)
		})
	}
}

func compare51(t *testing.T, name string, cases []string) {
	var script strings.Builder
	script.WriteString(showing)
	for _, c := range cases {
		fmt.Fprintf(&script, "case(%s)\n", luaString(c))
	}
	want := recorded(t, name, "lua5.1", cases, func(path string) []string {
		return strings.Split(strings.TrimSuffix(askLua(t, path, script.String()), "\n"), "\n")
	})
	got := strings.Split(strings.TrimSuffix(luaOutput(t, script.String()), "\n"), "\n")
	if len(got) != len(cases) {
		t.Fatalf("%d lines for %d cases", len(got), len(cases))
	}
	differ := 0
	for i, c := range cases {
		if got[i] != want[i] {
			if differ++; differ <= 20 {
				t.Errorf("%s\n\tis   %s\n\twant %s", c, got[i], want[i])
			}
		}
	}
	if differ > 20 {
		t.Errorf("%d of %d differ", differ, len(cases))
	}
}

// askLua returns what another Lua prints, running script.
func askLua(t *testing.T, path, script string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "-")
	cmd.Stdin = strings.NewReader(script)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%.2000s", path, err, out)
	}
	return string(out)
}

func random(r *rand.Rand, n int, makeCase func(*rand.Rand) string) []string {
	cases := make([]string, n)
	for i := range cases {
		cases[i] = makeCase(r)
	}
	return cases
}

// luaString writes a string as Lua source, in a way both read alike.
func luaString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			fmt.Fprintf(&b, "\\%03d", c)
		} else {
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// luaNumber writes a number as Lua source.
func luaNumber(x float64) string {
	switch {
	case math.IsInf(x, 1):
		return "1/0"
	case math.IsInf(x, -1):
		return "-1/0"
	}
	return strconv.FormatFloat(x, 'g', 17, 64)
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func pieces(r *rand.Rand, n int, from ...string) string {
	var b strings.Builder
	for range r.IntN(n + 1) {
		b.WriteString(pick(r, from...))
	}
	return b.String()
}

func subject(r *rand.Rand) string {
	return pieces(r, 14, "a", "a", "b", "b", "1", "7", " ", "(", ")", "[", "]", "%", ".", "-", "_", "A", "Z", "\n", "\t", "\200", "\xff", "^", "$", "aab", "ab")
}

func pattern(r *rand.Rand) string {
	item := func() string {
		return pick(r, "a", "b", "1", ".", "%a", "%d", "%s", "%w", "%p", "%u", "%l", "%c", "%x", "%A", "%S", "%W", "%.", "%%", "%]", "%q",
			"[ab]", "[^a]", "[a-z]", "[%w_]", "[^%s]", "[]]", "[]a]", "[^]]", "[a-]", "[-a]", "[%a-z]", "[a-%%]", "[%]]", "[z-a]", " ", "_", "-", "]", "\200", "[\200-\255]") +
			pick(r, "", "", "", "*", "+", "-", "?")
	}
	var b strings.Builder
	b.WriteString(pick(r, "", "", "", "^"))
	open := 0
	for range r.IntN(6) {
		switch r.IntN(14) {
		case 0, 1:
			b.WriteString("(")
			open++
		case 2, 3:
			if open > 0 || r.IntN(8) == 0 {
				b.WriteString(")")
				open--
			}
		case 4:
			b.WriteString(pick(r, "%b()", "%b[]", "%bab", "%baa", "%b", "%f[%w]", "%f[^%w]", "%f[a]", "%fa", "%1", "%2", "%0", "[a", "[^", "%", "()", "$", "^", "[%"))
		default:
			b.WriteString(item())
		}
	}
	for ; open > 0 && r.IntN(8) > 0; open-- {
		b.WriteString(")")
	}
	b.WriteString(pick(r, "", "", "", "$"))
	return b.String()
}

var endsInB = regexp.MustCompile(`%b.?$`)

func patternCase(r *rand.Rand) string {
	s, p := luaString(subject(r)), pattern(r)
	// Words of its errors that are ours: they tell more.
	for endsInB.MatchString(p) {
		p = pattern(r)
	}
	q := luaString(p)
	at := pick(r, "", "", "", ", 1", ", 3", ", -2", ", 0", ", 100", ", -100", ", 2.7")
	switch r.IntN(6) {
	case 0, 1:
		return "string.find(" + s + ", " + q + at + ")"
	case 2:
		return "string.match(" + s + ", " + q + at + ")"
	case 3:
		return "collect(string.gmatch, " + s + ", " + q + ")"
	case 4:
		repl := luaString(pieces(r, 4, "x", "%0", "%1", "%2", "%%", "%.", "-", "%z"))
		return "string.gsub(" + s + ", " + q + ", " + repl + pick(r, "", "", ", 1", ", 0", ", 2", ", -1") + ")"
	default:
		repl := pick(r, "{a = 1, b = '', [1] = 'one', ['1'] = false}", "function(a, b) return b end", "function(...) return select('#', ...) .. 'x' end", "function() end", "string.upper", "function() return {} end", "{a = print}", "5")
		return "string.gsub(" + s + ", " + q + ", " + repl + ")"
	}
}

func number(r *rand.Rand) string {
	return pick(r,
		func() string { return fmt.Sprint(r.IntN(20) - 10) },
		func() string { return fmt.Sprint(r.IntN(1<<40) - 1<<39) },
		func() string { return fmt.Sprintf("%.17g", r.NormFloat64()) },
		func() string { return fmt.Sprintf("%.17g", r.NormFloat64()*1e10) },
		func() string { return fmt.Sprintf("%ge%d", r.Float64(), r.IntN(600)-300) },
		func() string {
			return pick(r, "0", "-0", "0.5", "1.5", "2.5", "-0.5", "1e15", "1e16", "1e100", "1e-5", "0.0001", "99999.95", "999999.5", "1/0", "-1/0", "2^31", "2^32", "2^52", "2^53", "-2^53", "2^62")
		},
	)()
}

func fitsInt(s string) bool {
	x, err := strconv.ParseFloat(s, 64)
	return err == nil && math.Abs(x) < 1<<63
}

func formatCase(r *rand.Rand) string {
	directive := func() (string, string) {
		flags := pieces(r, 2, "-", "+", " ", "#", "0")
		size := pick(r, "", "", "", fmt.Sprint(r.IntN(30))) + pick(r, "", "", "", ".", fmt.Sprintf(".%d", r.IntN(25)))
		verb := pick(r, "d", "i", "u", "x", "X", "o", "c", "e", "E", "f", "g", "G", "s", "q")
		arg := number(r)
		switch verb {
		case "d", "i", "u", "x", "X", "o":
			for !fitsInt(arg) { // or C says nothing
				arg = number(r)
			}
		case "g", "G":
			for strings.Contains(flags, "#") && strings.Contains(arg, "9999") { // glibc loses zeros in rounding up
				arg = number(r)
			}
		case "c": // with a precision or zeros, C says nothing
			flags, size, arg = strings.Trim(flags, "+ #0"), strings.Split(size, ".")[0], fmt.Sprint(1+r.IntN(255))
			flags = strings.Map(func(c rune) rune {
				if c == '-' {
					return c
				}
				return -1
			}, flags)
		case "s":
			flags = pieces(r, 1, "-")
			arg = pick(r, luaString(strings.ReplaceAll(subject(r), "\x00", "")), luaString(subject(r)), fmt.Sprint(r.IntN(100)))
		case "q":
			flags, size, arg = "", "", luaString(subject(r)+pick(r, "", "\r", "\x00", "\"", "\\"))
		}
		return "%" + flags + size + verb, arg
	}
	var f strings.Builder
	args := ""
	for range 1 + r.IntN(2) {
		d, arg := directive()
		f.WriteString(pick(r, "", "|", "%%", "text") + d)
		args += ", " + arg
	}
	return "string.format(" + luaString(f.String()) + args + ")"
}

func numberCase(r *rand.Rand) string {
	text := pieces(r, 6, "1", "2", "0", "9", "f", "a", "Z", "x", "0x", ".", "e", "-", "+", " ", "\t", "\n", "_", "e5", "12", "z", "p1")
	switch r.IntN(3) {
	case 0:
		return "tonumber(" + luaString(text) + ")"
	case 1:
		base := pick(r, "2", "8", "10", "16", "36", "1", "37", "3.7", "'16'")
		return "tonumber(" + luaString(strings.ReplaceAll(text, "-", "")) + ", " + base + ")" // -1 is 2^64-1 in 5.1
	default:
		return "tonumber(" + luaString(pick(r, "", " ", "-")+pick(r, "12", "1e3", "0xff", "0x", ".5", "5.", "1e", "1e+", "1e400", "1e-400", "0x1.8", "1f", "08")+pick(r, "", " ", "\n", "x", "\v")) + ")"
	}
}

func stringCase(r *rand.Rand) string {
	s := luaString(subject(r) + pick(r, "", "\x00"))
	i := func() string {
		return pick(r, "nil", fmt.Sprint(r.IntN(20)-10), fmt.Sprint(r.IntN(20)-10), "1.9", "-1.9", "'2'", "1e9", "-1e9")
	}
	return pick(r,
		func() string { return "string.sub(" + s + ", " + i() + ", " + i() + ")" },
		func() string { return "string.byte(" + s + ", " + i() + ", " + i() + ")" },
		func() string {
			return "string.rep(" + s + ", " + pick(r, "-1", "0", "1", "3", "2.5", "'2'", "{}", "nil") + ")"
		},
		func() string {
			return "string." + pick(r, "upper", "lower", "len", "reverse", "char", "byte", "dump") + "(" + pick(r, s, "12", "{}", "nil", "true") + ")"
		},
		func() string {
			return "string.char(" + pick(r, "65, 66", "255", "256", "-1", "'65'", "65.5", "0", "{}") + ")"
		},
		func() string {
			return "string.find(" + s + ", " + luaString(strings.ReplaceAll(subject(r), "\x00", "")) + ", " + i() + ", " + pick(r, "true", "1") + ")"
		},
		func() string {
			return "select(" + pick(r, i(), "'#'", "'#x'", "'x'", "0", "-1", "-2", "-3", "-4", "{}") + ", 1, nil, 3)"
		},
	)()
}

func tableCase(r *rand.Rand) string {
	list := "{" + pieces(r, 6, "1, ", "'a', ", "2.5, ", "'', ", "'bc', ") + pick(r, "", "", "", "", "{}, ", "true, ") + "}"
	i := func() string { return pick(r, "0", "1", "2", "3", "4", "5", "6", "7", "-1", "1.5", "'2'", "nil", "{}") }
	return pick(r,
		func() string { return "table.concat(" + list + pick(r, "", ", ', '", ", 5", ", {}") + ")" },
		func() string { return "table.concat(" + list + ", '-', " + i() + ", " + i() + ")" },
		func() string {
			return "inserted(" + list + ", " + pick(r, "", i()+", ", i()+", ", "1, 2, ") + pick(r, "'x'", "'y'", "nil") + ")"
		},
		func() string { return "removed(" + list + pick(r, "", "", ", "+i(), ", "+i()) + ")" },
		func() string { return "unpack(" + list + ", " + i() + ", " + i() + ")" },
		func() string { return "table.maxn(" + pick(r, list, "{[2.5] = 1, x = 9}", "{[-1] = 2}", "nil") + ")" },
		func() string { return "table.getn(" + list + ")" },
		func() string {
			return "table." + pick(r, "foreach", "foreachi") + "(" + list + ", " + pick(r, "function(k, v) if v == 'a' then return k, v end end", "tostring", "nil", "5") + ")"
		},
		func() string {
			return "collect(function(t) local f, s, v = " + pick(r, "pairs", "ipairs") + "(t) return f, s, v end, " + pick(r, list, list, "nil", "5") + ")"
		},
		func() string { return "next(" + list + ", " + i() + ")" },
		func() string {
			return pick(r, "rawget", "rawset", "rawequal") + "(" + list + ", " + i() + ", " + i() + ")"
		},
		func() string {
			return "type(setmetatable(" + pick(r, list, "5", "nil") + ", " + pick(r, "nil", "{}", "5") + "))"
		},
	)()
}

func sortCase(r *rand.Rand) string {
	items := []string{}
	values := pick(r, []string{"1", "2", "3", "4", "5", "6", "7", "2.5"}, []string{"'a'", "'b'", "'ab'", "''", "'B'"}, []string{"1", "2", "3", "'x'"})
	for range r.IntN(40) {
		items = append(items, pick(r, values...))
	}
	less := pick(r, "", "", ", function(a, b) return a > b end", ", function() return true end", ", function() return false end",
		", function(a, b) return #tostring(a) < #tostring(b) end", ", function(a, b) return (tonumber(a) or 0) % 3 < (tonumber(b) or 0) % 3 end", ", function() error('no') end", ", 5", ", nil")
	return "sorted({" + strings.Join(items, ", ") + "}" + less + ")"
}

func mathCase(r *rand.Rand) string {
	n := func() string { return pick(r, number(r), number(r), number(r), "'7'", "'x'", "nil", "{}") }
	exact := pick(r, "abs", "ceil", "floor", "frexp", "modf", "sqrt", "deg", "rad")
	return pick(r,
		func() string { return "math." + exact + "(" + n() + ")" },
		func() string {
			return "math." + pick(r, "fmod", "mod", "max", "min") + "(" + number(r) + ", " + n() + ")"
		},
		func() string { return "math.ldexp(" + n() + ", " + fmt.Sprint(r.IntN(200)-100) + ")" },
		func() string { return fmt.Sprintf("math.log10(1e%d)", r.IntN(600)-300) },
		func() string {
			return "math." + pick(r, "max", "min", "random", "randomseed", "sqrt") + "(" + pick(r, "0", "'x'", "2, 1", "1, 2, 3", "{}", "nil") + ", nil)"
		},
		func() string { return "math.max(" + n() + ", " + n() + ", " + n() + ")" },
	)()
}

// fixedCases are those that a random choice would hardly come upon.
func fixedCases(t *testing.T) []string {
	text, err := os.ReadFile("testdata/lua51.txt")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}
