package compile

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
	"wirelua/interp/syntax"
)

// target is what is assigned to: a local variable's register, the index of an upvalue
// or of a global's name, or a table's register and a key.
type target struct {
	kind     targetKind
	reg      int // or index
	key      int
	constant bool // the key is a string in the source
	e        syntax.Expr
}

type targetKind uint8

const (
	targetLocal targetKind = iota
	targetUpvalue
	targetGlobal
	targetField
)

// target computes what is before the last dot or bracket. Local variables among the
// targets behind it are assigned before it is: those in it are copied.
func (f *function) target(e syntax.Expr, behind []syntax.Expr) target {
	if name, ok := e.(*syntax.NameExpr); ok {
		return f.variable(name)
	}
	index := e.(*syntax.IndexExpr)
	t := target{kind: targetField, e: index.X}
	if f.assigned(index.X, behind) {
		t.reg = f.push(index.X)
	} else {
		t.reg = f.anyRegister(index.X)
	}
	if f.assigned(index.Key, behind) {
		t.key = f.push(index.Key)
	} else {
		t.key, t.constant = f.key(index.Key)
	}
	return t
}

// variable returns the target that a name is.
func (f *function) variable(e *syntax.NameExpr) target {
	name := e.Name.Value
	v := f.meaning(&e.Name)
	switch {
	case v == nil:
		return target{kind: targetGlobal, reg: f.text(name), e: e}
	case v.fn == f:
		v.used = true
		return target{kind: targetLocal, reg: v.reg, e: e}
	default:
		return target{kind: targetUpvalue, reg: f.upvalue(v, e.Name.From), e: e}
	}
}

// assigned reports whether e is a local variable that is among targets.
func (f *function) assigned(e syntax.Expr, targets []syntax.Expr) bool {
	if len(targets) == 0 {
		return false
	}
	reg, ok := f.local(unparen(e))
	if !ok {
		return false
	}
	for _, t := range targets {
		f.c.spend(1)
		if r, ok := f.local(t); ok && r == reg {
			return true
		}
	}
	return false
}

// assign computes what is in the targets, then all values, and then assigns them from
// the last to the first, as Lua 5.1 does.
func (f *function) assign(s *syntax.AssignStmt) {
	if len(s.Targets) == 1 && len(s.Values) == 1 {
		if f.pop(s) {
			return
		}
		t := f.target(s.Targets[0], nil)
		f.put(&t, s.Values[0])
		return
	}
	if len(s.Targets) > maxTargets {
		f.exceeds(s.Pos(), maxTargets, "variables in assignment")
	}
	targets := make([]target, len(s.Targets))
	for i, e := range s.Targets {
		targets[i] = f.target(e, s.Targets[i+1:])
	}
	first, values := f.free, s.Values
	last := len(targets) - 1
	if len(values) == len(targets) {
		f.adjusted(values[:last], last, s.Pos())
		f.put(&targets[last], values[last])
		last--
	} else {
		f.adjusted(values, len(targets), s.Pos())
	}
	line := values[len(values)-1].End().Line
	for ; last >= 0; last-- {
		f.store(&targets[last], first+last, line)
	}
}

// pop compiles "t[#t] = nil", if there is a function for it.
func (f *function) pop(s *syntax.AssignStmt) bool {
	index, ok1 := s.Targets[0].(*syntax.IndexExpr)
	_, ok2 := unparen(s.Values[0]).(*syntax.NilExpr)
	if !ok1 || !ok2 || f.c.opts.Pop == nil {
		return false
	}
	if length, ok := index.Key.(*syntax.UnaryExpr); !ok || length.Op != syntax.OpLen {
		return false
	}
	base := f.take(s.Pos())
	f.loadConstant(s.Pos().Line, base, f.other(f.c.opts.Pop))
	f.push(index.X)
	f.push(index.Key)
	pc := f.emit(s.End().Line, glua.ABC(lua.OP_CALL, base, 3, 1))
	f.mention(pc, Left, index.X)
	return true
}

// put assigns the value of an expression.
func (f *function) put(t *target, e syntax.Expr) {
	line := e.End().Line
	switch t.kind {
	case targetLocal:
		f.into(e, t.reg)
	case targetField:
		f.store(t, f.rk(f.operand(e), e), line)
	default:
		f.store(t, f.anyRegister(e), line)
	}
}

// store assigns what is in a register; to a field, it may be a constant, too.
func (f *function) store(t *target, from int, line int32) {
	switch t.kind {
	case targetLocal:
		f.move(line, t.reg, from)
	case targetUpvalue: // SETUPVAL A B: the upvalue B is what is in register A
		f.emit(line, glua.ABC(lua.OP_SETUPVAL, from, t.reg, 0))
	case targetGlobal: // SETGLOBAL A Bx: the global that the constant Bx names is what is in A
		f.emit(line, glua.ABx(lua.OP_SETGLOBAL, from, t.reg))
	default:
		f.setTable(line, t, from)
	}
}

// setTable emits SETTABLE A B C: register A, at the key RK(B), is RK(C). For a key that
// is a string in the source SETTABLEKS is quicker; of a register it takes for granted
// that it holds a string.
func (f *function) setTable(line int32, t *target, value int) {
	op := lua.OP_SETTABLE
	if t.constant {
		op = lua.OP_SETTABLEKS
	}
	pc := f.emit(line, glua.ABC(op, t.reg, t.key, value))
	f.mention(pc, Object, t.e)
}
