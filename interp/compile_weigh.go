package interp

import (
	"fmt"

	"github.com/yuin/gopher-lua/ast"
)

// gopher-lua's compiler recurses on Go's stack, whose overflow nothing can catch,
// and has loops within loops: it looks for each constant among all of the
// function's, for each variable in all blocks around, for each label among all
// gotos. So weigh refuses, with a panic, what is nested too deep, and what would
// keep the compiler busy for many seconds; no person writes such code. It returns
// how long the longest of the chunk's constants is.
func weigh(chunk []ast.Stmt) (longest int) {
	w := &weighing{}
	w.function(nil, chunk)
	return w.longest
}

const (
	maxSyntax  = 10000    // levels of statements and expressions in each other
	maxEffort  = 16 << 30 // steps of the compiler's loops; some ten seconds
	funcEffort = 256 << 10
)

// weighing is what is known at one place of a walk through a chunk.
type weighing struct {
	effort  int
	depth   int
	scope   int // variables and blocks that are looked through for a name
	longest int // of the constants, in bytes
	fn      *funcWeight
}

// funcWeight is what is known of a function.
type funcWeight struct {
	constants map[string]struct{}
	uses      int // of constants
	labels    int
	gotos     int
}

func (w *weighing) spend(n int) {
	if w.effort += n; w.effort > maxEffort {
		panic("the chunk is too large or too complicated")
	}
}

// down enters one level more; the caller leaves it with up.
func (w *weighing) down(line int) {
	if w.depth++; w.depth > maxSyntax {
		panic(fmt.Sprintf("line %d: nested more than %d levels deep", line, maxSyntax))
	}
	w.spend(1)
}

func (w *weighing) up() { w.depth-- }

// constant notes a use of a constant, or of a name, which may be one.
func (w *weighing) constant(kind, text string) {
	w.longest = max(w.longest, len(text))
	w.fn.uses++
	w.fn.constants[kind+text] = struct{}{}
}

func (w *weighing) name(text string) {
	w.spend(4 * w.scope)
	w.constant("s", text)
}

func (w *weighing) function(params []string, body []ast.Stmt) {
	outer, scope := w.fn, w.scope
	w.fn = &funcWeight{constants: map[string]struct{}{}}
	w.scope += len(params) + 1
	w.spend(funcEffort)
	w.block(body)
	f := w.fn
	w.spend(f.uses * len(f.constants) * 3) // 6 ns for each of half the constants
	w.spend(8 * f.labels * (f.labels + f.gotos))
	w.fn, w.scope = outer, scope
}

// block weighs statements with a scope of their own.
func (w *weighing) block(stmts []ast.Stmt) {
	scope := w.scope
	w.scope++
	for _, stmt := range stmts {
		w.stmt(stmt)
	}
	w.scope = scope
}

func (w *weighing) stmt(stmt ast.Stmt) {
	w.down(stmt.Line())
	defer w.up()
	switch st := stmt.(type) {
	case *ast.AssignStmt:
		w.exprs(st.Lhs)
		w.exprs(st.Rhs)
	case *ast.LocalAssignStmt:
		w.scope += len(st.Names)
		w.exprs(st.Exprs)
	case *ast.FuncCallStmt:
		w.expr(st.Expr)
	case *ast.DoBlockStmt:
		w.block(st.Stmts)
	case *ast.WhileStmt:
		w.expr(st.Condition)
		w.block(st.Stmts)
	case *ast.RepeatStmt:
		w.expr(st.Condition)
		w.block(st.Stmts)
	case *ast.IfStmt:
		w.expr(st.Condition)
		w.block(st.Then)
		w.block(st.Else)
	case *ast.NumberForStmt:
		w.exprs([]ast.Expr{st.Init, st.Limit, st.Step})
		w.block(st.Stmts)
	case *ast.GenericForStmt:
		w.exprs(st.Exprs)
		w.block(st.Stmts)
	case *ast.FuncDefStmt:
		w.expr(st.Name.Func)
		w.expr(st.Name.Receiver)
		w.constant("s", st.Name.Method)
		w.function(st.Func.ParList.Names, st.Func.Stmts)
	case *ast.ReturnStmt:
		w.exprs(st.Exprs)
	case *ast.LabelStmt:
		w.fn.labels++
		w.spend(w.scope)
	case *ast.GotoStmt:
		w.fn.gotos++
		w.spend(w.scope)
	}
}

func (w *weighing) exprs(exprs []ast.Expr) {
	for _, e := range exprs {
		w.expr(e)
	}
}

// expr weighs an expression, and returns how many operators there are in it that
// the compiler looks at again from each one above, to compute constants.
func (w *weighing) expr(expr ast.Expr) (foldable int) {
	if expr == nil {
		return 0
	}
	w.down(expr.Line())
	defer w.up()
	switch e := expr.(type) {
	case *ast.NumberExpr:
		w.constant("n", e.Value)
	case *ast.StringExpr:
		w.constant("s", e.Value)
	case *ast.IdentExpr:
		w.name(e.Value)
	case *ast.FunctionExpr:
		w.function(e.ParList.Names, e.Stmts)
	case *ast.AttrGetExpr:
		w.expr(e.Object)
		w.expr(e.Key)
	case *ast.TableExpr:
		for _, f := range e.Fields {
			w.expr(f.Key)
			w.expr(f.Value)
		}
	case *ast.FuncCallExpr:
		w.expr(e.Func)
		w.expr(e.Receiver)
		w.constant("s", e.Method)
		w.exprs(e.Args)
	case *ast.LogicalOpExpr:
		w.exprs([]ast.Expr{e.Lhs, e.Rhs})
	case *ast.RelationalOpExpr:
		w.exprs([]ast.Expr{e.Lhs, e.Rhs})
	case *ast.StringConcatOpExpr:
		w.fn.uses++ // of what concatenates
		w.exprs([]ast.Expr{e.Lhs, e.Rhs})
	case *ast.ArithmeticOpExpr:
		foldable = 1 + w.expr(e.Lhs) + w.expr(e.Rhs)
	case *ast.UnaryMinusOpExpr:
		foldable = 1 + w.expr(e.Expr)
	case *ast.UnaryNotOpExpr:
		w.expr(e.Expr)
	case *ast.UnaryLenOpExpr:
		w.expr(e.Expr)
	}
	w.spend(10 * foldable)
	return foldable
}
