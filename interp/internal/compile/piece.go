package compile

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
	"wirelua/interp/syntax"
)

// Upvalue is a variable that the main function of a piece shares with others.
type Upvalue struct {
	Name  string
	Fresh bool // a variable that the piece makes, not one that was there
}

// Piece compiles a chunk of which more pieces come, as at a prompt: the local variables of its outermost
// block are upvalues of its function, so that they can be those of pieces after it, as they would
// be of a function in one chunk with it. known says which names are variables of pieces before.
// The upvalues are in the order of the function's. Where there are labels in its outermost block its
// variables stay within the piece: a goto past one that is in no register would not be found.
func Piece(chunk *syntax.Chunk, opts Options, known func(name string) bool) (proto *lua.FunctionProto, ups []Upvalue, err error) {
	defer catch(&proto, &err)
	c := newCompiler(chunk, opts)
	c.piece = &piece{known: known, keeps: true}
	for _, s := range chunk.Body.Stmts {
		c.piece.keeps = c.piece.keeps && !isLabel(s)
	}
	proto = c.main(chunk)
	return proto, c.piece.upvalues, nil
}

// piece is what the functions around the main function would be: variables, in no registers.
type piece struct {
	known    func(string) bool
	keeps    bool
	around   function
	upvalues []Upvalue
}

// add makes a variable around the main function f.
func (p *piece) add(f *function, name string, fresh bool, at syntax.Pos) *variable {
	name = string(f.c.text(name).(lua.LString))
	v := &variable{name: name, fn: &p.around, block: &block{}, outer: f.c.vars[name]}
	f.c.vars[name] = v
	f.upvalue(v, at)
	p.upvalues = append(p.upvalues, Upvalue{name, fresh})
	return v
}

// meaning returns the variable that a name stands for; nil is a global.
func (f *function) meaning(name *syntax.Name) *variable {
	v := f.c.vars[name.Value]
	if p := f.c.piece; v == nil && p != nil && p.known(name.Value) {
		main := f
		for main.parent != &p.around {
			main = main.parent
		}
		v = p.add(main, name.Value, false, name.From)
	}
	return v
}

// keeps reports whether a variable declared here is one of the piece's own.
func (f *function) keeps() bool {
	p := f.c.piece
	return p != nil && p.keeps && f.parent == &p.around && f.inner.outer == nil
}

// keepAll declares the variables whose values have been computed last.
func (f *function) keepAll(names []*syntax.Name) {
	first := f.free - len(names)
	for i, n := range names {
		v := f.c.piece.add(f, n.Value, true, n.From)
		f.emit(n.From.Line, glua.ABC(lua.OP_SETUPVAL, first+i, f.upvalueAt[v], 0))
	}
}

// keepFunction declares a function's variable, which the function sees, and then the function.
func (f *function) keepFunction(s *syntax.LocalFuncStmt) {
	v := f.c.piece.add(f, s.Name.Value, true, s.Name.From)
	reg := f.free
	f.use(s.Name.From, 1)
	f.closure(s.Func, false, s.Func.From, reg)
	f.emit(s.Func.To.Line, glua.ABC(lua.OP_SETUPVAL, reg, f.upvalueAt[v], 0))
}
