package compile

import (
	"math"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
	"wirelua/interp/syntax"
)

// operand is what an instruction works on: RK, or a number that is not yet among the
// constants, since it may be part of a larger one.
type operand struct {
	rk       int
	number   float64
	constant bool
}

// operand computes e as an operand. A register for it is reserved, if it needs one.
func (f *function) operand(e syntax.Expr) operand {
	e = unparen(e)
	if reg, ok := f.local(e); ok {
		return operand{rk: reg}
	}
	switch x := e.(type) {
	case *syntax.NumberExpr:
		return operand{number: x.Value, constant: true}
	case *syntax.StringExpr:
		return f.constantOperand(e, f.text(x.Value))
	case *syntax.NilExpr:
		return f.constantOperand(e, f.other(lua.LNil))
	case *syntax.TrueExpr:
		return f.constantOperand(e, f.other(lua.LTrue))
	case *syntax.FalseExpr:
		return f.constantOperand(e, f.other(lua.LFalse))
	}
	reg := f.free
	f.use(e.Pos(), 1)
	if isArithmetic(e) {
		if x := f.compute(e, reg); x.constant {
			return x
		}
	} else {
		f.into(e, reg)
	}
	f.free = reg + 1
	return operand{rk: reg}
}

// constantOperand returns a constant as an operand, by way of a register if it has too
// high a number.
func (f *function) constantOperand(e syntax.Expr, constant int) operand {
	if constant <= glua.MaxRK {
		return operand{rk: constant | glua.ConstantBit}
	}
	reg := f.take(e.Pos())
	f.loadConstant(e.Pos().Line, reg, constant)
	return operand{rk: reg}
}

// rk returns an operand as RK; it may take a register.
func (f *function) rk(x operand, e syntax.Expr) int {
	if x.constant {
		x = f.constantOperand(e, f.number(x.number))
	}
	return x.rk
}

// place has what was computed for e in register dst, if it is a constant: then nothing
// has put it there.
func (f *function) place(x operand, e syntax.Expr, dst int) {
	if x.constant {
		f.loadNumber(e.Pos().Line, dst, x.number)
	}
}

// arithmetics are the instructions ADD A B C and so on: register A is RK(B) + RK(C).
var arithmetics = [...]int{
	syntax.OpAdd: lua.OP_ADD, syntax.OpSub: lua.OP_SUB, syntax.OpMul: lua.OP_MUL,
	syntax.OpDiv: lua.OP_DIV, syntax.OpMod: lua.OP_MOD, syntax.OpPow: lua.OP_POW,
	syntax.OpNeg: 0,
}

// isArithmetic reports whether e is a number, but for what metamethods do.
func isArithmetic(e syntax.Expr) bool {
	switch e := unparen(e).(type) {
	case *syntax.NumberExpr:
		return true
	case *syntax.UnaryExpr:
		return e.Op == syntax.OpNeg || e.Op == syntax.OpLen
	case *syntax.BinaryExpr:
		return arithmetics[e.Op] != 0
	}
	return false
}

// compute computes arithmetic into register dst, if it is no constant.
func (f *function) compute(e syntax.Expr, dst int) operand {
	if u, ok := e.(*syntax.UnaryExpr); ok {
		return f.signed(u, dst)
	}
	return f.arithmetic(e.(*syntax.BinaryExpr), dst)
}

// arithmetic computes a chain of operators, which may be long, from its left end on, in
// the first free register, and the last of them into dst.
func (f *function) arithmetic(e *syntax.BinaryExpr, dst int) operand {
	var room [4]*syntax.BinaryExpr
	chain := leftChain(room[:0], e, func(op syntax.Op) bool { return arithmetics[op] != 0 })
	mark := f.free
	x := f.operand(chain[len(chain)-1].X)
	for i := len(chain) - 1; i >= 0; i-- {
		f.c.step()
		b := chain[i]
		y := f.operand(b.Y)
		if n, ok := fold(b.Op, x, y); ok {
			x = operand{number: n, constant: true}
			continue
		}
		to := dst
		if i > 0 {
			to = mark
		}
		f.operate(b, to, f.rk(x, b.X), f.rk(y, b.Y))
		f.free = mark
		if i > 0 {
			f.take(b.Pos())
		}
		x = operand{rk: to}
	}
	return x
}

// operate emits the instruction of an operator.
func (f *function) operate(b *syntax.BinaryExpr, to, x, y int) {
	pc := f.emit(b.To.Line, glua.ABC(arithmetics[b.Op], to, x, y))
	f.mention(pc, Left, b.X)
	f.mention(pc, Right, b.Y)
}

// leftChain returns the operators of a chain, the last first. Chains of operators that
// bind to the left may be longer than the stack is deep. It appends to chain, which is
// empty.
func leftChain(chain []*syntax.BinaryExpr, e *syntax.BinaryExpr, belongs func(syntax.Op) bool) []*syntax.BinaryExpr {
	chain = append(chain, e)
	for {
		x, ok := unparen(e.X).(*syntax.BinaryExpr)
		if !ok || !belongs(x.Op) {
			return chain
		}
		chain = append(chain, x)
		e = x
	}
}

// fold computes with constants as the VM would, where the result is a plain number.
func fold(op syntax.Op, x, y operand) (n float64, ok bool) {
	if !x.constant || !y.constant {
		return 0, false
	}
	switch op {
	case syntax.OpAdd:
		n = x.number + y.number
	case syntax.OpSub:
		n = x.number - y.number
	case syntax.OpMul:
		n = x.number * y.number
	case syntax.OpDiv:
		n = x.number / y.number
	case syntax.OpPow:
		n = math.Pow(x.number, y.number)
	default:
		return 0, false
	}
	return n, !math.IsNaN(n) && !math.IsInf(n, 0)
}

// unary computes NOT A B: register A is not register B; LEN A B: it is the length of
// RK(B); or UNM A B: it is -RK(B).
func (f *function) unary(e *syntax.UnaryExpr, dst int) {
	if e.Op != syntax.OpNot {
		f.place(f.signed(e, dst), e, dst)
		return
	}
	if value, known := truth(e.X); known {
		f.loadBool(e.From.Line, dst, bit(!value), 0)
		return
	}
	if isCondition(e.X) {
		f.choice(e, dst)
		return
	}
	mark := f.free
	reg := f.anyRegister(e.X)
	f.emit(e.To.Line, glua.ABC(lua.OP_NOT, dst, reg, 0))
	f.free = mark
}

// signed computes a negative number, or a length.
func (f *function) signed(e *syntax.UnaryExpr, dst int) operand {
	mark := f.free
	x := f.operand(e.X)
	op := lua.OP_LEN
	if e.Op == syntax.OpNeg {
		if x.constant {
			return operand{number: -x.number, constant: true}
		}
		op = lua.OP_UNM
	}
	pc := f.emit(e.To.Line, glua.ABC(op, dst, f.rk(x, e.X), 0))
	f.mention(pc, Left, e.X)
	f.free = mark
	return operand{rk: dst}
}
