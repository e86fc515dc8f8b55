package interp_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// programs makes random Lua programs that end, for comparison with another Lua: what
// each does is seen by its calls of out(...), its results and its error. They are
// full of what compilers get wrong: and/or in every place, assignments to variables that
// their values use, constant conditions, closures over loop variables, multiple results in
// the middle and at the end, shadowing.
type programs struct {
	r      *rand.Rand
	b      strings.Builder
	scopes [][]string // local variables, by block
	funcs  []funcScope
	depth  int // of statements in each other
	names  int
	gotos  bool // goto and labels too, which Lua 5.1 does not have
	indent int
}

// funcScope is what is known of a function that is being written.
type funcScope struct {
	vararg bool
	loops  int // around the place, in this function
}

// program writes one, as the body of a function with "..." .
func (p *programs) program() string {
	p.b.Reset()
	p.scopes, p.funcs, p.depth = [][]string{{"a", "b", "t"}}, []funcScope{{vararg: true}}, 0
	p.line("local a, b, t = ...")
	p.block(3 + p.r.IntN(6))
	p.line("return %s", p.exprs(1+p.r.IntN(3), 2))
	return p.b.String()
}

func (p *programs) line(format string, args ...any) {
	fmt.Fprintf(&p.b, format, args...)
	p.b.WriteByte('\n')
}

func (p *programs) n(n int) int { return p.r.IntN(n) }

// one reports true once in n times.
func (p *programs) one(n int) bool { return p.r.IntN(n) == 0 }

func (p *programs) push(names ...string) { p.scopes = append(p.scopes, names) }
func (p *programs) pop()                 { p.scopes = p.scopes[:len(p.scopes)-1] }

func (p *programs) declare(names ...string) {
	top := &p.scopes[len(p.scopes)-1]
	*top = append(*top, names...)
}

// local picks a local variable in scope.
func (p *programs) local() string {
	for range 8 {
		s := p.scopes[p.n(len(p.scopes))]
		if len(s) > 0 {
			return s[p.n(len(s))]
		}
	}
	return "a"
}

func (p *programs) newName() string {
	if p.one(40) {
		return "t"
	}
	return pick(p.r, "a", "b", "c", "d", "e", "f", "x", "y", "print", "self")
}

func (p *programs) block(n int) {
	for range n {
		p.stmt()
	}
}

// body writes a block with a scope of its own.
func (p *programs) body(n int, names ...string) {
	p.push(names...)
	p.depth++
	p.block(n)
	p.depth--
	p.pop()
}

func (p *programs) stmt() {
	if p.b.Len() > 4000 {
		p.line("out(%s)", p.expr(1))
		return
	}
	kinds := []func(){p.assign, p.assign, p.assign, p.localStmt, p.localStmt, p.show, p.show, p.callStmt, p.multiAssign, p.fieldAssign}
	if p.depth < 4 {
		kinds = append(kinds, p.ifStmt, p.ifStmt, p.whileStmt, p.repeatStmt, p.forStmt, p.forStmt, p.forInStmt, p.doStmt,
			p.funcStmt, p.localFunc, p.pcallStmt, p.closures, p.coroutine, p.methods)
		if p.gotos {
			kinds = append(kinds, p.gotoContinue, p.gotoContinue, p.gotoBack, p.gotoOut)
		}
	}
	kinds[p.n(len(kinds))]()
}

func (p *programs) show() { p.line("out(%s)", p.exprs(1+p.n(3), 2)) }

func (p *programs) assign() {
	target, value := p.target(), p.expr(3)
	if strings.HasPrefix(target, "t[") {
		value = "some(" + value + ")"
	}
	p.line("%s = %s", target, value)
}

func (p *programs) target() string {
	switch p.n(8) {
	case 0:
		return pick(p.r, "G", "H")
	case 1:
		return "t[slot(t, " + p.expr(1) + ")]"
	case 2:
		return "t." + p.field()
	}
	if v := p.local(); v != "t" || p.one(12) { // t stays a table, mostly: the library of things that are set
		return v
	}
	return "a"
}

func (p *programs) field() string { return pick(p.r, "x", "y", "k", "n") }

func (p *programs) multiAssign() {
	n := 2 + p.n(2)
	targets := make([]string, n)
	for i := range targets {
		targets[i] = p.target()
		if strings.HasPrefix(targets[i], "t[") {
			targets[i] = "H" // no holes in t: how long it is then is nobody's to say
		}
	}
	if p.one(3) { // i, t[i] = ...
		v := p.local()
		p.line("%s, t[slot(t, %s)] = %s, some(%s)", v, v, p.expr(2), p.expr(2))
		return
	}
	p.line("%s = %s", strings.Join(targets, ", "), p.exprs(1+p.n(n+1), 2))
}

func (p *programs) fieldAssign() {
	if p.one(8) {
		p.line("t = %s", p.table(2))
		return
	}
	p.line("t.%s = %s", p.field(), p.expr(3))
}

func (p *programs) localStmt() {
	n := 1 + p.n(3)
	names := make([]string, n)
	for i := range names {
		names[i] = p.newName()
	}
	switch p.n(6) {
	case 0:
		p.line("local %s", strings.Join(names, ", "))
	case 1:
		p.line("local %s = %s", names[0], p.expr(3))
		names = names[:1]
	default:
		p.line("local %s = %s", strings.Join(names, ", "), p.exprs(1+p.n(n+1), 3))
	}
	p.declare(names...)
}

func (p *programs) callStmt() {
	switch p.n(5) {
	case 0:
		p.line("out((%s))", p.call(2))
	case 1:
		p.line("table.insert(t, some(%s))", p.expr(2))
	case 2:
		p.line("out(#t, %s)", p.call(2))
	default:
		call := p.call(2)
		if call[0] == '(' { // it would go on with the line before
			call = "local _ = " + call
		}
		p.line("%s", call)
	}
}

// cond is a condition; often one whose value the compiler knows.
func (p *programs) cond() string {
	switch p.n(6) {
	case 0:
		return pick(p.r, "true", "false", "nil", "1", "''", "not nil", "not true", "0 == 0", "not 1", "nil or false", "1 and nil", "false or 2")
	case 1:
		return p.expr(3)
	case 2:
		return "not " + p.unary(2)
	}
	return p.expr(2) + pick(p.r, " < ", " <= ", " > ", " >= ", " == ", " ~= ", " and ", " or ") + p.expr(1)
}

func (p *programs) ifStmt() {
	p.line("if %s then", p.cond())
	p.body(1 + p.n(2))
	for range p.n(3) {
		p.line("elseif %s then", p.cond())
		p.body(p.n(3))
	}
	if p.one(2) {
		p.line("else")
		p.body(p.n(3))
	}
	p.line("end")
}

func (p *programs) loop(f func()) {
	fn := &p.funcs[len(p.funcs)-1]
	fn.loops++
	f()
	p.funcs[len(p.funcs)-1].loops--
}

// maybeBreak ends a loop's body, sometimes in its middle.
func (p *programs) maybeBreak() {
	switch p.n(6) {
	case 0:
		p.line("if %s then break end", p.cond())
	case 1:
		p.line("do break end")
	case 2:
		p.line("if %s then out('b') break else out('c') end", p.cond())
	}
}

func (p *programs) whileStmt() {
	fuel := p.unique("w")
	switch p.n(4) {
	case 0:
		p.line("while %s do", pick(p.r, "false", "nil", "not 1", "1 == 2"))
		p.loop(func() { p.body(1 + p.n(2)) })
		p.line("end")
		return
	case 1:
		p.line("local %s = 0", fuel)
		p.line("while %s do", pick(p.r, "true", "1", "not nil", "''"))
	default:
		p.line("local %s = 0", fuel)
		p.line("while %s do", p.cond())
	}
	p.loop(func() {
		p.line("%s = %s + 1 if %s > %d then break end", fuel, fuel, fuel, 1+p.n(4))
		p.body(1 + p.n(3))
		p.maybeBreak()
	})
	p.line("end")
}

func (p *programs) repeatStmt() {
	fuel := p.unique("r")
	p.line("local %s = 0", fuel)
	p.line("repeat")
	p.loop(func() {
		p.push()
		p.depth++
		p.line("%s = %s + 1", fuel, fuel)
		p.block(1 + p.n(2))
		if p.one(3) {
			p.line("local z = %s", p.expr(2))
			p.line("local function zz() return z end")
			p.line("t[#t + 1] = zz")
			p.declare("z")
		}
		p.depth--
		p.line("until %s > %d or %s", fuel, p.n(4), p.cond())
		p.pop()
	})
}

func (p *programs) forStmt() {
	v := pick(p.r, "i", "i", "j", "a")
	from, to := p.n(6)-2, p.n(8)-2
	step := pick(p.r, "", "", "", ", 1", ", 2", ", -1", ", 0.5", ", -0.25", ", '1'")
	bound := fmt.Sprint(to)
	if p.one(5) {
		bound = pick(p.r, "few(#t)", "few(a)", "'3'", "few("+p.local()+")")
	}
	p.line("for %s = %d, %s%s do", v, from, bound, step)
	p.loop(func() {
		p.body(1+p.n(3), v)
		if p.one(2) {
			p.line("t[#t + 1] = function() %s = (tonumber(%s) or 0) + 1 return %s end", v, v, v)
		}
		p.maybeBreak()
	})
	p.line("end")
}

func (p *programs) forInStmt() {
	k, v := pick(p.r, "k", "i", "a"), pick(p.r, "v", "x", "b")
	src := pick(p.r, "ipairs(t)", "ipairs({"+p.exprs(3, 1)+"})", "range(3)", "range(0)", "ipairs{10, 20, 30}", "next, {5}", "sorted(t)")
	p.line("for %s, %s in %s do", k, v, src)
	p.loop(func() {
		p.body(1+p.n(3), k, v)
		if p.one(3) {
			p.line("t[#t + 1] = function() return %s, %s end", k, v)
		}
		p.line("if #t > %d then break end", 5+p.n(20))
		p.maybeBreak()
	})
	p.line("end")
}

func (p *programs) doStmt() {
	p.line("do")
	p.body(1 + p.n(3))
	p.line("end")
}

// function writes parameters and body of a function, after its name.
func (p *programs) function(head string, self bool) {
	params := []string{}
	for range p.n(3) {
		params = append(params, p.newName())
	}
	vararg := p.one(2)
	list := append([]string{}, params...)
	if vararg {
		list = append(list, "...")
	}
	p.line("%s(%s)", head, strings.Join(list, ", "))
	if self {
		params = append(params, "self")
	}
	p.push(params...)
	p.funcs = append(p.funcs, funcScope{vararg: vararg})
	p.line("if enough() then return end")
	p.body(1 + p.n(3))
	if p.one(4) {
		p.line("do return %s end", p.exprs(p.n(3), 2))
	}
	switch p.n(4) {
	case 0:
		p.line("return %s", p.call(2))
	case 1, 2:
		p.line("return %s", p.exprs(1+p.n(3), 2))
	}
	p.funcs = p.funcs[:len(p.funcs)-1]
	p.pop()
}

func (p *programs) funcStmt() {
	name := pick(p.r, "F", "G", "t.x", "t.y", "a", "b")
	p.function("function "+name, false)
	p.line("end")
	p.line("out(%s(%s))", name, p.exprs(p.n(3), 2))
}

func (p *programs) localFunc() {
	name := pick(p.r, "f", "g", "a", "print")
	p.declare(name)
	p.function("local function "+name, false)
	p.line("end")
	p.line("out(%s(%s))", name, p.exprs(p.n(3), 2))
}

func (p *programs) methods() {
	p.line("local o = {n = %s, x = %s}", p.expr(1), p.expr(1))
	p.declare("o")
	p.function("function o:m", true)
	p.line("end")
	p.line("out(o:m(%s), o.n, #(text(o.x):rep(2)))", p.exprs(p.n(3), 2))
}

func (p *programs) pcallStmt() {
	p.line("out(pcall(function(...)")
	p.funcs = append(p.funcs, funcScope{vararg: true})
	p.body(1 + p.n(3))
	p.line("return %s", p.exprs(1+p.n(2), 2))
	p.funcs = p.funcs[:len(p.funcs)-1]
	p.line("end%s))", pick(p.r, "", ", 1", ", a, b", ", "+p.multi(1)))
}

// closures writes a loop that makes functions over its variables, and calls them.
func (p *programs) closures() {
	p.line("do local fs = {}")
	p.line("for i = 1, 3 do local c = %s", p.expr(2))
	p.push("fs", "i", "c")
	p.loop(func() {
		p.depth++
		p.funcs = append(p.funcs, funcScope{})
		p.line("fs[#fs + 1] = function(v) local old = c if v then c = v i = %s end return old, i end", p.expr(1))
		p.funcs = p.funcs[:len(p.funcs)-1]
		p.block(p.n(2))
		if p.one(3) {
			p.line("if %s then break end", p.cond())
		}
		p.depth--
	})
	p.pop()
	p.line("end")
	p.line("for _, f in ipairs(fs) do out(f(%s)) out(f()) end end", p.expr(1))
}

func (p *programs) coroutine() {
	p.line("do local co = coroutine.wrap(function(...)")
	p.funcs = append(p.funcs, funcScope{vararg: true})
	p.push("v")
	p.line("local v = coroutine.yield(%s)", p.exprs(1+p.n(2), 2))
	p.line("for i = 1, 2 do v = coroutine.yield(i, v, %s) end", p.expr(2))
	p.depth++
	p.block(p.n(2))
	p.depth--
	p.line("return %s", p.exprs(1+p.n(2), 2))
	p.pop()
	p.funcs = p.funcs[:len(p.funcs)-1]
	p.line("end)")
	p.line("for _ = 1, %d do out(pcall(co, %s)) end end", 2+p.n(4), p.exprs(1+p.n(2), 1))
}

func (p *programs) label() string { return p.unique("l") }

func (p *programs) unique(prefix string) string {
	p.names++
	return fmt.Sprintf("%s%d", prefix, p.names)
}

func (p *programs) gotoContinue() {
	l := p.label()
	p.line("for i = 1, 3 do")
	p.loop(func() {
		p.push("i")
		p.depth++
		p.line("if %s then goto %s end", p.cond(), l)
		p.line("do")
		p.block(1 + p.n(2))
		p.line("local q = %s t[#t + 1] = function() q = q or 1 return q, i end", p.expr(1))
		p.line("if %s then goto %s end", p.cond(), l)
		p.line("out(i) end")
		p.depth--
		p.pop()
	})
	p.line("::%s:: end", l)
}

func (p *programs) gotoBack() {
	l, n := p.label(), p.unique("g")
	p.line("do local %s = 0 ::%s:: %s = %s + 1", n, l, n, n)
	p.line("local q = %s t[#t + 1] = function() return q, %s end", p.expr(1), n)
	p.body(p.n(2), "q")
	p.line("if %s < 3 then goto %s end end", n, l)
}

func (p *programs) gotoOut() {
	l := p.label()
	p.line("do for i = 1, 2 do for j = 1, 2 do")
	p.loop(func() {
		p.body(1+p.n(2), "i", "j")
		p.line("t[#t + 1] = function() return i + j end")
		p.line("if %s then goto %s end", p.cond(), l)
	})
	p.line("end end out('end') ::%s:: end", l)
}

// exprs is a list of n expressions, often with several values at the end.
func (p *programs) exprs(n, depth int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = p.expr(depth)
		if p.one(8) {
			list[i] = p.multi(depth)
		}
	}
	if n > 0 && p.one(3) {
		list[n-1] = p.multi(depth)
	}
	return strings.Join(list, ", ")
}

// multi is an expression of several values, or none.
func (p *programs) multi(depth int) string {
	if p.funcs[len(p.funcs)-1].vararg && p.one(2) {
		return "..."
	}
	return pick(p.r, "two("+p.expr(depth-1)+")", "none()", "three()", p.call(depth-1))
}

func (p *programs) call(depth int) string {
	if depth <= 0 {
		return pick(p.r, "two(1)", "three()", "none()", "pass(a)", "pass(b)")
	}
	args := p.exprs(p.n(3), depth-1)
	switch p.n(9) {
	case 0:
		return "pass(" + args + ")"
	case 1:
		return "two(" + args + ")"
	case 2:
		return "select('#', " + p.exprs(1+p.n(3), depth-1) + ")"
	case 3:
		return "text(" + p.expr(depth-1) + ")"
	case 4:
		return "call(" + p.local() + ", " + p.exprs(1, depth-1) + ")"
	case 5:
		return "kind(" + p.expr(depth-1) + ")"
	case 6:
		return "(" + p.strExpr(depth-1) + "):" + pick(p.r, "rep(2)", "upper()", "sub(1, 2)", "len()", "byte(1, -1)")
	case 7:
		return p.lambda(depth-1) + "(" + args + ")"
	}
	return "unpack(" + p.table(depth-1) + ", 1, " + fmt.Sprint(p.n(4)) + ")"
}

// lambda is a function on one line, in parentheses.
func (p *programs) lambda(depth int) string {
	name, other := p.newName(), p.newName()
	p.push(name, other)
	p.funcs = append(p.funcs, funcScope{vararg: true})
	defer func() { p.funcs = p.funcs[:len(p.funcs)-1]; p.pop() }()
	switch p.n(4) {
	case 0:
		return "(function(" + name + ", ...) local " + other + " = ... return " + p.exprs(1+p.n(2), depth) + " end)"
	case 1:
		return "(function(" + name + ", ...) local " + other + " = " + p.expr(depth) + " " + p.local() + " = " + p.expr(depth) + " return " + name + ", " + other + " end)"
	case 2:
		return "(function(" + name + ", ...) local " + other + " if " + p.cond() + " then return " + p.expr(depth) + " end return ... end)"
	}
	return "(function(...) local " + name + ", " + other + " = ... " + name + " = " + other + " and " + p.expr(depth) + " return " + name + " end)"
}

func (p *programs) table(depth int) string {
	var items []string
	for range p.n(5) {
		switch p.n(6) {
		case 0:
			items = append(items, pick(p.r, "x", "y", "m")+fmt.Sprint(len(items))+" = "+p.expr(depth-1))
		case 1:
			key := pick(p.r, "1", "'x'", "1.5", "-2", "-1")
			if p.gotos { // which of two items with one key is set last LuaJIT sees otherwise
				key = fmt.Sprintf("'k%d'", len(items))
			}
			items = append(items, "["+key+"] = "+p.expr(depth-1))
		default:
			items = append(items, pick(p.r, "some("+p.expr(depth-1)+")", pick(p.r, "1", "'x'", "{}", "false", "#t"), p.strExpr(depth-1)))
		}
	}
	if p.one(3) {
		items = append(items, pick(p.r, "three()", "none()", "two(some("+p.expr(depth-1)+"))"))
		if p.one(3) {
			items = append(items, p.field()+" = "+p.expr(depth-1))
		}
	}
	if len(items) > 0 && p.one(3) {
		items = append(items, "") // a separator at the end
	}
	return "{" + strings.Join(items, pick(p.r, ", ", "; ")) + "}"
}

func (p *programs) literal() string {
	return pick(p.r, "nil", "true", "false", "0", "1", "2", "3.5", "-1", "0x10", "1e3", "10", "''", "'s'", "'10'", "' 7 '", "'0x1p'", "\"x\\n\"", "([[l]])", "1e309", ".5", "'0x10'")
}

func (p *programs) numExpr(depth int) string {
	if depth <= 0 {
		return pick(p.r, "1", "2", "3", "7", "#t", "0.5", "-2", "num(a)", "num(b)", "('5' + 0)")
	}
	if p.one(6) {
		return "(few(" + p.numExpr(depth-1) + ") % " + pick(p.r, "2", "3", "-3", "7", "2.5") + ")"
	}
	if p.one(8) { // of other numbers C's and Go's powers differ in the fourteenth digit
		return "(few(" + p.numExpr(depth-1) + ") ^ few(" + p.numExpr(depth-1) + "))"
	}
	op := pick(p.r, " + ", " - ", " * ", " / ")
	e := "(" + p.numExpr(depth-1) + op + p.numExpr(depth-1) + ")"
	if op == " * " || op == " / " {
		return "(" + e + " + 0)" // no -0, which gopher-lua does not have
	}
	return e
}

// binary may have any operands.
func (p *programs) binary(depth int) string {
	left, op, right := p.expr(depth), pick(p.r, " + ", " < ", " / ", " - "), p.expr(depth)
	if op == " / " {
		return "num(" + left + op + right + ")" // see numExpr
	}
	return left + op + right
}

func (p *programs) strExpr(depth int) string {
	if depth <= 0 {
		return pick(p.r, "'s'", "'ab'", "''", "kind(a)", "('z')", "text(b)")
	}
	return "(" + p.strExpr(depth-1) + " .. " + pick(p.r, p.strExpr(depth-1), "short("+p.numExpr(depth-1)+")", "1 .. 2", "'x' .. 1.5 .. 'y'") + ")"
}

func (p *programs) unary(depth int) string {
	switch p.n(6) {
	case 0:
		return "not " + p.unary(depth-1)
	case 1:
		return "(- " + p.numExpr(depth-1) + " + 0)"
	case 2:
		return "#" + pick(p.r, "'abc'", "t", p.strExpr(depth-1), p.table(depth-1))
	case 3:
		return "(" + p.expr(depth-1) + ")"
	}
	return p.local()
}

func (p *programs) expr(depth int) string {
	if depth <= 0 {
		return pick(p.r, p.literal(), p.local(), p.local(), pick(p.r, "G", "H", "t.x", "t[1]", "t[#t]"))
	}
	switch p.n(16) {
	case 0, 1, 2:
		return p.expr(depth-1) + " and " + p.expr(depth-1)
	case 3, 4, 5:
		return p.expr(depth-1) + " or " + p.expr(depth-1)
	case 6:
		return p.expr(depth-1) + pick(p.r, " == ", " ~= ") + p.expr(depth-1)
	case 7:
		return p.numExpr(depth-1) + pick(p.r, " < ", " <= ", " > ", " >= ", " == ", " ~= ") + p.numExpr(depth-1)
	case 8:
		return p.numExpr(depth)
	case 9:
		return p.strExpr(depth)
	case 10:
		return p.unary(depth)
	case 11:
		return p.table(depth)
	case 12:
		return p.call(depth)
	case 13:
		return "(" + p.multi(depth) + ")"
	case 14:
		return p.lambda(depth - 1)
	}
	if p.one(12) { // what may well be an error
		return pick(p.r, p.binary(depth-1), "short("+p.local()+") .. short("+p.local()+".x)")
	}
	return p.expr(depth - 1)
}
