// Package lint finds in a script, without running it, what would fail when it runs: globals that nothing
// sets, names that modules and objects do not have, and wrong numbers of arguments. It looks at
// one file at a time, and tells only what is plain there.
//
// A comment "-- wirelua: globals a, b" names globals that others set.
package lint

import (
	"fmt"
	"slices"
	"strings"

	"wirelua/interp"
	"wirelua/interp/hint"
	"wirelua/interp/syntax"
)

// Finding is what is wrong at a place.
type Finding struct {
	Pos     syntax.Pos
	Message string
}

// Check returns what it finds in a chunk, in the order of the source. Any goroutine may call it.
func (k *Known) Check(chunk *syntax.Chunk) []Finding {
	c := &checker{known: k, set: map[string]bool{}, locals: map[string]bool{}, own: map[string]bool{}, assigned: map[string]*assigned{}}
	c.noteSet(chunk)
	for _, c.first = range []bool{true, false} {
		c.walk(chunk)
	}
	c.unset()
	slices.SortStableFunc(c.found, func(a, b Finding) int { return int(a.Pos.Offset - b.Pos.Offset) })
	return slices.CompactFunc(c.found, func(a, b Finding) bool { return a.Pos == b.Pos })
}

type checker struct {
	known    *Known
	set      map[string]bool      // globals that the script sets
	locals   map[string]bool      // names of variables, anywhere
	own      map[string]bool      // fields of modules that it sets: "socket.mine"
	anyEnv   bool                 // it changes what globals are
	first    bool                 // the walk that only finds out what is assigned
	assigned map[string]*assigned // by the variables' names
	scopes   []scope              // the innermost last; the first is of globals
	parents  []syntax.Node
	reads    []*syntax.NameExpr // of globals
	called   map[syntax.Node]bool
	found    []Finding
}

// scope has what is known of variables: nil of most.
type scope map[string]*value

// value is what a variable is, if that is plain: a module, or an object of a type.
type value struct {
	name   string // the module's, or the type's
	module *member
	typ    *interp.Type
}

func (c *checker) say(at syntax.Pos, format string, args ...any) {
	c.found = append(c.found, Finding{at, fmt.Sprintf(format, args...)})
}

// noteSet notes which globals the script sets, anywhere, and which it only names.
func (c *checker) noteSet(chunk *syntax.Chunk) {
	syntax.Walk(chunk, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.AssignStmt:
			for _, target := range n.Targets {
				c.noteTarget(target)
			}
		case *syntax.FuncStmt:
			c.noteTarget(n.Target)
		case *syntax.NameExpr:
			c.anyEnv = c.anyEnv || n.Name.Value == "setfenv"
		}
		return true
	})
	for _, comment := range chunk.Comments {
		if text, ok := strings.CutPrefix(strings.TrimSpace(strings.TrimLeft(comment.Text, "-")), "wirelua: globals "); ok {
			for _, name := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
				c.set[name] = true
			}
		}
	}
}

func (c *checker) noteTarget(target syntax.Expr) {
	switch target := target.(type) {
	case *syntax.NameExpr:
		c.set[target.Name.Value] = true
	case *syntax.IndexExpr:
		x, isName := target.X.(*syntax.NameExpr)
		key, isText := target.Key.(*syntax.StringExpr)
		if !isName {
			return
		}
		if x.Name.Value == "_G" {
			if c.anyEnv = c.anyEnv || !isText; isText {
				c.set[key.Value] = true
			}
		}
		if isText {
			c.own[x.Name.Value+"."+key.Value] = true
		}
	}
}

// unset tells of the globals that are read and that nothing sets.
func (c *checker) unset() {
	if c.anyEnv {
		return
	}
	names := slices.Concat(keys(c.set), keys(c.locals), keys(c.known.globals))
	slices.Sort(names)
	for _, n := range c.reads {
		name := n.Name.Value
		if c.set[name] || c.known.globals[name] != nil {
			continue
		}
		if say := foreign(name); say != "" {
			c.say(n.Pos(), "global '%s' is read, and nothing sets it: %s", name, say)
			continue
		}
		c.say(n.Pos(), "global '%s' is read, and nothing sets it%s", name, interp.DidYouMean(name, names))
	}
}

// foreign is what is said of other languages' names.
func foreign(name string) string {
	switch name {
	case "None", "null", "undefined", "NULL":
		return "in Lua it is nil"
	case "True":
		return "in Lua it is true"
	case "False":
		return "in Lua it is false"
	}
	for _, does := range []string{"call", "index"} {
		if say := hint.Of("x:1: attempt to "+does+" global '"+name+"' (a nil value)", ""); say != "" {
			return say
		}
	}
	return ""
}
