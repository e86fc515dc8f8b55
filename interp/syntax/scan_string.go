package syntax

import (
	"strings"
	"unicode/utf8"
)

// What longLevel returns for brackets that begin no long string.
const (
	noLong  = -1 // one bracket
	badLong = -2 // "[==" and then no bracket
)

// longLevel returns how many equals signs the long bracket has that begins here.
func (s *scanner) longLevel() int {
	i := s.off + 1
	for i < len(s.src) && s.src[i] == '=' {
		i++
	}
	level := i - s.off - 1
	switch {
	case i < len(s.src) && s.src[i] == '[':
		return level
	case level == 0:
		return noLong
	default:
		return badLong
	}
}

// long reads what is in long brackets of level, of which the opening ones begin
// here, and returns what it means: without a first end of line, and with every
// other one as \n. message is the error if the closing ones are missing.
func (s *scanner) long(from Pos, level int, message string) string {
	s.off += level + 2
	closing := "]]"
	if level > 0 {
		closing = "]" + strings.Repeat("=", level) + "]"
	}
	size := strings.Index(s.src[s.off:], closing)
	if size < 0 {
		s.lines(len(s.src))
		s.unfinished(from, message, true)
	}
	end := s.off + size
	if is(s.at(0), isNewline) {
		s.newline()
	}
	text := s.lines(end)
	s.off = end + len(closing)
	return text
}

// lines goes to end over the lines of a text, and returns the text with \n after
// each of them.
func (s *scanner) lines(end int) string {
	text := s.src[s.off:end]
	if strings.IndexByte(text, '\r') < 0 {
		if n := strings.Count(text, "\n"); n > 0 {
			s.line += int32(n)
			s.lineStart = s.off + strings.LastIndexByte(text, '\n') + 1
		}
		s.off = end
		return text
	}
	s.buf = s.buf[:0]
	for s.off < end {
		if c := s.src[s.off]; is(c, isNewline) {
			s.newline()
			s.buf = append(s.buf, '\n')
		} else {
			s.buf = append(s.buf, c)
			s.off++
		}
	}
	return string(s.buf)
}

// scanString reads a string in quotes. One without escapes is a piece of the source.
func (s *scanner) scanString(t *token, quote byte) {
	t.kind = tString
	start := s.off + 1
	for i := start; i < len(s.src); i++ {
		switch c := s.src[i]; {
		case c == quote:
			t.text = s.src[start:i]
			s.off = i + 1
			return
		case c == '\\' || is(c, isNewline):
			s.buf = append(append(s.buf[:0], quote), s.src[start:i]...)
			s.off = i
			t.text = s.escaped(t.from, quote)
			return
		}
	}
	s.unfinished(t.from, unfinishedString, false)
}

// escaped reads the rest of a string from its first escape on. What was before is
// in buf, after the quote.
func (s *scanner) escaped(from Pos, quote byte) string {
	lines := false // the last thing was an escape that goes over the ends of lines
	for s.off < len(s.src) {
		c := s.src[s.off]
		if c == '\\' {
			lines = s.escape(from)
			continue
		}
		if is(c, isNewline) {
			s.bad(from, unfinishedString, string(s.buf), s.off)
		}
		s.off++
		if c == quote {
			return string(s.buf[1:])
		}
		s.buf = append(s.buf, c)
		lines = false
	}
	s.unfinished(from, unfinishedString, lines)
	return ""
}

// simpleEscapes are what letters mean after a backslash.
var simpleEscapes = [256]byte{
	'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v',
}

// escape reads one escape, and says whether it is one that goes over the ends of
// lines. A character that has no meaning after a backslash means itself there, as in
// Lua 5.1.
func (s *scanner) escape(from Pos) (lines bool) {
	start := s.off
	s.off++
	c := s.at(0)
	switch {
	case s.off == len(s.src):
		return true
	case is(c, isNewline):
		s.newline()
		s.buf = append(s.buf, '\n')
		return true
	case is(c, isDigit):
		s.decimal(from)
	case c == 'x':
		s.hexadecimal(from, start)
	case c == 'u':
		s.unicode(from, start)
	case c == 'z':
		s.off++
		s.blanks()
		return true
	default:
		if simple := simpleEscapes[c]; simple != 0 {
			c = simple
		}
		s.buf = append(s.buf, c)
		s.off++
	}
	return false
}

// blanks goes over blanks and ends of lines.
func (s *scanner) blanks() {
	for s.off < len(s.src) {
		switch c := s.src[s.off]; {
		case is(c, isSpace):
			s.off++
		case is(c, isNewline):
			s.newline()
		default:
			return
		}
	}
}

// decimal reads up to three digits of an escape.
func (s *scanner) decimal(from Pos) {
	n := 0
	for range 3 {
		c := s.at(0)
		if !is(c, isDigit) {
			break
		}
		n = 10*n + int(c-'0')
		s.off++
	}
	if n > 255 {
		s.bad(from, "escape sequence too large", string(s.buf), s.off)
	}
	s.buf = append(s.buf, byte(n))
}

// hexadecimal reads the two digits of an escape with x.
func (s *scanner) hexadecimal(from Pos, start int) {
	n := 0
	for i := 1; i <= 2; i++ {
		n = 16*n + s.hexDigit(from, start, i)
	}
	s.buf = append(s.buf, byte(n))
	s.off += 3
}

// hexDigit returns the digit that is i after the next byte. There must be one, or the
// escape from start on is invalid.
func (s *scanner) hexDigit(from Pos, start, i int) int {
	switch c := s.at(i); {
	case is(c, isDigit):
		return int(c - '0')
	case is(c, isHex):
		return int(c|0x20-'a') + 10
	}
	s.invalidEscape(from, start, s.off+i)
	return 0
}

// unicode reads an escape with u, whose number in braces becomes UTF-8.
func (s *scanner) unicode(from Pos, start int) {
	s.off++
	if s.at(0) != '{' {
		s.invalidEscape(from, start, s.off)
	}
	r := rune(0)
	i := 1
	for ; i == 1 || s.at(i) != '}'; i++ {
		r = 16*r + rune(s.hexDigit(from, start, i))
		if r > utf8.MaxRune {
			s.invalidEscape(from, start, s.off+i)
		}
	}
	if !utf8.ValidRune(r) {
		s.invalidEscape(from, start, s.off+i)
	}
	s.buf = utf8.AppendRune(s.buf, r)
	s.off += i + 1
}

// invalidEscape reports the escape from start on, of which the byte at bad is wrong.
func (s *scanner) invalidEscape(from Pos, start, bad int) {
	end := min(bad, len(s.src))
	if end < len(s.src) && !is(s.src[end], isNewline) {
		_, size := utf8.DecodeRuneInString(s.src[end:])
		end += size
	}
	s.bad(from, "invalid escape sequence", string(s.buf)+s.src[start:end], end)
}
