//go:build unix

package conn

import (
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/stdlib/internal/sys"
)

// TimeoutMethods are those by which a script sets how long the calls of an object may
// wait; of returns where argument 1 has that: negative is for ever, 0 not at all.
func TimeoutMethods(of func(*interp.State) *time.Duration) []interp.Function {
	set := func(s *interp.State, t *time.Duration, d time.Duration) int {
		*t = d
		s.Reclass(1) // a timeout may be a field that is found without a call
		return s.True()
	}
	return []interp.Function{
		{Name: "settimeout", Args: "seconds or nil", Doc: "how long one call may wait: nil for ever, 0 not at all; true", Fn: func(s *interp.State) int {
			t := of(s)
			if s.GetTop() < 2 {
				s.ArgError(2, "seconds or nil expected, got no value")
			}
			d, limited := s.Seconds(2)
			if !limited {
				d = -1
			}
			return set(s, t, d)
		}},
		{Name: "gettimeout", Doc: "seconds, or nil for none", Fn: func(s *interp.State) int {
			return s.Return(Seconds(*of(s)))
		}},
		{Name: "setblocking", Args: "boolean, or 0 or 1", Doc: "the same as settimeout(nil) or settimeout(0); true", Fn: func(s *interp.State) int {
			t := of(s)
			if blockingArg(s) {
				return set(s, t, -1)
			}
			return set(s, t, 0)
		}},
		{Name: "getblocking", Doc: "false when the timeout is 0, else true", Fn: func(s *interp.State) int {
			return s.Return(lua.LBool(*of(s) != 0))
		}},
	}
}

// blockingArg returns argument 2, a boolean or, as the HOWTO writes it, 0 or 1.
func blockingArg(s *interp.State) bool {
	switch v := s.Get(2).(type) {
	case lua.LBool:
		return bool(v)
	case lua.LNumber:
		return s.IntRange(2, 0, 1, "blocking") == 1
	}
	s.TypeError(2, "boolean")
	return false
}

// Seconds shows a timeout to Lua: nil when there is none.
func Seconds(d time.Duration) lua.LValue {
	if d < 0 {
		return lua.LNil
	}
	return lua.LNumber(d.Seconds())
}

// Class tells the values of Field apart, for interp.Type.
func Class(fd *sys.FD) [2]uint64 {
	return [2]uint64{uint64(fd.Family)<<48 | uint64(fd.Type)<<32 | uint64(uint32(fd.Proto)), uint64(fd.Timeout)}
}

// Field returns a field that connections over the descriptor fd have, or nil.
func Field(fd *sys.FD, key string) lua.LValue {
	switch key {
	case "family":
		return lua.LNumber(fd.Family)
	case "type":
		return lua.LNumber(fd.Type)
	case "proto":
		return lua.LNumber(fd.Proto)
	case "timeout":
		return Seconds(fd.Timeout)
	}
	return nil
}
