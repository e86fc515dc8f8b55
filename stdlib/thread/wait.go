package thread

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// giveWay comes before everything that may wait; see interp.Thread.GiveWay.
func giveWay(s *interp.State) {
	if err := s.Thread().GiveWay(); err != nil {
		s.Raise(err)
	}
}

// answer ends a call that returns whether it got what it waited for.
func answer(s *interp.State, err error) int {
	if err != nil && err != interp.ErrTimeout {
		return s.Raise(err)
	}
	return s.Return(lua.LBool(err == nil))
}
