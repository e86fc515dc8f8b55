// Package compile turns the tree of a chunk into code for gopher-lua's VM, with the
// meaning that Lua 5.1 gives it (and goto and labels as Lua 5.2 has them).
//
// It goes through the tree once. A value is computed straight into the register where it
// is wanted, and a condition is nothing but jumps. Registers are a stack: below free they
// hold local variables and values that are waited for, above it nothing. That is also
// what the VM needs, which forgets what is above the results of a call. What the VM does
// not do as Lua 5.1 has it is said beside the instruction, where it is emitted.
package compile

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/syntax"
)

// Options are what a compilation may depend on beside the source.
type Options struct {
	// Source is what Source returns of the chunk's functions.
	Source string
	// Concat is called for "a .. b .. c", with all the operands, and returns one value:
	// the VM's own instruction makes strings of any length, and writes numbers as Go
	// does. It is a constant of the code, which interpreters share: so it must be a Go
	// function that holds nothing of one of them.
	Concat *lua.LFunction
	// Pop is called for "t[#t] = nil", with t and #t: the VM's instruction leaves the nil in
	// the table, where each "#t" after it goes past it. What is said of Concat holds for it, too; nil means the instruction.
	Pop *lua.LFunction
	// Stop is asked now and then whether to give up; nil means never.
	Stop func() bool
}

// Compile returns the code of a chunk. It is complete: nothing changes it, so that
// interpreters and goroutines can share it. An error is a *syntax.Error for what
// only a compiler finds, a goto without its label or too many variables, or
// syntax.ErrStopped. Compile does not change the tree, and may be called on any goroutine.
func Compile(chunk *syntax.Chunk, opts Options) (proto *lua.FunctionProto, err error) {
	defer catch(&proto, &err)
	return newCompiler(chunk, opts).main(chunk), nil
}

func newCompiler(chunk *syntax.Chunk, opts Options) *compiler {
	return &compiler{
		chunk: chunk.Name, opts: opts, left: nodesPerLook,
		vars: map[string]*variable{}, texts: map[string]lua.LValue{},
	}
}

// catch returns what the compiler gave up with.
func catch(proto **lua.FunctionProto, err *error) {
	switch v := recover().(type) {
	case nil:
	case failure:
		*proto, *err = nil, v.error
	default:
		panic(v)
	}
}

// compiler is what the functions of one chunk have in common.
type compiler struct {
	chunk string
	opts  Options
	vars  map[string]*variable // what each name means at this place; others are globals
	texts map[string]lua.LValue
	left  int       // nodes until the next look at Stop
	spare []buffers // of functions that are done
	piece *piece    // what the chunk is a piece of, or nil
}

// failure is what the compiler panics with to give up.
type failure struct{ error }

// nodesPerLook is how many nodes are compiled between two looks at Stop: some tenth of a
// millisecond's work.
const nodesPerLook = 1000

// step counts a node.
func (c *compiler) step() { c.spend(1) }

// spend counts as much work as n nodes make.
func (c *compiler) spend(n int) {
	if c.left -= n; c.left > 0 {
		return
	}
	c.left = nodesPerLook
	if c.opts.Stop != nil && c.opts.Stop() {
		panic(failure{syntax.ErrStopped})
	}
}

// fail gives up with an error at a place.
func (c *compiler) fail(at syntax.Pos, message string) {
	panic(failure{&syntax.Error{Name: c.chunk, Pos: at, Message: message}})
}

// text returns s as a constant. It is a copy, since a piece of the source would keep all
// of it in memory, and one for all functions.
func (c *compiler) text(s string) lua.LValue {
	v, ok := c.texts[s]
	if !ok {
		s = strings.Clone(s)
		v = lua.LString(s)
		c.texts[s] = v
	}
	return v
}

// main compiles the chunk's own function, which takes any arguments.
func (c *compiler) main(chunk *syntax.Chunk) *lua.FunctionProto {
	f := c.newFunction(nil, syntax.Pos{})
	if c.piece != nil {
		f.parent = &c.piece.around
	}
	f.proto.IsVarArg = lua.VarArgIsVarArg
	f.enter(nil)
	f.block(chunk.Body)
	f.leaveAll()
	return f.finish(syntax.Pos{Line: endLine(chunk.Body, 1)}) // the file may go on with comments
}
