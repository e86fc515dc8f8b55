package interp

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
)

// stringLib is the string library. Strings are bytes: upper, lower and the
// classes of patterns know ASCII only.
var stringLib = library{name: lua.StringLibName, shared: shared{also: map[string]string{"gfind": "gmatch"}}, funcs: []Function{
	{Name: "byte", Args: "s[, first[, last]]", Doc: "the codes of the bytes from first (1) to last (first)", Manual: `
		s string: any bytes
		first integer?: a position
		last integer?: a position
		-> integer ...: codes, 0-255
		> print(("AB"):byte(1, -1)) --> 65	66
		`, Fn: stringByte},
	{Name: "char", Args: "...", Doc: "the string of the bytes with these codes", Manual: `
		... integer: codes, 0-255
		-> string: as long as there are codes
		> print(string.char(72, 105)) --> Hi
		`, Fn: stringChar},
	{Name: "dump", Args: "fn", Doc: "the function's code as a string that load takes in this process, with new upvalues", Manual: `
		fn function: of Lua's, not of Go's
		-> string: bytes; they end with the process
		! any: it is a function of Go's
		> print(loadstring(string.dump(function() return 7 end))()) --> 7
		`, Fn: stringDump},
	{Name: "find", Args: "s, pattern[, init[, plain]]", Doc: "where the first match begins and ends, and its captures; nil when there is none", Manual: `
		s string: where to look
		pattern string: Lua's
		init integer?: the position to begin at
		plain boolean?: the pattern is text, and no pattern
		-> integer? first: its first byte
		-> integer? last: its last byte
		-> string ...: captures
		> print(("key=value"):find("=", 1, true)) --> 4	4
		> print(("key=value"):find("(%w+)$")) --> 5	9	value
		`, Fn: stringFind},
	{Name: "format", Args: "format, ...", Doc: "the format with its %d, %s... replaced by the arguments, as C's printf does", Manual: `
		format string: %d %i %u %o %x %X (integers), %e %f %g (numbers), %c (a code), %s (tostring), %q (as Lua source), %%; flags, width and precision as in C
		... any: a value for each
		-> string: the text
		> print(("%-5s|%05.1f|%x|%q"):format("ab", 3.14159, 255, 'say "hi"')) --> ab   |003.1|ff|"say \"hi\""
		`, Fn: stringFormat},
	{Name: "gmatch", Args: "s, pattern", Doc: "an iterator over the captures of all matches", Manual: `
		s string: where to look
		pattern string: Lua's; "^" is no anchor here
		-> fun():string: gives the captures, or the match
		> for k, v in ("a=1, b=2"):gmatch("(%w+)=(%w+)") do io.write(k, v, "\n") end
		> --> a1
		> --> b2
		`, Fn: stringGmatch},
	{Name: "gsub", Args: "s, pattern, replacement[, max]", Doc: "s with its matches replaced, and their number; the replacement is a string, a table or a function, which may wait", Manual: `
		s string: where to look
		pattern string: Lua's
		replacement string|table|function: text with %1 for the first capture and %0 for the match; what is looked up by the first capture; or what is called with the captures. nil and false leave the match as it is
		max integer?: how many matches at most
		-> string: the result
		-> integer: how many matches there were
		> print(("hello world"):gsub("o", "0")) --> hell0 w0rld	2
		> print(("$name"):gsub("%$(%w+)", {name = "Lua"})) --> Lua	1
		`, Fn: stringGsub},
	{Name: "len", Args: "s", Doc: "the number of bytes", Manual: `
		s string: any bytes
		-> integer: 0 or more
		> print(#"abc", ("a\0b"):len()) --> 3	3
		`, Fn: stringLen},
	{Name: "lower", Args: "s", Doc: "s with A-Z in lower case", Manual: `
		s string: any bytes
		-> string: the other bytes stay
		> print(("Content-Type"):lower()) --> content-type
		`, Fn: stringLower},
	{Name: "match", Args: "s, pattern[, init]", Doc: "the captures of the first match, or all of it when there are none; nil when there is no match", Manual: `
		s string: where to look
		pattern string: Lua's
		init integer?: the position to begin at
		-> string? ...: captures
		> print(("GET /index HTTP/1.1"):match("^(%u+) (%S+)")) --> GET	/index
		`, Fn: stringMatch},
	{Name: "rep", Args: "s, n", Doc: "n copies of s", Manual: `
		s string: any bytes
		n integer: none below 1
		-> string: them together
		> print(("ab"):rep(3)) --> ababab
		`, Fn: stringRep},
	{Name: "reverse", Args: "s", Doc: "s backwards", Manual: `
		s string: any bytes
		-> string: its bytes, the last one first
		> print(("abc"):reverse()) --> cba
		`, Fn: stringReverse},
	{Name: "sub", Args: "s, first[, last]", Doc: "the bytes from first to last (-1, the end)", Manual: `
		s string: any bytes
		first integer: a position
		last integer?: a position
		-> string: "" when there are none
		> print(("hello"):sub(2, 3), ("hello"):sub(-3)) --> el	llo
		`, Fn: stringSub},
	{Name: "upper", Args: "s", Doc: "s with a-z in upper case", Manual: `
		s string: any bytes
		-> string: the other bytes stay
		> print(("abc"):upper()) --> ABC
		`, Fn: stringUpper},
}}

// openString makes the string library, which is the methods of strings, too.
func (in *Interpreter) openString() {
	mt := stringMetatable().Copy(0)
	glua.Put(mt, "__index", in.openLibrary(&stringLib))
	in.root.SetMetatable(lua.LString(""), mt)
}

// reserve makes room for n values on the stack at once, or raises what: one by
// one gopher-lua would make room in small steps, copying all each time.
func (s *State) reserve(n int, what string) {
	if n >= registryMax/2 {
		s.RaiseError("%s", what)
	}
	if n > registryGrow {
		top := s.GetTop()
		s.SetTop(top + n)
		s.SetTop(top)
	}
}

// byte(s[, first[, last]]) returns the codes of the bytes from first to last.
func stringByte(s *State) int {
	str := s.Str(1)
	first := position(s.optWhole(2, 1), len(str))
	last := min(position(s.optWhole(3, first), len(str)), len(str))
	first = max(first, 1)
	n := last - first + 1
	if n <= 0 {
		return 0
	}
	s.reserve(n, "string slice too long")
	for i := first - 1; i < last; i++ {
		s.Push(integer(int(str[i])))
	}
	return n
}

// char(...) returns the string of the bytes with these codes.
func stringChar(s *State) int {
	b := make([]byte, s.GetTop())
	for i := range b {
		c := s.whole(i + 1)
		if c < 0 || c > 255 {
			s.ArgError(i+1, "invalid value")
		}
		b[i] = byte(c)
	}
	return s.Return(lua.LString(b))
}

// len(s) returns the number of bytes.
func stringLen(s *State) int { return s.Return(integer(len(s.Str(1)))) }

// rep(s, n) returns n copies of s.
func stringRep(s *State) int {
	str, n := s.Str(1), s.whole(2)
	if n < 1 || len(str) == 0 {
		return s.Return(lua.LString(""))
	}
	if size := float64(n) * float64(len(str)); size > maxString {
		s.tooLong(size)
	}
	b, work := make([]byte, 0, n*len(str)), s.Work()
	for len(b) < cap(b) { // what there is, again: ever longer pieces
		piece := str
		if len(b) > len(str) && len(str) <= pieceSize {
			piece = stringOf(b[:min(len(b), pieceSize)/len(str)*len(str)])
		}
		b = work.Append(b, piece[:min(len(piece), cap(b)-len(b))])
	}
	return s.ReturnBytes(b)
}

// reverse(s) returns s backwards.
func stringReverse(s *State) int {
	str := s.Str(1)
	s.fits(len(str))
	b, work := make([]byte, len(str)), s.Work()
	end := len(b)
	work.Pieces(str, func(piece string) {
		for i := range len(piece) {
			b[end-1-i] = piece[i]
		}
		end -= len(piece)
	})
	return s.ReturnBytes(b)
}

// sub(s, first[, last]) returns the bytes from first to last.
func stringSub(s *State) int {
	str := s.Str(1)
	first := max(position(s.whole(2), len(str)), 1)
	last := min(position(s.optWhole(3, -1), len(str)), len(str))
	if first > last {
		return s.Return(lua.LString(""))
	}
	return s.Return(Piece(str, first-1, last))
}

// lower(s) returns s with A-Z in lower case.
func stringLower(s *State) int { return s.mapCase('A', 'Z') }

// upper(s) returns s with a-z in upper case.
func stringUpper(s *State) int { return s.mapCase('a', 'z') }

// mapCase returns argument 1 with the letters from..to in the other case.
func (s *State) mapCase(from, to byte) int {
	str := s.Str(1)
	s.fits(len(str))
	b, work := make([]byte, len(str)), s.Work()
	at := 0
	work.Pieces(str, func(piece string) {
		for i, c := range []byte(piece) {
			if from <= c && c <= to {
				c ^= 0x20
			}
			b[at+i] = c
		}
		at += len(piece)
	})
	return s.ReturnBytes(b)
}

// dump(fn) returns a function's code as a string that load, loadstring and loadfile take in
// this process, with new upvalues, which are nil.
func stringDump(s *State) int {
	fn, ok := s.Get(1).(*lua.LFunction)
	if !ok {
		s.TypeError(1, "function")
	}
	if fn.IsG {
		s.RaiseError("unable to dump given function")
	}
	code := string(constants.AppendBinary(nil, fn.Proto))
	return s.Return(lua.LString(dumpHeader + signature(code) + code))
}
