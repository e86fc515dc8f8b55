package repl

import (
	"strings"
	"unicode/utf8"
)

// line is what is typed, and may have several lines, with the cursor before the byte at.
type line struct {
	text   string
	at     int
	killed string // what Ctrl-Y brings back
}

func (l *line) set(text string)    { l.text, l.at = text, len(text) }
func (l *line) insert(text string) { l.replace(l.at, l.at, text) }

// replace puts text where from to to was, and the cursor behind it.
func (l *line) replace(from, to int, text string) {
	l.text = l.text[:from] + text + l.text[to:]
	l.at = from + len(text)
}

// kill takes away what is between from and to, for Ctrl-Y.
func (l *line) kill(from, to int) {
	if from < to {
		l.killed = l.text[from:to]
		l.replace(from, to, "")
	}
}

// left and right are where the cursor is after one character less or more: a letter, with the marks
// that are shown on it.
func (l *line) left() int {
	at := l.at
	for at > 0 {
		r, n := utf8.DecodeLastRuneInString(l.text[:at])
		at -= n
		if cells(r) > 0 || r == '\n' {
			break
		}
	}
	return at
}

func (l *line) right() int {
	at := l.at
	for at < len(l.text) {
		_, n := utf8.DecodeRuneInString(l.text[at:])
		at += n
		if next, _ := utf8.DecodeRuneInString(l.text[at:]); cells(next) > 0 || next == '\n' {
			break
		}
	}
	return at
}

// wordLeft and wordRight are the beginning of the word before the cursor, and the end of the next.
func (l *line) wordLeft() int {
	trimmed := strings.TrimRightFunc(l.text[:l.at], func(r rune) bool { return !isWordRune(r) })
	return len(strings.TrimRightFunc(trimmed, isWordRune))
}

func (l *line) wordRight() int {
	rest := strings.TrimLeftFunc(l.text[l.at:], func(r rune) bool { return !isWordRune(r) })
	return len(l.text) - len(strings.TrimLeftFunc(rest, isWordRune))
}

// blankLeft is the beginning of what has no blanks in it before the cursor: Ctrl-W's word.
func (l *line) blankLeft() int {
	trimmed := strings.TrimRight(l.text[:l.at], " \t\n")
	return strings.LastIndexAny(trimmed, " \t\n") + 1
}

// start and end are those of the line that the cursor is in.
func (l *line) start() int { return strings.LastIndexByte(l.text[:l.at], '\n') + 1 }
func (l *line) end() int {
	if n := strings.IndexByte(l.text[l.at:], '\n'); n >= 0 {
		return l.at + n
	}
	return len(l.text)
}

// up and down move the cursor to the line above or below, and report whether there is one.
func (l *line) up() bool {
	start := l.start()
	if start == 0 {
		return false
	}
	column := utf8.RuneCountInString(l.text[start:l.at])
	l.at = start - 1
	l.toColumn(column)
	return true
}

func (l *line) down() bool {
	end := l.end()
	if end == len(l.text) {
		return false
	}
	column := utf8.RuneCountInString(l.text[l.start():l.at])
	l.at = end + 1
	l.toColumn(column)
	return true
}

func (l *line) toColumn(n int) {
	l.at = l.start()
	for end := l.end(); n > 0 && l.at < end; n-- {
		l.at = l.right()
	}
}

// edit does what keys do that change the line, or move in it, and reports whether this is one.
func (l *line) edit(k key) bool {
	switch k.code {
	case keyText:
		if len(l.text)+len(k.text) <= maxLine {
			l.insert(k.text)
		}
	case keyLeft, ctrlB:
		l.at = l.left()
	case keyRight, ctrlF:
		l.at = l.right()
	case keyWordLeft:
		l.at = l.wordLeft()
	case keyWordRight:
		l.at = l.wordRight()
	case keyHome, ctrlA:
		l.at = l.start()
	case keyEnd, ctrlE:
		l.at = l.end()
	default:
		return l.erase(k)
	}
	return true
}

// erase does what keys do that take something away, or bring it back.
func (l *line) erase(k key) bool {
	switch k.code {
	case backspace, ctrlH:
		l.replace(l.left(), l.at, "")
	case keyDelete, ctrlD:
		l.replace(l.at, l.right(), "")
	case keyKillWord:
		l.kill(l.at, l.wordRight())
	case keyEraseWord:
		l.kill(l.wordLeft(), l.at)
	case ctrlW:
		l.kill(l.blankLeft(), l.at)
	case ctrlU:
		l.kill(l.start(), l.at)
	case ctrlK:
		l.kill(l.at, l.end())
	case ctrlY:
		l.insert(l.killed)
	default:
		return false
	}
	return true
}
