package syntax

import (
	"strings"
	"testing"
)

// Every node of every Lua file there is spans what it was read from: the text, read
// again, gives the same node.
func TestPositions(t *testing.T) {
	nodes := 0
	for path, source := range luaFiles(t, true) {
		chunk, err := Parse(path, source, SkipFirstLine())
		if err != nil {
			t.Log(err) // files of pieces, some of them broken
			continue
		}
		places := placesOf(source)
		Walk(chunk, func(n Node) bool {
			if n != nil && !t.Failed() {
				nodes++
				checkPlace(t, path, places, n.Pos())
				checkPlace(t, path, places, n.End())
				checkText(t, path, source, n)
				checkChildren(t, path, n)
			}
			return true
		})
	}
	t.Log(nodes, "nodes")
	if nodes < 100_000 {
		t.Errorf("only %d nodes", nodes)
	}
}

// placesOf returns the place of every offset of a source.
func placesOf(source string) []Pos {
	places := make([]Pos, 0, len(source)+1)
	p := Pos{0, 1, 1}
	for i := range len(source) {
		places = append(places, p)
		p.Offset, p.Col = p.Offset+1, p.Col+1
		if source[i] == '\n' {
			p.Line, p.Col = p.Line+1, 1
		}
	}
	return append(places, p)
}

func checkPlace(t *testing.T, path string, places []Pos, p Pos) {
	if p.Offset < 0 || int(p.Offset) >= len(places) || places[p.Offset] != p {
		t.Errorf("%s: %+v is no place", path, p)
	}
}

// checkText reads the text of n again.
func checkText(t *testing.T, path, source string, n Node) {
	text := source[n.Pos().Offset:n.End().Offset]
	if len(text) > 20_000 || testing.Short() && len(text) > 500 {
		return
	}
	before, after := textAround(n, text)
	again, err := Parse(path, before+text+after)
	if err != nil {
		t.Errorf("%s:%d: %T %q: %v", path, n.Pos().Line, n, text, err)
		return
	}
	if got, want := sexpr(again), formAround(n, text); got != want {
		t.Errorf("%s:%d: %T %q\n got %s\nwant %s", path, n.Pos().Line, n, text, got, want)
	}
	if strings.TrimSpace(text) != text && before+after != loopBefore+loopAfter {
		if _, clause := n.(*Clause); !clause { // ends with its block
			t.Errorf("%s:%d: %T %q has blanks around it", path, n.Pos().Line, n, text)
		}
	}
}

const loopBefore, loopAfter = "while x do ", "\nend"

// textAround returns what makes a chunk of n's text.
func textAround(n Node, text string) (before, after string) {
	switch n := n.(type) {
	case *Chunk, *Block:
		return loopBefore, loopAfter
	case Stmt:
		return loopBefore, loopAfter
	case *Name:
		return "local ", ""
	case *Field:
		return "return {", "}"
	case *Clause:
		if strings.HasPrefix(text, "elseif") {
			return "while x do if x then ", loopAfter + " end"
		}
		return "while x do ", loopAfter + " end"
	case *FuncExpr:
		if text[0] == '(' {
			return "return function", ""
		}
	case *IndexExpr:
		if isMethod(n, text) {
			return "function ", "() end"
		}
	case *StringExpr:
		if text == n.Value { // a key
			return "return x.", ""
		}
	}
	return "return ", ""
}

// isMethod reports whether n, with that text, is the target of a method's declaration.
func isMethod(n *IndexExpr, text string) bool {
	return n.Dot.IsValid() && text[n.Dot.Offset-n.From.Offset] == ':'
}

// formAround returns how the chunk of n's text is printed.
func formAround(n Node, text string) string {
	switch n := n.(type) {
	case *Chunk, *Block, Stmt:
		return form("while", "x", sexpr(n))
	case *Name:
		return form("local", "("+n.Value+")")
	case *Field:
		return "(return {" + sexpr(n) + "})"
	case *Clause:
		if strings.HasPrefix(text, "elseif") {
			return "(while x (if x (then) " + sexpr(n) + "))"
		}
		return "(while x (if " + sexpr(n) + "))"
	case *IndexExpr:
		if isMethod(n, text) {
			return "(method " + sexpr(n) + " (fn ()))"
		}
	case *StringExpr:
		if text == n.Value {
			return "(return (. x " + text + "))"
		}
	}
	return form("return", sexpr(n))
}

// checkChildren demands that n's children lie in it, one after the other.
func checkChildren(t *testing.T, path string, n Node) {
	last := n.Pos()
	for _, c := range appendChildren(nil, n) {
		if c.Pos().Offset < last.Offset || c.End().Offset < c.Pos().Offset {
			t.Errorf("%s:%d: %T lies wrong in %T", path, n.Pos().Line, c, n)
		}
		last = c.End()
	}
	if n.End().Offset < last.Offset {
		t.Errorf("%s:%d: %T ends before its children", path, n.Pos().Line, n)
	}
}

// Comments are kept, each with its text, and nothing else is in them.
func TestComments(t *testing.T) {
	comments := 0
	for path, source := range luaFiles(t, true) {
		chunk, err := Parse(path, source, SkipFirstLine())
		if err != nil {
			continue
		}
		blank := []byte(source)
		for i, c := range chunk.Comments {
			comments++
			if source[c.From.Offset:c.To.Offset] != c.Text || !strings.HasPrefix(c.Text, "--") {
				t.Fatalf("%s: %q", path, c.Text)
			}
			if i > 0 && c.From.Offset < chunk.Comments[i-1].To.Offset {
				t.Fatalf("%s: %q is out of order", path, c.Text)
			}
			for j := c.From.Offset; j < c.To.Offset; j++ {
				if blank[j] != '\n' {
					blank[j] = ' '
				}
			}
		}
		without, err := Parse(path, string(blank), SkipFirstLine())
		if err != nil || sexpr(without) != sexpr(chunk) || len(without.Comments) > 0 {
			t.Errorf("%s is another program without its comments (%v)", path, err)
		}
	}
	if comments < 1000 {
		t.Errorf("only %d comments", comments)
	}
}

func TestCommentTexts(t *testing.T) {
	chunk, err := Parse("t", "--\n-- a \r\nf() --[[b\nc]] --[==[\n]]\n]==]--d")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"--", "-- a ", "--[[b\nc]]", "--[==[\n]]\n]==]", "--d"}
	lines := []int32{1, 2, 3, 4, 6}
	for i, c := range chunk.Comments {
		if i >= len(want) || c.Text != want[i] || c.Pos().Line != lines[i] {
			t.Errorf("comment %d: %q at %v", i, c.Text, c.From)
		}
	}
	if len(chunk.Comments) != len(want) {
		t.Errorf("%d comments", len(chunk.Comments))
	}
}

// All four ends of lines count alike, in and between tokens.
func TestLineEnds(t *testing.T) {
	source := "f(1)\n\nlocal x = [[\na\n\nb]] + g'\\\n\\z\n\n'\n--[[\n\n]] goto a\n::a::\n"
	var want []Pos
	for _, end := range []string{"\n", "\r\n", "\n\r", "\r"} {
		chunk, err := Parse("t", strings.ReplaceAll(source, "\n", end))
		if err != nil {
			t.Fatal(err)
		}
		var got []Pos
		Walk(chunk, func(n Node) bool {
			if n != nil {
				got = append(got, Pos{0, n.Pos().Line, n.Pos().Col}, Pos{0, n.End().Line, n.End().Col})
			}
			return true
		})
		if want == nil {
			want = got
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%q: place %d is %v, not %v", end, i, got[i], want[i])
			}
		}
	}
	if last := want[len(want)-1]; last != (Pos{0, 13, 4}) { // the label's name
		t.Error("the last place is", last)
	}
}

// Places that the tree has besides where nodes begin and end.
func TestPlaces(t *testing.T) {
	source := "if a then b() elseif c then d = e.f + g [h] end\nrepeat until x:y (z)\nfunction a.b:c() end"
	chunk, err := Parse("t", source)
	if err != nil {
		t.Fatal(err)
	}
	at := func(p Pos, want string) {
		t.Helper()
		if !strings.HasPrefix(source[p.Offset:], want) {
			t.Errorf("%q is at %v, where %q is", want, p, source[p.Offset:])
		}
	}
	stmts := chunk.Body.Stmts
	branch := stmts[0].(*IfStmt)
	at(branch.Clauses[0].Then, "then b")
	at(branch.Clauses[1].If, "elseif")
	at(branch.Clauses[1].Then, "then d")
	at(branch.Clauses[1].Body.From, " d = ")
	at(branch.Clauses[1].Body.To, "end")
	sum := branch.Clauses[1].Body.Stmts[0].(*AssignStmt).Values[0].(*BinaryExpr)
	at(sum.OpPos, "+ g")
	at(sum.X.(*IndexExpr).Dot, ".f")
	if sum.Y.(*IndexExpr).Dot.IsValid() {
		t.Error("g [h] has a dot")
	}
	loop := stmts[1].(*RepeatStmt)
	at(loop.Until, "until")
	at(loop.Cond.(*CallExpr).Open, "(z)")
	at(loop.Cond.(*CallExpr).Method.From, "y (z)")
	function := stmts[2].(*FuncStmt)
	at(function.Target.(*IndexExpr).Dot, ":c")
	at(function.Func.From, "() end")
}
