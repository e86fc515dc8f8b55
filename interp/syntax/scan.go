package syntax

import (
	"strings"
	"unicode/utf8"
)

// scanner takes a source apart. It stands behind the token that it returned last.
type scanner struct {
	name      string
	src       string
	off       int
	line      int32
	lineStart int // the offset of the line's first byte

	buf []byte // what a string with escapes means

	skipComments bool
	comments     []*Comment
	commentNodes slab[Comment]

	stop func() bool
	read int // tokens and comments so far
}

// often is after how many tokens and comments stop is asked.
const often = 4096

// count counts a token or a comment, and asks now and then whether to stop.
func (s *scanner) count() {
	s.read++
	if s.read%often == 0 && s.stop != nil && s.stop() {
		panic(bailout{ErrStopped})
	}
}

// byteOrderMark is skipped at the beginning of any source: some editors leave it.
const byteOrderMark = "\xef\xbb\xbf"

// begin skips what may come before a source's first token. The end of a first line
// that is skipped stays, so that the lines count.
func (s *scanner) begin(skipFirstLine bool) {
	s.line = 1
	if strings.HasPrefix(s.src, byteOrderMark) {
		s.off, s.lineStart = len(byteOrderMark), len(byteOrderMark)
	}
	if skipFirstLine && strings.HasPrefix(s.src[s.off:], "#") {
		s.skipLine()
	}
}

func (s *scanner) pos() Pos {
	return Pos{int32(s.off), s.line, int32(s.off - s.lineStart + 1)}
}

// at returns the byte that is n after the next one, or 0 where the source has ended.
func (s *scanner) at(n int) byte {
	if s.off+n < len(s.src) {
		return s.src[s.off+n]
	}
	return 0
}

// newline goes over the end of a line: \n, \r, \r\n or \n\r.
func (s *scanner) newline() {
	first := s.src[s.off]
	s.off++
	if c := s.at(0); c != first && is(c, isNewline) {
		s.off++
	}
	s.line++
	s.lineStart = s.off
}

// skipLine goes to the end of the line.
func (s *scanner) skipLine() {
	for s.off < len(s.src) && !is(s.src[s.off], isNewline) {
		s.off++
	}
}

// scan reads the next token into t.
func (s *scanner) scan(t *token) {
	s.count()
	s.skip()
	t.from = s.pos()
	if s.off == len(s.src) {
		t.kind = tEOF
	} else if c := s.src[s.off]; is(c, isLetter) {
		s.scanWord(t)
	} else if k := marks[c]; k != 0 {
		t.kind = k
		s.off++
	} else {
		s.scanMark(t, c)
	}
	t.to = s.pos()
}

// skip goes over blanks and comments.
func (s *scanner) skip() {
	for s.off < len(s.src) {
		c := s.src[s.off]
		switch {
		case is(c, isSpace):
			s.off++
		case is(c, isNewline):
			s.newline()
		case c == '-' && s.at(1) == '-':
			s.comment()
		default:
			return
		}
	}
}

func (s *scanner) comment() {
	s.count()
	from := s.pos()
	s.off += 2
	if level := s.longLevel(); s.at(0) == '[' && level >= 0 {
		s.long(from, level, "unfinished long comment")
	} else {
		s.skipLine()
	}
	if s.skipComments {
		return
	}
	c := s.commentNodes.new()
	c.From, c.To = from, s.pos()
	c.Text = s.src[from.Offset:s.off]
	s.comments = append(s.comments, c)
}

// scanWord reads a name or a word of Lua's.
func (s *scanner) scanWord(t *token) {
	i := s.off + 1
	for i < len(s.src) && is(s.src[i], isLetter|isDigit) {
		i++
	}
	t.text = s.src[s.off:i]
	t.kind = word(t.text)
	s.off = i
}

// scanMark reads what begins with c, which is no letter, nor always a token alone.
func (s *scanner) scanMark(t *token, c byte) {
	switch c {
	case '-':
		s.mark(t, tSub, 1)
	case '=':
		s.markEqual(t, tAssign, tEQ)
	case '<':
		s.markEqual(t, tLT, tLE)
	case '>':
		s.markEqual(t, tGT, tGE)
	case '~':
		s.markEqual(t, tOther, tNE)
	case ':':
		if s.at(1) == ':' {
			s.mark(t, tDoubleColon, 2)
		} else {
			s.mark(t, tColon, 1)
		}
	case '.':
		s.scanDot(t)
	case '[':
		s.scanBracket(t)
	case '"', '\'':
		s.scanString(t, c)
	default:
		if is(c, isDigit) {
			s.scanNumber(t)
			return
		}
		_, size := utf8.DecodeRuneInString(s.src[s.off:])
		s.mark(t, tOther, size)
	}
}

func (s *scanner) mark(t *token, k kind, size int) {
	t.kind = k
	s.off += size
}

// markEqual reads a mark that is another one before an equals sign.
func (s *scanner) markEqual(t *token, alone, before kind) {
	if s.at(1) == '=' {
		s.mark(t, before, 2)
	} else {
		s.mark(t, alone, 1)
	}
}

func (s *scanner) scanDot(t *token) {
	switch {
	case s.at(1) == '.' && s.at(2) == '.':
		s.mark(t, tDots, 3)
	case s.at(1) == '.':
		s.mark(t, tConcat, 2)
	case is(s.at(1), isDigit):
		s.scanNumber(t)
	default:
		s.mark(t, tDot, 1)
	}
}

func (s *scanner) scanBracket(t *token) {
	level := s.longLevel()
	switch level {
	case noLong:
		s.mark(t, tLBracket, 1)
	case badLong:
		end := s.off + 1
		for end < len(s.src) && s.src[end] == '=' {
			end++
		}
		s.bad(t.from, "invalid long string delimiter", s.src[s.off:end], end)
	default:
		t.kind = tString
		t.text = s.long(t.from, level, "unfinished long string")
	}
}

// bad reports what is wrong with the token that began at from and ends at end. Errors
// show it as near.
func (s *scanner) bad(from Pos, message, near string, end int) {
	s.off = end
	e := &Error{Name: s.name, Pos: from, End: s.pos(), Message: message, Near: clip(near)}
	if message == unfinishedString {
		e.Opening = from
	}
	panic(bailout{e})
}

const unfinishedString = "unfinished string"

// unfinished reports that the source ends in what began at opening. With lines, more
// of them could end it.
func (s *scanner) unfinished(opening Pos, message string, lines bool) {
	s.off = len(s.src)
	end := s.pos()
	panic(bailout{&Error{
		Name: s.name, Pos: end, End: end, Message: message, Near: kindNames[tEOF],
		Opening: opening, Incomplete: lines,
	}})
}
