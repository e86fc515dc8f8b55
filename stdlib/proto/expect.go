//go:build unix

package proto

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/stdlib/internal/conn"
)

// expect returns expect(conn, pattern[, timeout]), which looks for the pattern in all that has come, each time
// that more has: see Module. search is string.find, whatever a script makes of the name later.
func expect(search lua.LValue) func(*interp.State) int {
	return func(s *interp.State) int { return expectBy(s, search) }
}

func expectBy(s *interp.State, search lua.LValue) int {
	c, pattern := conn.Self(s), s.Str(2)
	deadline := s.Deadline(3)
	top := s.GetTop()
	matched := "" // all of the match
	err := c.Expect(s, deadline, func(data string) (int, bool) {
		s.SetTop(top)
		s.Push(search)
		s.Push(lua.LString(data))
		s.Push(lua.LString(pattern))
		s.Call(2, lua.MultRet)
		first, ok := s.Get(top + 1).(lua.LNumber)
		if !ok {
			return 0, false
		}
		last := s.Get(top + 2).(lua.LNumber)
		matched = data[int(first)-1 : int(last)]
		return int(last), true
	})
	if err != nil {
		return s.Raise(err)
	}
	if captures := s.GetTop() - top - 2; captures > 0 {
		return captures
	}
	return s.Return(lua.LString(matched))
}
