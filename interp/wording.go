package interp

import (
	"regexp"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// gopher-lua's words for the commonest mistakes name its own types, or nothing. These
// are Lua's (5.3's), which name the variable.
const (
	notTable    = "attempt to index a non-table object("
	notFunction = "attempt to call a non-function object"
	notNegative = "__unm undefined"
	notLong     = "__len undefined"
)

var notOperands = regexp.MustCompile(`cannot perform (\w+) operation between (\w+) and (\w+)$`)

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
		typ, key, _ := strings.Cut(rest, ") with key ")
		if key == "" {
			return v
		}
		name := s.instruction(0).indexed(typ)
		if name == "" {
			name = "key " + key
		}
		return lua.LString(before + "attempt to index a " + typ + " value (" + name + ")")
	}
	if before, found := strings.CutSuffix(text, notFunction); found {
		return lua.LString(before + "attempt to call " + s.instruction(0).called())
	}
	if before, found := strings.CutSuffix(text, notNegative); found {
		return lua.LString(before + "attempt to perform arithmetic on " + s.instruction(0).operand())
	}
	if before, found := strings.CutSuffix(text, notLong); found {
		return lua.LString(before + "attempt to get length of " + s.instruction(0).operand())
	}
	if m := notOperands.FindStringSubmatchIndex(text); m != nil {
		what := "attempt to perform arithmetic on "
		if text[m[2]:m[3]] == "concat" {
			what = "attempt to concatenate "
		}
		return lua.LString(text[:m[0]] + what + s.instruction(0).wrong(text[m[4]:m[5]], text[m[6]:m[7]]))
	}
	return v
}
