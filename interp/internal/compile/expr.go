package compile

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
	"wirelua/interp/syntax"
)

// unparen returns what is in parentheses. They matter only where several values would
// be taken.
func unparen(e syntax.Expr) syntax.Expr {
	for {
		p, ok := e.(*syntax.ParenExpr)
		if !ok {
			return e
		}
		e = p.X
	}
}

// isMulti reports whether an expression has as many values as it likes.
func isMulti(e syntax.Expr) bool {
	switch e.(type) {
	case *syntax.CallExpr, *syntax.VarargExpr:
		return true
	}
	return false
}

// push computes e into the first free register, and reserves it.
func (f *function) push(e syntax.Expr) int {
	reg := f.free
	f.use(e.Pos(), 1)
	f.into(e, reg)
	f.free = reg + 1
	return reg
}

// anyRegister computes e into a register, or returns that of the local variable that it
// is.
func (f *function) anyRegister(e syntax.Expr) int {
	if reg, ok := f.local(unparen(e)); ok {
		return reg
	}
	return f.push(e)
}

// into computes e into register dst: the first free one, or that of a local variable,
// which keeps its value until all that e uses has been computed. Registers from the
// first free one on are used on the way, and none is reserved.
func (f *function) into(e syntax.Expr, dst int) {
	f.c.step()
	switch e := unparen(e).(type) {
	case *syntax.NilExpr:
		f.loadNil(e.From.Line, dst, dst)
	case *syntax.TrueExpr:
		f.loadBool(e.From.Line, dst, 1, 0)
	case *syntax.FalseExpr:
		f.loadBool(e.From.Line, dst, 0, 0)
	case *syntax.NumberExpr:
		f.loadNumber(e.From.Line, dst, e.Value)
	case *syntax.StringExpr:
		f.loadConstant(e.From.Line, dst, f.text(e.Value))
	case *syntax.VarargExpr:
		f.vararg(e, 1)
		f.move(e.From.Line, dst, f.free)
	case *syntax.FuncExpr:
		f.closure(e, false, e.From, dst)
	case *syntax.NameExpr:
		f.name(e, dst)
	case *syntax.IndexExpr, *syntax.CallExpr:
		f.chain(e, dst, 1)
	case *syntax.TableExpr:
		f.table(e, dst)
	case *syntax.UnaryExpr:
		f.unary(e, dst)
	case *syntax.BinaryExpr:
		f.binary(e, dst)
	}
}

func (f *function) binary(e *syntax.BinaryExpr, dst int) {
	switch {
	case e.Op == syntax.OpConcat:
		f.concat(e, dst)
	case arithmetics[e.Op] != 0:
		f.place(f.arithmetic(e, dst), e, dst)
	default:
		f.choice(e, dst)
	}
}

// several computes the values of a call or a "..." into registers from the first free
// one on, and reserves them; with open it is as many as there are, and none is reserved:
// the VM's top tells how many.
func (f *function) several(e syntax.Expr, n int) {
	switch e := e.(type) {
	case *syntax.CallExpr:
		f.chain(e, f.free, n)
	case *syntax.VarargExpr:
		f.vararg(e, n)
	}
	if n > 0 {
		f.use(e.Pos(), n)
		f.free += n
	}
}

// open wants as many values as there are.
const open = -1

// counted returns how instructions say how many values there are: by one more, and 0
// for as many as there are below the top.
func counted(n int, open bool) int {
	if open {
		return 0
	}
	return n + 1
}

// list computes values into registers from the first free one on, and reserves them. It
// returns how many; if the last is open, those before it.
func (f *function) list(values []syntax.Expr) (n int, isOpen bool) {
	for i, e := range values {
		if i == len(values)-1 && isMulti(e) {
			f.several(e, open)
			return i, true
		}
		f.push(e)
	}
	return len(values), false
}

// vararg emits VARARG A B: the first B - 1 of the arguments that have no name, or with
// B = 0 all of them, are put into the registers from A on. The VM forgets what is
// above them, so that A is always the first free one.
func (f *function) vararg(e *syntax.VarargExpr, n int) {
	f.dots = true
	if n != 0 {
		f.use(e.From, 1)
		f.emit(e.From.Line, glua.ABC(lua.OP_VARARG, f.free, n+1, 0))
	}
}

// move emits MOVE A B: register A is what is in B.
func (f *function) move(line int32, to, from int) {
	if to != from {
		f.emit(line, glua.ABC(lua.OP_MOVE, to, from, 0))
	}
}

// loadNil emits LOADNIL A B: the registers from A to B are nil.
func (f *function) loadNil(line int32, first, last int) {
	f.emit(line, glua.ABC(lua.OP_LOADNIL, first, last, 0))
}

// loadBool emits LOADBOOL A B C: register A is whether B is not 0; with C the next
// instruction is skipped.
func (f *function) loadBool(line int32, reg, value, skip int) {
	f.emit(line, glua.ABC(lua.OP_LOADBOOL, reg, value, skip))
}

// loadConstant emits LOADK A Bx: register A is the constant Bx.
func (f *function) loadConstant(line int32, reg, constant int) {
	f.emit(line, glua.ABx(lua.OP_LOADK, reg, constant))
}

func (f *function) loadNumber(line int32, reg int, n float64) {
	f.loadConstant(line, reg, f.number(n))
}

// name reads a variable. GETUPVAL A B: register A is the upvalue B. GETGLOBAL A Bx: it is
// the global that the constant Bx, a string, names, in the function's environment.
func (f *function) name(e *syntax.NameExpr, dst int) {
	t, line := f.variable(e), e.Name.From.Line
	switch t.kind {
	case targetLocal:
		f.move(line, dst, t.reg)
	case targetUpvalue:
		f.emit(line, glua.ABC(lua.OP_GETUPVAL, dst, t.reg, 0))
	default:
		f.emit(line, glua.ABx(lua.OP_GETGLOBAL, dst, t.reg))
	}
}

// closure emits CLOSURE A Bx: register A is a new closure of the function Bx. A word for
// each of its upvalues must be behind it: MOVE with B the register of the local variable
// that it is to share, or GETUPVAL with B an upvalue of the running function.
func (f *function) closure(e *syntax.FuncExpr, method bool, at syntax.Pos, dst int) {
	child := f.c.function(f, e, method, at)
	if len(f.children) > glua.MaxBx {
		f.c.fail(at, "constant table overflow")
	}
	f.children = append(f.children, child.proto)
	line := e.To.Line
	f.emit(line, glua.ABx(lua.OP_CLOSURE, dst, len(f.children)-1))
	for _, word := range child.captures {
		f.emit(line, word)
	}
}

// function compiles a function. One with "..." has a variable "arg" in Lua 5.1, a table of
// the arguments; it is nil where "..." is written, and not made where nobody looks.
func (c *compiler) function(parent *function, e *syntax.FuncExpr, method bool, at syntax.Pos) *function {
	f := c.newFunction(parent, at)
	f.proto.LastLineDefined = int(e.To.Line)
	f.enter(nil)
	if method {
		f.parameter("self", e.From)
	}
	for _, p := range e.Params {
		f.parameter(p.Value, p.From)
	}
	f.proto.NumParameters = uint8(len(f.active))
	var arg *variable
	if e.Vararg {
		arg = f.parameter("arg", e.From)
		f.proto.IsVarArg = lua.VarArgIsVarArg | lua.VarArgHasArg
	}
	f.block(e.Body)
	if e.Vararg && arg.used && !f.dots {
		f.proto.IsVarArg |= lua.VarArgNeedsArg
	}
	f.leaveAll()
	f.finish(e.To)
	return f
}

// parameter declares a variable that has its value from the start.
func (f *function) parameter(name string, at syntax.Pos) *variable {
	f.use(at, 1)
	v := f.declare(name, at)
	f.free++
	return v
}
