package number

import (
	"strconv"
	"strings"
)

// MaxDigits is how long a text may be that is read as a number: a millisecond's work.
const MaxDigits = 1 << 18

// Parse reads a number as tonumber does: decimal or 0x hexadecimal, white space around it.
// Beyond the largest there is infinity, as in C. ok is false for what is none, and for a
// text of more than MaxDigits bytes.
func Parse(text string) (x float64, ok bool) {
	if len(text) > MaxDigits {
		return 0, false
	}
	text, negative := signed(text)
	x, ok = Literal(text)
	if negative {
		x = -x
	}
	return x, ok
}

// ParseBase reads an integer in a base from 2 to 36, white space around it.
func ParseBase(text string, base int) (x float64, ok bool) {
	if len(text) > MaxDigits {
		return 0, false
	}
	text, negative := signed(text)
	if base == 16 && isHex(text) {
		text = text[2:]
	}
	for i := range len(text) {
		d := digit(text[i])
		if d >= base {
			return 0, false
		}
		x = x*float64(base) + float64(d)
	}
	if n, err := strconv.ParseUint(text, base, 64); err == nil {
		x = float64(n) // rounded once only
	}
	if negative {
		x = -x
	}
	return x, text != ""
}

// signed removes white space, which is what isspace(3) says it is, at both ends, and a sign.
func signed(text string) (rest string, negative bool) {
	for text != "" && isSpace(text[0]) {
		text = text[1:]
	}
	for text != "" && isSpace(text[len(text)-1]) {
		text = text[:len(text)-1]
	}
	if text != "" && (text[0] == '-' || text[0] == '+') {
		return text[1:], text[0] == '-'
	}
	return text, false
}

// Literal reads a number as source code has it, without sign or white space, of any
// length. One too large is infinite.
func Literal(text string) (x float64, ok bool) {
	hex := isHex(text)
	if len(text) < 16 { // as many digits are exact
		if x, ok = small(text, hex); ok {
			return x, true
		}
	}
	if !wellFormed(text, hex) {
		return 0, false
	}
	if hex && !strings.ContainsAny(text, "pP") {
		text += "p0" // Go demands an exponent
	}
	x, _ = strconv.ParseFloat(text, 64) // fails only beyond the range, with the right value
	return x, true
}

// small reads the digits of most numbers there are.
func small(text string, hex bool) (float64, bool) {
	base := 10
	if hex {
		text, base = text[2:], 16
	}
	n := 0
	for i := range len(text) {
		d := digit(text[i])
		if d >= base {
			return 0, false
		}
		n = base*n + d
	}
	return float64(n), text != ""
}

// wellFormed reports whether text is digits with at most one dot among them, and
// perhaps an exponent. Go reads 1_000, inf, nan and Infinity as well.
func wellFormed(text string, hex bool) bool {
	base, exponent := 10, byte('e')
	if hex {
		text, base, exponent = text[2:], 16, 'p'
	}
	whole, rest := digits(text, base)
	fraction := 0
	if rest != "" && rest[0] == '.' {
		fraction, rest = digits(rest[1:], base)
	}
	if whole+fraction == 0 {
		return false
	}
	if rest == "" {
		return true
	}
	if rest[0]|0x20 != exponent {
		return false
	}
	rest = rest[1:]
	if rest != "" && (rest[0] == '+' || rest[0] == '-') {
		rest = rest[1:]
	}
	n, rest := digits(rest, 10)
	return n > 0 && rest == ""
}

// digits returns how many digits text begins with, and what follows them.
func digits(text string, base int) (int, string) {
	n := 0
	for n < len(text) && (isDigit(text[n]) || base > 10 && digit(text[n]) < base) {
		n++
	}
	return n, text[n:]
}

// digit returns the value of a digit, 36 for what is none.
func digit(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'z':
		return int(c|0x20-'a') + 10
	}
	return 36
}

func isHex(text string) bool { return len(text) > 2 && text[0] == '0' && text[1]|0x20 == 'x' }

func isDigit(c byte) bool { return c-'0' <= 9 }

func isSpace(c byte) bool { return c == ' ' || c-'\t' <= '\r'-'\t' }
