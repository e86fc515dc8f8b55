package interp

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// directive is one of a format's, read: "%-5.2f".
type directive struct {
	minus, plus, space, sharp, zero bool

	width     int
	precision int // -1 when there is none
	verb      byte
}

// format(format, ...) returns the format with its directives replaced by the
// arguments: d and i (integer), u o x X (the same, unsigned), c (a byte's code),
// e E f g G (number), s (anything, as tostring writes it), q (a string as Lua
// source), with C's flags, widths and precisions of two digits at most.
func stringFormat(s *State) int {
	format := s.Str(1)
	var space [128]byte
	b, arg := space[:0], 1
	work := s.Work()
	for {
		work.Spend(5)
		i := strings.IndexByte(format, '%')
		if i < 0 {
			break
		}
		s.fits(len(b) + i)
		b = work.Append(b, format[:i])
		format = format[i+1:]
		if strings.HasPrefix(format, "%") {
			b, format = append(b, '%'), format[1:]
			continue
		}
		if arg++; arg > s.GetTop() {
			s.ArgError(arg, "no value")
		}
		var d directive
		format = d.read(s, format)
		b = d.append(&work, b, arg)
		s.fits(len(b))
	}
	s.fits(len(b) + len(format))
	return s.ReturnBytes(work.Append(b, format))
}

// read reads a directive behind its '%', and returns what follows it.
func (d *directive) read(s *State, format string) string {
	i := 0
	for i < len(format) && d.flag(format[i]) {
		if i++; i > 5 {
			s.RaiseError("invalid format (repeated flags)")
		}
	}
	d.width, i = twoDigits(format, i)
	d.precision = -1
	if i < len(format) && format[i] == '.' {
		d.precision, i = twoDigits(format, i+1)
	}
	if i < len(format) && '0' <= format[i] && format[i] <= '9' {
		s.RaiseError("invalid format (width or precision too long)")
	}
	if i == len(format) {
		s.RaiseError("invalid option '%%' to 'format'")
	}
	if d.verb = format[i]; strings.IndexByte("diuoxXceEfgGsq", d.verb) < 0 {
		s.RaiseError("invalid option '%%%c' to 'format'", d.verb)
	}
	return format[i+1:]
}

func (d *directive) flag(c byte) bool {
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
	for end := i + 2; i < len(format) && i < end && '0' <= format[i] && format[i] <= '9'; i++ {
		n = n*10 + int(format[i]-'0')
	}
	return n, i
}

// append appends argument arg as the directive has it.
func (d *directive) append(work *Work, b []byte, arg int) []byte {
	s := work.s
	switch d.verb {
	case 's':
		str := s.display(s.Get(arg))
		s.fits(len(b) + len(str))
		if d.precision >= 0 && d.precision < len(str) {
			str = str[:d.precision]
		}
		if len(str) > pieceSize {
			return work.Append(b, str)
		}
		return d.pad(b, str)
	case 'q':
		return appendQuoted(work, b, s.Str(arg))
	case 'c':
		return d.pad(b, string([]byte{byte(int64(s.Num(arg)))}))
	case 'd', 'i':
		return d.signed(b, s.Num(arg))
	case 'u', 'o', 'x', 'X':
		return d.unsigned(b, s.Num(arg))
	}
	return d.float(b, s.Num(arg))
}

// pad appends text, with spaces up to the width.
func (d *directive) pad(b []byte, text string) []byte {
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
func (d *directive) number(b []byte, prefix string, digits []byte, zero bool) []byte {
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

func (d *directive) sign(negative bool) string {
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
func (d *directive) whole(b []byte, prefix string, digits []byte) []byte {
	zero := d.zero && d.precision < 0
	if d.precision == 0 && len(digits) == 1 && digits[0] == '0' {
		digits = digits[:0]
	}
	if missing := d.precision - len(digits); missing > 0 {
		digits = append(repeat(nil, '0', missing), digits...)
	}
	if d.sharp && d.verb == 'o' && (len(digits) == 0 || digits[0] != '0') {
		digits = append([]byte{'0'}, digits...)
	}
	return d.number(b, prefix, digits, zero)
}

// signed appends a number without its fraction. One that is larger than C's
// integers is written all the same.
func (d *directive) signed(b []byte, x float64) []byte {
	var space [24]byte
	if math.IsInf(x, 0) || x != x {
		return d.pad(b, special64(x))
	}
	negative := x <= -1 // -0.5 is 0
	if math.Abs(x) < 1<<63 {
		n := int64(x)
		if d.width == 0 && d.precision < 0 && !d.plus && !d.space {
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
func (d *directive) unsigned(b []byte, x float64) []byte {
	if math.IsInf(x, 0) || x != x {
		return d.pad(b, special64(x))
	}
	base, prefix := 16, ""
	switch d.verb {
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
	if d.verb == 'X' {
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
func (d *directive) float(b []byte, x float64) []byte {
	sign := d.sign(math.Signbit(x) && x == x)
	if math.IsInf(x, 0) || x != x {
		text := sign + special64(math.Abs(x))
		if d.verb < 'a' {
			text = strings.ToUpper(text)
		}
		return d.pad(b, text)
	}
	precision := d.precision
	if precision < 0 {
		precision = 6
	}
	if d.sharp { // keeps the point, and %g its zeros: rare enough for fmt
		digits := fmt.Sprintf("%#.*"+string(d.verb), precision, math.Abs(x))
		return d.number(b, sign, []byte(digits), d.zero)
	}
	var space [64]byte
	digits := strconv.AppendFloat(space[:0], math.Abs(x), d.verb, precision, 64)
	return d.number(b, sign, digits, d.zero)
}

// appendQuoted appends a string as Lua source has it.
func appendQuoted(work *Work, b []byte, str string) []byte {
	size := len(b) + 2
	work.Pieces(str, func(piece string) {
		size += len(piece) + strings.Count(piece, "\"") + strings.Count(piece, "\\") + strings.Count(piece, "\n") +
			strings.Count(piece, "\r") + 3*strings.Count(piece, "\x00")
	})
	work.s.fits(size)
	b = append(slices.Grow(b, size-len(b)), '"')
	work.Pieces(str, func(piece string) { b = appendEscaped(b, piece) })
	return append(b, '"')
}

func appendEscaped(b []byte, str string) []byte {
	for i := range len(str) {
		switch c := str[i]; c {
		case '"', '\\', '\n':
			b = append(b, '\\', c)
		case '\r':
			b = append(b, `\r`...)
		case 0:
			b = append(b, `\000`...)
		default:
			b = append(b, c)
		}
	}
	return b
}
