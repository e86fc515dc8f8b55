package syntax

// exprList reads one or more expressions with commas between them.
func (p *parser) exprList() []Expr {
	mark := p.exprs.mark()
	p.exprs.add(p.expr())
	for p.accept(tComma) {
		p.exprs.add(p.expr())
	}
	return p.exprs.take(mark)
}

// binary says how a token binds as a binary operator: the higher, the more tightly.
// One whose right is lower than its left goes with what follows it first.
type binary struct {
	op          Op
	left, right uint8
}

var binaries = [kinds]binary{
	tOr: {OpOr, 1, 1}, tAnd: {OpAnd, 2, 2},
	tLT: {OpLT, 3, 3}, tGT: {OpGT, 3, 3}, tLE: {OpLE, 3, 3}, tGE: {OpGE, 3, 3}, tNE: {OpNE, 3, 3}, tEQ: {OpEQ, 3, 3},
	tConcat: {OpConcat, 5, 4},
	tAdd:    {OpAdd, 6, 6}, tSub: {OpSub, 6, 6},
	tMul: {OpMul, 7, 7}, tDiv: {OpDiv, 7, 7}, tMod: {OpMod, 7, 7},
	tPow: {OpPow, 10, 9},
}

const unaryBinds = 8

// pending is an operator that waits for its right operand.
type pending struct {
	x     Expr // its left operand; nil before a unary one
	op    Op
	binds uint8 // to the right
	pos   Pos
}

// expr reads an expression. Operators wait on a stack, so that a chain of any length
// takes no depth; what would make the tree deep counts as depth.
func (p *parser) expr() Expr {
	p.enter()
	mark := len(p.pending)
	for {
		p.unaries()
		x := p.simple()
		b := binaries[p.tok.kind] // binds by 0 if it is no operator
		for len(p.pending) > mark && p.pending[len(p.pending)-1].binds >= b.left {
			x = p.operation(x)
		}
		if b.left == 0 {
			p.leave()
			return x
		}
		p.push(pending{x, b.op, b.right, p.tok.from})
	}
}

// unaries takes the operators before an operand.
func (p *parser) unaries() {
	for {
		switch p.tok.kind {
		case tNot:
			p.push(pending{nil, OpNot, unaryBinds, p.tok.from})
		case tSub:
			p.push(pending{nil, OpNeg, unaryBinds, p.tok.from})
		case tLen:
			p.push(pending{nil, OpLen, unaryBinds, p.tok.from})
		default:
			return
		}
	}
}

// push takes an operator.
func (p *parser) push(o pending) {
	if o.nests() {
		p.enter()
	}
	p.pending = append(p.pending, o)
	p.next()
}

// nests reports whether a chain of such operators makes the tree deep, other than
// along the one side where whoever walks it can go in a loop.
func (o *pending) nests() bool { return o.x == nil || o.op == OpPow }

// operation returns the last of the pending operators with y on its right.
func (p *parser) operation(y Expr) Expr {
	o := p.pending[len(p.pending)-1]
	p.pending = p.pending[:len(p.pending)-1]
	if o.nests() {
		p.leave()
	}
	if o.x == nil {
		return &UnaryExpr{From: o.pos, To: y.End(), Op: o.op, X: y}
	}
	b := p.binaries.new()
	*b = BinaryExpr{From: o.x.Pos(), To: y.End(), X: o.x, Op: o.op, OpPos: o.pos, Y: y}
	return b
}

// simple reads an operand.
func (p *parser) simple() Expr {
	from := p.tok.from
	switch p.tok.kind {
	case tNumber:
		n := p.numbers.new()
		n.From, n.To, n.Value = from, p.tok.to, p.tok.num
		n.Raw = p.src[n.From.Offset:n.To.Offset]
		p.next()
		return n
	case tString:
		return p.str()
	case tNil:
		p.next()
		return &NilExpr{from}
	case tTrue:
		p.next()
		return &TrueExpr{from}
	case tFalse:
		p.next()
		return &FalseExpr{from}
	case tDots:
		if !p.vararg {
			p.fail("cannot use '...' outside a vararg function")
		}
		p.next()
		return &VarargExpr{from}
	case tLBrace:
		return p.table()
	case tFunction:
		return p.function()
	}
	return p.suffixed()
}

// str takes a string, or a name that stands for one.
func (p *parser) str() *StringExpr {
	s := p.strings.new()
	s.From, s.To, s.Value = p.tok.from, p.tok.to, p.tok.text
	p.next()
	return s
}

// nameExpr takes a name that is a variable.
func (p *parser) nameExpr() Expr {
	n := p.nameExprs.new()
	n.Name = Name{p.tok.from, p.tok.text}
	p.next()
	return n
}

// isName reports whether t can only be a name, which "goto" need not be.
func (p *parser) isName(t *token) bool { return t.kind == tName && t.text != "goto" }

// ident takes a name where it is declared.
func (p *parser) ident() *Name {
	p.check(tName)
	n := p.names.new()
	n.From, n.Value = p.tok.from, p.tok.text
	p.next()
	return n
}

// suffixed reads a variable or an expression in parentheses, with the indexes and
// calls that follow it.
func (p *parser) suffixed() Expr {
	x := p.primary()
	for {
		switch p.tok.kind {
		case tDot:
			x = p.field(x)
		case tLBracket:
			x = p.index(x)
		case tColon:
			p.next()
			x = p.call(x, p.ident())
		case tLParen, tString, tLBrace:
			x = p.call(x, nil)
		default:
			return x
		}
	}
}

func (p *parser) primary() Expr {
	switch p.tok.kind {
	case tName:
		return p.nameExpr()
	case tLParen:
		o := p.open()
		p.next()
		x := p.expr()
		return &ParenExpr{o.pos, p.close(tRParen, o), x}
	}
	p.fail("unexpected symbol")
	return nil
}

// field reads ".name" after x, or ":name" in the name of a function.
func (p *parser) field(x Expr) Expr {
	i := p.indexes.new()
	i.From, i.X, i.Dot = x.Pos(), x, p.tok.from
	p.next()
	p.check(tName)
	i.Key = p.str()
	i.To = p.prev
	return i
}

// index reads "[key]" after x.
func (p *parser) index(x Expr) Expr {
	i := p.indexes.new()
	i.From, i.X = x.Pos(), x
	i.Key = p.key()
	i.To = p.prev
	return i
}

// key reads "[key]".
func (p *parser) key() Expr {
	p.next()
	key := p.expr()
	p.expect(tRBracket)
	return key
}

// call reads the arguments of a call of f.
func (p *parser) call(f Expr, method *Name) Expr {
	c := p.calls.new()
	c.From, c.Func, c.Method, c.Open = f.Pos(), f, method, p.tok.from
	mark := p.exprs.mark()
	switch p.tok.kind {
	case tString:
		p.exprs.add(p.str())
	case tLBrace:
		p.exprs.add(p.table())
	case tLParen:
		p.arguments()
	default:
		p.fail("function arguments expected")
	}
	c.Args = p.exprs.take(mark)
	c.To = p.prev
	return c
}

// arguments adds what is in parentheses to the expressions.
func (p *parser) arguments() {
	if p.line != p.prevLine {
		p.fail("ambiguous syntax (function call x new statement)")
	}
	o := p.open()
	p.next()
	if p.tok.kind != tRParen {
		p.exprs.add(p.expr())
		for p.accept(tComma) {
			p.exprs.add(p.expr())
		}
	}
	p.close(tRParen, o)
}

// table reads a constructor.
func (p *parser) table() Expr {
	o := p.open()
	p.next()
	mark := p.fields.mark()
	for p.tok.kind != tRBrace {
		p.fields.add(p.entry())
		if !p.accept(tComma) && !p.accept(tSemicolon) {
			break
		}
	}
	return &TableExpr{o.pos, p.close(tRBrace, o), p.fields.take(mark)}
}

// entry reads one field of a constructor.
func (p *parser) entry() *Field {
	f := p.fieldNodes.new()
	f.From = p.tok.from
	switch {
	case p.tok.kind == tLBracket:
		f.Key = p.key()
		p.expect(tAssign)
	case p.tok.kind == tName && p.peek().kind == tAssign:
		f.Key = p.str()
		p.next()
	}
	f.Value = p.expr()
	return f
}

// function reads a function that is a value.
func (p *parser) function() Expr {
	o := p.open()
	f := &FuncExpr{From: o.pos}
	p.next()
	o.line = p.line // Lua names the line of the parameters
	p.funcBody(f, o)
	return f
}

// funcBody reads a function from its parameters to the end of what o opened.
func (p *parser) funcBody(f *FuncExpr, o opening) {
	loops, vararg := p.loops, p.vararg
	p.loops = 0
	p.expect(tLParen)
	p.params(f)
	p.expect(tRParen)
	p.vararg = f.Vararg
	f.Body = p.block()
	f.To = p.close(tEnd, o)
	p.loops, p.vararg = loops, vararg
}

func (p *parser) params(f *FuncExpr) {
	if p.tok.kind == tRParen {
		return
	}
	mark := p.nameList.mark()
	for {
		switch p.tok.kind {
		case tName:
			p.nameList.add(p.ident())
		case tDots:
			p.next()
			f.Vararg = true
		default:
			p.fail("<name> or '...' expected")
		}
		if f.Vararg || !p.accept(tComma) {
			break
		}
	}
	f.Params = p.nameList.take(mark)
}
