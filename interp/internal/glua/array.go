package glua

import lua "github.com/yuin/gopher-lua"

// MaxArrayIndex is where the array part of a table ends. gopher-lua lets it grow to
// whatever integer is used as a key, and fills what lies between with nil: with its own
// bound of 2^26 one assignment to t[20260101] takes 320 MB, and #t is 20260101. Keys from
// the bound on are kept as all others are.
//
// The price is that # sees no more than the array part, so that a list may have so many
// items and no more; and that the variable is the process's, so that it is set before
// anything runs.
var MaxArrayIndex = func() int {
	lua.MaxArrayIndex = 1 << 24
	return lua.MaxArrayIndex
}()
