// Package bit holds the module bit of LuaJIT.
package bit

import (
	"math/bits"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/stdlib/internal/word"
)

// Module is the module bit: LuaJIT's operations on the bits of a number (BitOp).
//
//	local checksum = bit.bxor(bit.rol(checksum, 5), byte)
//	print(bit.tohex(checksum))
//
// Numbers are taken modulo 2^32, results are signed: -2^31 to 2^31-1, so
// bit.bnot(0) is -1. The module bit32 has the same operations with unsigned
// results. Of the number of bits to shift by, the low 5 bits count.
var Module = &interp.Module{
	Name: "bit",
	Doc:  "LuaJIT's operations on 32 bits; results are signed.",
	Funcs: []interp.Function{
		{Name: "arshift", Args: "x, by", Doc: "returns x shifted right, copies of its highest bit coming in", Manual: `
		x integer: a number, of which 32 bits count
		by integer: how far: its low 5 bits, 0-31
		-> integer: -2^31 to 2^31-1
		> print(bit.arshift(-256, 4)) --> -16
		`, Fn: func(s *interp.State) int {
			return shift(s, func(x uint32, by int) uint32 { return uint32(int32(x) >> by) })
		}},
		{Name: "band", Args: "x, ...", Doc: "returns the and of all arguments", Manual: `
		x integer: a number, of which 32 bits count
		... integer: further ones
		-> integer: -2^31 to 2^31-1
		> print(bit.band(0xff, 0x3c), bit.bnot(0)) --> 60	-1
		`, Fn: func(s *interp.State) int { return fold(s, word.And) }},
		{Name: "bnot", Args: "x", Doc: "returns x with all bits turned", Manual: `
		x integer: a number, of which 32 bits count
		-> integer: -2^31 to 2^31-1
		> print(bit.bnot(0), bit.bnot(0xff)) --> -1	-256
		`, Fn: func(s *interp.State) int {
			return push(s, ^word.Arg(s, 1))
		}},
		{Name: "bor", Args: "x, ...", Doc: "returns the or of all arguments", Manual: `
		x integer: a number, of which 32 bits count
		... integer: further ones
		-> integer: -2^31 to 2^31-1
		> print(bit.bor(1, 2, 8)) --> 11
		`, Fn: func(s *interp.State) int { return fold(s, word.Or) }},
		{Name: "bswap", Args: "x", Doc: "returns x with its four bytes in the other order", Manual: `
		x integer: a number, of which 32 bits count
		-> integer: -2^31 to 2^31-1
		> print(bit.tohex(bit.bswap(0x12345678))) --> 78563412
		`, Fn: func(s *interp.State) int {
			return push(s, bits.ReverseBytes32(word.Arg(s, 1)))
		}},
		{Name: "bxor", Args: "x, ...", Doc: "returns the exclusive or of all arguments", Manual: `
		x integer: a number, of which 32 bits count
		... integer: further ones
		-> integer: -2^31 to 2^31-1
		> print(bit.bxor(0xff, 0x0f)) --> 240
		`, Fn: func(s *interp.State) int { return fold(s, word.Xor) }},
		{Name: "lshift", Args: "x, by", Doc: "returns x shifted left, zeros coming in", Manual: `
		x integer: a number, of which 32 bits count
		by integer: how far: its low 5 bits, 0-31
		-> integer: -2^31 to 2^31-1
		> print(bit.lshift(1, 4), bit.lshift(1, 31)) --> 16	-2147483648
		`, Fn: func(s *interp.State) int {
			return shift(s, func(x uint32, by int) uint32 { return x << by })
		}},
		{Name: "rol", Args: "x, by", Doc: "returns x rotated left", Manual: `
		x integer: a number, of which 32 bits count
		by integer: how far: its low 5 bits, 0-31
		-> integer: -2^31 to 2^31-1
		> print(bit.tohex(bit.rol(0x12345678, 8))) --> 34567812
		`, Fn: func(s *interp.State) int { return shift(s, bits.RotateLeft32) }},
		{Name: "ror", Args: "x, by", Doc: "returns x rotated right", Manual: `
		x integer: a number, of which 32 bits count
		by integer: how far: its low 5 bits, 0-31
		-> integer: -2^31 to 2^31-1
		> print(bit.tohex(bit.ror(0x12345678, 8))) --> 78123456
		`, Fn: func(s *interp.State) int {
			return shift(s, func(x uint32, by int) uint32 { return bits.RotateLeft32(x, -by) })
		}},
		{Name: "rshift", Args: "x, by", Doc: "returns x shifted right, zeros coming in", Manual: `
		x integer: a number, of which 32 bits count
		by integer: how far: its low 5 bits, 0-31
		-> integer: -2^31 to 2^31-1
		> print(bit.rshift(0xff, 4), bit.rshift(-1, 28)) --> 15	15
		`, Fn: func(s *interp.State) int {
			return shift(s, func(x uint32, by int) uint32 { return x >> by })
		}},
		{Name: "tobit", Args: "x", Doc: "returns x as the other functions' results are", Manual: `
		x integer: a number, of which 32 bits count
		-> integer: -2^31 to 2^31-1
		> print(bit.tobit(0xffffffff)) --> -1
		`, Fn: func(s *interp.State) int {
			return push(s, word.Arg(s, 1))
		}},
		{Name: "tohex", Args: "x[, digits=8]", Doc: "returns x in hexadecimal, its last digits; in capitals when digits is negative", Manual: `
		x integer: a number, of which 32 bits count
		digits integer?: how many
		-> string: the digits
		> print(bit.tohex(255, 4)) --> 00ff
		`, Fn: tohex},
	},
}

func push(s *interp.State, v uint32) int { return s.Return(lua.LNumber(int32(v))) }

func fold(s *interp.State, op func(a, b uint32) uint32) int {
	return push(s, word.Fold(s, word.Arg(s, 1), 2, op))
}

func shift(s *interp.State, op func(x uint32, by int) uint32) int {
	return push(s, op(word.Arg(s, 1), int(word.Arg(s, 2)&31)))
}

func tohex(s *interp.State) int {
	x, digits := word.Arg(s, 1), 8
	if !s.Absent(2) {
		digits = int(int32(word.Arg(s, 2)))
	}
	const lower, upper = "0123456789abcdef", "0123456789ABCDEF"
	alphabet := lower
	if digits < 0 {
		alphabet, digits = upper, -digits
	}
	out := make([]byte, min(uint(digits), 8)) // the least int32 has no positive equal
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = alphabet[x&15]
		x >>= 4
	}
	return s.Return(lua.LString(out))
}
