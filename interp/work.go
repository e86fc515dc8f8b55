package interp

import (
	"slices"
	"strings"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// Work counts what a Go function does, where a script can make that last long, and ends
// the function when its run was stopped, as the VM ends Lua. Functions that go through
// their input call Spend as they go. A Work must not be used after the call that it was
// made in.
type Work struct {
	s    *State
	left int
}

// stepsPerCheck is how many steps are made between looks at the stop flag.
const stepsPerCheck = 4096

// pieceSize is how many bytes of a text are looked at or copied between two looks, at
// most a millisecond's.
const pieceSize = 64 << 10

// Work begins to count the work of the running Go function.
func (s *State) Work() Work { return Work{s: s} }

// Spend counts n steps, of some ten nanoseconds each: a small thing done, or 16 bytes
// copied. It raises an error that nothing catches when the run was stopped.
func (w *Work) Spend(n int) {
	if w.left -= n; w.left < 0 {
		w.check()
	}
}

func (w *Work) check() {
	w.left = stepsPerCheck
	if w.s.attend(); w.s.stop.Load() {
		w.s.Error(lua.LString(errStopped.Error()), 0)
	}
}

// Pieces calls fn for all of text, some ten thousand bytes at a time, and spends for
// each.
func (w *Work) Pieces(text string, fn func(piece string)) {
	for len(text) > pieceSize {
		w.Spend(pieceSize >> 4)
		fn(text[:pieceSize])
		text = text[pieceSize:]
	}
	w.Spend(len(text) >> 4)
	fn(text)
}

// Append appends text to b, and spends for it.
func (w *Work) Append(b []byte, text string) []byte {
	b = slices.Grow(b, len(text))
	for len(text) > pieceSize {
		w.Spend(pieceSize >> 4)
		b, text = append(b, text[:pieceSize]...), text[pieceSize:]
	}
	w.Spend(len(text) >> 4)
	return append(b, text...)
}

// Piece returns text[from:to] as a string for scripts. In Go, a piece of a text keeps
// the whole text in memory, which would be dear for a script that looks for words in a
// long text. So Piece copies what is much shorter than a long text. It does not copy the
// rest: a script that takes a little off a text again and again would copy all that is
// left each time.
func Piece(text string, from, to int) lua.LString {
	piece := text[from:to]
	if len(text) > 4<<10 && len(piece) < len(text)/8 {
		return lua.LString(strings.Clone(piece))
	}
	return lua.LString(piece)
}

// stringOf returns b as a string; b must not be changed any more.
func stringOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// ReturnBytes pushes b as a string and returns 1. It does not copy: b must not be
// changed any more.
func (s *State) ReturnBytes(b []byte) int { return s.Return(lua.LString(stringOf(b))) }

// maxString bounds the strings that one call makes: Go cannot recover from an
// allocation that fails.
const maxString = 1 << 28

// tooLong ends a call that would make a string of more than maxString bytes.
func (s *State) tooLong(size float64) {
	s.RaiseError("resulting string too large (%.0f bytes; at most %d)", size, maxString)
}

// fits raises an error when a string that is being made has got too long.
func (s *State) fits(size int) {
	if size > maxString {
		s.tooLong(float64(size))
	}
}

// MaxString is how long the strings are, in bytes, that one call makes at most; see Fits.
const MaxString = maxString

// Fits raises an error when a string that a function of a module's is about to make,
// of size bytes, is too long: more than 256 MB. Go cannot recover from an allocation
// that fails.
func (s *State) Fits(size int) { s.fits(size) }
