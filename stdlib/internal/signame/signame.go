//go:build unix

// Package signame has the names of signals, as scripts write them.
package signame

import (
	"strings"
	"syscall"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
)

// maxSignal is the highest signal number of any system.
const maxSignal = 128

// Arg returns argument n, a signal: its name, with or without SIG, or its
// number. The default is d.
func Arg(s *interp.State, n int, d syscall.Signal) syscall.Signal {
	if s.Absent(n) && d != 0 {
		return d
	}
	if _, ok := s.Get(n).(lua.LNumber); ok {
		return syscall.Signal(s.IntRange(n, 0, maxSignal, "signal"))
	}
	name := s.Str(n)
	name = strings.ToUpper(name[:min(len(name), maxSignal)]) // no more is a name
	if !strings.HasPrefix(name, "SIG") {
		name = "SIG" + name
	}
	sig := unix.SignalNum(name)
	if sig == 0 {
		s.ArgError(n, "no signal is called '%s'", s.Str(n))
	}
	return sig
}

// Name returns "SIGTERM" for a signal; its number for one without a name.
func Name(sig syscall.Signal) string {
	if name := unix.SignalName(sig); name != "" {
		return name
	}
	return lua.LNumber(sig).String()
}
