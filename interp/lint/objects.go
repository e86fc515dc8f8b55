package lint

import (
	"slices"
	"strings"

	"wirelua/interp"
	"wirelua/interp/manual"
	"wirelua/interp/syntax"
)

// calls is what the manual says of a function's objects: nil stands for what is none, or may be of several types.
type calls struct {
	results []*interp.Type
	loop    []*interp.Type // of the iterator that it returns: the loop's variables
	passed  []*interp.Type // to the function among its arguments
}

// learn reads from the manual which objects functions return and pass on.
func (k *Known) learn() {
	k.calls = map[string]calls{}
	for _, e := range k.book.Entries() {
		said, c := k.book.Said(e), calls{}
		for _, r := range said.Results {
			c.results = append(c.results, k.book.Object(r.Type))
		}
		if len(said.Results) > 0 {
			_, results := manual.Parts(said.Results[0].Type)
			c.loop = k.objects(results)
		}
		for _, p := range said.Params {
			if passed, _ := manual.Parts(p.Type); passed != nil {
				c.passed = k.objects(passed)
			}
		}
		k.calls[e.Name] = c
	}
}

func (k *Known) objects(types []string) (all []*interp.Type) {
	for _, t := range types {
		all = append(all, k.book.Object(t))
	}
	return all
}

// field returns the type of an object's field, of a module's value.
func (k *Known) field(v *value, name string) *interp.Type {
	var fields []interp.Field
	switch {
	case v.typ != nil:
		fields = v.typ.Fields
	case v.module.module != nil:
		for _, g := range v.module.module.Groups {
			fields = append(fields, g.Fields...)
		}
	}
	for _, f := range fields {
		if f.Name == name {
			return k.book.Object(f.Type)
		}
	}
	return nil
}

// has reports whether objects of a type have a method: of their own, or as texts.
func (k *Known) has(t *interp.Type, name string) bool {
	return method(t, name) != nil || t.Text && k.globals["string"].names[name] != nil
}

// callee returns what the manual calls the function that is called, "socket.bind" or "socket:bind"; or "".
func (c *checker) callee(call *syntax.CallExpr) string {
	if call.Method != nil {
		if v := c.value(call.Func); v != nil && v.typ != nil {
			return v.name + ":" + call.Method.Value
		}
		return ""
	}
	if f, ok := call.Func.(*syntax.IndexExpr); ok {
		if v := c.value(f.X); v != nil && v.module != nil && !c.own[nameOf(f.X)+"."+text(f.Key)] {
			return v.name + "." + text(f.Key)
		}
	}
	return ""
}

// results returns what a call returns, as far as that is plain.
func (c *checker) results(call *syntax.CallExpr) (all []*value) {
	if name, ok := call.Func.(*syntax.NameExpr); ok && call.Method == nil && len(call.Args) > 0 {
		path, isText := argument(call, 0)
		if m := c.known.globals[path]; name.Name.Value == "require" && isText && m != nil && m.names != nil {
			return []*value{{name: path, module: m}}
		}
		if inner, ok := call.Args[0].(*syntax.CallExpr); ok && name.Name.Value == "assert" {
			return c.results(inner)
		}
	}
	return valuesOf(c.known.calls[c.callee(call)].results)
}

func valuesOf(types []*interp.Type) (all []*value) {
	for _, t := range types {
		all = append(all, valueOf(t))
	}
	return all
}

func valueOf(t *interp.Type) *value {
	if t == nil {
		return nil
	}
	return &value{name: t.Name, typ: t}
}

// at returns what is known of the ith.
func at(types []*interp.Type, i int) *value {
	if i >= len(types) {
		return nil
	}
	return valueOf(types[i])
}

// loop returns what a loop's variables are.
func (c *checker) loop(n *syntax.ForInStmt) []*interp.Type {
	if call, ok := n.Values[0].(*syntax.CallExpr); ok && len(n.Values) == 1 {
		return c.known.calls[c.callee(call)].loop
	}
	return nil
}

// passed returns what a function is called with, if it is an argument of a call of which the manual says it.
func (c *checker) passed(f *syntax.FuncExpr, around syntax.Node) []*interp.Type {
	if call, ok := around.(*syntax.CallExpr); ok && slices.Contains(call.Args, syntax.Expr(f)) {
		return c.known.calls[c.callee(call)].passed
	}
	return nil
}

// assigned is what is assigned to variables of a name, anywhere. One that is assigned things of several types may be
// either wherever it is used.
type assigned struct {
	variable bool // by an assignment, not only by the declaration
	types    []*interp.Type
}

// note takes in what a variable becomes: in the first of the two walks.
func (c *checker) note(name string, v *value, declared bool) {
	a := c.assigned[name]
	if a == nil {
		a = &assigned{}
		c.assigned[name] = a
	}
	a.variable = a.variable || !declared
	var t *interp.Type
	if v != nil {
		t = v.typ
	}
	if !slices.Contains(a.types, t) {
		a.types = append(a.types, t)
	}
}

// settled reports whether a variable of a name is never something else than it is now.
func (c *checker) settled(name string) bool {
	a := c.assigned[name]
	return c.first || a == nil || !a.variable || len(a.types) < 2
}

// lacking says what objects of a type have instead of a name.
func lacking(t *interp.Type, kind, name string, more []string) string {
	if say := t.Foreign[name]; say != "" {
		return say
	}
	for _, f := range t.Fields {
		more = append(more, f.Name)
	}
	for _, m := range t.Methods {
		more = append(more, m.Name)
	}
	return strings.Join([]string{t.Name, " has no ", kind, " '", name, "'", interp.DidYouMean(name, more)}, "")
}
