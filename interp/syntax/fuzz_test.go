package syntax

import (
	"errors"
	"strconv"
	"strings"
	"testing"
)

// Nothing in a source makes the parser panic, or give places that are not in the
// source; and what it reads, written down, is read as the same.
func FuzzParse(f *testing.F) {
	for i, source := range snippets(f) {
		if i%20 == 0 {
			f.Add(source)
		}
	}
	data, programs := readBroken(f)
	f.Add(strings.Join(data, "\n"))
	for _, p := range programs {
		f.Add(p.source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		chunk, err := Parse("t", source)
		if err != nil {
			checkError(t, source, err)
			return
		}
		places := placesIn(t, source, chunk)
		if len(source) > 4096 {
			return // the printers here are for small trees
		}
		printed := luaSource(chunk)
		again, err := Parse("t", printed)
		if err != nil {
			t.Fatalf("%q became %q: %v", source, printed, err)
		}
		if sexpr(again) != sexpr(chunk) || placesIn(t, printed, again) != places {
			t.Fatalf("%q became %q, which is %s", source, printed, sexpr(again))
		}
	})
}

func checkError(t *testing.T, source string, err error) {
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%q: %v", source, err)
	}
	if e.Pos.Offset > e.End.Offset || int(e.End.Offset) > len(source) || !e.Pos.IsValid() || !e.End.IsValid() || e.Opening.Offset > e.Pos.Offset {
		t.Fatalf("%q: %v lies at %v to %v, opened at %v", source, e, e.Pos, e.End, e.Opening)
	}
	if !strings.HasPrefix(e.Error(), "t:") || e.Message == "" {
		t.Fatalf("%q: %v", source, e)
	}
}

// placesIn demands that every node lies in its parent, and returns how many there are.
func placesIn(t *testing.T, source string, chunk *Chunk) (nodes int) {
	if int(chunk.End().Offset) != len(source) {
		t.Fatalf("%q ends at %v", source, chunk.End())
	}
	Walk(chunk, func(n Node) bool {
		if n != nil {
			nodes++
			checkChildren(t, "fuzz", n)
		}
		return true
	})
	return nodes
}

// luaSource writes a tree as Lua.
func luaSource(n Node) string {
	switch n := n.(type) {
	case *Chunk:
		return luaSource(n.Body)
	case *Block:
		text := ""
		for _, s := range n.Stmts {
			text += luaStmt(s) + ";\n"
		}
		return text
	case *Field:
		if n.Key == nil {
			return luaExpr(n.Value)
		}
		return "[ " + luaExpr(n.Key) + "] = " + luaExpr(n.Value)
	case *Name:
		return n.Value
	case Expr:
		return luaExpr(n)
	}
	panic("unknown node")
}

func luaStmt(n Stmt) string {
	switch n := n.(type) {
	case *LocalStmt:
		if len(n.Values) == 0 {
			return "local " + luaList(n.Names)
		}
		return "local " + luaList(n.Names) + " = " + luaList(n.Values)
	case *AssignStmt:
		return luaList(n.Targets) + " = " + luaList(n.Values)
	case *CallStmt:
		return luaExpr(n.Call)
	case *DoStmt:
		return "do " + luaSource(n.Body) + "end"
	case *WhileStmt:
		return "while " + luaExpr(n.Cond) + " do " + luaSource(n.Body) + "end"
	case *RepeatStmt:
		return "repeat " + luaSource(n.Body) + "until " + luaExpr(n.Cond)
	case *IfStmt:
		text := ""
		for _, c := range n.Clauses {
			text += "elseif " + luaExpr(c.Cond) + " then " + luaSource(c.Body)
		}
		if n.Else != nil {
			text += "else " + luaSource(n.Else)
		}
		return strings.TrimPrefix(text, "else") + "end"
	case *ForStmt:
		text := "for " + n.Var.Value + " = " + luaExpr(n.Start) + ", " + luaExpr(n.Limit)
		if n.Step != nil {
			text += ", " + luaExpr(n.Step)
		}
		return text + " do " + luaSource(n.Body) + "end"
	case *ForInStmt:
		return "for " + luaList(n.Names) + " in " + luaList(n.Values) + " do " + luaSource(n.Body) + "end"
	case *FuncStmt:
		target := luaExpr(n.Target)
		if i := strings.LastIndexByte(target, '.'); n.Method {
			target = target[:i] + ":" + target[i+1:]
		}
		return "function " + target + luaFunc(n.Func)
	case *LocalFuncStmt:
		return "local function " + n.Name.Value + luaFunc(n.Func)
	case *ReturnStmt:
		return "return " + luaList(n.Values)
	case *BreakStmt:
		return "break"
	case *GotoStmt:
		return "goto " + n.Label.Value
	case *LabelStmt:
		return "::" + n.Name.Value + "::"
	}
	panic("unknown statement")
}

func luaExpr(n Expr) string {
	switch n := n.(type) {
	case *NumberExpr:
		return n.Raw
	case *StringExpr:
		return luaString(n.Value)
	case *FuncExpr:
		return "function" + luaFunc(n)
	case *IndexExpr:
		if n.Dot.IsValid() {
			return luaExpr(n.X) + "." + n.Key.(*StringExpr).Value
		}
		return luaExpr(n.X) + "[ " + luaExpr(n.Key) + "]"
	case *CallExpr:
		if n.Method != nil {
			return luaExpr(n.Func) + ":" + n.Method.Value + "(" + luaList(n.Args) + ")"
		}
		return luaExpr(n.Func) + "(" + luaList(n.Args) + ")"
	case *TableExpr:
		return "{" + luaList(n.Fields) + "}"
	case *UnaryExpr:
		return n.Op.String() + " " + luaExpr(n.X)
	case *BinaryExpr:
		return luaExpr(n.X) + " " + n.Op.String() + " " + luaExpr(n.Y)
	case *ParenExpr:
		return "(" + luaExpr(n.X) + ")"
	}
	return sexprExpr(n) // nil, true, false, "..." and names are written as they are
}

func luaFunc(f *FuncExpr) string {
	params := luaList(f.Params)
	if f.Vararg {
		params = strings.TrimPrefix(params+", ...", ", ")
	}
	return "(" + params + ") " + luaSource(f.Body) + "end"
}

func luaList[N Node](nodes []N) string {
	words := make([]string, len(nodes))
	for i, n := range nodes {
		words[i] = luaSource(n)
	}
	return strings.Join(words, ", ")
}

// luaString writes s with every byte that is no letter or digit as an escape.
func luaString(s string) string {
	text := []byte{'"'}
	for i := range len(s) {
		if is(s[i], isLetter|isDigit) {
			text = append(text, s[i])
		} else {
			text = append(text, '\\')
			text = append(text, "00"[:3-len(strconv.Itoa(int(s[i])))]...)
			text = strconv.AppendInt(text, int64(s[i]), 10)
		}
	}
	return string(text) + `"`
}
