package syntax

import (
	"fmt"
	"strconv"
	"strings"
)

// sexpr writes a tree so that a test can be read: every node that is not a name, a
// number or a string in parentheses, what it is first.
func sexpr(n Node) string {
	switch n := n.(type) {
	case *Chunk:
		return sexpr(n.Body)
	case *Block:
		return join(n.Stmts)
	case Stmt:
		return sexprStmt(n)
	case Expr:
		return sexprExpr(n)
	case *Name:
		return n.Value
	case *Clause:
		return sexpr(n.Cond) + " " + form("then", sexpr(n.Body))
	case *Field:
		if n.Key == nil {
			return sexpr(n.Value)
		}
		return "[" + sexpr(n.Key) + "]=" + sexpr(n.Value)
	}
	panic(fmt.Sprintf("%T", n))
}

func sexprStmt(n Stmt) string {
	switch n := n.(type) {
	case *LocalStmt:
		return form("local", "("+join(n.Names)+")", join(n.Values))
	case *AssignStmt:
		return form("=", "("+join(n.Targets)+")", join(n.Values))
	case *CallStmt:
		return sexpr(n.Call)
	case *DoStmt:
		return form("do", sexpr(n.Body))
	case *WhileStmt:
		return form("while", sexpr(n.Cond), sexpr(n.Body))
	case *RepeatStmt:
		return form("repeat", sexpr(n.Body), "until "+sexpr(n.Cond))
	case *IfStmt:
		if n.Else != nil {
			return form("if", join(n.Clauses), form("else", sexpr(n.Else)))
		}
		return form("if", join(n.Clauses))
	case *ForStmt:
		step := ""
		if n.Step != nil {
			step = sexpr(n.Step)
		}
		return form("for", sexpr(n.Var), sexpr(n.Start), sexpr(n.Limit), step, form("do", sexpr(n.Body)))
	case *ForInStmt:
		return form("forin", "("+join(n.Names)+")", join(n.Values), form("do", sexpr(n.Body)))
	case *FuncStmt:
		word := "function"
		if n.Method {
			word = "method"
		}
		return form(word, sexpr(n.Target), sexpr(n.Func))
	case *LocalFuncStmt:
		return form("localfunction", sexpr(n.Name), sexpr(n.Func))
	case *ReturnStmt:
		return form("return", join(n.Values))
	case *BreakStmt:
		return "(break)"
	case *GotoStmt:
		return form("goto", sexpr(n.Label))
	case *LabelStmt:
		return form("label", sexpr(n.Name))
	}
	panic(fmt.Sprintf("%T", n))
}

func sexprExpr(n Expr) string {
	switch n := n.(type) {
	case *NilExpr:
		return "nil"
	case *TrueExpr:
		return "true"
	case *FalseExpr:
		return "false"
	case *VarargExpr:
		return "..."
	case *NameExpr:
		return n.Name.Value
	case *NumberExpr:
		return strconv.FormatFloat(n.Value, 'g', -1, 64)
	case *StringExpr:
		return strconv.Quote(n.Value)
	case *FuncExpr:
		params := join(n.Params)
		if n.Vararg {
			params = strings.TrimSpace(params + " ...")
		}
		return form("fn", "("+params+")", sexpr(n.Body))
	case *IndexExpr:
		if n.Dot.IsValid() {
			return form(".", sexpr(n.X), n.Key.(*StringExpr).Value)
		}
		return form("[]", sexpr(n.X), sexpr(n.Key))
	case *CallExpr:
		if n.Method != nil {
			return form("callmethod", sexpr(n.Func), sexpr(n.Method), join(n.Args))
		}
		return form("call", sexpr(n.Func), join(n.Args))
	case *TableExpr:
		return "{" + join(n.Fields) + "}"
	case *UnaryExpr:
		return form(n.Op.String(), sexpr(n.X))
	case *BinaryExpr:
		return form(n.Op.String(), sexpr(n.X), sexpr(n.Y))
	case *ParenExpr:
		return form("paren", sexpr(n.X))
	}
	panic(fmt.Sprintf("%T", n))
}

// form writes words in parentheses, without the empty ones.
func form(words ...string) string {
	text := ""
	for _, w := range words {
		if w != "" {
			text += " " + w
		}
	}
	return "(" + text[1:] + ")"
}

func join[N Node](nodes []N) string {
	words := make([]string, len(nodes))
	for i, n := range nodes {
		words[i] = sexpr(n)
	}
	return strings.Join(words, " ")
}
