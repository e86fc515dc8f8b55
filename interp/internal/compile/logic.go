package compile

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
	"wirelua/interp/syntax"
)

// truth returns whether a constant counts as true.
func truth(e syntax.Expr) (value, known bool) {
	switch unparen(e).(type) {
	case *syntax.NilExpr, *syntax.FalseExpr:
		return false, true
	case *syntax.TrueExpr, *syntax.NumberExpr, *syntax.StringExpr:
		return true, true
	}
	return false, false
}

func isLogical(op syntax.Op) bool    { return op == syntax.OpAnd || op == syntax.OpOr }
func isComparison(op syntax.Op) bool { return op >= syntax.OpLT && op <= syntax.OpEQ }

// isCondition reports whether e is computed by jumps.
func isCondition(e syntax.Expr) bool {
	switch e := unparen(e).(type) {
	case *syntax.UnaryExpr:
		return e.Op == syntax.OpNot
	case *syntax.BinaryExpr:
		return isLogical(e.Op) || isComparison(e.Op)
	}
	return false
}

// jumpIf jumps to a label if e counts as when, and else goes on.
func (f *function) jumpIf(e syntax.Expr, when bool, to *label) {
	f.c.step()
	e = unparen(e)
	if value, known := truth(e); known {
		if value == when {
			f.jump(e.Pos().Line, to)
		}
		return
	}
	switch x := e.(type) {
	case *syntax.UnaryExpr:
		if x.Op == syntax.OpNot {
			f.jumpIf(x.X, !when, to)
			return
		}
	case *syntax.BinaryExpr:
		if isLogical(x.Op) {
			f.jumpIfAny(operands(x), x.Op == syntax.OpOr, when, to)
			return
		}
		if isComparison(x.Op) {
			f.compare(x, when, to)
			return
		}
	}
	mark := f.free
	f.test(e.End().Line, f.anyRegister(e), when, to)
	f.free = mark
}

// operands returns what is between the same logical operators.
func operands(e *syntax.BinaryExpr) []syntax.Expr {
	var room [4]*syntax.BinaryExpr
	chain := leftChain(room[:0], e, func(op syntax.Op) bool { return op == e.Op })
	all := []syntax.Expr{chain[len(chain)-1].X}
	for i := len(chain) - 1; i >= 0; i-- {
		all = append(all, chain[i].Y)
	}
	return all
}

// jumpIfAny is jumpIf for operands that are looked at until one counts as decisive: that
// is true for "or", false for "and".
func (f *function) jumpIfAny(operands []syntax.Expr, decisive, when bool, to *label) {
	last := len(operands) - 1
	var on label
	decided := &on // where the operands but the last lead
	if decisive == when {
		decided = to
	}
	for _, e := range operands[:last] {
		f.jumpIf(e, decisive, decided)
	}
	f.jumpIf(operands[last], when, to)
	f.bind(&on)
}

// test emits TEST A C and a jump, which the VM skips unless register A counts as C.
func (f *function) test(line int32, reg int, when bool, to *label) {
	f.emit(line, glua.ABC(lua.OP_TEST, reg, 0, bit(when)))
	f.jump(line, to)
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// compare emits EQ A B C, LT or LE, and a jump, which the VM skips unless A is the
// result of comparing RK(B) with RK(C).
func (f *function) compare(e *syntax.BinaryExpr, when bool, to *label) {
	mark, line := f.free, e.To.Line
	left, right := f.operand(e.X), f.operand(e.Y)
	x, y := f.rk(left, e.X), f.rk(right, e.Y)
	if e.Op == syntax.OpGT || e.Op == syntax.OpGE {
		x, y = y, x
	}
	op := lua.OP_EQ
	switch e.Op {
	case syntax.OpNE:
		when = !when
	case syntax.OpLT, syntax.OpGT:
		op = lua.OP_LT
	case syntax.OpLE, syntax.OpGE:
		op = lua.OP_LE
	}
	f.emit(line, glua.ABC(op, bit(when), x, y))
	f.jump(line, to)
	f.free = mark
}

// choice is a value that jumps decide on. It gets into register dst at the end of a way
// only, since dst may be a variable that the rest of the expression reads.
type choice struct {
	dst          int
	end, yes, no label // to go on with dst as it is, true or false
}

// choice computes a condition as a value.
func (f *function) choice(e syntax.Expr, dst int) {
	c := &choice{dst: dst}
	line := e.End().Line
	bare := f.decide(e, c)
	if bare || len(c.yes.jumps)+len(c.no.jumps) > 0 {
		if !bare {
			f.jump(line, &c.end)
		}
		f.bind(&c.no)
		f.loadBool(line, dst, 0, 1)
		f.bind(&c.yes)
		f.loadBool(line, dst, 1, 0)
	}
	f.bind(&c.end)
}

// decide computes the value, going on with it in dst, or bare: without one, which means
// false.
func (f *function) decide(e syntax.Expr, c *choice) (bare bool) {
	f.c.step()
	e = unparen(e)
	if b, ok := e.(*syntax.BinaryExpr); ok && isLogical(b.Op) {
		all := operands(b)
		for _, x := range all[:len(all)-1] {
			f.exitIf(x, b.Op == syntax.OpOr, c)
		}
		return f.decide(all[len(all)-1], c)
	}
	if isCondition(e) {
		f.jumpIf(e, true, &c.yes)
		return true
	}
	f.into(e, c.dst)
	return false
}

// exitIf ends the choice with e's value, if that counts as when, and else goes on.
func (f *function) exitIf(e syntax.Expr, when bool, c *choice) {
	f.c.step()
	e = unparen(e)
	line := e.End().Line
	if value, known := truth(e); known {
		if value == when {
			f.into(e, c.dst)
			f.jump(line, &c.end)
		}
		return
	}
	if b, ok := e.(*syntax.BinaryExpr); ok && isLogical(b.Op) {
		f.exitIfAny(operands(b), b.Op == syntax.OpOr, when, c)
		return
	}
	if isCondition(e) {
		to := &c.no
		if when {
			to = &c.yes
		}
		f.jumpIf(e, when, to)
		return
	}
	mark := f.free
	f.testSet(line, c.dst, f.anyRegister(e), when, &c.end)
	f.free = mark
}

// exitIfAny is exitIf for operands that are looked at until one is decisive.
func (f *function) exitIfAny(operands []syntax.Expr, decisive, when bool, c *choice) {
	last := len(operands) - 1
	var on label
	for _, e := range operands[:last] {
		if decisive == when {
			f.exitIf(e, when, c)
		} else {
			f.jumpIf(e, decisive, &on)
		}
	}
	f.exitIf(operands[last], when, c)
	f.bind(&on)
}

// testSet emits TESTSET A B C and a jump, which the VM skips unless register B counts as
// C: then it also puts it into A.
func (f *function) testSet(line int32, dst, reg int, when bool, to *label) {
	if dst == reg {
		f.test(line, reg, when, to)
		return
	}
	f.emit(line, glua.ABC(lua.OP_TESTSET, dst, reg, bit(when)))
	f.jump(line, to)
}
