package repl

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// screen is the part of a terminal where a line is typed: rows, from the prompt's on.
type screen struct {
	out           io.Writer
	width, height int
	rows          []string // as they are shown
	row, col      int      // where the cursor is
	top           int      // of the rows that there are, the first one shown
}

// cells is how many columns a terminal takes for r: none for marks that are shown on the letter before.
func cells(r rune) int {
	switch {
	case r == '\t':
		return len(indent)
	case r < ' ' || r == backspace:
		return 2 // as ^A
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}

// wide are the characters of two columns: those of East Asia, and pictures.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x1100, 0x115f, 1}, {0x231a, 0x231b, 1}, {0x23e9, 0x23ec, 1}, {0x25fd, 0x25fe, 1}, {0x2614, 0x2615, 1},
		{0x2648, 0x2653, 1}, {0x26aa, 0x26ab, 1}, {0x26bd, 0x26be, 1}, {0x2705, 0x2705, 1}, {0x270a, 0x270b, 1},
		{0x2728, 0x2728, 1}, {0x274c, 0x274c, 1}, {0x2753, 0x2755, 1}, {0x2795, 0x2797, 1}, {0x2b1b, 0x2b1c, 1},
		{0x2b50, 0x2b50, 1}, {0x2b55, 0x2b55, 1}, {0x2e80, 0x303e, 1}, {0x3041, 0xa4cf, 1}, {0xa960, 0xa97f, 1},
		{0xac00, 0xd7a3, 1}, {0xf900, 0xfaff, 1}, {0xfe30, 0xfe6f, 1}, {0xff01, 0xff60, 1}, {0xffe0, 0xffe6, 1},
	},
	R32: []unicode.Range32{
		{0x16fe0, 0x18aff, 1}, {0x1b000, 0x1b2ff, 1}, {0x1f18e, 0x1f19a, 1}, {0x1f200, 0x1f265, 1}, {0x1f300, 0x1f64f, 1},
		{0x1f680, 0x1f6ff, 1}, {0x1f7e0, 0x1f7eb, 1}, {0x1f90c, 0x1f9ff, 1}, {0x1fa70, 0x1faff, 1}, {0x20000, 0x3fffd, 1},
	},
}

// visible is how r is shown.
func visible(r rune) string {
	switch {
	case r == '\t':
		return indent
	case r < ' ' || r == backspace:
		return "^" + string(r^0x40)
	case unicode.IsControl(r):
		return "\ufffd"
	}
	return string(r)
}

// columnsOf is how many columns text takes.
func columnsOf(text string) (n int) {
	for _, r := range text {
		n += cells(r)
	}
	return n
}

// layout breaks a line into rows: the first begins with prompt, each further line of it with more. row and
// col are where the cursor is that is before the byte at.
func layout(width int, prompt, more, text string, at int) (rows []string, row, col int) {
	var b strings.Builder
	used := 0
	next := func() {
		rows = append(rows, b.String())
		b.Reset()
		used = 0
	}
	put := func(r rune) {
		n := cells(r)
		if used+n > width && used > 0 {
			next()
		}
		b.WriteString(visible(r))
		used += n
	}
	ask := func(prompt string) {
		for _, r := range prompt {
			put(r)
		}
	}
	here := func() {
		row, col = len(rows), used
		if used >= width {
			row, col = row+1, 0
		}
	}
	ask(prompt)
	for i, r := range text {
		if i == at {
			here()
		}
		if r == '\n' {
			next()
			ask(more)
		} else {
			put(r)
		}
	}
	if at >= len(text) {
		here()
	}
	next()
	if row == len(rows) {
		rows = append(rows, "")
	}
	return rows, row, col
}

// draw shows rows, of which it writes only what has changed, and puts the cursor in its place.
func (s *screen) draw(rows []string, row, col int) error {
	if s.height > 0 {
		s.top = max(min(s.top, row, len(rows)-s.height), row-s.height+1, 0)
		rows = rows[s.top:min(len(rows), s.top+s.height)]
		row -= s.top
	}
	var b strings.Builder
	for i, text := range rows {
		old := ""
		if i < len(s.rows) {
			old = s.rows[i]
			if old == text {
				continue
			}
		}
		same := common(old, text)
		s.move(&b, i, columnsOf(text[:same]))
		b.WriteString(text[same:])
		s.col = columnsOf(text)
		if columnsOf(old) > s.col {
			b.WriteString("\x1b[K")
		}
	}
	if len(s.rows) > len(rows) {
		s.move(&b, len(rows), 0)
		b.WriteString("\x1b[J")
	}
	s.rows = rows
	s.move(&b, row, col)
	_, err := io.WriteString(s.out, b.String())
	return err
}

// move moves the cursor. A row that has never been written is made; a cursor behind the last column
// may be in it, or in the next row.
func (s *screen) move(b *strings.Builder, row, col int) {
	if last := len(s.rows) - 1; row > last && s.row < last {
		fmt.Fprintf(b, "\x1b[%dB", last-s.row)
		s.row = last
	}
	for ; s.row < row && s.row >= len(s.rows)-1; s.row++ {
		b.WriteString("\r\n")
		s.col = 0
	}
	switch {
	case row > s.row:
		fmt.Fprintf(b, "\x1b[%dB", row-s.row)
	case row < s.row:
		fmt.Fprintf(b, "\x1b[%dA", s.row-row)
	}
	if s.col >= s.width || col == 0 && s.col > 0 {
		b.WriteString("\r")
		s.col = 0
	}
	switch {
	case col > s.col:
		fmt.Fprintf(b, "\x1b[%dC", col-s.col)
	case col < s.col:
		fmt.Fprintf(b, "\x1b[%dD", s.col-col)
	}
	s.row, s.col = row, col
}

// common is how many bytes of the beginning two rows have in common, up to whole characters.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	for n > 0 && (inCharacter(a, n) || inCharacter(b, n)) {
		n--
	}
	return n
}

func inCharacter(text string, at int) bool {
	if at >= len(text) {
		return false
	}
	r, _ := utf8.DecodeRuneInString(text[at:])
	return !utf8.RuneStart(text[at]) || cells(r) == 0
}

// erase takes away what is shown, for something else to be written there.
func (s *screen) erase() {
	var b strings.Builder
	s.move(&b, 0, 0)
	b.WriteString("\x1b[J")
	_, _ = io.WriteString(s.out, b.String())
	s.forget()
}

// forget is what the next draw begins from: an empty row.
func (s *screen) forget() { s.rows, s.row, s.col = nil, 0, 0 }

// resize tells the size. What is shown is then in other rows than it was.
func (s *screen) resize(width, height int) {
	if width == s.width && height == s.height {
		return
	}
	if len(s.rows) > 0 && width > 0 {
		row := 0
		for _, text := range s.rows[:s.row] {
			row += 1 + max(0, columnsOf(text)-1)/width
		}
		s.row, s.col = row+s.col/width, s.col%width
		s.width, s.height = width, height
		s.erase()
	}
	s.width, s.height = width, height
}
