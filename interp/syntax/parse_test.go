package syntax

import (
	"math"
	"strings"
	"testing"
)

// The tree of every statement and expression, and of what binds how.
func TestTree(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{"", ""},
		{"local a", "(local (a))"},
		{"local a, b = 1, 2;", "(local (a b) 1 2)"},
		{"a = 1", "(= (a) 1)"},
		{"a.b, c[1], d = f(), g", "(= ((. a b) ([] c 1) d) (call f) g)"},
		{"f()", "(call f)"},
		{"f(1, nil, true, false)", "(call f 1 nil true false)"},
		{"f'x'[[y]]{1}", `(call (call (call f "x") "y") {1})`},
		{"f'x'; f[[y]]; f{1}", `(call f "x") (call f "y") (call f {1})`},
		{"a.b:c(1):d'e'", `(callmethod (callmethod (. a b) c 1) d "e")`},
		{"(a or b).c = 1", "(= ((. (paren (or a b)) c)) 1)"},
		{"('x'):f()", `(callmethod (paren "x") f)`},
		{"do end do local x end", "(do) (do (local (x)))"},
		{"while a do break end", "(while a (break))"},
		{"repeat local x = f() until x", "(repeat (local (x) (call f)) until x)"},
		{"if a then b() end", "(if a (then (call b)))"},
		{"if a then elseif b then else c() end", "(if a (then) b (then) (else (call c)))"},
		{"for i = 1, 2 do f(i) end", "(for i 1 2 (do (call f i)))"},
		{"for i = 1, 2, 3 do end", "(for i 1 2 3 (do))"},
		{"for k, v in pairs(t), 2 do end", "(forin (k v) (call pairs t) 2 (do))"},
		{"for l in f do end", "(forin (l) f (do))"},
		{"function f() end", "(function f (fn ()))"},
		{"function a.b.c(x, ...) return ... end", "(function (. (. a b) c) (fn (x ...) (return ...)))"},
		{"function a.b:c(x) return self end", "(method (. (. a b) c) (fn (x) (return self)))"},
		{"local function f(a, b) return f end", "(localfunction f (fn (a b) (return f)))"},
		{"local f = function(...) end", "(local (f) (fn (...)))"},
		{"return", "(return)"},
		{"return;", "(return)"},
		{"return 1, 2;", "(return 1 2)"},
		{"do return end f()", "(do (return)) (call f)"},
		{"goto done ::done::", "(goto done) (label done)"},
		{"goto = goto + 1; goto.x = goto 'y'; goto(1)", `(= (goto) (+ goto 1)) (= ((. goto x)) (call goto "y")) (call goto 1)`},
		{"local goto, x = 1 for goto in goto do end function goto:goto(goto) end", "(local (goto x) 1) (forin (goto) goto (do)) (method (. goto goto) (fn (goto)))"},
		{"goto\nx ::x::;", "(goto x) (label x)"},
		{"::goto:: x = {goto = 1, goto}", `(label goto) (= (x) {["goto"]=1 goto})`},
		{"x = {}", "(= (x) {})"},
		{"x = {1; 2, a = 3, ['b'] = 4, [5] = 6, f(),}", `(= (x) {1 2 ["a"]=3 ["b"]=4 [5]=6 (call f)})`},
		{"x = {a, a == b, a.b}", "(= (x) {a (== a b) (. a b)})"},
		{"x = {f\n(1)}", "(= (x) {(call f 1)})"}, // Lua looks ahead here, and sees no new line
		{"x = 1 + 2 - 3", "(= (x) (- (+ 1 2) 3))"},
		{"x = 1 + 2 * 3 ^ 4", "(= (x) (+ 1 (* 2 (^ 3 4))))"},
		{"x = a .. b .. c .. d", "(= (x) (.. a (.. b (.. c d))))"},
		{"x = 2 ^ 3 ^ 4", "(= (x) (^ 2 (^ 3 4)))"},
		{"x = 2 ^ -3 ^ 4", "(= (x) (^ 2 (- (^ 3 4))))"},
		{"x = -2 ^ 2", "(= (x) (- (^ 2 2)))"},
		{"x = -a * b, not a == b, #a .. b", "(= (x) (* (- a) b) (== (not a) b) (.. (# a) b))"},
		{"x = - - not #a", "(= (x) (- (- (not (# a)))))"},
		{"x = a + b .. c + d", "(= (x) (.. (+ a b) (+ c d)))"},
		{"x = a .. b + c .. d", "(= (x) (.. a (.. (+ b c) d)))"},
		{"x = a < b and c > d or e <= f and g >= h", "(= (x) (or (and (< a b) (> c d)) (and (<= e f) (>= g h))))"},
		{"x = a or b and c", "(= (x) (or a (and b c)))"},
		{"x = a == b ~= c", "(= (x) (~= (== a b) c))"},
		{"x = a / b % c", "(= (x) (% (/ a b) c))"},
		{"x = (a .. b) .. c", "(= (x) (.. (paren (.. a b)) c))"},
		{"x = (...), ...", "(= (x) (paren ...) ...)"},
		{"x = a.b[c].d(e)", "(= (x) (call (. ([] (. a b) c) d) e))"},
		{"f() -- one\n-- [[ two ]]\n--[[ three\n]] --[==[ four ]] ]==] g()", "(call f) (call g)"},
	} {
		chunk, err := Parse("t", c.source)
		if err != nil {
			t.Errorf("%q: %v", c.source, err)
		} else if got := sexpr(chunk); got != c.want {
			t.Errorf("%q\n got %s\nwant %s", c.source, got, c.want)
		}
	}
}

// What strings mean.
func TestStrings(t *testing.T) {
	for source, want := range map[string]string{
		`""`:                          "",
		`'a"b'`:                       `a"b`,
		`"a\'\"\\b"`:                  `a'"\b`,
		`"\a\b\f\n\r\t\v"`:            "\a\b\f\n\r\t\v",
		`"\q\8\08\008\0081\255"`:      "q\x08\x08\x08\x081\xff", // an unknown escape is what follows the backslash
		`"\065\10\z"`:                 "A\n",
		`"\x41\xfF"`:                  "A\xff",
		`"\u{41}\u{e9}\u{20AC}"`:      "Aé€",
		`"\u{10FFFF}\u{0000000041}"`:  "\U0010ffffA",
		"\"a\\z \t\r\n  b\"":          "ab",
		"'a\\\nb\\\r\nc\\\n\rd\\\re'": "a\nb\nc\nd\ne",
		"[[]]":                        "",
		"[[\n]]":                      "",
		"[[\r\n\na]]":                 "\na",
		"[[\n\r\na]]":                 "\na",
		"[[a\r\nb\n\rc\rd\n\ne]]":     "a\nb\nc\nd\n\ne",
		"[=[a]]b]=]":                  "a]]b",
		"[==[a]=]]==]":                "a]=]",
		`[[a\n"b]]`:                   `a\n"b`,
		"[[a[[b]]":                    "a[[b",
		"'\x00\xff\u00e9'":            "\x00\xff\u00e9",
	} {
		chunk, err := Parse("t", "return "+source)
		if err != nil {
			t.Errorf("%q: %v", source, err)
			continue
		}
		s := chunk.Body.Stmts[0].(*ReturnStmt).Values[0].(*StringExpr)
		if s.Value != want {
			t.Errorf("%q: got %q, want %q", source, s.Value, want)
		}
	}
}

// What numbers are.
func TestNumbers(t *testing.T) {
	for source, want := range map[string]float64{
		"0": 0, "3": 3, "010": 10, "3.": 3, ".5": 0.5, "3.25e2": 325, "1E+2": 100, "1e-2": 0.01,
		"0x10": 16, "0XfF": 255, "0xFFFFFFFFFFFFFFFF": 18446744073709551615, "0xFFFFFFFFFFFFFFFFFFFF": 0xFFFFFFFFFFFFFFFFFFFF,
		"0x.8": 0.5, "0x1.8": 1.5, "0x1p4": 16, "0x1P-4": 0.0625, "0xA.8p1": 21,
		"1e309": math.Inf(1), "1e-400": 0, "123456789012345": 123456789012345, "12345678901234567890": 12345678901234567890,
		"9007199254740993": 9007199254740992, "0x20000000000001": 9007199254740992, "0x1e1": 0x1e1,
		"0.1": 0.1, "1700000000.25": 1700000000.25, "4.9e-324": 4.9e-324, "2.2250738585072011e-308": 2.2250738585072011e-308,
	} {
		chunk, err := Parse("t", "return "+source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		n := chunk.Body.Stmts[0].(*ReturnStmt).Values[0].(*NumberExpr)
		if n.Value != want || n.Raw != source {
			t.Errorf("%s: got %v of %q, want %v", source, n.Value, n.Raw, want)
		}
	}
	chunk, err := Parse("t", "return 0x1..8")
	if err != nil || sexpr(chunk) != "(return (.. 1 8))" {
		t.Error("0x1..8 is no concatenation:", err)
	}
}

// What may come before a chunk.
func TestBeginning(t *testing.T) {
	for _, c := range []struct {
		source string
		opts   []Option
		want   string
		line   int32
	}{
		{"\ufefff()", nil, "(call f)", 1},
		{"#!/bin/lua\nf()", []Option{SkipFirstLine()}, "(call f)", 2},
		{"#!/bin/lua\r\nf()", []Option{SkipFirstLine()}, "(call f)", 2},
		{"\ufeff#!/bin/lua\n\nf()", []Option{SkipFirstLine()}, "(call f)", 3},
		{"f()", []Option{SkipFirstLine()}, "(call f)", 1},
	} {
		chunk, err := Parse("t", c.source, c.opts...)
		if err != nil {
			t.Errorf("%q: %v", c.source, err)
			continue
		}
		if got := sexpr(chunk); got != c.want || chunk.Body.Stmts[0].Pos().Line != c.line || chunk.Body.Stmts[0].Pos().Col != 1 {
			t.Errorf("%q: got %s at %v", c.source, got, chunk.Body.Stmts[0].Pos())
		}
	}
	for _, source := range []string{"#", "#!x"} {
		if _, err := Parse("t", source, SkipFirstLine()); err != nil {
			t.Errorf("%q: %v", source, err)
		}
	}
	for _, source := range []string{"#!x\nf()", " #x\nf()", "\n#x"} {
		if _, err := Parse("t", source); err == nil {
			t.Errorf("%q: no error", source)
		}
		if _, err := Parse("t", source, SkipFirstLine()); (err == nil) != strings.HasPrefix(source, "#") {
			t.Errorf("%q: %v", source, err)
		}
	}
}
