package interp

import lua "github.com/yuin/gopher-lua"

// stringLib is the string library. Strings are bytes: upper, lower and the
// classes of patterns know ASCII only.
var stringLib = library{name: lua.StringLibName, shared: shared{also: map[string]string{"gfind": "gmatch"}}, funcs: []Function{
	{Name: "byte", Args: "s[, first[, last]]", Doc: "the codes of the bytes from first (1) to last (first)", Fn: stringByte},
	{Name: "char", Args: "...", Doc: "the string of the bytes with these codes", Fn: stringChar},
	{Name: "dump", Args: "fn", Doc: "the function's code as a string that load takes in this process, with new upvalues", Fn: stringDump},
	{Name: "find", Args: "s, pattern[, init[, plain]]", Doc: "where the first match begins and ends, and its captures; nil when there is none", Fn: stringFind},
	{Name: "format", Args: "format, ...", Doc: "the format with its %d, %s... replaced by the arguments, as C's printf does", Fn: stringFormat},
	{Name: "gmatch", Args: "s, pattern", Doc: "an iterator over the captures of all matches", Fn: stringGmatch},
	{Name: "gsub", Args: "s, pattern, replacement[, max]", Doc: "s with its matches replaced, and their number; the replacement is a string, a table or a function, which may wait", Fn: stringGsub},
	{Name: "len", Args: "s", Doc: "the number of bytes", Fn: stringLen},
	{Name: "lower", Args: "s", Doc: "s with A-Z in lower case", Fn: stringLower},
	{Name: "match", Args: "s, pattern[, init]", Doc: "the captures of the first match, or all of it when there are none; nil when there is no match", Fn: stringMatch},
	{Name: "rep", Args: "s, n", Doc: "n copies of s", Fn: stringRep},
	{Name: "reverse", Args: "s", Doc: "s backwards", Fn: stringReverse},
	{Name: "sub", Args: "s, first[, last]", Doc: "the bytes from first to last (-1, the end)", Fn: stringSub},
	{Name: "upper", Args: "s", Doc: "s with a-z in upper case", Fn: stringUpper},
}}

// openString makes the string library, which is the methods of strings, too.
func (in *Interpreter) openString() {
	lib := in.openLibrary(&stringLib)
	mt := in.root.CreateTable(0, 1+len(arithmetics))
	mt.RawSetString("__index", lib)
	in.openStringArithmetic(mt)
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
