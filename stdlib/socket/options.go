//go:build unix

package socket

import (
	"math"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

var optionMethods = []interp.Function{
	{Name: "setsockopt", Args: "level, option, value", Doc: "sets an option to an integer, a boolean or a structure's bytes; true", Fn: setsockopt},
	{Name: "getsockopt", Args: "level, option[, buflen]", Doc: "an option's integer, or with buflen its bytes", Fn: getsockopt},
	{Name: "settimeout", Args: "seconds or nil", Doc: "how long one call may wait: nil for ever, 0 not at all; true", Fn: settimeout},
	{Name: "gettimeout", Args: "", Doc: "seconds, or nil for none", Fn: gettimeout},
	{Name: "setblocking", Args: "boolean, or 0 or 1", Doc: "the same as settimeout(nil) or settimeout(0); true", Fn: setblocking},
	{Name: "getblocking", Args: "", Doc: "false when the timeout is 0, else true", Fn: getblocking},
}

func setsockopt(s *interp.State) int {
	k, level, option := open(s), s.Int(2), s.Int(3)
	var err error
	switch v := s.Get(4).(type) {
	case lua.LString:
		err = k.fd.SetBytes(s, level, option, string(v))
	case lua.LBool:
		n := 0
		if v {
			n = 1
		}
		err = k.fd.SetInt(level, option, n)
	case lua.LNumber:
		// Options are 32 bits, signed or not: either way the same bits.
		n := s.IntRange(4, math.MinInt32, math.MaxUint32, "value")
		err = k.fd.SetInt(level, option, int(int32(n)))
	default:
		s.TypeError(4, "number, boolean or string")
	}
	if err != nil {
		return s.Raise(err)
	}
	return s.True()
}

func getsockopt(s *interp.State) int {
	k, level, option := open(s), s.Int(2), s.Int(3)
	if s.Absent(4) {
		n, err := k.fd.Int(level, option)
		if err != nil {
			return s.Raise(err)
		}
		return s.Return(lua.LNumber(int32(n)))
	}
	data, err := k.fd.Bytes(level, option, s.IntRange(4, 1, 1024, "buflen"))
	if err != nil {
		return s.Raise(err)
	}
	return s.Return(lua.LString(data))
}

func settimeout(s *interp.State) int {
	k := self(s)
	if s.GetTop() < 2 {
		s.ArgError(2, "seconds or nil expected, got no value")
	}
	k.fd.Timeout = -1
	if d, ok := s.Seconds(2); ok {
		k.fd.Timeout = d
	}
	s.Reclass(1)
	return s.True()
}

func gettimeout(s *interp.State) int { return s.Return(seconds(self(s).fd.Timeout)) }

func setblocking(s *interp.State) int {
	k, blocking := self(s), blockingArg(s, 2)
	k.fd.Timeout = 0
	if blocking {
		k.fd.Timeout = time.Duration(-1)
	}
	s.Reclass(1)
	return s.True()
}

func getblocking(s *interp.State) int { return s.Return(lua.LBool(self(s).fd.Timeout != 0)) }

// blockingArg returns argument n, a boolean or, as the HOWTO writes it, 0 or 1.
func blockingArg(s *interp.State, n int) bool {
	switch v := s.Get(n).(type) {
	case lua.LBool:
		return bool(v)
	case lua.LNumber:
		return s.IntRange(n, 0, 1, "blocking") == 1
	}
	s.TypeError(n, "boolean")
	return false
}
