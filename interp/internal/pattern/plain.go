package pattern

import "strings"

// pieceSize is how many bytes of a text are looked at between two steps that are counted,
// at most a millisecond's.
const pieceSize = 64 << 10

// IsPlain reports whether a pattern is text without more meaning.
func IsPlain(caller Caller, pat string) bool {
	for w := (steps{caller: caller}); ; pat = pat[pieceSize:] {
		piece := pat[:min(len(pat), pieceSize)]
		w.spend(len(piece) >> 4)
		for i := range len(piece) {
			if special.has(piece[i]) {
				return false
			}
		}
		if len(piece) < pieceSize {
			return true
		}
	}
}

// Index returns where text first is in src, or -1. What text begins with is looked for a
// piece at a time.
func Index(caller Caller, src, text string) int {
	w := steps{caller: caller}
	head := text[:min(len(text), pieceSize)]
	for at := 0; len(src)-at >= len(text); {
		end := min(len(src), at+2*pieceSize)
		w.spend(pieceSize >> 4)
		i := strings.Index(src[at:end], head)
		switch {
		case i < 0:
			at = end - len(head) + 1
		case len(text) <= pieceSize || w.begins(src[at+i+len(head):], text[len(head):]):
			return at + i
		default:
			at += i + 1
		}
	}
	return -1
}

// begins reports whether src begins with what is prefix.
func (w *steps) begins(src, prefix string) bool {
	for len(src) >= len(prefix) && len(prefix) > pieceSize {
		w.spend(pieceSize >> 4)
		if src[:pieceSize] != prefix[:pieceSize] {
			return false
		}
		src, prefix = src[pieceSize:], prefix[pieceSize:]
	}
	return strings.HasPrefix(src, prefix)
}
