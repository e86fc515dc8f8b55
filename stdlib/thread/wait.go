package thread

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// answer ends a call that returns whether it got what it waited for.
func answer(s *interp.State, err error) int {
	if err != nil && err != interp.ErrTimeout {
		return s.Raise(err)
	}
	return s.Return(lua.LBool(err == nil))
}
