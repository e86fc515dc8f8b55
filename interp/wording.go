package interp

import (
	"regexp"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// gopher-lua's words for the commonest mistakes name its own types, or nothing. These
// are Lua 5.1's, which name the variable.
const (
	notTable    = "attempt to index a non-table object("
	notFunction = "attempt to call a non-function object"
	notNegative = "__unm undefined"
	notLong     = "__len undefined"
	notLoop     = "for statement "
)

var (
	notOperands = regexp.MustCompile(`cannot perform \w+ operation between \w+ and \w+$`)
	notOrdered  = regexp.MustCompile(`attempt to compare (\w+) with (\w+)$`)
)

// reword puts an error of the VM in Lua's words; s is where it was raised, or nil.
func reword(v lua.LValue, s *State) lua.LValue {
	msg, ok := v.(lua.LString)
	if !ok {
		return v
	}
	return attempt(v, func() lua.LValue { return reworded(v, string(msg), s) })
}

func reworded(v lua.LValue, text string, s *State) lua.LValue {
	if before, rest, found := strings.Cut(text, notTable); found {
		typ, _, ok := strings.Cut(rest, ") with key ")
		if !ok {
			return v
		}
		return lua.LString(before + "attempt to index " + s.instruction(0).indexed(typ))
	}
	if before, found := strings.CutSuffix(text, notFunction); found {
		return lua.LString(before + "attempt to call " + s.instruction(0).called())
	}
	if before, found := strings.CutSuffix(text, notNegative); found {
		return lua.LString(before + s.instruction(0).arithmetic())
	}
	if before, found := strings.CutSuffix(text, notLong); found {
		return lua.LString(before + "attempt to get length of " + s.instruction(0).operand())
	}
	if before, rest, found := strings.Cut(text, notLoop); found && strings.HasSuffix(rest, " must be a number") {
		return lua.LString(before + "'for' " + strings.Replace(rest, "init ", "initial value ", 1))
	}
	if at := notOperands.FindStringIndex(text); at != nil {
		return lua.LString(text[:at[0]] + s.instruction(0).arithmetic())
	}
	if m := notOrdered.FindStringSubmatchIndex(text); m != nil && text[m[2]:m[3]] == text[m[4]:m[5]] {
		return lua.LString(text[:m[0]] + "attempt to compare two " + text[m[2]:m[3]] + " values")
	}
	return v
}
