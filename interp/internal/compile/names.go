package compile

import (
	"slices"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/syntax"
)

// What instructions work on, and how the source calls it, for errors.

// Operands of an instruction, as Name takes them; those of a chain of ".." are counted
// from 1.
const (
	Object = 0 // what is indexed or called
	Left   = 1 // or the only one
	Right  = 2
)

// Name returns how the source calls an operand of the instruction at pc: kind is
// "global", "local", "upvalue", "field" or "method"; or "for", and name is "initial
// value", "limit" or "step". Both are "" if it has no name, and of code that is not
// Compile's. A field whose name is computed is called "?", as Lua does. Any goroutine may
// call it.
func Name(p *lua.FunctionProto, pc, operand int) (kind, name string) {
	info := InfoOf(p)
	if info == nil {
		return "", ""
	}
	want := newMention(pc, operand, 0, 0)
	i, _ := slices.BinarySearch(info.Mentions, uint64(want))
	if i == len(info.Mentions) || mention(info.Mentions[i]).place() != want.place() {
		return "", ""
	}
	m := mention(info.Mentions[i])
	switch m.kind() {
	case kindLocal:
		return "local", p.DbgLocals[m.index()].Name
	case kindUpvalue:
		return "upvalue", p.DbgUpvalues[m.index()]
	case forStart, forLimit, forStep:
		return "for", [...]string{"initial value", "limit", "step"}[m.kind()-forStart]
	}
	name = "?"
	if m.index() != noIndex {
		name = string(p.Constants[m.index()].(lua.LString))
	}
	return [...]string{kindGlobal: "global", kindField: "field", kindMethod: "method"}[m.kind()], name
}

// mention is one operand with a name: from the highest bit on the instruction's place,
// which operand, its kind, and the index of the name among the function's constants,
// locals or upvalues.
type mention uint64

type mentionKind uint8

const (
	kindGlobal mentionKind = iota
	kindField
	kindMethod
	kindLocal
	kindUpvalue
	forStart
	forLimit
	forStep
)

const (
	kindShift    = 22
	operandShift = kindShift + 4
	pcShift      = operandShift + 8
	noIndex      = 1<<kindShift - 1
)

func newMention(pc, operand int, kind mentionKind, index int) mention {
	return mention(pc)<<pcShift | mention(operand)<<operandShift | mention(kind)<<kindShift | mention(index)
}

func (m mention) place() mention    { return m >> operandShift }
func (m mention) kind() mentionKind { return mentionKind(m >> kindShift & 15) }
func (m mention) index() int        { return int(m & noIndex) }

// Info is what is kept of a function beside its code: plain data, and the last of its
// constants, where no instruction finds it.
type Info struct {
	Source   string   // Options.Source
	Mentions []uint64 // the operands that have names, in the order of the code; see Name
}

// String and Type make an Info what a constant must be.
func (*Info) String() string       { return "info" }
func (*Info) Type() lua.LValueType { return lua.LTNil }

// InfoOf returns what is kept of p beside its code; nil of code that is not Compile's.
func InfoOf(p *lua.FunctionProto) *Info {
	if n := len(p.Constants); n > 0 {
		if info, ok := p.Constants[n-1].(*Info); ok {
			return info
		}
	}
	return nil
}

// keepInfo puts the Info behind the constants.
func (f *function) keepInfo() {
	f.constants = append(f.constants, &Info{f.c.opts.Source, slices.Clone(f.names)})
	f.texts = append(f.texts, "")
}

// mention notes how the operand e of the instruction at pc is called.
func (f *function) mention(pc, operand int, e syntax.Expr) {
	if e == nil {
		return
	}
	switch e := unparen(e).(type) {
	case *syntax.NameExpr:
		f.mentionVariable(pc, operand, e)
	case *syntax.IndexExpr:
		index := noIndex
		if s, ok := unparen(e.Key).(*syntax.StringExpr); ok {
			index = f.text(s.Value)
		}
		f.note(newMention(pc, operand, kindField, index))
	}
}

func (f *function) mentionVariable(pc, operand int, e *syntax.NameExpr) {
	kind, index := kindGlobal, 0
	switch v := f.meaning(&e.Name); {
	case v == nil:
		index = f.text(e.Name.Value)
	case v.fn == f:
		kind, index = kindLocal, v.info
	default:
		kind, index = kindUpvalue, f.upvalue(v, e.Name.From)
	}
	f.note(newMention(pc, operand, kind, index))
}

// mentionCalled notes how what is called at pc is called.
func (f *function) mentionCalled(pc int, e *syntax.CallExpr) {
	if e.Method != nil {
		f.note(newMention(pc, Object, kindMethod, f.text(e.Method.Value)))
		return
	}
	f.mention(pc, Object, e.Func)
}

func (f *function) note(m mention) { f.names = append(f.names, uint64(m)) }
