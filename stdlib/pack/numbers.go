package pack

import (
	"math"
	"math/bits"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// intArg returns argument n, an integer that a field of size bytes has room for,
// in two's complement; code is the field's name for messages.
func intArg(s *interp.State, n int, code string, size int, signed bool) uint64 {
	x := s.Num(n)
	// A float holds these limits exactly, and not the ones that messages name.
	max := float64(uint64(1) << (8*size - 1))
	min := -max
	if !signed {
		min, max = 0, 2*max
	}
	if x != math.Trunc(x) {
		s.ArgError(n, "'%s' takes integers, got %s", code, interp.Shown(s.Get(n)))
	}
	if x < min || x >= max {
		bits := 8 * size
		if signed {
			s.ArgError(n, "'%s' takes integers from %d to %d, got %s", code, int64(-1)<<(bits-1), int64(1)<<(bits-1)-1, interp.Shown(s.Get(n)))
		}
		s.ArgError(n, "'%s' takes integers from 0 to %d, got %s", code, ^uint64(0)>>(64-bits), interp.Shown(s.Get(n)))
	}
	if x < 0 {
		return uint64(int64(x))
	}
	return uint64(x)
}

// intValue returns the integer in the low size bytes of v as a Lua number, or
// raises an error when it would not be the same.
func intValue(s *interp.State, v uint64, code string, size int, signed bool) lua.LNumber {
	if !signed {
		if !exact(v) {
			s.RaiseError("'%s': %d is more than a Lua number can hold exactly; unpack its bytes as a string, or its halves", code, v)
		}
		return lua.LNumber(v)
	}
	n := int64(v<<(64-8*size)) >> (64 - 8*size)
	if !exact(uint64(max(n, -n))) {
		s.RaiseError("'%s': %d is more than a Lua number can hold exactly; unpack its bytes as a string, or its halves", code, n)
	}
	return lua.LNumber(n)
}

// exact reports whether a float64, which has 53 bits, holds v.
func exact(v uint64) bool { return bits.Len64(v)-bits.TrailingZeros64(v) <= 53 }

// putUint writes the low bytes of v to all of out.
func putUint(out []byte, v uint64, big bool) {
	for i := range out {
		if big {
			out[len(out)-1-i] = byte(v)
		} else {
			out[i] = byte(v)
		}
		v >>= 8
	}
}

// getUint reads the unsigned integer that data is; its last 8 bytes count.
func getUint(data string, big bool) (v uint64) {
	for i := range len(data) {
		if big {
			v = v<<8 | uint64(data[i])
		} else {
			v = v<<8 | uint64(data[len(data)-1-i])
		}
	}
	return v
}

// floatBits returns x as an IEEE 754 float of 2, 4 or 8 bytes, rounded to even;
// ok is false when it is finite and too large.
func floatBits(x float64, size int) (bits uint64, ok bool) {
	switch size {
	case 2:
		h, ok := halfBits(x)
		return uint64(h), ok
	case 4:
		f := float32(x)
		return uint64(math.Float32bits(f)), !math.IsInf(float64(f), 0) || math.IsInf(x, 0)
	}
	return math.Float64bits(x), true
}

// floatOf is the inverse of floatBits.
func floatOf(bits uint64, size int) float64 {
	switch size {
	case 2:
		return halfOf(uint16(bits))
	case 4:
		return float64(math.Float32frombits(uint32(bits)))
	}
	return math.Float64frombits(bits)
}

// A half has a sign, 5 bits of exponent with bias 15, and 10 bits of fraction.
const (
	halfInf = 0x1f << 10
	halfNaN = halfInf | 1<<9
)

func halfBits(x float64) (h uint16, ok bool) {
	sign := uint16(math.Float64bits(x)>>48) & 0x8000
	x = math.Abs(x)
	switch {
	case x != x:
		return sign | halfNaN, true
	case math.IsInf(x, 0):
		return sign | halfInf, true
	case x < 0x1p-14: // subnormal; what rounds up to 1<<10 is the first normal number
		return sign | uint16(math.RoundToEven(x*0x1p24)), true
	}
	frac, exp := math.Frexp(x)              // x = frac * 2^exp, frac in [0.5, 1)
	m := int(math.RoundToEven(frac * 2048)) // 1024 to 2048: the first bit and the fraction
	bits := (exp+13)<<10 + m                // the first bit adds to the exponent, and so does a carry
	return sign | uint16(bits), bits < halfInf
}

func halfOf(h uint16) float64 {
	exp, frac := int(h>>10&0x1f), float64(h&0x3ff)
	var x float64
	switch exp {
	case 0:
		x = frac * 0x1p-24
	case 0x1f:
		x = math.Inf(1)
		if frac != 0 {
			x = math.NaN()
		}
	default:
		x = math.Ldexp(1024+frac, exp-25)
	}
	if h&0x8000 != 0 {
		x = -x
	}
	return x
}
