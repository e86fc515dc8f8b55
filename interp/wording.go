package interp

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
)

// reword puts an error of the VM in Lua's words; s is where it was raised, or nil.
func reword(v lua.LValue, s *State) lua.LValue {
	msg, ok := v.(lua.LString)
	if !ok {
		return v
	}
	return attempt(v, func() lua.LValue { return reworded(v, string(msg), s) })
}

// reworded is Lua 5.1's words for the commonest mistakes, which name the variable.
func reworded(v lua.LValue, text string, s *State) lua.LValue {
	m := glua.ReadMistake(text)
	switch m.Kind {
	case glua.Index:
		text = "attempt to index " + s.instruction(0).indexed(m.Type)
	case glua.Call:
		text = "attempt to call " + s.instruction(0).called()
	case glua.Negate, glua.Operands:
		text = s.instruction(0).arithmetic()
	case glua.Length:
		text = "attempt to get length of " + s.instruction(0).operand()
	case glua.Loop:
		text = "'for' " + m.What + " must be a number"
	case glua.Order:
		if m.Type == "" {
			return v
		}
		text = "attempt to compare two " + m.Type + " values"
	default:
		return v
	}
	return lua.LString(m.Before + text)
}
