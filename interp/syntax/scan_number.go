package syntax

import "wirelua/interp/internal/number"

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
	value, ok := number.Literal(raw)
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
