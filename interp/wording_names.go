package interp

import (
	"reflect"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/compile"
)

// instruction is where a Lua function stands: the one that failed. fn is nil where that
// is not known.
type instruction struct {
	s  *State
	fn *lua.LFunction
	pc int
}

// code is one instruction of the VM's.
type code uint32

func (c code) op() int { return int(c >> 26) }
func (c code) a() int  { return int(c>>18) & 0xff }
func (c code) b() int  { return int(c & 0x1ff) }
func (c code) c() int  { return int(c>>9) & 0x1ff }

// constant marks an operand that is none of the registers.
const constant = 1 << 8

// instruction returns where the Lua function stands that s runs, or, at a level above 0,
// a caller of that.
func (s *State) instruction(level int) instruction {
	if s == nil {
		return instruction{}
	}
	d, ok := s.GetStack(level)
	if !ok {
		return instruction{}
	}
	return s.instructionOf(reflect.ValueOf(d).Elem().FieldByIndex(debugFrame).Elem())
}

// indexedBelow describes a value of a type that the function below the running one indexes.
func (s *State) indexedBelow(typ string) string {
	i := instruction{}
	if d, ok := s.GetStack(1); ok {
		i = s.instructionOf(reflect.ValueOf(d).Elem().FieldByIndex(debugFrame).Elem())
	}
	if i.fn != nil {
		switch i.code().op() {
		case lua.OP_GETTABLE, lua.OP_GETTABLEKS, lua.OP_SELF:
			return described(typ, i.name(compile.Object))
		}
	}
	return described(typ, "")
}

// instructionOf returns where the function of a frame of s stands, if that is Lua's.
func (s *State) instructionOf(frame reflect.Value) instruction {
	fn := (*lua.LFunction)(frame.FieldByIndex(frameFn).UnsafePointer())
	if fn.IsG {
		return instruction{}
	}
	pc := int(frame.FieldByIndex(framePc).Int()) - 1
	if pc < 0 || pc >= len(fn.Proto.Code) {
		return instruction{}
	}
	return instruction{s, fn, pc}
}

func (i instruction) code() code { return code(i.fn.Proto.Code[i.pc]) }

// value returns an operand's value.
func (i instruction) value(rk int) lua.LValue {
	if rk&constant != 0 {
		return i.fn.Proto.Constants[rk&^constant]
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
	reg := c.b()
	switch c.op() {
	case lua.OP_GETTABLE, lua.OP_GETTABLEKS, lua.OP_SELF:
	case lua.OP_SETTABLE, lua.OP_SETTABLEKS:
		reg = c.a()
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
	if op := i.code().op(); op != lua.OP_CALL && op != lua.OP_TAILCALL {
		return "", "" // of a metamethod, at most
	}
	return compile.Name(i.fn.Proto, i.pc, compile.Object)
}

// called describes what is called.
func (i instruction) called() string {
	if i.fn != nil {
		switch c := i.code(); c.op() {
		case lua.OP_CALL, lua.OP_TAILCALL, lua.OP_TFORLOOP:
			return i.describe(i.value(c.a()), compile.Object)
		}
	}
	return "a value that is not a function"
}

// operand describes the one operand.
func (i instruction) operand() string {
	if i.fn != nil {
		if c := i.code(); c.op() == lua.OP_LEN || c.op() == lua.OP_UNM {
			return i.describe(i.value(c.b()), compile.Left)
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
	if c.op() == lua.OP_UNM {
		return i.notNumbers(i.value(c.b()), nil)
	}
	return i.notNumbers(i.value(c.b()), i.value(c.c()))
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
	op := i.code().op()
	return op >= lua.OP_ADD && op <= lua.OP_UNM
}
