//go:build unix

package socket

import (
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/stdlib/internal/stream"
)

var optionMethods = []interp.Function{
	{Name: "setsockopt", Args: "level, option, value", Doc: "sets an option to an integer, a boolean or a structure's bytes; true", Fn: setsockopt},
	{Name: "getsockopt", Args: "level, option[, buflen]", Doc: "an option's integer, or with buflen its bytes", Fn: getsockopt},
	{Name: "settimeout", Args: "seconds or nil", Doc: "how long one call may wait: nil for ever, 0 not at all; true", Fn: settimeout},
	{Name: "gettimeout", Args: "", Doc: "seconds, or nil for none", Fn: gettimeout},
	{Name: "setblocking", Args: "boolean, or 0 or 1", Doc: "the same as settimeout(nil) or settimeout(0); true", Fn: setblocking},
	{Name: "getblocking", Args: "", Doc: "false when the timeout is 0, else true", Fn: getblocking},
}

func setsockopt(s *interp.State) int { return stream.SetOption(s, open(s).fd) }

func getsockopt(s *interp.State) int { return stream.Option(s, open(s).fd) }

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
