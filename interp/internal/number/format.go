package number

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Directive is one of a format's as C's printf has them, read: "%-5.2f".
type Directive struct {
	Verb      byte // 0 where the format ends before one
	Precision int  // -1 when there is none
	width     int

	minus, plus, space, sharp, zero bool
}

// Read reads a directive behind its '%', and returns what follows it; flaw says what is
// wrong with its flags, width or precision, if anything. There are two digits of these at
// most. What verbs there are the caller knows.
func (d *Directive) Read(format string) (rest, flaw string) {
	i := 0
	for i < len(format) && d.flag(format[i]) {
		if i++; i > 5 {
			return "", "repeated flags"
		}
	}
	d.width, i = twoDigits(format, i)
	d.Precision = -1
	if i < len(format) && format[i] == '.' {
		d.Precision, i = twoDigits(format, i+1)
	}
	if i < len(format) && isDigit(format[i]) {
		return "", "width or precision too long"
	}
	if i == len(format) {
		return "", ""
	}
	d.Verb = format[i]
	return format[i+1:], ""
}

func (d *Directive) flag(c byte) bool {
	switch c {
	case '-':
		d.minus = true
	case '+':
		d.plus = true
	case ' ':
		d.space = true
	case '#':
		d.sharp = true
	case '0':
		d.zero = true
	default:
		return false
	}
	return true
}

// twoDigits reads a number of at most two digits; none is 0.
func twoDigits(format string, i int) (n, next int) {
	for end := i + 2; i < len(format) && i < end && isDigit(format[i]); i++ {
		n = n*10 + int(format[i]-'0')
	}
	return n, i
}

// Append appends a number as the verb has it, one of d i u o x X e E f g G. Those of
// integers leave its fraction out.
func (d *Directive) Append(b []byte, x float64) []byte {
	switch d.Verb {
	case 'd', 'i':
		return d.signed(b, x)
	case 'u', 'o', 'x', 'X':
		return d.unsigned(b, x)
	}
	return d.float(b, x)
}

// Pad appends text, with spaces up to the width.
func (d *Directive) Pad(b []byte, text string) []byte {
	n := d.width - len(text)
	if d.minus {
		return repeat(append(b, text...), ' ', n)
	}
	return append(repeat(b, ' ', n), text...)
}

func repeat(b []byte, c byte, n int) []byte {
	for ; n > 0; n-- {
		b = append(b, c)
	}
	return b
}

// number appends digits with a sign or prefix in front. Zeros go between the two.
func (d *Directive) number(b []byte, prefix string, digits []byte, zero bool) []byte {
	n := d.width - len(prefix) - len(digits)
	if !d.minus && !zero {
		b = repeat(b, ' ', n)
	}
	b = append(b, prefix...)
	if !d.minus && zero {
		b = repeat(b, '0', n)
	}
	b = append(b, digits...)
	if d.minus {
		b = repeat(b, ' ', n)
	}
	return b
}

func (d *Directive) sign(negative bool) string {
	switch {
	case negative:
		return "-"
	case d.plus:
		return "+"
	case d.space:
		return " "
	}
	return ""
}

// whole appends an integer whose digits are known: a precision is their least
// number.
func (d *Directive) whole(b []byte, prefix string, digits []byte) []byte {
	zero := d.zero && d.Precision < 0
	if d.Precision == 0 && len(digits) == 1 && digits[0] == '0' {
		digits = digits[:0]
	}
	if missing := d.Precision - len(digits); missing > 0 {
		digits = append(repeat(nil, '0', missing), digits...)
	}
	if d.sharp && d.Verb == 'o' && (len(digits) == 0 || digits[0] != '0') {
		digits = append([]byte{'0'}, digits...)
	}
	return d.number(b, prefix, digits, zero)
}

// signed appends a number without its fraction. One that is larger than C's
// integers is written all the same.
func (d *Directive) signed(b []byte, x float64) []byte {
	var space [24]byte
	if math.IsInf(x, 0) || x != x {
		return d.Pad(b, special(x))
	}
	negative := x <= -1 // -0.5 is 0
	if math.Abs(x) < 1<<63 {
		n := int64(x)
		if d.width == 0 && d.Precision < 0 && !d.plus && !d.space {
			return strconv.AppendInt(b, n, 10)
		}
		return d.whole(b, d.sign(negative), strconv.AppendUint(space[:0], magnitude(n), 10))
	}
	return d.whole(b, d.sign(negative), strconv.AppendFloat(nil, math.Abs(x), 'f', 0, 64))
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// unsigned appends a number without its fraction; one below zero is what C
// makes of it, as long as that has 64 bits.
func (d *Directive) unsigned(b []byte, x float64) []byte {
	if math.IsInf(x, 0) || x != x {
		return d.Pad(b, special(x))
	}
	base, prefix := 16, ""
	switch d.Verb {
	case 'o':
		base = 8
	case 'u':
		base = 10
	}
	var space [24]byte
	digits := space[:0]
	switch x = math.Trunc(x); {
	case x >= 1<<63 || x < -1<<63:
		n, _ := big.NewFloat(math.Abs(x)).Int(nil)
		digits = n.Append(digits, base)
		if x < 0 {
			prefix = "-"
		}
	default:
		digits = strconv.AppendUint(digits, uint64(int64(x)), base)
	}
	if d.sharp && base == 16 && x != 0 {
		prefix += "0x"
	}
	if d.Verb == 'X' {
		prefix = strings.ToUpper(prefix)
		for i, c := range digits {
			if c >= 'a' {
				digits[i] = c - 'a' + 'A'
			}
		}
	}
	return d.whole(b, prefix, digits)
}

// float appends a number as %e, %f and %g do, and their capitals.
func (d *Directive) float(b []byte, x float64) []byte {
	sign := d.sign(math.Signbit(x) && x == x)
	if math.IsInf(x, 0) || x != x {
		text := sign + special(math.Abs(x))
		if d.Verb < 'a' {
			text = strings.ToUpper(text)
		}
		return d.Pad(b, text)
	}
	precision := d.Precision
	if precision < 0 {
		precision = 6
	}
	if d.sharp { // keeps the point, and %g its zeros: rare enough for fmt
		digits := fmt.Sprintf("%#.*"+string(d.Verb), precision, math.Abs(x))
		return d.number(b, sign, []byte(digits), d.zero)
	}
	var space [64]byte
	digits := strconv.AppendFloat(space[:0], math.Abs(x), d.Verb, precision, 64)
	return d.number(b, sign, digits, d.zero)
}
