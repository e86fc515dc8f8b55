package glua

import (
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// Code is an instruction of the VM's. It is 32 bits: from the lowest on B and C with 9 bits
// each, A with 8, and 6 of the operation, which is one of gopher-lua's OP_ constants. Bx
// takes the place of B and C, and sBx is Bx less MaxJump. In an operand that may be a
// register or a constant, called RK, bit 8 says that it is a constant.
type Code uint32

const (
	MaxRK       = 255       // the last constant that an RK can name
	MaxBx       = 1<<18 - 1 // the last constant and the last function that a Bx can
	MaxJump     = 1<<17 - 1
	MaxC        = 1<<9 - 1
	ConstantBit = 1 << 8
)

// ABC and ABx put instructions together.
func ABC(op, a, b, c int) uint32 {
	return uint32(op)<<26 | uint32(a)<<18 | uint32(c)<<9 | uint32(b)
}

func ABx(op, a, bx int) uint32 { return uint32(op)<<26 | uint32(a)<<18 | uint32(bx) }

func (c Code) Op() int { return int(c >> 26) }
func (c Code) A() int  { return int(c>>18) & 0xff }
func (c Code) B() int  { return int(c & 0x1ff) }
func (c Code) C() int  { return int(c>>9) & MaxC }
func (c Code) Bx() int { return int(c & MaxBx) }

// SetStringConstants gives p its constants that are strings, once more, as Go has them: one
// for each of p.Constants, "" for those that are none. The VM's instructions for globals
// and for fields with a constant name read them there, and gopher-lua does not export the
// field. Nobody may run p yet.
func SetStringConstants(p *lua.FunctionProto, s []string) {
	*at[[]string](unsafe.Pointer(p), &stringsOf) = s
}
