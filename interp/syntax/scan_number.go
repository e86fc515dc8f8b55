package syntax

import "strconv"

// scanNumber reads a number. What belongs to it goes by Lua 5.1: more than its value
// allows, so that "3..2" or "1e" is one number, and malformed.
func (s *scanner) scanNumber(t *token) {
	start := s.off
	if s.src[start] == '0' && s.at(1)|0x20 == 'x' {
		s.off += 2
		s.scanHex()
	} else {
		s.scanDecimal()
	}
	raw := s.src[start:s.off]
	value, ok := parseNumber(raw)
	if !ok {
		s.bad(t.from, "malformed number", raw, s.off)
	}
	t.kind, t.num = tNumber, value
}

func (s *scanner) scanDecimal() {
	for c := s.at(0); is(c, isDigit) || c == '.'; c = s.at(0) {
		s.off++
	}
	if s.at(0)|0x20 == 'e' {
		s.off++
		s.scanSign()
	}
	s.scanAlnum()
}

// scanHex reads what follows "0x". A fraction and a signed exponent, which Lua 5.1's
// scanner does not take, are errors there wherever they are; two dots are "..".
func (s *scanner) scanHex() {
	s.scanAlnum()
	if s.at(0) == '.' && s.at(1) != '.' {
		s.off++
		s.scanAlnum()
	}
	if s.src[s.off-1]|0x20 == 'p' && s.scanSign() {
		s.scanAlnum()
	}
}

func (s *scanner) scanAlnum() {
	for is(s.at(0), isLetter|isDigit) {
		s.off++
	}
}

func (s *scanner) scanSign() bool {
	signed := s.at(0) == '+' || s.at(0) == '-'
	if signed {
		s.off++
	}
	return signed
}

// parseNumber returns the value of a number as C's strtod has it: one too large is
// infinite. It has no sign, and begins with a digit or a dot.
func parseNumber(raw string) (float64, bool) {
	if len(raw) < 16 {
		if n, ok := parseSmall(raw); ok {
			return n, true
		}
	}
	hex := len(raw) > 2 && raw[1]|0x20 == 'x'
	if !wellFormed(raw, hex) {
		return 0, false
	}
	if hex && !hasExponent(raw) {
		raw += "p0" // Go demands one
	}
	value, _ := strconv.ParseFloat(raw, 64) // fails only beyond the range, with the right value
	return value, true
}

// parseSmall reads the digits of most numbers there are.
func parseSmall(raw string) (float64, bool) {
	n := 0
	for i := range len(raw) {
		if !is(raw[i], isDigit) {
			return 0, false
		}
		n = 10*n + int(raw[i]-'0')
	}
	return float64(n), true
}

func hasExponent(hex string) bool {
	for i := range len(hex) {
		if hex[i]|0x20 == 'p' {
			return true
		}
	}
	return false
}

// wellFormed reports whether raw is digits with at most one dot among them, and
// perhaps an exponent.
func wellFormed(raw string, hex bool) bool {
	digit, exponent := uint8(isDigit), byte('e')
	if hex {
		raw, digit, exponent = raw[2:], isHex, 'p'
	}
	whole, rest := digits(raw, digit)
	fraction := 0
	if rest != "" && rest[0] == '.' {
		fraction, rest = digits(rest[1:], digit)
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
	n, rest := digits(rest, isDigit)
	return n > 0 && rest == ""
}

// digits returns how many digits of class raw begins with, and what follows them.
func digits(raw string, class uint8) (int, string) {
	n := 0
	for n < len(raw) && is(raw[n], class) {
		n++
	}
	return n, raw[n:]
}
