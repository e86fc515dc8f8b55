package compile

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
	"wirelua/interp/syntax"
)

// loop compiles the body of a loop, whose block has begun, and ends the block.
func (f *function) loop(body *syntax.Block) {
	f.block(body)
	f.leave(body.To.Line)
}

// endLoop is where a break leads. It may come from anywhere in the block b, so that what
// closures have of its variables is closed here.
func (f *function) endLoop(b *block, line int32) {
	broken := len(b.loop.jumps) > 0
	f.bind(b.loop)
	if broken && (b.captured || b.within) {
		f.close(line, b.first)
	}
}

func (f *function) breakStmt(s *syntax.BreakStmt) {
	b := f.inner
	for b.loop == nil {
		b = b.outer
		f.c.spend(1)
	}
	f.jump(s.Break.Line, b.loop)
}

// while has the condition behind the body, so that each round makes one jump.
func (f *function) while(s *syntax.WhileStmt) {
	var body, cond, end label
	f.jump(s.While.Line, &cond)
	f.bind(&body)
	b := f.enter(&end)
	f.loop(s.Body)
	f.bind(&cond)
	f.jumpIf(s.Cond, true, &body)
	f.endLoop(b, s.To.Line)
}

// repeat has its condition in the scope of the body's variables.
func (f *function) repeat(s *syntax.RepeatStmt) {
	var top, again, end label
	f.bind(&top)
	b := f.enter(&end)
	b.until = true
	f.block(s.Body)
	f.jumpIf(s.Cond, false, &again)
	line := s.Cond.End().Line
	if b.captured {
		f.jump(line, &end)
		f.bind(&again)
		f.close(line, b.first)
		f.jump(line, &top)
	} else {
		f.bindAt(&again, top.pc)
	}
	b.captured, b.within = false, b.captured || b.within // it is closed already
	f.leave(line)
	f.endLoop(b, line)
}

// forNumbers emits FORPREP A sBx and FORLOOP A sBx, whose registers A to A + 2 hold the
// index, the limit and the step, which must be numbers: FORPREP takes the step off the
// index and goes to the FORLOOP, which adds it again, and goes back to the body with the
// index in A + 3 as long as the limit is not passed; then it forgets what is above A.
func (f *function) forNumbers(s *syntax.ForStmt) {
	line := s.For.Line
	var end label
	f.enter(nil)
	index := f.forNumber(s.Start, forStart)
	f.forNumber(s.Limit, forLimit)
	if s.Step != nil {
		f.forNumber(s.Step, forStep)
	} else {
		f.loadNumber(line, f.take(s.For), 1)
	}
	f.declareHidden(s.For, "(for index)", "(for limit)", "(for step)")
	prep := f.emit(line, glua.ABx(lua.OP_FORPREP, index, 0))
	b := f.enter(&end)
	f.take(s.Var.From)
	f.declare(s.Var.Value, s.Var.From)
	f.loop(s.Body)
	f.patch(prep, len(f.code))
	again := f.emit(line, glua.ABx(lua.OP_FORLOOP, index, 0))
	f.patch(again, prep+1)
	f.endLoop(b, line)
	f.leave(line)
}

// forNumber computes a number of a loop's head into the next register. The VM's loop
// takes nothing but numbers: adding 0 makes one of a string that looks like one.
func (f *function) forNumber(e syntax.Expr, kind mentionKind) int {
	reg := f.free
	f.use(e.Pos(), 1)
	switch x := f.operand(e); {
	case x.constant:
		f.loadNumber(e.Pos().Line, reg, x.number)
	case !isArithmetic(e):
		zero := f.rk(operand{constant: true}, e)
		pc := f.emit(e.End().Line, glua.ABC(lua.OP_ADD, reg, x.rk, zero))
		f.note(newMention(pc, Left, kind, 0))
	}
	f.free = reg + 1
	return reg
}

// forIn has the iterator and its two arguments in the registers from A on, and calls it by way of those
// from A + 3 on, where its results are wanted. As long as the first is not nil it is put into A + 2, and the
// body is gone through.
func (f *function) forIn(s *syntax.ForInStmt) {
	line := s.Values[0].Pos().Line
	var body, head, end label
	f.enter(nil)
	iterator := f.free
	f.adjusted(s.Values, 3, s.For)
	f.declareHidden(s.For, "(for generator)", "(for state)", "(for control)")
	f.use(s.For, max(3, len(s.Names))+1)
	f.jump(line, &head)
	f.bind(&body)
	waits := ofMethod(s.Values)
	if waits {
		f.move(line, iterator+2, iterator+3)
	}
	b := f.enter(&end)
	f.free += len(s.Names)
	f.declareAll(s.Names)
	f.loop(s.Body)
	f.bind(&head)
	if waits {
		f.callIterator(s, iterator)
	} else {
		f.emit(line, glua.ABC(lua.OP_TFORLOOP, iterator, 0, len(s.Names)))
	}
	f.jump(line, &body)
	f.endLoop(b, line)
	f.leave(line)
}

// callIterator does in four instructions what TFORLOOP A C does but for the move to A + 2: it calls the iterator
// and, unless the first of its C results is nil, goes to the jump that follows. For TFORLOOP the VM calls itself,
// and a thread that waits in there cannot be left; it takes a fifth less time for an iterator that does nothing.
func (f *function) callIterator(s *syntax.ForInStmt, iterator int) {
	line, first := s.Values[0].Pos().Line, iterator+3
	for i := range 3 {
		f.move(line, first+i, iterator+i)
	}
	f.emit(line, glua.ABC(lua.OP_CALL, first, 3, len(s.Names)+1))
	f.free = first + len(s.Names)
	f.emit(line, glua.ABC(lua.OP_EQ, 0, first, f.constantOperand(s.Values[0], f.other(lua.LNil)).rk))
	f.free = first
}

// ofMethod reports whether the iterator is what a method has returned, s:lines(): those wait, if any do.
func ofMethod(values []syntax.Expr) bool {
	if len(values) != 1 {
		return false
	}
	call, ok := values[0].(*syntax.CallExpr)
	return ok && call.Method != nil
}

// declareHidden makes variables that debug.getlocal shows, and no script can name.
func (f *function) declareHidden(at syntax.Pos, names ...string) {
	for _, n := range names {
		f.declare(n, at)
	}
}
