//go:build unix && !linux

package lookup

import (
	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
)

func otherAddr(s *interp.State, n int, _ *lua.LTable, family int) unix.Sockaddr {
	s.ArgError(n, "no addresses of family %d are known", family)
	return nil
}
