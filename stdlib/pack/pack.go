// Package pack holds the module struct, Python's, and what Lua 5.3 has for the
// same purpose: string.pack and its kin. (struct is a word of Go's own.)
package pack

import (
	"math"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// Module is the module struct: numbers and text as the bytes that go over the
// wire, in Python's formats.
//
//	local header = struct.pack("!HI8s", 7, 86400, "a day") -- 14 bytes
//	local kind, seconds, name = struct.unpack("!HI8s", header)
//
// A format begins with the order of the bytes. Only @, which is also what holds
// when there is none, aligns values as this machine's C compiler does:
//
//	@  this machine's order and sizes, aligned
//	=  this machine's order, standard sizes
//	<  little-endian, standard sizes
//	>  big-endian, standard sizes
//	!  network order, which is >
//
// One letter for each value follows; "4H" is the same as "HHHH", and white space
// between them is skipped.
//
//	x      a zero byte, skipped by unpack (no value)
//	c      a string of 1 byte
//	b B    1 byte, signed and unsigned
//	?      1 byte, a boolean
//	h H    2 bytes
//	i I    4 bytes
//	l L    4 bytes; with @ as many as a C long has
//	q Q    8 bytes
//	n N    a C ssize_t and size_t; only with @
//	P      a pointer, as a number; only with @
//	e f d  a float of 2, 4, 8 bytes
//	16s    a string of 16 bytes, one value: cut or filled with zeros to that length
//	16p    the same, the first byte being the length of the rest that counts
//
// Integers that the field has no room for, or that a Lua number cannot hold
// exactly when unpacked (the first is 2^53+1), are errors, and so is a float too
// large for its field. Unpack an integer as "8s" to have all of its bytes.
var Module = &interp.Module{
	Name: "struct",
	Doc:  "Numbers and text as bytes, in the formats of Python's struct.",
	Funcs: []interp.Function{
		{Name: "pack", Args: "format, ...", Doc: "returns the values as one string of bytes", Manual: `
		A format begins with the byte order: < > ! (big-endian) = (the machine's, no padding) @ (the machine's, with padding; the default). Then, each perhaps with a count before it: b B h H i I l L q Q (integers of 1, 2, 4, 4 or 8, 8 bytes), f d (floats), s (bytes), x (padding), ? (boolean), c (a byte as a string).
		format string: as Python's struct has it
		... any: a value for each item
		-> string: the bytes
		> print(hex.encode(struct.pack(">HB3s", 258, 3, "abc"))) --> 010203616263
		`, Fn: pack},
		{Name: "unpack", Args: "format, s", Doc: "returns the values in s, which must be exactly as long as the format", Manual: `
		format string: as pack's
		s string: calcsize(format) bytes
		-> any ...: the values
		> print(struct.unpack(">HB3s", "\1\2\3abc")) --> 258	3	abc
		`, Fn: unpack},
		{Name: "unpack_from", Args: "format, s[, pos=1]", Doc: "returns the values that begin at position pos of s", Manual: `
		format string: as pack's
		s string: any bytes
		pos integer?: of the first byte, from 1 on
		-> any ...: the values
		> print(struct.unpack_from(">H", "\0\1\0\2", 3)) --> 2
		`, Fn: unpackFrom},
		{Name: "calcsize", Args: "format", Doc: "returns how many bytes the format describes", Manual: `
		format string: as pack's
		-> integer: bytes
		> print(struct.calcsize(">HB3s")) --> 6
		`, Fn: calcsize},
	},
}

// maxValues bounds what one call returns: all of it goes on the Lua stack.
const maxValues = 1 << 16

// formats are those that an interpreter has parsed: scripts use a few, often.
type (
	formats    map[string]*format
	formatsKey struct{}
)

const (
	maxFormats = 100 // kept
	maxKept    = 100 // bytes of one
)

func newFormats() any { return formats{} }

// formatArg returns argument 1, a format.
func formatArg(s *interp.State) *format {
	text := s.Str(1)
	known := s.Interp().Local(formatsKey{}, newFormats).(formats)
	if f := known[text]; f != nil {
		return f
	}
	work := s.Work()
	f, err := parse(&work, text)
	if err != nil {
		s.ArgError(1, "%v", err)
	}
	if len(known) >= maxFormats {
		clear(known)
	}
	if len(text) <= maxKept {
		known[text] = f
	}
	return f
}

func calcsize(s *interp.State) int {
	return s.Return(lua.LNumber(formatArg(s).size))
}

func pack(s *interp.State) int {
	f := formatArg(s)
	if got := s.GetTop() - 1; got != f.values {
		s.RaiseError("pack expected %d items for packing with '%s' (got %d)", f.values, f.text, got)
	}
	out, work := make([]byte, f.size), s.Work()
	n := 2
	for i := range f.items {
		it := &f.items[i]
		if it.isString() {
			work.Spend(min(it.count, len(s.Str(n))) >> 4)
			it.putString(out[it.at:it.at+it.count], s.Str(n))
			n++
			continue
		}
		for i := range it.count {
			at := it.at + i*it.size
			it.put(s, n, out[at:at+it.size], f.big)
			n++
		}
	}
	return s.ReturnBytes(out)
}

func unpack(s *interp.State) int {
	f, data := formatArg(s), s.Str(2)
	if len(data) != f.size {
		s.RaiseError("unpack requires a buffer of %d bytes for '%s', got %d", f.size, f.text, len(data))
	}
	return push(s, f, data, 0)
}

func unpackFrom(s *interp.State) int {
	f, data := formatArg(s), s.Str(2)
	at := position(s, 3, len(data))
	if len(data)-at < f.size {
		s.RaiseError("unpack_from requires a buffer of at least %d bytes for unpacking %d bytes at position %d (actual buffer size is %d)",
			at+f.size, f.size, at+1, len(data))
	}
	return push(s, f, data, at)
}

// position returns the offset that argument n, a position in a string of size
// bytes, stands for. Negative positions count from the end, as in string.sub.
func position(s *interp.State, n, size int) int {
	pos := s.OptInt(n, 1)
	at := pos - 1
	if pos < 0 {
		at = size + pos
	}
	if at < 0 || at > size {
		s.ArgError(n, "position %d is outside the string, which has %d bytes", pos, size)
	}
	return at
}

// push pushes the values that f finds in data from offset start on.
func push(s *interp.State, f *format, data string, start int) int {
	if f.values > maxValues {
		s.RaiseError("too many results to unpack (%d; at most %d)", f.values, maxValues)
	}
	for i := range f.items {
		it := &f.items[i]
		if it.isString() {
			from, to := it.text(data, start+it.at)
			s.Push(interp.Piece(data, from, to))
			continue
		}
		for i := range it.count {
			at := start + it.at + i*it.size
			s.Push(it.value(s, data[at:at+it.size], f.big))
		}
	}
	return f.values
}

// put writes argument n to out, which has the item's size.
func (it *item) put(s *interp.State, n int, out []byte, big bool) {
	switch it.code {
	case 'c':
		v := s.Str(n)
		if len(v) != 1 {
			s.ArgError(n, "'c' takes a string of 1 byte, got %d bytes", len(v))
		}
		out[0] = v[0]
	case '?':
		if s.Bool(n) {
			out[0] = 1
		}
	case 'e', 'f', 'd':
		bits, ok := floatBits(s.Num(n), it.size)
		if !ok {
			s.ArgError(n, "float too large to pack as '%c': %v", it.code, s.Get(n))
		}
		putUint(out, bits, big)
	default:
		putUint(out, intArg(s, n, it.name, it.size, it.signed()), big)
	}
}

// value returns what data, which has the item's size, says.
func (it *item) value(s *interp.State, data string, big bool) lua.LValue {
	switch it.code {
	case 'c':
		return lua.LString(data)
	case '?':
		return lua.LBool(data[0] != 0)
	case 'e', 'f', 'd':
		return lua.LNumber(floatOf(getUint(data, big), it.size))
	}
	return intValue(s, getUint(data, big), it.name, it.size, it.signed())
}

// putString writes v to out, cut or filled with zeros.
func (it *item) putString(out []byte, v string) {
	if it.code == 's' {
		copy(out, v)
		return
	}
	if len(out) > 0 {
		out[0] = byte(min(copy(out[1:], v), math.MaxUint8))
	}
}

// text returns where the string begins and ends that the item's bytes, at at in data, say.
func (it *item) text(data string, at int) (from, to int) {
	if it.code == 's' || it.count == 0 {
		return at, at + it.count
	}
	return at + 1, at + 1 + min(int(data[at]), it.count-1)
}
