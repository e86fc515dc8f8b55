package compile

import (
	"math"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
	"wirelua/interp/syntax"
)

// variable is a local variable. It is known by its name to all that is compiled until its
// block ends, functions in it included.
type variable struct {
	name  string
	fn    *function
	block *block
	reg   int
	info  int       // its place among the function's locals
	outer *variable // what the name meant before
	used  bool
}

// block is what local variables, labels and loops are in.
type block struct {
	outer    *block
	first    int  // how many variables there are around it
	captured bool // a closure has one of its variables
	within   bool // or one of a block in it
	loop     *label
	until    bool // the body of a repeat: what is after it sees its variables
	gotos    int  // how many the function had before it
	labels   []*gotoLabel
}

// enter begins a block; loop is where a break leads, if it is a loop's.
func (f *function) enter(loop *label) *block {
	f.inner = &block{outer: f.inner, first: len(f.active), loop: loop, gotos: len(f.gotos)}
	return f.inner
}

// leave ends the innermost block: its variables are gone, and those that closures have
// are theirs alone.
func (f *function) leave(line int32) {
	b := f.inner
	f.forget(b)
	if b.captured {
		f.close(line, b.first)
	}
	f.inner = b.outer
	f.inner.within = f.inner.within || b.captured || b.within
	f.free = len(f.active)
}

// leaveAll ends the block of a function's parameters, whose RETURN closes what there is.
func (f *function) leaveAll() {
	f.forget(f.inner)
	f.inner = nil
}

// forget ends the scope of a block's variables and labels.
func (f *function) forget(b *block) {
	for i := len(f.active) - 1; i >= b.first; i-- {
		v := f.active[i]
		f.locals[v.info].EndPc = len(f.code)
		if v.outer != nil {
			f.c.vars[v.name] = v.outer
		} else {
			delete(f.c.vars, v.name)
		}
	}
	f.active = f.active[:b.first]
	for _, l := range b.labels {
		f.hide(l)
	}
}

// close emits CLOSE A: the registers from A on are no longer those of closures, which
// keep the values they have now. It costs little where there are none.
func (f *function) close(line int32, first int) { f.emit(line, glua.ABC(lua.OP_CLOSE, first, 0, 0)) }

// declare makes the register after the last variable's one: it must hold the value
// already, or get it as the next thing. The VM takes a variable for alive from the
// instruction after StartPc on until that before EndPc.
func (f *function) declare(name string, at syntax.Pos) *variable {
	if len(f.active) >= maxLocals {
		f.exceeds(at, maxLocals, "local variables")
	}
	name = string(f.c.text(name).(lua.LString))
	v := &variable{name: name, fn: f, block: f.inner, reg: len(f.active), info: len(f.locals), outer: f.c.vars[name]}
	f.c.vars[name] = v
	f.active = append(f.active, v)
	f.locals = append(f.locals, lua.DbgLocalInfo{Name: name, StartPc: len(f.code) - 1})
	return v
}

// declareAll makes the registers that were reserved last variables.
func (f *function) declareAll(names []*syntax.Name) {
	for _, n := range names {
		f.declare(n.Value, n.From)
	}
}

// local returns the register of a name that is a local variable of f itself.
func (f *function) local(e syntax.Expr) (reg int, ok bool) {
	n, isName := e.(*syntax.NameExpr)
	if !isName {
		return 0, false
	}
	v := f.meaning(&n.Name)
	if v == nil || v.fn != f {
		return 0, false
	}
	v.used = true
	return v.reg, true
}

// upvalue returns the index of v among f's upvalues, v being a variable of a function
// around.
func (f *function) upvalue(v *variable, at syntax.Pos) int {
	if n, ok := f.upvalueAt[v]; ok {
		return n
	}
	v.used = true
	var word uint32
	if v.fn == f.parent {
		v.block.captured = true
		word = glua.ABC(lua.OP_MOVE, 0, v.reg, 0)
	} else {
		word = glua.ABC(lua.OP_GETUPVAL, 0, f.parent.upvalue(v, at), 0)
	}
	n := len(f.captures)
	if most := f.maxUpvalues(); n >= most {
		f.exceeds(at, most, "upvalues")
	}
	f.captures = append(f.captures, word)
	f.proto.DbgUpvalues = append(f.proto.DbgUpvalues, v.name)
	f.proto.NumUpvalues = uint8(n + 1)
	if f.upvalueAt == nil {
		f.upvalueAt = map[*variable]int{}
	}
	f.upvalueAt[v] = n
	return n
}

// maxUpvalues is how many upvalues f may have. A piece's main function has as many as the VM can count.
func (f *function) maxUpvalues() int {
	if p := f.c.piece; p != nil && f.parent == &p.around {
		return math.MaxUint8
	}
	return maxUpvalues
}
