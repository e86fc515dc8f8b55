package interp

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/compile"
	"wirelua/interp/internal/glua"
)

// instruction is where a Lua function stands: the one that failed. fn is nil where that
// is not known.
type instruction struct {
	s  *State
	fn *lua.LFunction
	pc int
}

// instruction returns where the Lua function stands that s runs, or, at a level above 0,
// a caller of that.
func (s *State) instruction(level int) instruction {
	if s == nil {
		return instruction{}
	}
	d, ok := s.l.GetStack(level)
	if !ok {
		return instruction{}
	}
	return s.instructionOf(glua.FrameOf(d))
}

// indexedBelow describes a value of a type that the function below the running one indexes.
func (s *State) indexedBelow(typ string) string {
	i := instruction{}
	if d, ok := s.l.GetStack(1); ok {
		i = s.instructionOf(glua.FrameOf(d))
	}
	if i.fn != nil {
		switch i.code().Op() {
		case lua.OP_GETTABLE, lua.OP_GETTABLEKS, lua.OP_SELF:
			return described(typ, i.name(compile.Object))
		}
	}
	return described(typ, "")
}

// instructionOf returns where the function of a frame of s stands, if that is Lua's.
func (s *State) instructionOf(frame *glua.Frame) instruction {
	pc, ok := frame.Instruction()
	if !ok {
		return instruction{}
	}
	return instruction{s, frame.Fn, pc}
}

func (i instruction) code() glua.Code { return glua.Code(i.fn.Proto.Code[i.pc]) }

// value returns an operand's value.
func (i instruction) value(rk int) lua.LValue {
	if rk&glua.ConstantBit != 0 {
		return i.fn.Proto.Constants[rk&^glua.ConstantBit]
	}
	return i.s.Get(rk + 1)
}

// name says how the source calls an operand: "global 'x'", "field 'x'"; "" if it has no
// name.
func (i instruction) name(operand int) string {
	if i.fn == nil {
		return ""
	}
	kind, name := compile.Name(i.fn.Proto, i.pc, operand)
	if name == "" {
		return ""
	}
	return kind + " '" + name + "'"
}

// describe is a value's type, and how the source calls it.
func (i instruction) describe(v lua.LValue, operand int) string {
	typ := v.Type().String()
	if name, ok := i.s.GetMetaField(v, "__name").(lua.LString); ok { // an object's
		typ = string(name)
	}
	return described(typ, i.name(operand))
}

func described(typ, name string) string {
	if name == "" {
		return "a " + typ + " value"
	}
	return name + " (a " + typ + " value)"
}

// indexed describes what is indexed, which is of that type.
func (i instruction) indexed(typ string) string {
	if i.fn == nil {
		return described(typ, "")
	}
	c := i.code()
	reg := c.B()
	switch c.Op() {
	case lua.OP_GETTABLE, lua.OP_GETTABLEKS, lua.OP_SELF:
	case lua.OP_SETTABLE, lua.OP_SETTABLEKS:
		reg = c.A()
	default:
		return described(typ, "")
	}
	if i.value(reg).Type().String() != typ { // it is what __index led to
		return described(typ, "")
	}
	return described(typ, i.name(compile.Object))
}

// calls says how the source calls what is called here; "" if it has no name, or this is
// no call.
func (i instruction) calls() (kind, name string) {
	if i.fn == nil {
		return "", ""
	}
	if op := i.code().Op(); op != lua.OP_CALL && op != lua.OP_TAILCALL {
		return "", "" // of a metamethod, at most
	}
	return compile.Name(i.fn.Proto, i.pc, compile.Object)
}

// called describes what is called.
func (i instruction) called() string {
	if i.fn != nil {
		switch c := i.code(); c.Op() {
		case lua.OP_CALL, lua.OP_TAILCALL, lua.OP_TFORLOOP:
			return i.describe(i.value(c.A()), compile.Object)
		}
	}
	return "a value that is not a function"
}

// operand describes the one operand.
func (i instruction) operand() string {
	if i.fn != nil {
		if c := i.code(); c.Op() == lua.OP_LEN || c.Op() == lua.OP_UNM {
			return i.describe(i.value(c.B()), compile.Left)
		}
	}
	return "a value of the wrong type"
}

// arithmetic says which operand is no number, and none that a string stands for.
func (i instruction) arithmetic() string {
	if i.fn == nil || !i.isArithmetic() {
		return notNumber + "a value of the wrong type"
	}
	c := i.code()
	if c.Op() == lua.OP_UNM {
		return i.notNumbers(i.value(c.B()), nil)
	}
	return i.notNumbers(i.value(c.B()), i.value(c.C()))
}

const notNumber = "attempt to perform arithmetic on "

// notNumbers is arithmetic for operands that have these values; b is nil if there is
// only one.
func (i instruction) notNumbers(a, b lua.LValue) string {
	v, operand := a, compile.Left
	if _, ok := numeric(a); ok && b != nil {
		v, operand = b, compile.Right
	}
	if kind, name := compile.Name(i.fn.Proto, i.pc, operand); kind == "for" {
		return "'for' " + name + " must be a number"
	}
	return notNumber + i.describe(v, operand)
}

// isArithmetic reports whether the instruction computes with numbers.
func (i instruction) isArithmetic() bool {
	op := i.code().Op()
	return op >= lua.OP_ADD && op <= lua.OP_UNM
}
