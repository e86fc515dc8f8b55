package interp

import (
	"reflect"

	lua "github.com/yuin/gopher-lua"
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
func (c code) bx() int { return int(c & 0x3ffff) }

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
	return described(typ, i.indexed(typ))
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

// value returns what a register holds.
func (i instruction) value(reg int) lua.LValue { return i.s.Get(reg + 1) }

// describe is a register's type, and the name of what is in it.
func (i instruction) describe(reg int) string {
	v := i.value(reg)
	typ := v.Type().String()
	if name, ok := i.s.GetMetaField(v, "__name").(lua.LString); ok { // an object's
		typ = string(name)
	}
	return described(typ, i.name(reg, i.pc))
}

func described(typ, name string) string {
	if name != "" {
		name = " (" + name + ")"
	}
	return "a " + typ + " value" + name
}

// indexed names what is indexed, if it is of that type.
func (i instruction) indexed(typ string) string {
	if i.fn == nil {
		return ""
	}
	c := i.code()
	reg := c.b()
	switch c.op() {
	case lua.OP_GETTABLE, lua.OP_GETTABLEKS, lua.OP_SELF:
	case lua.OP_SETTABLE, lua.OP_SETTABLEKS:
		reg = c.a()
	default:
		return ""
	}
	if reg >= constant || i.value(reg).Type().String() != typ { // it is what __index led to
		return ""
	}
	return i.name(reg, i.pc)
}

// called describes what is called.
func (i instruction) called() string {
	if i.fn != nil {
		if c := i.code(); c.op() == lua.OP_CALL || c.op() == lua.OP_TAILCALL {
			return i.describe(c.a())
		}
	}
	return "a value that is not a function"
}

// operand describes the one operand.
func (i instruction) operand() string {
	if i.fn != nil {
		if c := i.code(); (c.op() == lua.OP_LEN || c.op() == lua.OP_UNM) && c.b() < constant {
			return i.describe(c.b())
		}
	}
	return "a value of the wrong type"
}

// wrong describes that one of two operands which is of the wrong type.
func (i instruction) wrong(left, right string) string {
	typ := left
	if left == "number" || left == "string" && right != "number" && right != "string" {
		typ = right
	}
	if i.fn != nil {
		c := i.code()
		regs := []int{c.b(), c.c()}
		if c.op() == lua.OP_CONCAT {
			regs = nil
			for reg := c.c(); reg >= c.b(); reg-- {
				regs = append(regs, reg)
			}
		}
		for _, reg := range regs {
			if reg < constant && i.value(reg).Type().String() == typ {
				return i.describe(reg)
			}
		}
	}
	return described(typ, "")
}

// name says how what is in a register before pc came there: "local 'x'", "global 'x'",
// "field 'x'"; "" when that cannot be told.
func (i instruction) name(reg, pc int) string {
	for _, at := range []int{pc + 1, pc} { // gopher-lua has locals begin one later, and end where Lua does
		if name, ok := i.fn.LocalName(reg+1, at); ok {
			return "local '" + name + "'"
		}
	}
	p, from := i.fn.Proto, pc
	for pc--; pc >= 0 && from-pc < 100; pc-- {
		if joined(p, pc, from) {
			return ""
		}
		c := code(p.Code[pc])
		switch op := c.op(); op {
		case lua.OP_SETGLOBAL, lua.OP_SETUPVAL, lua.OP_SETTABLE, lua.OP_SETTABLEKS, lua.OP_SETLIST, lua.OP_CLOSE, lua.OP_NOP:
			continue // they set no register
		case lua.OP_JMP, lua.OP_FORLOOP, lua.OP_FORPREP, lua.OP_TFORLOOP, lua.OP_EQ, lua.OP_LT, lua.OP_LE, lua.OP_TEST, lua.OP_TESTSET:
			return "" // what comes before is not always what came before
		case lua.OP_CALL, lua.OP_TAILCALL, lua.OP_VARARG, lua.OP_LOADNIL:
			if reg >= c.a() {
				return ""
			}
		case lua.OP_SELF:
			if reg == c.a() {
				return named("method", p, c.c()&^constant)
			}
			if reg == c.a()+1 {
				return ""
			}
		default:
			if reg != c.a() {
				continue
			}
			switch op {
			case lua.OP_MOVE, lua.OP_MOVEN:
				return i.name(c.b(), pc)
			case lua.OP_GETGLOBAL:
				return named("global", p, c.bx())
			case lua.OP_GETTABLE, lua.OP_GETTABLEKS:
				if c.c() >= constant {
					return named("field", p, c.c()&^constant)
				}
			case lua.OP_GETUPVAL:
				if c.b() < len(p.DbgUpvalues) {
					return "upvalue '" + p.DbgUpvalues[c.b()] + "'"
				}
			}
			return ""
		}
	}
	return ""
}

// joined reports whether a jump leads to between two instructions: then what comes there
// has more than one past.
func joined(p *lua.FunctionProto, after, until int) bool {
	const zero = 1<<17 - 1 // of a signed operand
	for pc, c := range p.Code {
		if op := code(c).op(); op == lua.OP_JMP || op == lua.OP_FORLOOP || op == lua.OP_FORPREP {
			if to := pc + 1 + code(c).bx() - zero; to > after && to <= until {
				return true
			}
		}
	}
	return false
}

func named(kind string, p *lua.FunctionProto, n int) string {
	if n < len(p.Constants) {
		if name, ok := p.Constants[n].(lua.LString); ok {
			return kind + " '" + string(name) + "'"
		}
	}
	return ""
}
