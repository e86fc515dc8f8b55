// Package time holds the module time.
package time

import (
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// Module is the module time: what o'clock it is, how long something took, and
// waiting. Times are seconds, with fractions.
//
//	local start = time.monotonic()
//	time.sleep(0.1)
//	print(time.monotonic() - start) -- a little more than 0.1
//
// Dates are Lua's own: os.date("%X", time.time()).
var Module = &interp.Module{
	Name: "time",
	Doc:  "Clocks and waiting, in seconds.",
	Funcs: []interp.Function{
		{Name: "monotonic", Args: "", Doc: "returns seconds that go on evenly whoever sets the clock; only differences mean something", Manual: `
		-> number: seconds
		> local before = time.monotonic()
		> print(time.monotonic() >= before) --> true
		`, Fn: func(s *interp.State) int {
			return s.Return(lua.LNumber(time.Since(start).Seconds()))
		}},
		{Name: "sleep", Args: "seconds", Doc: "waits, letting other threads run, and returns true", Manual: `
		seconds number: fractions allowed
		-> true: always
		> print(time.sleep(0.01)) --> true
		`, Fn: sleep, Restarts: true},
		{Name: "time", Args: "", Doc: "returns the seconds since the beginning of 1970, UTC", Manual: `
		-> number: with fractions
		> print(time.time() > 1700000000) --> true
		`, Fn: func(s *interp.State) int {
			return s.Return(lua.LNumber(float64(time.Now().UnixNano()) / float64(time.Second)))
		}},
	},
}

// start is where monotonic counts from.
var start = time.Now()

func sleep(s *interp.State) int {
	s.Num(1) // not left out: that would be for ever
	d, finite := s.Seconds(1)
	if !finite {
		d = -1
	}
	if err := s.Thread().Sleep(d); err != nil {
		return s.Raise(err)
	}
	return s.True()
}
