package compile

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
	"wirelua/interp/syntax"
)

// chain computes an index or a call, and all those in front of it, which may be many:
// "a.b(1).c" is a call and two indexes. What is in between is in the first free register.
// A call as the last has as many results as are wanted, from there on; if that is one,
// it is put into dst, as the value of an index is.
func (f *function) chain(e syntax.Expr, dst, results int) {
	var room [6]syntax.Expr
	links, base := chainLinks(room[:0], e)
	mark := f.free
	from := f.anyRegister(base)
	for i := len(links) - 1; i > 0; i-- {
		f.c.step()
		f.link(links[i], mark, from, mark, 1)
		f.free = mark
		from = f.take(base.Pos())
	}
	f.link(links[0], mark, from, dst, results)
	f.free = mark
}

// chainLinks returns the indexes and calls of a chain, the last first, and what is
// before them; it appends to links, which is empty.
func chainLinks(links []syntax.Expr, e syntax.Expr) (_ []syntax.Expr, base syntax.Expr) {
	for {
		switch x := e.(type) {
		case *syntax.IndexExpr:
			links = append(links, x)
			e = unparen(x.X)
		case *syntax.CallExpr:
			links = append(links, x)
			e = unparen(x.Func)
		default:
			return links, e
		}
	}
}

// link computes one index or call of what is in a register, by way of the registers from
// mark on.
func (f *function) link(e syntax.Expr, mark, from, dst, results int) {
	switch e := e.(type) {
	case *syntax.IndexExpr:
		f.index(e, from, dst)
	case *syntax.CallExpr:
		f.call(e, mark, from, results)
		if results == 1 {
			f.move(e.Open.Line, dst, mark)
		}
	}
}

// index emits GETTABLE A B C: register A is the field of B with the key RK(C). For a key
// that is a string in the source GETTABLEKS is quicker; of a register it takes for
// granted that it holds a string.
func (f *function) index(e *syntax.IndexExpr, from, dst int) {
	key, constant := f.key(e.Key)
	op := lua.OP_GETTABLE
	if constant {
		op = lua.OP_GETTABLEKS
	}
	pc := f.emit(e.To.Line, glua.ABC(op, dst, from, key))
	f.mention(pc, Object, e.X)
}

// key computes a key as RK, and says whether it is a string in the source.
func (f *function) key(e syntax.Expr) (rk int, constant bool) {
	_, constant = unparen(e).(*syntax.StringExpr)
	return f.rk(f.operand(e), e), constant
}

// call emits CALL A B C: register A is called with the B - 1 registers behind it as
// arguments, and with B = 0 with those up to the top; it leaves C - 1 results from A on,
// and with C = 0 as many as there are, up to the top. What is above them is forgotten, so
// that nothing may wait there: A is the first free register.
func (f *function) call(e *syntax.CallExpr, base, from, results int) {
	if e.Method != nil {
		f.self(e, base, from)
	} else {
		f.free = base
		f.take(e.Open)
		f.move(e.Open.Line, base, from)
	}
	_, isOpen := f.list(e.Args)
	pc := f.emit(e.Open.Line, glua.ABC(lua.OP_CALL, base, counted(f.free-base-1, isOpen), results+1))
	f.mentionCalled(pc, e)
}

// self emits SELF A B C: register A is the method of register B with the name RK(C), and
// A + 1 is register B. It reads all before it writes.
func (f *function) self(e *syntax.CallExpr, base, from int) {
	line := e.Method.From.Line
	name := f.rk(f.constantOperand(e, f.text(e.Method.Value)), e)
	f.free = base
	f.use(e.Open, 2)
	pc := f.emit(line, glua.ABC(lua.OP_SELF, base, from, name))
	f.mention(pc, Object, e.Func)
	f.free = base + 2
}

// concat computes a chain of "..", which the tree has as "a .. (b .. c)": with a call of
// the function that there is for it.
func (f *function) concat(e *syntax.BinaryExpr, dst int) {
	pieces := f.pieces(e)
	if len(pieces) == 1 {
		f.into(pieces[0], dst)
		return
	}
	line := e.To.Line
	base := f.take(e.OpPos)
	f.loadConstant(line, base, f.other(f.c.opts.Concat))
	for _, p := range pieces {
		f.push(p)
	}
	pc := f.emit(line, glua.ABC(lua.OP_CALL, base, len(pieces)+1, 2))
	for i, p := range pieces {
		f.mention(pc, i+1, p)
	}
	f.free = base
	f.move(line, dst, base)
}

// pieces returns the operands of a chain of "..". Strings at its end are joined.
func (f *function) pieces(e *syntax.BinaryExpr) (all []syntax.Expr) {
	for {
		all = append(all, e.X)
		y := unparen(e.Y)
		next, ok := y.(*syntax.BinaryExpr)
		if !ok || next.Op != syntax.OpConcat {
			return joined(append(all, y))
		}
		e = next
		f.c.step()
	}
}

// joined puts strings at the end of a chain into one.
func joined(all []syntax.Expr) []syntax.Expr {
	first := len(all)
	size := 0
	for first > 0 {
		s, ok := unparen(all[first-1]).(*syntax.StringExpr)
		if !ok {
			break
		}
		size += len(s.Value)
		first--
	}
	if len(all)-first < 2 {
		return all
	}
	text := make([]byte, 0, size)
	for _, e := range all[first:] {
		text = append(text, unparen(e).(*syntax.StringExpr).Value...)
	}
	whole := &syntax.StringExpr{From: all[first].Pos(), To: all[len(all)-1].End(), Value: string(text)}
	return append(all[:first], whole)
}
