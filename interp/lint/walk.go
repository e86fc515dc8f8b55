package lint

import (
	"fmt"
	"math"
	"slices"

	"wirelua/interp"
	"wirelua/interp/syntax"
)

// walk goes through the tree, with what is known of variables in each block.
func (c *checker) walk(chunk *syntax.Chunk) {
	c.called = map[syntax.Node]bool{}
	c.scopes, c.found, c.reads = []scope{{}}, nil, nil
	syntax.Walk(chunk, func(n syntax.Node) bool {
		if n == nil {
			last := len(c.parents) - 1
			n = c.parents[last]
			c.parents = c.parents[:last]
			c.leave(n)
			return true
		}
		c.enter(n)
		c.parents = append(c.parents, n)
		return true
	})
}

func (c *checker) parent() syntax.Node {
	if len(c.parents) == 0 {
		return nil
	}
	return c.parents[len(c.parents)-1]
}

func (c *checker) enter(n syntax.Node) {
	switch n := n.(type) {
	case *syntax.Block:
		c.scopes = append(c.scopes, scope{})
		c.declareFor(c.parent())
	case *syntax.LocalFuncStmt:
		c.declare(n.Name.Value, nil)
	case *syntax.NameExpr:
		if v, isLocal := c.variable(n.Name.Value); v == nil && !isLocal && !c.isTarget(n) {
			c.reads = append(c.reads, n)
		}
	case *syntax.IndexExpr:
		c.index(n)
	case *syntax.CallExpr:
		c.called[n.Func] = true
		c.call(n)
	}
}

func (c *checker) leave(n syntax.Node) {
	switch n := n.(type) {
	case *syntax.Block:
		if _, ok := c.parent().(*syntax.RepeatStmt); !ok { // whose condition sees the body's variables
			c.scopes = c.scopes[:len(c.scopes)-1]
		}
	case *syntax.RepeatStmt:
		c.scopes = c.scopes[:len(c.scopes)-1]
	case *syntax.LocalStmt:
		values := c.values(n.Values, len(n.Names))
		for i, name := range n.Names {
			c.declare(name.Value, values[i])
			if len(n.Values) > 0 {
				c.note(name.Value, values[i], true)
			}
		}
	case *syntax.AssignStmt:
		values := c.values(n.Values, len(n.Targets))
		for i, target := range n.Targets {
			if name, ok := target.(*syntax.NameExpr); ok {
				c.assign(name.Name.Value, values[i])
				c.note(name.Name.Value, values[i], false)
			}
		}
	}
}

// isTarget reports whether a name is what an assignment or a function statement sets.
func (c *checker) isTarget(n *syntax.NameExpr) bool {
	switch p := c.parent().(type) {
	case *syntax.AssignStmt:
		for _, target := range p.Targets {
			if target == syntax.Expr(n) {
				return true
			}
		}
	case *syntax.FuncStmt:
		return p.Target == syntax.Expr(n)
	}
	return false
}

// declareFor makes the variables that a block begins with: parameters, and those of loops.
func (c *checker) declareFor(owner syntax.Node) {
	switch owner := owner.(type) {
	case *syntax.FuncExpr:
		passed := c.passed(owner, c.parents[len(c.parents)-2])
		for i, p := range owner.Params {
			c.parameter(p.Value, at(passed, i))
		}
		if f, ok := c.parents[len(c.parents)-2].(*syntax.FuncStmt); ok && f.Method {
			c.parameter("self", nil)
		}
	case *syntax.ForStmt:
		c.parameter(owner.Var.Value, nil)
	case *syntax.ForInStmt:
		loop := c.loop(owner)
		for i, name := range owner.Names {
			c.parameter(name.Value, at(loop, i))
		}
	}
}

// parameter makes a variable that begins with a value.
func (c *checker) parameter(name string, v *value) {
	c.declare(name, v)
	c.note(name, v, true)
}

func (c *checker) declare(name string, v *value) {
	c.scopes[len(c.scopes)-1][name] = v
	c.locals[name] = true
}

// variable returns what is known of a variable, and whether it is local.
func (c *checker) variable(name string) (v *value, isLocal bool) {
	for i := len(c.scopes) - 1; i >= 0; i-- {
		if v, ok := c.scopes[i][name]; ok {
			return v, i > 0
		}
	}
	return nil, false
}

func (c *checker) assign(name string, v *value) {
	for i := len(c.scopes) - 1; i > 0; i-- {
		if _, ok := c.scopes[i][name]; ok {
			c.scopes[i][name] = v
			return
		}
	}
	c.scopes[0][name] = v
}

// values returns what is known of n values that expressions have.
func (c *checker) values(exprs []syntax.Expr, n int) []*value {
	all := make([]*value, n)
	for i, e := range exprs {
		if i >= n {
			break
		}
		call, isCall := e.(*syntax.CallExpr)
		if !isCall {
			all[i] = c.value(e)
			continue
		}
		for k, v := range c.results(call) {
			if i+k < n && (k == 0 || i == len(exprs)-1) {
				all[i+k] = v
			}
		}
	}
	return all
}

// value returns what an expression is, if that is plain; else nil.
func (c *checker) value(e syntax.Expr) *value {
	switch e := e.(type) {
	case *syntax.NameExpr:
		return c.named(e.Name.Value)
	case *syntax.ParenExpr:
		return c.value(e.X)
	case *syntax.CallExpr:
		if all := c.results(e); len(all) > 0 {
			return all[0]
		}
	case *syntax.IndexExpr:
		if v := c.value(e.X); v != nil && !c.own[nameOf(e.X)+"."+text(e.Key)] {
			return valueOf(c.known.field(v, text(e.Key)))
		}
	}
	return nil
}

// named is value of a variable.
func (c *checker) named(name string) *value {
	v, isLocal := c.variable(name)
	if v != nil || isLocal || c.set[name] {
		if !c.settled(name) {
			return nil
		}
		return v
	}
	if m := c.known.globals[name]; m != nil && m.names != nil {
		return &value{name: name, module: m}
	}
	return nil
}

func argument(call *syntax.CallExpr, i int) (string, bool) {
	if len(call.Args) <= i {
		return "", false
	}
	s, ok := call.Args[i].(*syntax.StringExpr)
	if !ok {
		return "", false
	}
	return s.Value, true
}

func text(e syntax.Expr) string {
	if s, ok := e.(*syntax.StringExpr); ok {
		return s.Value
	}
	return ""
}

// index looks at "module.name" and "object.name".
func (c *checker) index(n *syntax.IndexExpr) {
	v, key := c.value(n.X), text(n.Key)
	if v == nil || key == "" || c.own[nameOf(n.X)+"."+key] {
		return
	}
	switch {
	case v.module != nil:
		// Scripts for several versions of Lua look at what Lua's own libraries have.
		if say := v.module.lacks(v.name, key); say != "" && (v.module.strict() || c.called[n]) {
			c.say(n.Key.Pos(), "%s", say)
		}
	case v.typ != nil && v.typ.Strict:
		if !c.known.has(v.typ, key) {
			c.lacks(n.Key.Pos(), v.typ, "field", key)
		} else if call, ok := c.parent().(*syntax.CallExpr); ok && call.Func == syntax.Expr(n) && !passes(call, n.X) {
			c.say(n.Key.Pos(), "methods are called with a colon: %s:%s(...)", nameOf(n.X), key)
		}
	}
}

// passes reports whether a call's first argument is the variable x, as a method's is.
func passes(call *syntax.CallExpr, x syntax.Expr) bool {
	return len(call.Args) > 0 && nameOf(call.Args[0]) == nameOf(x)
}

func nameOf(e syntax.Expr) string {
	if n, ok := e.(*syntax.NameExpr); ok {
		return n.Name.Value
	}
	return ""
}

func method(t *interp.Type, name string) *interp.Function {
	for i := range t.Methods {
		if t.Methods[i].Name == name {
			return &t.Methods[i]
		}
	}
	return nil
}

// lacks tells that objects of a type have no field or method of a name, unless they have such a field.
func (c *checker) lacks(at syntax.Pos, t *interp.Type, kind, name string) {
	var more []string
	if t.Text {
		more = keys(c.known.globals["string"].names)
	}
	isField := slices.ContainsFunc(t.Fields, func(f interp.Field) bool { return f.Name == name })
	if kind == "method" || !isField {
		c.say(at, "%s", lacking(t, kind, name, more))
	}
}

// call looks at the method that is called, and at the number of arguments.
func (c *checker) call(n *syntax.CallExpr) {
	if n.Method != nil {
		if v := c.value(n.Func); v != nil && v.typ != nil {
			if m := method(v.typ, n.Method.Value); m != nil {
				c.count(n, n.Method.From, m)
			} else if !c.known.has(v.typ, n.Method.Value) {
				c.lacks(n.Method.From, v.typ, "method", n.Method.Value)
			}
		}
		return
	}
	f, ok := n.Func.(*syntax.IndexExpr)
	if !ok {
		return
	}
	if v := c.value(f.X); v != nil && v.module != nil && !c.own[nameOf(f.X)+"."+text(f.Key)] {
		if m := v.module.names[text(f.Key)]; m != nil && m.fn != nil {
			c.count(n, f.Key.Pos(), m.fn)
		}
	}
}

// count tells of a wrong number of arguments.
func (c *checker) count(n *syntax.CallExpr, at syntax.Pos, f *interp.Function) {
	least, most := counts(f.Args)
	given := len(n.Args)
	atLeast, args := given, f.Args
	if given > 0 && open(n.Args[given-1]) {
		atLeast, given = given-1, math.MaxInt
	}
	switch {
	case atLeast > most:
		c.say(at, "'%s' gets %d %s, and takes %s: %s(%s)", f.Name, atLeast, plural(atLeast), numbers(least, most), f.Name, args)
	case given < least:
		c.say(at, "'%s' gets %d %s, and needs %s: %s(%s)", f.Name, given, plural(given), numbers(least, most), f.Name, args)
	}
}

// open reports whether an expression may have any number of values.
func open(e syntax.Expr) bool {
	switch e.(type) {
	case *syntax.CallExpr, *syntax.VarargExpr:
		return true
	}
	return false
}

func plural(n int) string {
	if n == 1 {
		return "argument"
	}
	return "arguments"
}

func numbers(least, most int) string {
	switch {
	case most == math.MaxInt:
		return fmt.Sprintf("%d at least", least)
	case most == 0:
		return "none"
	case least == most:
		return fmt.Sprint(least)
	}
	return fmt.Sprintf("%d to %d", least, most)
}
