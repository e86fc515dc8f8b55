package compile

import (
	"fmt"
	"math"
	"slices"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
	"wirelua/interp/syntax"
)

// Lua 5.1's limits of one function.
const (
	maxLocals    = 200
	maxUpvalues  = 60
	maxRegisters = 250
	maxTargets   = 200
)

// function is a function while it is compiled.
type function struct {
	c      *compiler
	parent *function
	proto  *lua.FunctionProto
	buffers

	textAt   map[string]int // where constants are: strings
	numberAt map[uint64]int // numbers, by their bits: 0 is not -0
	otherAt  map[lua.LValue]int

	free  int // the first register that holds nothing
	used  int // registers used so far
	inner *block

	upvalueAt map[*variable]int
	captures  []uint32 // how a closure finds each upvalue: the words behind CLOSURE
	children  []*lua.FunctionProto

	labels  map[string]*gotoLabel // that are visible here
	pending map[string][]*jumpOut // gotos whose label has not come yet
	gotos   []*jumpOut            // all, with those that have found it
	dots    bool                  // there is a "..."
	arg     *variable             // the local variable "arg" of a function with "..."
}

// buffers are what grows while a function is compiled; a copy of each is kept.
type buffers struct {
	code      []uint32
	lines     []int
	constants []lua.LValue
	texts     []string
	locals    []lua.DbgLocalInfo
	active    []*variable // the local variables in sight; each is in the register of its index
	names     []uint64    // mentions
}

func (c *compiler) newFunction(parent *function, at syntax.Pos) *function {
	f := &function{c: c, parent: parent}
	f.proto = &lua.FunctionProto{SourceName: c.chunk, LineDefined: int(at.Line)}
	if n := len(c.spare); n > 0 {
		f.buffers, c.spare = c.spare[n-1], c.spare[:n-1]
	} else {
		f.code, f.lines = make([]uint32, 0, 128), make([]int, 0, 128)
	}
	return f
}

// finish ends a function whose body is done and ends at a place.
//
// The VM clears NumUsedRegisters registers for a call, and takes more as they are set.
// But a tail call loses the last of them, so that there must be one more than there are
// parameters; and the register after the parameters of a function with "..." is set to
// the table "arg", or to nil, whether or not there is a variable for it.
func (f *function) finish(end syntax.Pos) *lua.FunctionProto {
	f.emit(end.Line, glua.ABC(lua.OP_RETURN, 0, 1, 0))
	f.endGotos()
	p := f.proto
	p.FunctionPrototypes = slices.Clip(f.children)
	f.polish()
	params := int(p.NumParameters)
	if p.IsVarArg != 0 {
		params++
	}
	p.NumUsedRegisters = uint8(max(f.used, params+1, 2))
	p.Code = slices.Clone(f.code)
	p.DbgSourcePositions = slices.Clone(f.lines)
	p.DbgLocals = f.localInfos()
	f.keepInfo()
	p.Constants = slices.Clone(f.constants)
	glua.SetStringConstants(p, slices.Clone(f.texts))
	f.recycle()
	return p
}

// localInfos returns what debug.getlocal needs.
func (f *function) localInfos() []*lua.DbgLocalInfo {
	infos := slices.Clone(f.locals)
	out := make([]*lua.DbgLocalInfo, len(infos))
	for i := range infos {
		out[i] = &infos[i]
	}
	return out
}

// recycle leaves the buffers to functions that come.
func (f *function) recycle() {
	b := f.buffers
	clear(b.constants)
	clear(b.texts)
	clear(b.active[:cap(b.active)])
	f.c.spare = append(f.c.spare, buffers{
		b.code[:0], b.lines[:0], b.constants[:0], b.texts[:0], b.locals[:0], b.active[:0], b.names[:0],
	})
}

// at returns the place of the instruction at pc, as far as it is known.
func (f *function) at(pc int) syntax.Pos { return syntax.Pos{Line: int32(f.lines[pc])} }

// exceeds gives up since a function has too many of something.
func (f *function) exceeds(at syntax.Pos, limit int, what string) {
	who := "main function"
	if line := f.proto.LineDefined; line > 0 {
		who = fmt.Sprintf("function at line %d", line)
	}
	f.c.fail(at, fmt.Sprintf("%s has more than %d %s", who, limit, what))
}

// use counts n registers from the first free one on as used.
func (f *function) use(at syntax.Pos, n int) {
	if f.used = max(f.used, f.free+n); f.used > maxRegisters {
		f.c.fail(at, "function or expression too complex")
	}
}

// take reserves the first free register, which holds a value now.
func (f *function) take(at syntax.Pos) int {
	f.use(at, 1)
	f.free++
	return f.free - 1
}

// constant returns where a new constant is.
func (f *function) constant(v lua.LValue, text string) int {
	if len(f.constants) > glua.MaxBx {
		f.c.fail(f.at(len(f.code)-1), "constant table overflow")
	}
	f.constants = append(f.constants, v)
	f.texts = append(f.texts, text)
	return len(f.constants) - 1
}

// text returns where the constant s is.
func (f *function) text(s string) int {
	at, ok := f.textAt[s]
	if !ok {
		v := f.c.text(s)
		s = string(v.(lua.LString))
		at = f.constant(v, s)
		if f.textAt == nil {
			f.textAt = map[string]int{}
		}
		f.textAt[s] = at
	}
	return at
}

// number returns where the constant n is.
func (f *function) number(n float64) int {
	at, ok := f.numberAt[math.Float64bits(n)]
	if !ok {
		at = f.constant(lua.LNumber(n), "")
		if f.numberAt == nil {
			f.numberAt = map[uint64]int{}
		}
		f.numberAt[math.Float64bits(n)] = at
	}
	return at
}

// other returns where a constant is that is no string and no number.
func (f *function) other(v lua.LValue) int {
	at, ok := f.otherAt[v]
	if !ok {
		at = f.constant(v, "")
		if f.otherAt == nil {
			f.otherAt = map[lua.LValue]int{}
		}
		f.otherAt[v] = at
	}
	return at
}
