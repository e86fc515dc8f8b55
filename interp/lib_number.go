package interp

import (
	"math"
	"strconv"
	"strings"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

var inf = math.Inf(1)

// maxInt is the last integer below which a Lua number holds all.
const maxInt = 1 << 53

// integer returns n as a Lua value. The small ones, which are most, are there
// already: making one takes an allocation.
func integer(n int) lua.LValue {
	if uint(n) < uint(len(integers)) {
		return integers[n]
	}
	return lua.LNumber(n)
}

var integers = func() (t [256]lua.LValue) {
	for i := range t {
		t[i] = lua.LNumber(i)
	}
	return t
}()

// numberString writes a number as tostring and ".." do: as C's "%.14g", but for whole
// numbers that are exact, which have all their digits.
func numberString(x lua.LNumber) string {
	if n := int(x); n != 0 && lua.LNumber(n) == x && -maxInt <= n && n <= maxInt {
		return strconv.Itoa(n)
	}
	return stringOf(appendNumber(make([]byte, 0, 24), float64(x)))
}

// stringOf returns b as a string; b must not be changed any more.
func stringOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func appendNumber(b []byte, x float64) []byte {
	switch {
	case math.IsInf(x, 0) || x != x:
		return append(b, special64(x)...)
	case x == math.Trunc(x) && math.Abs(x) <= maxInt && (x != 0 || !math.Signbit(x)):
		return strconv.AppendInt(b, int64(x), 10)
	}
	return strconv.AppendFloat(b, x, 'g', 14, 64)
}

// special64 names a number that has no digits.
func special64(x float64) string {
	switch {
	case x > 0:
		return "inf"
	case x < 0:
		return "-inf"
	}
	return "nan"
}

// trim removes white space, which is what isspace(3) says it is, at both ends.
func trim(str string) string {
	for str != "" && isSpace(str[0]) {
		str = str[1:]
	}
	for str != "" && isSpace(str[len(str)-1]) {
		str = str[:len(str)-1]
	}
	return str
}

func isSpace(c byte) bool { return c == ' ' || c-'\t' <= '\r'-'\t' }

func isHex(c byte) bool { return c-'0' <= 9 || (c|0x20)-'a' <= 5 }

// maxDigits is how long a text may be that is read as a number: a millisecond's work.
const maxDigits = 1 << 18

// ParseNumber reads a number as Lua's tonumber does; ok is false for what is none, and for
// a text of more than 256 KB.
func ParseNumber(text string) (x float64, ok bool) { return toNumber(text) }

// toNumber reads a number as Lua's tonumber does: decimal or 0x hexadecimal,
// white space around it. Beyond the largest there is infinity, as in C.
func toNumber(str string) (float64, bool) {
	if len(str) > maxDigits {
		return 0, false
	}
	str = trim(str)
	digits := str
	if digits != "" && (digits[0] == '-' || digits[0] == '+') {
		digits = digits[1:]
	}
	hex := len(digits) > 2 && digits[0] == '0' && digits[1]|0x20 == 'x'
	for i := range len(digits) {
		if c := digits[i]; c-'0' > 9 && c != '.' && c|0x20 != 'e' && c != '-' && c != '+' &&
			!(hex && (isHex(c) || c|0x20 == 'x' || c|0x20 == 'p')) {
			return 0, false // Go reads 1_000, inf, nan and Infinity as well; Lua does not
		}
	}
	if hex && !strings.ContainsAny(digits, "pP") {
		str += "p0" // which Go insists on
	}
	x, err := strconv.ParseFloat(str, 64)
	if err != nil && err.(*strconv.NumError).Err != strconv.ErrRange {
		return 0, false
	}
	return x, true
}

// toInteger reads an integer in a base from 2 to 36, white space around it.
func toInteger(str string, base int) (float64, bool) {
	if len(str) > maxDigits {
		return 0, false
	}
	str = trim(str)
	negative := strings.HasPrefix(str, "-")
	if negative || strings.HasPrefix(str, "+") {
		str = str[1:]
	}
	if base == 16 && len(str) > 2 && str[0] == '0' && str[1]|0x20 == 'x' {
		str = str[2:]
	}
	x := 0.0
	for i := range len(str) {
		d := digit(str[i])
		if d >= base {
			return 0, false
		}
		x = x*float64(base) + float64(d)
	}
	if n, err := strconv.ParseUint(str, base, 64); err == nil {
		x = float64(n) // rounded once only
	}
	if negative {
		x = -x
	}
	return x, str != ""
}

// digit returns the value of a digit, 36 for what is none.
func digit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'z':
		return int(c|0x20-'a') + 10
	}
	return 36
}

// whole returns argument n, a number, without its fraction, as Lua's own
// libraries take integers. What is too large for one is as large as one gets:
// positions in strings and tables may be infinite.
func (s *State) whole(n int) int {
	x := s.Num(n)
	switch {
	case x >= maxInt:
		return maxInt
	case x <= -maxInt:
		return -maxInt
	case x != x:
		return 0
	}
	return int(x)
}

// optWhole returns argument n, or d when it is absent.
func (s *State) optWhole(n, d int) int {
	if s.Absent(n) {
		return d
	}
	return s.whole(n)
}
