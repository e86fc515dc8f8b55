package interp

import (
	"math"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

var inf = math.Inf(1)


// maxString bounds strings that one call makes out of little: Go cannot recover
// from an allocation that fails.
const maxString = 1 << 28

// openString replaces what could take all memory.
func (in *Interpreter) openString() {
	lib := in.root.G.Global.RawGetString(lua.StringLibName).(*lua.LTable)
	lib.RawSetString("rep", in.function("rep", "s, n", func(s *State) int {
		str, n := s.Str(1), s.Num(2)
		if n < 1 || len(str) == 0 {
			return s.Return(lua.LString(""))
		}
		if n*float64(len(str)) > maxString {
			s.RaiseError("resulting string too large (%.0f bytes; at most %d)", n*float64(len(str)), maxString)
		}
		return s.Return(lua.LString(strings.Repeat(str, int(n))))
	}))
}

// toNumber reads a number as Lua's tonumber does: decimal or 0x hexadecimal,
// white space around it.
func toNumber(str string) (float64, bool) {
	str = strings.TrimSpace(str)
	if h := strings.ToLower(str); strings.HasPrefix(h, "0x") || strings.HasPrefix(h, "-0x") {
		n, err := strconv.ParseInt(strings.Replace(h, "0x", "", 1), 16, 64)
		return float64(n), err == nil
	}
	if strings.ContainsAny(str, "_iInNxXpP") { // Go reads 1_000, inf and nan; Lua does not
		return 0, false
	}
	x, err := strconv.ParseFloat(str, 64)
	return x, err == nil
}
