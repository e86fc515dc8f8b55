// Package random holds the module random.
package random

import (
	"crypto/rand"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// Module is the module random: bytes that nobody can guess, for keys, nonces,
// session names.
//
//	local session = hex.encode(random.bytes(16))
//
// For dice and shuffling there is Lua's math.random.
var Module = &interp.Module{
	Name: "random",
	Doc:  "Random bytes fit for cryptography.",
	Funcs: []interp.Function{
		{Name: "bytes", Args: "n", Doc: "returns n random bytes, at most 16777216", Manual: `
		n integer: 0 or more
		-> string: n bytes
		> print(#random.bytes(16)) --> 16
		`, Fn: func(s *interp.State) int {
			b := make([]byte, s.IntRange(1, 0, maxBytes, "number of bytes"))
			rand.Read(b) // never fails: it ends the program rather than return what can be guessed
			return s.Return(lua.LString(b))
		}},
	},
}

const maxBytes = 1 << 24
