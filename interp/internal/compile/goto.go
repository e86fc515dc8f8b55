package compile

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
	"wirelua/interp/syntax"
)

// gotoLabel is a label of the source. Of two with one name the inner one is meant.
type gotoLabel struct {
	label
	name      string
	line      int32
	variables int // that are in sight there
	block     *block
	outer     *gotoLabel // of the same name
}

// jumpOut is a goto: the jump at pc.
type jumpOut struct {
	pc        int
	at        syntax.Pos
	name      string
	order     int // among the function's gotos
	variables int // in sight
	block     *block
	to        *gotoLabel
}

// gotoStmt compiles a goto. What must be closed on the way is only known when all of the
// function is: see endGotos.
func (f *function) gotoStmt(s *syntax.GotoStmt) {
	j := &jumpOut{
		pc: f.emit(s.Goto.Line, glua.ABx(lua.OP_JMP, 0, 0)), at: s.Goto, name: s.Label.Value,
		order: len(f.gotos), variables: len(f.active), block: f.inner,
	}
	f.gotos = append(f.gotos, j)
	if j.to = f.labels[j.name]; j.to != nil {
		return
	}
	if f.pending == nil {
		f.pending = map[string][]*jumpOut{}
	}
	f.pending[j.name] = append(f.pending[j.name], j)
}

// labelStmt compiles a label. One that nothing but labels follows in its block counts
// as behind the scope of the block's variables.
func (f *function) labelStmt(s *syntax.LabelStmt, last bool) {
	b := f.inner
	l := &gotoLabel{name: s.Name.Value, line: s.From.Line, variables: len(f.active), block: b, outer: f.labels[s.Name.Value]}
	if l.outer != nil && l.outer.block == b {
		f.c.fail(s.From, fmt.Sprintf("label '%s' already defined on line %d", l.name, l.outer.line))
	}
	if last {
		l.variables = b.first
	}
	if f.labels == nil {
		f.labels = map[string]*gotoLabel{}
	}
	f.labels[l.name] = l
	b.labels = append(b.labels, l)
	f.bind(&l.label)
	f.arrive(l)
}

// hide ends the scope of a label.
func (f *function) hide(l *gotoLabel) {
	if l.outer != nil {
		f.labels[l.name] = l.outer
	} else {
		delete(f.labels, l.name)
	}
}

// arrive gives a label to the gotos in its block that wait for it.
func (f *function) arrive(l *gotoLabel) {
	waiting := f.pending[l.name]
	n := len(waiting)
	for n > 0 && waiting[n-1].order >= l.block.gotos {
		n--
		j := waiting[n]
		if have := f.variablesAt(j, l.block); have < l.variables {
			f.c.fail(j.at, fmt.Sprintf("<goto %s> at line %d jumps into the scope of local '%s'", j.name, j.at.Line, f.active[have].name))
		}
		j.to = l
	}
	if n < len(waiting) {
		f.pending[l.name] = waiting[:n]
	}
}

// variablesAt returns how many variables are left of those that a goto saw, once it has
// left all blocks within b.
func (f *function) variablesAt(j *jumpOut, b *block) int {
	n := j.variables
	for at := j.block; at != b; at = at.outer {
		n = at.first
		f.c.spend(1)
	}
	return n
}

// endGotos leads all gotos to their labels: those that leave variables which closures
// have by way of a CLOSE at the function's end.
func (f *function) endGotos() {
	for _, j := range f.gotos {
		if j.to == nil {
			f.c.fail(j.at, fmt.Sprintf("no visible label '%s' for <goto> at line %d", j.name, j.at.Line))
		}
		if !f.leavesCaptured(j) {
			f.lead(j.pc, &j.to.label)
			continue
		}
		var by label
		f.bind(&by)
		f.lead(j.pc, &by)
		f.close(j.at.Line, j.to.variables)
		f.jump(j.at.Line, &j.to.label)
	}
}

// leavesCaptured reports whether closures have variables of the blocks that a goto leaves.
func (f *function) leavesCaptured(j *jumpOut) bool {
	if j.variables <= j.to.variables {
		return false
	}
	for b := j.block; ; b = b.outer {
		if b.captured || b == j.to.block {
			return b.captured
		}
		f.c.spend(1)
	}
}
