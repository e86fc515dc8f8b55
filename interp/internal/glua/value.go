package glua

import (
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// An interface is two words: what its value's type is, and where it is, which nobody writes to. A string of Go's
// and one of Lua's are the same there, as are numbers: so one becomes the other by the first word alone, where Go would
// allocate for each.
type words [2]unsafe.Pointer

var (
	luaText   = wordsOf(lua.LValue(lua.LString("")))[0]
	luaNumber = wordsOf(lua.LValue(lua.LNumber(0)))[0]
	goText    = wordsOf(any(""))[0]
)

func wordsOf[T any](v T) words { return *(*words)(unsafe.Pointer(&v)) }

// Text returns v, which is a string of Go's, as Lua's.
func Text(v any) lua.LValue {
	w := words{luaText, wordsOf(v)[1]}
	return *(*lua.LValue)(unsafe.Pointer(&w))
}

// Number returns v, which is a float64 of Go's, as Lua's.
func Number(v any) lua.LValue {
	w := words{luaNumber, wordsOf(v)[1]}
	return *(*lua.LValue)(unsafe.Pointer(&w))
}

// TextOf returns v, which is a string of Lua's, as Go's.
func TextOf(v lua.LValue) any {
	w := words{goText, wordsOf(v)[1]}
	return *(*any)(unsafe.Pointer(&w))
}

// TextAt returns the string at p, which must stay as it is from then on.
func TextAt(p *string) lua.LValue {
	w := words{luaText, unsafe.Pointer(p)}
	return *(*lua.LValue)(unsafe.Pointer(&w))
}

// Texts has room for strings, so that not each needs an allocation. The strings of one room live as long as any of
// them is held: long ones have none.
type Texts struct {
	room []string
	more int // that are still to come
}

const (
	roomSize = 16  // strings
	longText = 256 // bytes
)

// NewTexts returns room for n strings.
func NewTexts(n int) Texts { return Texts{more: n} }

// Value returns text as Lua's.
func (t *Texts) Value(text string) lua.LValue {
	t.more--
	if len(text) > longText {
		return lua.LString(text)
	}
	if len(t.room) == cap(t.room) {
		t.room = make([]string, 0, min(max(t.more+1, 1), roomSize))
	}
	t.room = append(t.room, text)
	return TextAt(&t.room[len(t.room)-1])
}
