//go:build unix

package proto

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/stdlib/internal/conn"
)

// expect(conn, pattern[, timeout]) looks for the pattern in all that has come, each time that more
// has: see Module.
func expect(s *interp.State) int {
	c, pattern := conn.Self(s), s.Str(2)
	deadline := s.Deadline(3)
	top := s.GetTop()
	search := s.Interp().Lookup("string.find")
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
