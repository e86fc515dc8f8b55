package repl

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// key is what was typed: a run of text, or one of the codes below.
type key struct {
	code rune
	text string
}

// The codes of keys: what a terminal sends for Ctrl with a letter, and names for what it has sequences for.
const (
	keyText rune = -1 - iota
	keyUnknown
	keyUp
	keyDown
	keyLeft
	keyRight
	keyHome
	keyEnd
	keyDelete
	keyWordLeft
	keyWordRight
	keyKillWord  // up to the word's end
	keyEraseWord // back to its beginning
	keyPaste     // what follows is pasted, until pasteEnd
)

const (
	ctrlA     = 'A' & 0x1f
	ctrlB     = 'B' & 0x1f
	ctrlC     = 'C' & 0x1f
	ctrlD     = 'D' & 0x1f
	ctrlE     = 'E' & 0x1f
	ctrlF     = 'F' & 0x1f
	ctrlG     = 'G' & 0x1f
	ctrlH     = 'H' & 0x1f
	tab       = 'I' & 0x1f
	newline   = 'J' & 0x1f
	ctrlK     = 'K' & 0x1f
	ctrlL     = 'L' & 0x1f
	enter     = 'M' & 0x1f
	ctrlN     = 'N' & 0x1f
	ctrlP     = 'P' & 0x1f
	ctrlR     = 'R' & 0x1f
	ctrlU     = 'U' & 0x1f
	ctrlW     = 'W' & 0x1f
	ctrlY     = 'Y' & 0x1f
	escape    = 0x1b
	backspace = 0x7f
)

const (
	pasteOn    = "\x1b[?2004h" // has a terminal say what is pasted
	pasteOff   = "\x1b[?2004l"
	pasteBegin = "\x1b[200~"
	pasteEnd   = "\x1b[201~"
)

// sequences are what is behind ESC, for keys that have one.
var sequences = map[string]rune{
	"[A": keyUp, "[B": keyDown, "[C": keyRight, "[D": keyLeft, "[H": keyHome, "[F": keyEnd,
	"OA": keyUp, "OB": keyDown, "OC": keyRight, "OD": keyLeft, "OH": keyHome, "OF": keyEnd,
	"[1~": keyHome, "[7~": keyHome, "[4~": keyEnd, "[8~": keyEnd, "[3~": keyDelete,
	"[1;5C": keyWordRight, "[1;3C": keyWordRight, "[1;5D": keyWordLeft, "[1;3D": keyWordLeft,
	"b": keyWordLeft, "f": keyWordRight, "d": keyKillWord, "\x7f": keyEraseWord, "\b": keyEraseWord,
	"[200~": keyPaste,
}

// maxSequence is how long a sequence may be.
const maxSequence = 32

// keyboard is the input as keys.
type keyboard struct {
	in     *input
	typed  []byte
	pasted []byte // of which nothing is a key but the ends of lines
}

// next waits for a key.
func (k *keyboard) next() (key, error) {
	for {
		if len(k.pasted) > 0 {
			var next key
			next, k.pasted = pastedKey(k.pasted)
			return next, nil
		}
		next, n := decode(k.typed)
		k.typed = k.typed[n:]
		switch {
		case n == 0:
			if err := k.read(); err != nil {
				return key{}, err
			}
		case next.code == keyPaste:
			if err := k.paste(); err != nil {
				return key{}, err
			}
		default:
			return next, nil
		}
	}
}

func (k *keyboard) read() error {
	piece := make([]byte, 4096)
	n, err := k.in.read(piece, true)
	piece = piece[:n]
	if bytes.ContainsAny(piece, "\r\n") && !bytes.Contains(piece, []byte(pasteBegin)) { // pasted: nothing to complete
		piece = bytes.ReplaceAll(piece, []byte{tab}, []byte(indent))
	}
	k.typed = append(k.typed, piece...)
	return err
}

// paste reads all that is pasted, at once: it would be shown twice if it came while a piece runs, which
// is when the terminal itself shows what is typed.
func (k *keyboard) paste() error {
	for {
		text, rest, found := bytes.Cut(k.typed, []byte(pasteEnd))
		if found || len(k.typed) > maxLine {
			k.pasted, k.typed = text, rest
			return nil
		}
		piece := make([]byte, 4096)
		n, err := k.in.read(piece, true)
		if err != nil {
			return err
		}
		k.typed = append(k.typed, piece[:n]...)
	}
}

// pastedKey returns the first line of what was pasted, or its end, as a key.
func pastedKey(b []byte) (key, []byte) {
	switch b[0] {
	case '\r':
		return key{code: enter}, bytes.TrimPrefix(b[1:], []byte("\n"))
	case '\n':
		return key{code: enter}, b[1:]
	}
	n := len(firstLine(b))
	text := strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == backspace {
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(b[:n]), "\ufffd"))
	if n = len(bytes.TrimRight(b[:n], "\r\n")); n == 0 {
		n = 1
	}
	return key{keyText, text}, b[n:]
}

// decode returns the key that b begins with, and how many bytes it takes; 0 if more of them are to come.
func decode(b []byte) (key, int) {
	switch {
	case len(b) == 0:
		return key{}, 0
	case b[0] == escape:
		return decodeSequence(b)
	case b[0] == enter && len(b) > 1 && b[1] == newline:
		return key{code: enter}, 2
	case b[0] < ' ' || b[0] == backspace:
		return key{code: rune(b[0])}, 1
	}
	n := 0
	for n < len(b) && b[n] >= ' ' && b[n] != backspace && utf8.FullRune(b[n:]) {
		_, size := utf8.DecodeRune(b[n:])
		n += size
	}
	return key{keyText, strings.ToValidUTF8(string(b[:n]), "\ufffd")}, n
}

func decodeSequence(b []byte) (key, int) {
	n := 2
	switch {
	case len(b) < 2:
		return key{}, 0
	case b[1] == escape:
		return key{code: keyUnknown}, 1
	case b[1] == '[':
		for n < len(b) && b[n] >= ' ' && b[n] < '@' {
			n++
		}
		if n < len(b) && b[n] < ' ' { // a key
			return key{code: keyUnknown}, n
		}
		n++
	case b[1] == 'O':
		n++
	}
	if n > len(b) {
		if n > maxSequence {
			return key{code: keyUnknown}, len(b)
		}
		return key{}, 0
	}
	if code, known := sequences[string(b[1:n])]; known {
		return key{code: code}, n
	}
	return key{code: keyUnknown}, n
}

// isWordRune is what a word is made of, for the keys that go by words.
func isWordRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
