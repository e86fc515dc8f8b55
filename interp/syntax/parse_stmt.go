package syntax

// block reads statements up to the word that ends them, after the word before them.
func (p *parser) block() *Block {
	p.enter()
	b := p.blocks.new()
	b.From = p.prev
	mark := p.stmts.mark()
	for last := false; !last && !p.blockEnds(); {
		var s Stmt
		s, last = p.stmt()
		p.stmts.add(s)
		p.accept(tSemicolon)
	}
	b.Stmts = p.stmts.take(mark)
	b.To = p.tok.from
	p.leave()
	return b
}

func (p *parser) blockEnds() bool {
	switch p.tok.kind {
	case tEOF, tEnd, tElse, tElseif, tUntil:
		return true
	}
	return false
}

// loop reads the block of a loop.
func (p *parser) loop() *Block {
	p.loops++
	b := p.block()
	p.loops--
	return b
}

// stmt reads a statement, and says whether it must be its block's last.
func (p *parser) stmt() (s Stmt, last bool) {
	switch p.tok.kind {
	case tIf:
		return p.ifStmt(), false
	case tWhile:
		return p.whileStmt(), false
	case tDo:
		return p.doStmt(), false
	case tFor:
		return p.forStmt(), false
	case tRepeat:
		return p.repeatStmt(), false
	case tFunction:
		return p.funcStmt(), false
	case tLocal:
		return p.local(), false
	case tDoubleColon:
		return p.labelStmt(), false
	case tReturn:
		return p.returnStmt(), true
	case tBreak:
		return p.breakStmt(), true
	case tName:
		if p.tok.text == "goto" && p.isName(p.peek()) {
			return p.gotoStmt(), false
		}
	}
	return p.exprStmt(), false
}

func (p *parser) ifStmt() Stmt {
	o := p.open()
	s := &IfStmt{}
	s.Clauses = append(s.Clauses, p.clause())
	for p.tok.kind == tElseif {
		s.Clauses = append(s.Clauses, p.clause())
	}
	if p.accept(tElse) {
		s.Else = p.block()
	}
	s.To = p.close(tEnd, o)
	return s
}

func (p *parser) clause() *Clause {
	c := &Clause{If: p.tok.from}
	p.next()
	c.Cond = p.expr()
	c.Then = p.expect(tThen)
	c.Body = p.block()
	return c
}

func (p *parser) whileStmt() Stmt {
	o := p.open()
	s := &WhileStmt{While: o.pos}
	p.next()
	s.Cond = p.expr()
	p.expect(tDo)
	s.Body = p.loop()
	s.To = p.close(tEnd, o)
	return s
}

func (p *parser) doStmt() Stmt {
	o := p.open()
	s := &DoStmt{Do: o.pos}
	p.next()
	s.Body = p.block()
	s.To = p.close(tEnd, o)
	return s
}

func (p *parser) repeatStmt() Stmt {
	o := p.open()
	s := &RepeatStmt{Repeat: o.pos}
	p.next()
	s.Body = p.loop()
	s.Until = p.tok.from
	p.close(tUntil, o)
	s.Cond = p.expr()
	return s
}

func (p *parser) forStmt() Stmt {
	o := p.open()
	p.next()
	name := p.ident()
	switch p.tok.kind {
	case tAssign:
		return p.forNumbers(o, name)
	case tComma, tIn:
		return p.forIn(o, name)
	}
	p.fail("'=' or 'in' expected")
	return nil
}

func (p *parser) forNumbers(o opening, name *Name) Stmt {
	s := &ForStmt{For: o.pos, Var: name}
	p.next()
	s.Start = p.expr()
	p.expect(tComma)
	s.Limit = p.expr()
	if p.accept(tComma) {
		s.Step = p.expr()
	}
	p.expect(tDo)
	s.Body = p.loop()
	s.To = p.close(tEnd, o)
	return s
}

func (p *parser) forIn(o opening, name *Name) Stmt {
	s := &ForInStmt{For: o.pos, Names: p.moreNames(name)}
	p.expect(tIn)
	s.Values = p.exprList()
	p.expect(tDo)
	s.Body = p.loop()
	s.To = p.close(tEnd, o)
	return s
}

// moreNames returns first and the names that follow it after commas.
func (p *parser) moreNames(first *Name) []*Name {
	mark := p.nameList.mark()
	p.nameList.add(first)
	for p.accept(tComma) {
		p.nameList.add(p.ident())
	}
	return p.nameList.take(mark)
}

func (p *parser) funcStmt() Stmt {
	o := p.open()
	s := &FuncStmt{Function: o.pos}
	p.next()
	p.check(tName)
	s.Target = p.nameExpr()
	for p.tok.kind == tDot || p.tok.kind == tColon {
		s.Method = p.tok.kind == tColon
		s.Target = p.field(s.Target)
		if s.Method {
			break
		}
	}
	s.Func = &FuncExpr{From: p.tok.from}
	p.funcBody(s.Func, o)
	return s
}

// local reads "local function" or "local" with names.
func (p *parser) local() Stmt {
	from := p.tok.from
	p.next()
	if p.tok.kind == tFunction {
		return p.localFunc(from)
	}
	s := p.locals.new()
	s.Local = from
	s.Names = p.moreNames(p.ident())
	if p.accept(tAssign) {
		s.Values = p.exprList()
	}
	return s
}

func (p *parser) localFunc(from Pos) Stmt {
	o := p.open()
	s := &LocalFuncStmt{Local: from}
	p.next()
	s.Name = p.ident()
	o.line = p.line // Lua names the line of the parameters
	s.Func = &FuncExpr{From: p.tok.from}
	p.funcBody(s.Func, o)
	return s
}

func (p *parser) labelStmt() Stmt {
	s := &LabelStmt{From: p.tok.from}
	p.next()
	s.Name = p.ident()
	p.expect(tDoubleColon)
	s.To = p.prev
	return s
}

func (p *parser) gotoStmt() Stmt {
	s := &GotoStmt{Goto: p.tok.from}
	p.next()
	s.Label = p.ident()
	return s
}

func (p *parser) returnStmt() Stmt {
	s := &ReturnStmt{Return: p.tok.from}
	p.next()
	if !p.blockEnds() && p.tok.kind != tSemicolon {
		s.Values = p.exprList()
	}
	s.To = p.prev
	return s
}

func (p *parser) breakStmt() Stmt {
	s := &BreakStmt{Break: p.tok.from}
	p.next()
	if p.loops == 0 {
		e := p.near("no loop to break")
		e.Incomplete = false // no line can follow that helps
		p.failAt(e)
	}
	return s
}

// exprStmt reads a call or an assignment.
func (p *parser) exprStmt() Stmt {
	x := p.suffixed()
	if call, ok := x.(*CallExpr); ok {
		s := p.callStmts.new()
		s.Call = call
		return s
	}
	s := p.assigns.new()
	mark := p.exprs.mark()
	p.target(x)
	for p.accept(tComma) {
		p.target(p.suffixed())
	}
	p.expect(tAssign)
	s.Targets = p.exprs.take(mark)
	s.Values = p.exprList()
	return s
}

// target adds x to what is assigned to.
func (p *parser) target(x Expr) {
	switch x.(type) {
	case *NameExpr, *IndexExpr:
		p.exprs.add(x)
	default:
		p.fail("syntax error")
	}
}
