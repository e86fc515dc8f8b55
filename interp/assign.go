package interp

import (
	"strconv"

	"github.com/yuin/gopher-lua/ast"
)

// gopher-lua compiles each value of a multiple assignment straight into the
// local variable it is for, so that "a, b = b, a" assigns b twice (its issue
// 440). fixAssigns rewrites such assignments to what they mean:
//
//	do local t1, t2 = b, a; b = t2; a = t1 end
//
// in all statements below. Those to table fields alone are right as they are,
// and stay: they come first, since their tables and keys are those from before.
func fixAssigns(stmts []ast.Stmt) {
	for i, stmt := range stmts {
		switch st := stmt.(type) {
		case *ast.AssignStmt:
			fixExprs(st.Lhs)
			fixExprs(st.Rhs)
			if len(st.Lhs) > 1 && assignsVariable(st) {
				stmts[i] = viaTemporaries(st)
			}
		case *ast.LocalAssignStmt:
			fixExprs(st.Exprs)
		case *ast.FuncCallStmt:
			fixExpr(st.Expr)
		case *ast.DoBlockStmt:
			fixAssigns(st.Stmts)
		case *ast.WhileStmt:
			fixExpr(st.Condition)
			fixAssigns(st.Stmts)
		case *ast.RepeatStmt:
			fixExpr(st.Condition)
			fixAssigns(st.Stmts)
		case *ast.IfStmt:
			fixExpr(st.Condition)
			fixAssigns(st.Then)
			fixAssigns(st.Else)
		case *ast.NumberForStmt:
			fixExprs([]ast.Expr{st.Init, st.Limit, st.Step})
			fixAssigns(st.Stmts)
		case *ast.GenericForStmt:
			fixExprs(st.Exprs)
			fixAssigns(st.Stmts)
		case *ast.FuncDefStmt:
			fixAssigns(st.Func.Stmts)
		case *ast.ReturnStmt:
			fixExprs(st.Exprs)
		}
	}
}

// maxItems is how many items of a table constructor have room in gopher-lua's
// code: it counts batches of 50 in 9 bits, and silently drops what is beyond.
const maxItems = 511 * 50

func fixExprs(exprs []ast.Expr) {
	for _, e := range exprs {
		fixExpr(e)
	}
}

// fixExpr looks for functions in an expression.
func fixExpr(expr ast.Expr) {
	switch e := expr.(type) {
	case *ast.FunctionExpr:
		fixAssigns(e.Stmts)
	case *ast.AttrGetExpr:
		fixExprs([]ast.Expr{e.Object, e.Key})
	case *ast.TableExpr:
		if len(e.Fields) > maxItems {
			panic("line " + strconv.Itoa(e.Line()) + ": a table constructor may have at most " + strconv.Itoa(maxItems) + " items")
		}
		for _, f := range e.Fields {
			fixExprs([]ast.Expr{f.Key, f.Value})
		}
	case *ast.FuncCallExpr:
		fixExprs([]ast.Expr{e.Func, e.Receiver})
		fixExprs(e.Args)
	case *ast.LogicalOpExpr:
		fixExprs([]ast.Expr{e.Lhs, e.Rhs})
	case *ast.RelationalOpExpr:
		fixExprs([]ast.Expr{e.Lhs, e.Rhs})
	case *ast.StringConcatOpExpr:
		fixExprs([]ast.Expr{e.Lhs, e.Rhs})
	case *ast.ArithmeticOpExpr:
		fixExprs([]ast.Expr{e.Lhs, e.Rhs})
	case *ast.UnaryMinusOpExpr:
		fixExpr(e.Expr)
	case *ast.UnaryNotOpExpr:
		fixExpr(e.Expr)
	case *ast.UnaryLenOpExpr:
		fixExpr(e.Expr)
	}
}

func assignsVariable(st *ast.AssignStmt) bool {
	for _, e := range st.Lhs {
		if _, ok := e.(*ast.IdentExpr); ok {
			return true
		}
	}
	return false
}

func viaTemporaries(st *ast.AssignStmt) ast.Stmt {
	local := at(&ast.LocalAssignStmt{Exprs: st.Rhs}, st)
	fields := at(&ast.AssignStmt{}, st)
	var variables []ast.Stmt
	for i := len(st.Lhs) - 1; i >= 0; i-- { // the last first, as Lua's own compiler does
		name := "(" + strconv.Itoa(i+1) + ")"
		value := at(&ast.IdentExpr{Value: name}, st.Lhs[i])
		if _, ok := st.Lhs[i].(*ast.IdentExpr); ok {
			variables = append(variables, at(&ast.AssignStmt{Lhs: []ast.Expr{st.Lhs[i]}, Rhs: []ast.Expr{value}}, st))
		} else {
			fields.Lhs = append([]ast.Expr{st.Lhs[i]}, fields.Lhs...)
			fields.Rhs = append([]ast.Expr{value}, fields.Rhs...)
		}
	}
	for i := range st.Lhs {
		local.Names = append(local.Names, "("+strconv.Itoa(i+1)+")")
	}
	block := at(&ast.DoBlockStmt{Stmts: []ast.Stmt{local}}, st)
	if len(fields.Lhs) > 0 {
		block.Stmts = append(block.Stmts, fields)
	}
	block.Stmts = append(block.Stmts, variables...)
	return block
}

// at puts a new node on the line of the one it stands for.
func at[T ast.PositionHolder](node T, line ast.PositionHolder) T {
	node.SetLine(line.Line())
	node.SetLastLine(max(line.LastLine(), line.Line()))
	return node
}
