package repl

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// vt is a terminal, as far as a screen uses it.
type vt struct {
	width, height int
	cells         [][]string // a wide character has an empty one behind it
	row, col      int        // col is width behind a character in the last column
}

func newVT(width, height int) *vt {
	v := &vt{width: width, height: height}
	v.clear(0, 0)
	return v
}

func (v *vt) clear(row, col int) {
	for len(v.cells) < v.height {
		v.cells = append(v.cells, make([]string, v.width))
	}
	for r := row; r < v.height; r++ {
		for c := range v.cells[r] {
			if r > row || c >= col {
				v.cells[r][c] = ""
			}
		}
	}
}

func (v *vt) down() {
	if v.row++; v.row == v.height {
		v.row--
		v.cells = append(v.cells[1:], make([]string, v.width))
	}
}

func (v *vt) Write(b []byte) (int, error) {
	text := string(b)
	for text != "" {
		r, n := utf8.DecodeRuneInString(text)
		text = text[n:]
		switch r {
		case '\r':
			v.col = 0
		case '\n':
			v.down()
		case escape:
			end := strings.IndexFunc(text, func(r rune) bool { return r >= 'A' && r <= 'z' && r != '[' })
			v.control(text[1:end], text[end])
			text = text[end+1:]
		default:
			v.put(r)
		}
	}
	return len(b), nil
}

func (v *vt) put(r rune) {
	n := cells(r)
	if n == 0 {
		at := min(v.col, v.width) - 1
		for v.cells[v.row][at] == "" {
			at--
		}
		v.cells[v.row][at] += string(r)
		return
	}
	if v.col+n > v.width {
		v.col = 0
		v.down()
	}
	v.cells[v.row][v.col] = string(r)
	if n == 2 {
		v.cells[v.row][v.col+1] = ""
	}
	v.col += n
}

func (v *vt) control(param string, final byte) {
	n, err := strconv.Atoi(param)
	if err != nil {
		n = 1
	}
	switch v.col = min(v.col, v.width-1); final {
	case 'A':
		v.row = max(0, v.row-n)
	case 'B':
		v.row = min(v.height-1, v.row+n)
	case 'C':
		v.col = min(v.width-1, v.col+n)
	case 'D':
		v.col = max(0, v.col-n)
	case 'K':
		for c := v.col; c < v.width; c++ {
			v.cells[v.row][c] = ""
		}
	case 'J':
		if param == "2" {
			v.clear(0, 0)
		} else {
			v.clear(v.row, v.col)
		}
	case 'H':
		v.row, v.col = 0, 0
	}
}

// rows are what is seen, without what is empty at the end.
func (v *vt) rows() (rows []string) {
	for _, row := range v.cells {
		rows = append(rows, strings.TrimRight(strings.Join(row, ""), " "))
	}
	for len(rows) > 0 && rows[len(rows)-1] == "" {
		rows = rows[:len(rows)-1]
	}
	return rows
}

// What is on the terminal is the line, and the cursor is where it belongs, whatever it was before: lines longer
// than the screen is wide, more of them than it is high, wide characters, marks.
func TestScreen(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	alphabet := []string{"a", "b", "cde", " ", "\n", "漢", "e\u0301", "😀", "\t", "\x01", "ü", "xxxxxxxxxx"}
	for round := range 300 {
		width, height := 4+random.IntN(20), 3+random.IntN(8)
		v := newVT(width, height)
		s := screen{out: v, width: width, height: height}
		fmt.Fprint(v, strings.Repeat("above\r\n", random.IntN(2*height)))
		var l line
		for range 60 {
			switch random.IntN(8) {
			case 0:
				l.edit(key{code: []rune{keyLeft, keyHome, keyUp, keyWordLeft, ctrlB}[random.IntN(5)]})
			case 1:
				l.edit(key{code: []rune{keyRight, keyEnd, keyDown, keyWordRight, ctrlF}[random.IntN(5)]})
			case 2:
				l.edit(key{code: []rune{backspace, keyDelete, ctrlK, ctrlU, ctrlW, ctrlY, keyKillWord, keyEraseWord}[random.IntN(8)]})
			case 3:
				l.up()
			case 4:
				if random.IntN(8) == 0 {
					s.erase()
					fmt.Fprint(v, "above\r\n")
				}
			default:
				l.insert(alphabet[random.IntN(len(alphabet))])
			}
			rows, row, col := layout(width, "> ", ">> ", l.text, l.at)
			if err := s.draw(rows, row, col); err != nil {
				t.Fatal(err)
			}
			check(t, round, v, &s, rows, row, col)
		}
	}
}

func check(t *testing.T, round int, v *vt, s *screen, rows []string, row, col int) {
	t.Helper()
	first := v.row - s.row
	seen := v.cells[first:]
	for i := s.top; i < min(len(rows), s.top+s.height); i++ {
		if got := strings.Join(seen[i-s.top], ""); strings.TrimRight(got, " ") != strings.TrimRight(rows[i], " ") {
			t.Fatalf("round %d, row %d: %q, not %q; all: %q", round, i, got, rows[i], v.rows())
		}
	}
	if below := seen[min(len(rows)-s.top, s.height):]; len(below) > 0 && strings.Join(below[0], "") != "" {
		t.Fatalf("round %d: below the line there is %q", round, below[0])
	}
	if v.row != first+row-s.top || v.col != col || s.row != row-s.top || s.col != col {
		t.Fatalf("round %d: the cursor is at %d, %d, and should be at %d, %d", round, v.row-first, v.col, row-s.top, col)
	}
}

func TestLayout(t *testing.T) {
	for _, c := range []struct {
		text     string
		at       int
		rows     string
		row, col int
	}{
		{"", 0, "> ", 0, 2},
		{"abc", 1, "> abc", 0, 3},
		{"abcd", 4, "> abcd|", 1, 0},
		{"abcd", 3, "> abcd", 0, 5},
		{"abcdefghijk", 11, "> abcd|efghij|k", 2, 1},
		{"if\nx", 3, "> if|>> x", 1, 3},
		{"if\nx", 2, "> if|>> x", 0, 4},
		{"abcd\nx", 4, "> abcd|>> x", 1, 0},
		{"漢漢漢", 9, "> 漢漢|漢", 1, 2},
		{"a漢漢", 7, "> a漢|漢", 1, 2},
		{"abce\u0301", 6, "> abce\u0301|", 1, 0},
		{"\tx\x02", 4, ">   x|^B", 1, 2},
	} {
		rows, row, col := layout(6, "> ", ">> ", c.text, c.at)
		if got := strings.Join(rows, "|"); got != c.rows || row != c.row || col != c.col {
			t.Errorf("%q: %q, %d, %d; wanted %q, %d, %d", c.text, got, row, col, c.rows, c.row, c.col)
		}
	}
}
