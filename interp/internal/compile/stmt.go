package compile

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
	"wirelua/interp/syntax"
)

// block compiles statements whose scope somebody has begun and will end.
func (f *function) block(b *syntax.Block) {
	labels := len(b.Stmts) // where there are nothing but labels from
	for labels > 0 && isLabel(b.Stmts[labels-1]) {
		labels--
	}
	for i, s := range b.Stmts {
		f.stmt(s, i >= labels)
		f.free = len(f.active)
	}
}

func isLabel(s syntax.Stmt) bool {
	_, ok := s.(*syntax.LabelStmt)
	return ok
}

// endLine returns the line of a block's last statement; if it has none, the line given.
func endLine(b *syntax.Block, otherwise int32) int32 {
	if n := len(b.Stmts); n > 0 {
		return b.Stmts[n-1].End().Line
	}
	return otherwise
}

// scope compiles a block with a scope of its own.
func (f *function) scope(b *syntax.Block) {
	f.enter(nil)
	f.block(b)
	f.leave(b.To.Line)
}

// stmt compiles a statement; last says that only labels come after it.
func (f *function) stmt(s syntax.Stmt, last bool) {
	f.c.step()
	switch s := s.(type) {
	case *syntax.LocalStmt:
		f.adjusted(s.Values, len(s.Names), s.Local)
		if f.keeps() {
			f.keepAll(s.Names)
		} else {
			f.declareAll(s.Names)
		}
	case *syntax.AssignStmt:
		f.assign(s)
	case *syntax.CallStmt:
		f.chain(s.Call, f.free, 0)
	case *syntax.DoStmt:
		f.scope(s.Body)
	case *syntax.WhileStmt:
		f.while(s)
	case *syntax.RepeatStmt:
		f.repeat(s)
	case *syntax.IfStmt:
		f.ifStmt(s)
	case *syntax.ForStmt:
		f.forNumbers(s)
	case *syntax.ForInStmt:
		f.forIn(s)
	case *syntax.FuncStmt:
		f.funcStmt(s)
	case *syntax.LocalFuncStmt:
		if f.keeps() {
			f.keepFunction(s)
			return
		}
		f.use(s.Name.From, 1)
		v := f.declare(s.Name.Value, s.Name.From) // first: the function may call itself
		f.free++
		f.closure(s.Func, false, s.Func.From, v.reg)
	case *syntax.ReturnStmt:
		f.returnStmt(s)
	case *syntax.BreakStmt:
		f.breakStmt(s)
	case *syntax.GotoStmt:
		f.gotoStmt(s)
	case *syntax.LabelStmt:
		f.labelStmt(s, last && !f.inner.until)
	}
}

// adjusted computes values into as many registers as are wanted, from the first free one
// on, and reserves them.
func (f *function) adjusted(values []syntax.Expr, want int, at syntax.Pos) {
	for i, e := range values {
		switch {
		case i == len(values)-1 && isMulti(e):
			f.several(e, max(want-i, 0))
			return
		case i >= want: // its value goes nowhere
			f.push(e)
			f.free--
		default:
			f.push(e)
		}
	}
	if missing := want - len(values); missing > 0 {
		f.use(at, missing)
		f.loadNil(at.Line, f.free, f.free+missing-1)
		f.free += missing
	}
}

// returnStmt emits RETURN A B: the B - 1 values from register A on are what the function
// returns; with B = 0 all up to the top, which a call or "..." has just left. It closes
// what closures have of the function's registers.
func (f *function) returnStmt(s *syntax.ReturnStmt) {
	line := s.To.Line
	if len(s.Values) == 1 {
		if reg, ok := f.local(unparen(s.Values[0])); ok {
			f.emit(line, glua.ABC(lua.OP_RETURN, reg, 2, 0))
			return
		}
		if call, ok := s.Values[0].(*syntax.CallExpr); ok {
			f.tailCall(call, line)
			return
		}
	}
	first := f.free
	n, open := f.list(s.Values)
	f.emit(line, glua.ABC(lua.OP_RETURN, first, counted(n, open), 0))
}

// tailCall emits TAILCALL A B, which is CALL but for the running function, whose place
// the called one takes. A RETURN must be behind it, for Go functions, after which the VM
// goes on with whoever called.
func (f *function) tailCall(call *syntax.CallExpr, line int32) {
	first := f.free
	f.chain(call, first, open)
	last := len(f.code) - 1
	f.code[last] = f.code[last]&(1<<26-1) | uint32(lua.OP_TAILCALL)<<26
	f.emit(line, glua.ABC(lua.OP_RETURN, first, 0, 0))
}

func (f *function) ifStmt(s *syntax.IfStmt) {
	var end label
	for i, c := range s.Clauses {
		var next label
		f.jumpIf(c.Cond, false, &next)
		f.scope(c.Body)
		if i < len(s.Clauses)-1 || s.Else != nil {
			f.jump(endLine(c.Body, c.Then.Line), &end)
		}
		f.bind(&next)
	}
	if s.Else != nil {
		f.scope(s.Else)
	}
	f.bind(&end)
}

// funcStmt compiles "function a.b.c() end": what is wrong with a.b is wrong in the first
// line, not in the last.
func (f *function) funcStmt(s *syntax.FuncStmt) {
	t := f.target(s.Target, nil)
	line := s.Function.Line
	if t.kind == targetLocal {
		f.closure(s.Func, s.Method, s.Function, t.reg)
		return
	}
	reg := f.free
	f.use(s.Function, 1)
	f.closure(s.Func, s.Method, s.Function, reg)
	f.free++
	f.store(&t, reg, line)
}
