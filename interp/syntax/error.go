package syntax

import (
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Error is what is wrong with a source, worded as Lua 5.1 words it.
type Error struct {
	Name    string // of the chunk
	Pos     Pos    // where the token begins at which it was noticed
	End     Pos    // where that token ends
	Message string // such as "'end' expected (to close 'while' at line 2)"
	Near    string // that token's text, "<eof>" at the end of the source, or "" where Lua names none

	// Opening is the place of the word, bracket or quote that lacks its end; it is not
	// valid if that is not what is wrong.
	Opening Pos
	// Incomplete says that the source ended too early: with more lines it may be right.
	Incomplete bool
}

// Error returns "name:line: message near 'token'". As in Lua, the line is that where
// the token ends.
func (e *Error) Error() string {
	line := e.Pos.Line
	if e.End.IsValid() {
		line = e.End.Line
	}
	text := e.Name + ":" + strconv.Itoa(int(line)) + ": " + e.Message
	if e.Near != "" {
		text += " near '" + e.Near + "'"
	}
	return text
}

// Unwrap returns io.ErrUnexpectedEOF if e is Incomplete.
func (e *Error) Unwrap() error {
	if e.Incomplete {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// ErrStopped is what Parse returns when the function given to Stop said so.
var ErrStopped = errors.New("stopped while parsing")

// bailout is what the parser panics with; Parse returns what is in it.
type bailout struct{ err error }

// fail reports message at the token that was read last.
func (p *parser) fail(message string) {
	p.failAt(p.near(message))
}

func (p *parser) failAt(e *Error) {
	panic(bailout{e})
}

// near returns the error message at the token that was read last.
func (p *parser) near(message string) *Error {
	t := &p.tok
	return &Error{
		Name: p.name, Pos: t.from, End: t.to, Message: message, Near: p.nearText(t),
		Incomplete: t.kind == tEOF,
	}
}

// nearText returns t as errors show it. A string has its quotes or brackets, but
// what it means between them.
func (p *parser) nearText(t *token) string {
	raw := p.src[t.from.Offset:t.to.Offset]
	switch t.kind {
	case tEOF:
		return kindNames[tEOF]
	case tString:
		open := 1
		if raw[0] == '[' {
			open = 2 + strings.IndexByte(raw[1:], '[')
		}
		return clip(raw[:open] + t.text + raw[len(raw)-open:])
	case tOther:
		if raw[0] < ' ' || raw[0] == 0x7f {
			return "char(" + strconv.Itoa(int(raw[0])) + ")"
		}
	}
	return clip(raw)
}

// maxNear bounds how much of a token an error repeats.
const maxNear = 1000

// clip cuts a token's text as C does, at a zero, and where it gets too long.
func clip(s string) string {
	s, _, _ = strings.Cut(s, "\x00")
	if len(s) <= maxNear {
		return s
	}
	end := maxNear
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "..."
}
