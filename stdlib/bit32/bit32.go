// Package bit32 holds the module bit32 of Lua 5.2.
package bit32

import (
	"math/bits"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/stdlib/internal/word"
)

// Module is the module bit32: Lua 5.2's operations on the bits of a number.
//
//	if bit32.btest(flags, 0x80) then ... end
//	local nibble = bit32.extract(byte, 4, 4)
//
// Numbers are taken modulo 2^32, results are 0 to 2^32-1; the module bit has the
// same operations with signed results. Bits are counted from 0, the least
// significant. Shifts by more than 31 leave nothing, shifts by less than 0 go
// the other way.
var Module = &interp.Module{
	Name: "bit32",
	Doc:  "Lua 5.2's operations on 32 bits; results are unsigned.",
	Funcs: []interp.Function{
		{Name: "arshift", Args: "x, by", Doc: "returns x shifted right, copies of its highest bit coming in", Manual: `
		x integer: a number, of which 32 bits count
		by integer: how far; below 0 to the left
		-> integer: 0 to 2^32-1
		> print(bit32.arshift(0xffffff00, 4) == 0xfffffff0) --> true
		`, Fn: arshift},
		{Name: "band", Args: "...", Doc: "returns the and of all arguments; 0xffffffff when there is none", Manual: `
		... integer: numbers, of which 32 bits count
		-> integer: 0 to 2^32-1
		> print(bit32.band(0xff, 0x3c)) --> 60
		`, Fn: func(s *interp.State) int {
			return push(s, word.Fold(s, allOnes, 1, word.And))
		}},
		{Name: "bnot", Args: "x", Doc: "returns x with all bits turned", Manual: `
		x integer: a number, of which 32 bits count
		-> integer: 0 to 2^32-1
		> print(bit32.bnot(0)) --> 4294967295
		`, Fn: func(s *interp.State) int {
			return push(s, ^word.Arg(s, 1))
		}},
		{Name: "bor", Args: "...", Doc: "returns the or of all arguments; 0 when there is none", Manual: `
		... integer: numbers, of which 32 bits count
		-> integer: 0 to 2^32-1
		> print(bit32.bor(1, 2, 8)) --> 11
		`, Fn: func(s *interp.State) int {
			return push(s, word.Fold(s, 0, 1, word.Or))
		}},
		{Name: "btest", Args: "...", Doc: "tells whether the and of all arguments is not zero", Manual: `
		... integer: numbers, of which 32 bits count
		-> boolean: whether they have a bit in common
		> print(bit32.btest(6, 3), bit32.btest(4, 3)) --> true	false
		`, Fn: func(s *interp.State) int {
			return s.Return(lua.LBool(word.Fold(s, allOnes, 1, word.And) != 0))
		}},
		{Name: "bxor", Args: "...", Doc: "returns the exclusive or of all arguments; 0 when there is none", Manual: `
		... integer: numbers, of which 32 bits count
		-> integer: 0 to 2^32-1
		> print(bit32.bxor(0xff, 0x0f)) --> 240
		`, Fn: func(s *interp.State) int {
			return push(s, word.Fold(s, 0, 1, word.Xor))
		}},
		{Name: "extract", Args: "x, field[, width=1]", Doc: "returns bits field to field+width-1 of x as a number", Manual: `
		x integer: a number, of which 32 bits count
		field integer: the lowest bit, 0-31
		width integer?: how many bits
		-> integer: the number that they are
		> print(bit32.extract(0xabcd, 4, 8) == 0xbc) --> true
		`, Fn: func(s *interp.State) int {
			x := word.Arg(s, 1)
			at, mask := field(s, 2)
			return push(s, x>>at&mask)
		}},
		{Name: "lrotate", Args: "x, by", Doc: "returns x rotated left", Manual: `
		x integer: a number, of which 32 bits count
		by integer: how far; below 0 to the right
		-> integer: 0 to 2^32-1
		> print(bit32.lrotate(0x12345678, 8) == 0x34567812) --> true
		`, Fn: func(s *interp.State) int {
			return push(s, bits.RotateLeft32(word.Arg(s, 1), displacement(s)))
		}},
		{Name: "lshift", Args: "x, by", Doc: "returns x shifted left, zeros coming in", Manual: `
		x integer: a number, of which 32 bits count
		by integer: how far; 0 is left from 32 on; below 0 to the right
		-> integer: 0 to 2^32-1
		> print(bit32.lshift(1, 31), bit32.lshift(1, 32)) --> 2147483648	0
		`, Fn: func(s *interp.State) int {
			return push(s, shift(word.Arg(s, 1), displacement(s)))
		}},
		{Name: "replace", Args: "x, v, field[, width=1]", Doc: "returns x with bits field to field+width-1 replaced by those of v", Manual: `
		x integer: a number, of which 32 bits count
		v integer: what is put there; its lowest width bits
		field integer: the lowest bit, 0-31
		width integer?: how many bits; field + width is 32 at most
		-> integer: 0 to 2^32-1
		! any: the field is not within 32 bits
		> print(bit32.replace(0xab00, 0xcd, 0, 8) == 0xabcd) --> true
		`, Fn: func(s *interp.State) int {
			x, v := word.Arg(s, 1), word.Arg(s, 2)
			at, mask := field(s, 3)
			return push(s, x&^(mask<<at)|v&mask<<at)
		}},
		{Name: "rrotate", Args: "x, by", Doc: "returns x rotated right", Manual: `
		x integer: a number, of which 32 bits count
		by integer: how far; below 0 to the left
		-> integer: 0 to 2^32-1
		> print(bit32.rrotate(0x12345678, 8) == 0x78123456) --> true
		`, Fn: func(s *interp.State) int {
			return push(s, bits.RotateLeft32(word.Arg(s, 1), -displacement(s)))
		}},
		{Name: "rshift", Args: "x, by", Doc: "returns x shifted right, zeros coming in", Manual: `
		x integer: a number, of which 32 bits count
		by integer: how far; 0 is left from 32 on; below 0 to the left
		-> integer: 0 to 2^32-1
		> print(bit32.rshift(0xff, 4)) --> 15
		`, Fn: func(s *interp.State) int {
			return push(s, shift(word.Arg(s, 1), -displacement(s)))
		}},
	},
}

const allOnes = 1<<32 - 1

func push(s *interp.State, v uint32) int { return s.Return(lua.LNumber(v)) }

// displacement returns argument 2, by how much to shift. Rotations need its low
// 5 bits, so a large one is brought down, not cut off.
func displacement(s *interp.State) int {
	by := s.Num(2)
	if by != by || by > 1<<53 || by < -1<<53 {
		s.ArgError(2, "number of bits expected, got nan or what is beyond 2^53")
	}
	return int(by)
}

// shift shifts left, and right when by is less than 0.
func shift(x uint32, by int) uint32 {
	if by < 0 {
		return x >> uint(-by)
	}
	return x << uint(by)
}

func arshift(s *interp.State) int {
	x, by := word.Arg(s, 1), displacement(s)
	if by < 0 {
		return push(s, shift(x, -by))
	}
	return push(s, uint32(int32(x)>>uint(by)))
}

// field returns arguments n and n+1, the first bit of a field and its width: the
// former, and as many ones.
func field(s *interp.State, n int) (at uint, mask uint32) {
	first, width := s.Int(n), s.OptInt(n+1, 1)
	if first < 0 {
		s.ArgError(n, "field cannot be negative, got %d", first)
	}
	if width <= 0 {
		s.ArgError(n+1, "width must be positive, got %d", width)
	}
	if first+width > 32 {
		s.RaiseError("trying to access non-existent bits (%d to %d of 0 to 31)", first, first+width-1)
	}
	return uint(first), allOnes >> uint(32-width)
}
