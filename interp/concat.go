package interp

import lua "github.com/yuin/gopher-lua"

// concatenation is the function that compiled code calls for a chain of "..": the VM's
// own instruction makes a string of any length, and Go cannot recover from an
// allocation that fails. The bound is that of string.rep and of all others, maxString,
// whatever Limits.Memory says: memory is looked at now and then, and one chain of long
// strings takes all there is in between. A chain that adds nothing but literals to one
// operand stays with the instruction, which is quicker: it makes a string longer
// by no more than its source is long.
//
// It is a constant of code that any number of interpreters may share: it knows its
// State by the stack it is called on, and has no environment to be changed.
var concatenation = &lua.LFunction{IsG: true, GFunction: func(l *lua.LState) int {
	if n := l.GetTop(); n == 2 || n == 3 { // the commonest
		a, ok1 := l.Get(1).(lua.LString)
		b, ok2 := l.Get(2).(lua.LString)
		c, ok3 := lua.LString(""), true
		if n == 3 {
			c, ok3 = l.Get(3).(lua.LString)
		}
		if ok1 && ok2 && ok3 && len(a)+len(b)+len(c) <= pieceSize {
			l.Push(a + b + c)
			return 1
		}
	}
	return concat(stateOf(l))
}}

// concat returns its arguments joined by "..": from the right, texts that stand beside
// each other in one step, all else by __concat.
func concat(s *State) int {
	last := s.GetTop()
	i, rhs := last-1, s.Get(last)
	for i > 0 {
		first := s.firstText(i, rhs)
		if first <= i {
			rhs = s.joinTexts(first, i, rhs)
			i = first - 1
			continue
		}
		lhs := s.Get(i)
		mm := s.GetMetaField(lhs, "__concat")
		if mm == lua.LNil {
			mm = s.GetMetaField(rhs, "__concat")
		}
		if mm == lua.LNil {
			s.failConcat(lhs, rhs, i, i+1 == last)
		}
		rhs = s.call2(mm, lhs, rhs)
		i--
	}
	return s.Return(rhs)
}

// firstText returns the first of the arguments up to i that can be joined at once with rhs;
// i+1 when there is none.
func (s *State) firstText(i int, rhs lua.LValue) int {
	if !lua.LVCanConvToString(rhs) {
		return i + 1
	}
	for i > 0 && lua.LVCanConvToString(s.Get(i)) {
		i--
	}
	return i + 1
}

// joinTexts returns the arguments from first to last, and rhs behind them, as one string.
func (s *State) joinTexts(first, last int, rhs lua.LValue) lua.LValue {
	var room [12]string
	pieces, size := room[:0], 0
	for i := first; i <= last+1; i++ {
		v := rhs
		if i <= last {
			v = s.Get(i)
		}
		text := textOf(v)
		pieces, size = append(pieces, text), size+len(text)
	}
	if size > maxString {
		s.RaiseError("string length overflow (resulting string too large: %d bytes, at most %d)", size, maxString)
	}
	return lua.LString(s.join(pieces, size))
}

// JoinArgs returns the arguments from first on, strings and numbers, as one string.
func (s *State) JoinArgs(first int) string {
	last := s.GetTop()
	return string(s.joinTexts(first, last-1, s.Get(last)).(lua.LString))
}

// failConcat raises that lhs, argument i, or rhs is no text, naming the variable.
func (s *State) failConcat(lhs, rhs lua.LValue, i int, operand bool) {
	v, known := lhs, true
	if lua.LVCanConvToString(lhs) {
		v, known = rhs, operand
		i++
	}
	name := ""
	if known {
		name = s.instruction(1).name(i)
	}
	s.RaiseError("attempt to concatenate %s", described(s.typeOf(v), name))
}
