// Package word reads arguments as 32 bits, for the modules bit and bit32.
package word

import (
	"math"

	"wirelua/interp"
)

// Arg returns argument n rounded to an integer, halves to the even one as
// LuaJIT and Lua 5.2 round them, modulo 2^32.
func Arg(s *interp.State, n int) uint32 {
	x := s.Num(n)
	if math.IsNaN(x) || math.IsInf(x, 0) {
		s.ArgError(n, "finite number expected, got nan or infinity")
	}
	return uint32(int64(math.Mod(math.RoundToEven(x), 1<<32)))
}

// Fold joins the arguments from first on with op, beginning with v.
func Fold(s *interp.State, v uint32, first int, op func(a, b uint32) uint32) uint32 {
	for n := first; n <= s.GetTop(); n++ {
		v = op(v, Arg(s, n))
	}
	return v
}

// And, Or and Xor are what Fold joins with.
func And(a, b uint32) uint32 { return a & b }
func Or(a, b uint32) uint32  { return a | b }
func Xor(a, b uint32) uint32 { return a ^ b }
