// Package number is numbers as Lua reads and writes them.
package number

import (
	"math"
	"strconv"
)

// Exact is the last integer below which a double holds all.
const Exact = 1 << 53

// String writes a number as tostring and ".." do: as C's "%.14g", but for whole numbers
// that are exact, which have all their digits.
func String(x float64) string {
	if n := int(x); n != 0 && float64(n) == x && -Exact <= n && n <= Exact {
		return strconv.Itoa(n)
	}
	var space [32]byte
	return string(Append(space[:0], x))
}

// Append appends what String returns.
func Append(b []byte, x float64) []byte {
	switch {
	case math.IsInf(x, 0) || x != x:
		return append(b, special(x)...)
	case x == math.Trunc(x) && math.Abs(x) <= Exact && (x != 0 || !math.Signbit(x)):
		return strconv.AppendInt(b, int64(x), 10)
	}
	return strconv.AppendFloat(b, x, 'g', 14, 64)
}

// special names a number that has no digits.
func special(x float64) string {
	switch {
	case x > 0:
		return "inf"
	case x < 0:
		return "-inf"
	}
	return "nan"
}
