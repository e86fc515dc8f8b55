package pack

import (
	"fmt"
	"math"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// String adds Lua 5.3's packing functions to Lua's own string library; strings
// have them as methods, too.
//
//	local message = string.pack(">s2", "text") -- the length in two bytes, then the text
//	local text, next = string.unpack(">s2", message)
//
// The letters of a format, sizes n being 1 to 16:
//
//	<  >  =    little-endian, big-endian, this machine's order (as at the beginning)
//	![n]       values are aligned to their size, at most n (8); without it they are not
//	b B        1 byte, signed and unsigned
//	h H        2 bytes
//	i[n] I[n]  n (4) bytes
//	l L        a C long
//	j J        8 bytes
//	T          a C size_t
//	f          a float of 4 bytes
//	d n        a float of 8 bytes
//	s[n]       a string after its length, which takes n (8) bytes
//	z          a string that a zero byte ends
//	cn         a string of n bytes, filled up with zeros
//	x          a zero byte
//	Xop        as much padding as op would have before it
//	(space)    nothing
//
// Two things differ since Lua 5.3's integers are no Lua 5.1 numbers: integers
// that a number cannot hold exactly (the first is 2^53+1) are errors when
// unpacked, and unsigned ones of 8 bytes stay positive.
var String = &interp.Module{
	Name: "string",
	Doc:  "Lua 5.3's string.pack, string.unpack and string.packsize, beside Lua's own.",
	Funcs: []interp.Function{
		{Name: "pack", Args: "format, ...", Doc: "returns the values as one string of bytes", Manual: `
		format string: as Lua 5.3 has it
		... any: a value for each item
		-> string: the bytes
		> print(hex.encode(string.pack(">s2", "hi"))) --> 00026869
		`, Fn: luaPack},
		{Name: "unpack", Args: "format, s[, pos=1]", Doc: "returns the values that begin at position pos of s, and the position after them", Manual: `
		format string: as Lua 5.3 has it
		s string: any bytes
		pos integer?: of the first byte, from 1 on
		-> any ...: the values, and the position after them
		> print(string.unpack(">s2", "\0\2hi")) --> hi	5
		`, Fn: luaUnpack},
		{Name: "packsize", Args: "format", Doc: "returns how many bytes the format describes; it may have no s or z", Manual: `
		format string: as Lua 5.3 has it
		-> integer: bytes
		> print(string.packsize("<i4i2")) --> 6
		`, Fn: luaPackSize},
	},
}

type kind int

const (
	kindNone kind = iota // a setting, or padding that is all in option.align
	kindInt
	kindUint
	kindFloat
	kindChars   // cn
	kindCounted // s
	kindZero    // z
	kindByte    // x
)

// option is one of a format's, with the padding that comes before it.
type option struct {
	kind kind
	name string
	pad  int
	size int // bytes of it: for s, of the length
}

// options reads a format option by option: where one begins depends, with
// alignment, on how long the strings before it are.
type options struct {
	s        *interp.State
	format   string
	at       int
	big      bool
	maxAlign int
	work     interp.Work
}

func readOptions(s *interp.State) *options {
	return &options{s: s, format: s.Str(1), big: nativeBig, maxAlign: 1, work: s.Work()}
}

func (o *options) more() bool { return o.at < len(o.format) }

func (o *options) fail(format string, args ...any) {
	o.s.ArgError(1, "%s in format '%s'", fmt.Sprintf(format, args...), o.format)
}

// next reads an option; total is how many bytes come before it.
func (o *options) next(total int) option {
	opt := o.read()
	align := opt.size
	if opt.name == "X" {
		next := option{}
		if o.more() {
			next = o.read()
		}
		if align = next.size; next.kind == kindChars || align == 0 {
			o.fail("invalid next option for option 'X'")
		}
	}
	if align > 1 && opt.kind != kindChars {
		if align = min(align, o.maxAlign); align&(align-1) != 0 {
			o.fail("alignment %d of '%s', which is not a power of 2,", align, opt.name)
		}
		opt.pad = -total & (align - 1)
	}
	if total+opt.pad+opt.size > maxSize {
		o.fail("more than %d bytes", maxSize)
	}
	return opt
}

func (o *options) read() option {
	o.work.Spend(5)
	start := o.at
	c := o.format[o.at]
	o.at++
	opt := option{}
	switch c {
	case 'b', 'h', 'i', 'l', 'j':
		opt.kind, opt.size = kindInt, o.intSize(c)
	case 'B', 'H', 'I', 'L', 'J', 'T':
		opt.kind, opt.size = kindUint, o.intSize(c)
	case 'f':
		opt.kind, opt.size = kindFloat, 4
	case 'd', 'n':
		opt.kind, opt.size = kindFloat, 8
	case 's':
		opt.kind, opt.size = kindCounted, o.limited(sizePointer)
	case 'c':
		n, digits := number(o.format[o.at:])
		if digits == 0 {
			o.fail("missing size for option 'c'")
		}
		o.at += digits
		opt.kind, opt.size = kindChars, n
	case 'z':
		opt.kind = kindZero
	case 'x':
		opt.kind, opt.size = kindByte, 1
	case 'X', ' ':
	case '<', '>', '=':
		o.big = c == '>' || c == '=' && nativeBig
	case '!':
		o.maxAlign = o.limited(8)
	default:
		o.fail("invalid option %q", o.format[start:o.at])
	}
	opt.name = o.format[start:o.at]
	return opt
}

func (o *options) intSize(c byte) int {
	switch c {
	case 'b', 'B':
		return 1
	case 'h', 'H':
		return 2
	case 'l', 'L':
		return sizeLong
	case 'T':
		return sizePointer
	case 'j', 'J':
		return 8
	}
	return o.limited(4)
}

// limited reads the size that may follow a letter.
func (o *options) limited(otherwise int) int {
	n, digits := number(o.format[o.at:])
	if digits == 0 {
		return otherwise
	}
	o.at += digits
	if n < 1 || n > 16 {
		o.fail("integral size (%d) out of limits [1,16]", n)
	}
	return n
}

func luaPackSize(s *interp.State) int {
	total := 0
	for o := readOptions(s); o.more(); {
		opt := o.next(total)
		if opt.kind == kindCounted || opt.kind == kindZero {
			o.fail("variable-size option '%s'", opt.name)
		}
		total += opt.pad + opt.size
	}
	return s.Return(lua.LNumber(total))
}

func luaPack(s *interp.State) int {
	var out []byte
	n := 1
	for o := readOptions(s); o.more(); {
		opt := o.next(len(out))
		out = append(out, make([]byte, opt.pad)...)
		if opt.kind == kindByte {
			out = append(out, 0)
		} else if opt.kind != kindNone {
			n++
			out = o.pack(out, opt, n)
		}
	}
	return s.ReturnBytes(out)
}

// pack appends argument n to out.
func (o *options) pack(out []byte, opt option, n int) []byte {
	s := o.s
	if opt.kind == kindChars {
		return o.packChars(out, opt, n)
	}
	field := make([]byte, opt.size) // what a fixed size takes
	switch opt.kind {
	case kindInt, kindUint:
		o.putInt(field, o.intArg(n, opt), opt.kind == kindInt)
		return append(out, field...)
	case kindFloat:
		bits, _ := floatBits(s.Num(n), opt.size) // too large is infinite, as in C
		putUint(field, bits, o.big)
		return append(out, field...)
	}
	v := s.Str(n)
	if len(out)+opt.size+len(v) >= maxSize {
		s.RaiseError("resulting string too large (at most %d bytes)", maxSize)
	}
	if opt.kind == kindZero {
		if strings.IndexByte(v, 0) >= 0 {
			s.ArgError(n, "string contains zeros, which 'z' cannot tell from its end")
		}
		return append(o.work.Append(out, v), 0)
	}
	if opt.size < 8 && len(v)>>(8*opt.size) != 0 {
		s.ArgError(n, "string length %d does not fit in the %d bytes of '%s'", len(v), opt.size, opt.name)
	}
	o.putInt(field, uint64(len(v)), false)
	return o.work.Append(append(out, field...), v)
}

// packChars appends argument n to out, filled up with zeros.
func (o *options) packChars(out []byte, opt option, n int) []byte {
	v := o.s.Str(n)
	if len(v) > opt.size {
		o.s.ArgError(n, "string longer than '%s': %d bytes", opt.name, len(v))
	}
	end := len(out) + opt.size
	if end > maxSize {
		o.s.RaiseError("resulting string too large (at most %d bytes)", maxSize)
	}
	out = o.work.Append(slices.Grow(out, opt.size), v)
	for len(out) < end {
		zeros := min(end-len(out), 64<<10)
		o.work.Spend(zeros >> 4)
		out = append(out, make([]byte, zeros)...)
	}
	return out
}

func luaUnpack(s *interp.State) int {
	o, data := readOptions(s), s.Str(2)
	at := position(s, 3, len(data))
	n := 0
	for o.more() {
		opt := o.next(at)
		if at += opt.pad; len(data)-at < opt.size {
			s.ArgError(2, "data string too short: '%s' needs %d bytes at position %d, there are %d", opt.name, opt.size, at+1, max(0, len(data)-at))
		}
		if opt.kind != kindNone && opt.kind != kindByte {
			if n++; n > maxValues {
				s.RaiseError("too many results to unpack (at most %d)", maxValues)
			}
			var v lua.LValue
			v, at = o.unpack(data, at, opt)
			s.Push(v)
		}
		at += opt.size
	}
	return s.Return(lua.LNumber(at+1)) + n
}

// unpack returns the value of an option at data[at:], and at moved on by what
// the value takes beyond the option's size.
func (o *options) unpack(data string, at int, opt option) (lua.LValue, int) {
	field, rest := data[at:at+opt.size], data[at+opt.size:]
	switch opt.kind {
	case kindInt, kindUint:
		return o.getInt(field, opt), at
	case kindFloat:
		return lua.LNumber(floatOf(getUint(field, o.big), opt.size)), at
	case kindChars:
		return interp.Piece(data, at, at+opt.size), at
	case kindZero:
		end := strings.IndexByte(rest, 0)
		if end < 0 {
			o.s.ArgError(2, "unfinished string for format 'z' at position %d", at+1)
		}
		return interp.Piece(rest, 0, end), at + end + 1
	}
	size := o.getInt(field, option{kind: kindUint, name: opt.name, size: opt.size})
	if float64(size) > float64(len(rest)) {
		o.s.ArgError(2, "data string too short: '%s' needs %v bytes at position %d, there are %d", opt.name, size, at+opt.size+1, len(rest))
	}
	return interp.Piece(rest, 0, int(size)), at + int(size)
}

// intArg returns argument n, an integer for opt. Integers have 64 bits, whatever
// the field's size, and unsigned ones may be given as their signed equals.
func (o *options) intArg(n int, opt option) uint64 {
	if opt.kind == kindUint && opt.size >= 8 && o.s.Num(n) < 0 {
		return intArg(o.s, n, opt.name, 8, true)
	}
	return intArg(o.s, n, opt.name, min(opt.size, 8), opt.kind == kindInt)
}

// putInt writes v to all of out, which may have more than 8 bytes.
func (o *options) putInt(out []byte, v uint64, signed bool) {
	putUint(out, v, o.big)
	if len(out) <= 8 || !signed || int64(v) >= 0 {
		return
	}
	more := out[8:]
	if o.big {
		more = out[:len(out)-8]
	}
	for i := range more {
		more[i] = math.MaxUint8
	}
}

// getInt reads an integer, which may have more than 8 bytes.
func (o *options) getInt(field string, opt option) lua.LNumber {
	size := min(opt.size, 8)
	low, more := field[:size], field[size:]
	if o.big {
		low, more = field[len(field)-size:], field[:len(field)-size]
	}
	v, signed := getUint(low, o.big), opt.kind == kindInt
	fill := "\x00"
	if signed && int64(v) < 0 {
		fill = "\xff"
	}
	if strings.Count(more, fill) != len(more) {
		o.s.RaiseError("%d-byte integer of '%s' does not fit into a Lua number", opt.size, opt.name)
	}
	return intValue(o.s, v, opt.name, size, signed)
}
