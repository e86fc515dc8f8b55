package syntax

import (
	"fmt"
	"strings"
	"testing"
)

// Walk goes over everything in the source's order, says when it leaves, and leaves
// out what it is told to.
func TestWalk(t *testing.T) {
	chunk, err := Parse("t", `
		local a, b = 1, "s"
		a.b, c[d] = nil, true
		f(false, ...):g{x, y = 1, [z] = 2}
		do while a do break end repeat until b end
		if a then f() elseif b then g() else h() end
		for i = 1, 2, 3 do end
		for k, v in p, q do goto l ::l:: end
		function m.n:o(u, ...) return (u), -u + 1 end
		local function w(u) return function() end end`)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	Walk(chunk, func(n Node) bool {
		if n == nil {
			out.WriteString(")")
			return false
		}
		fmt.Fprintf(&out, "(%s", strings.TrimPrefix(fmt.Sprintf("%T", n), "*syntax."))
		if name, ok := n.(*Name); ok {
			out.WriteString(" " + name.Value)
		}
		return true
	})
	want := `(Chunk(Block
		(LocalStmt(Name a)(Name b)(NumberExpr)(StringExpr))
		(AssignStmt(IndexExpr(NameExpr)(StringExpr))(IndexExpr(NameExpr)(NameExpr))(NilExpr)(TrueExpr))
		(CallStmt(CallExpr(CallExpr(NameExpr)(FalseExpr)(VarargExpr))(Name g)
			(TableExpr(Field(NameExpr))(Field(StringExpr)(NumberExpr))(Field(NameExpr)(NumberExpr)))))
		(DoStmt(Block(WhileStmt(NameExpr)(Block(BreakStmt)))(RepeatStmt(Block)(NameExpr))))
		(IfStmt(Clause(NameExpr)(Block(CallStmt(CallExpr(NameExpr)))))(Clause(NameExpr)(Block(CallStmt(CallExpr(NameExpr)))))
			(Block(CallStmt(CallExpr(NameExpr)))))
		(ForStmt(Name i)(NumberExpr)(NumberExpr)(NumberExpr)(Block))
		(ForInStmt(Name k)(Name v)(NameExpr)(NameExpr)(Block(GotoStmt(Name l))(LabelStmt(Name l))))
		(FuncStmt(IndexExpr(IndexExpr(NameExpr)(StringExpr))(StringExpr))
			(FuncExpr(Name u)(Block(ReturnStmt(ParenExpr(NameExpr))(BinaryExpr(UnaryExpr(NameExpr))(NumberExpr))))))
		(LocalFuncStmt(Name w)(FuncExpr(Name u)(Block(ReturnStmt(FuncExpr(Block))))))))`
	want = strings.NewReplacer("\n", "", "\t", "").Replace(want)
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	calls := 0
	Walk(chunk, func(n Node) bool {
		calls++
		_, stmt := n.(Stmt)
		return !stmt
	})
	if calls != 13 { // chunk, block, nine statements, and two ends
		t.Errorf("%d calls", calls)
	}
}
