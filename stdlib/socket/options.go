//go:build unix

package socket

import (
	"time"

	"wirelua/interp"
	"wirelua/stdlib/internal/conn"
)

var timeoutMethods = conn.TimeoutMethods(func(s *interp.State) *time.Duration { return &self(s).fd.Timeout })

var optionMethods = []interp.Function{
	{Name: "setsockopt", Args: "level, option, value", Doc: "sets an option to an integer, a boolean or a structure's bytes; true", Fn: setsockopt},
	{Name: "getsockopt", Args: "level, option[, buflen]", Doc: "an option's integer, or with buflen its bytes", Fn: getsockopt},
}

func setsockopt(s *interp.State) int { return conn.SetOption(s, open(s, "setsockopt").fd) }

func getsockopt(s *interp.State) int { return conn.Option(s, open(s, "").fd) }
