package interp

import (
	"reflect"

	lua "github.com/yuin/gopher-lua"
)

// getfenv([fn]) returns the environment of a function, or of the one at a level
// of the stack: 1 is the caller, 0 the thread's own, which is that of functions
// written in Go, too.
func baseGetfenv(s *State) int {
	fn := s.functionArg(1, s.optLevel(1))
	if fn == nil || fn.IsG {
		return s.Return(s.base().Env)
	}
	return s.Return(fn.Env)
}

// setfenv(fn, env) sets the environment of a function, or of the one at a level of
// the stack, and returns it; at level 0 it sets the thread's, and returns nothing.
func baseSetfenv(s *State) int {
	env := s.Table(2)
	fn := s.functionArg(1, s.level(1))
	if fn == nil {
		s.base().Env = env
		return 0
	}
	if fn.IsG {
		s.RaiseError("'setfenv' cannot change environment of given object")
	}
	fn.Env = env
	return s.Return(fn)
}

// base returns the first State of s's thread or coroutine, below its protected
// calls.
func (s *State) base() *State {
	for s.co == nil && s.up != nil {
		s = s.up
	}
	return s
}

// optLevel returns argument n as level does, 1 when it is absent.
func (s *State) optLevel(n int) int {
	if s.Absent(n) {
		return 1
	}
	return s.level(n)
}

// level returns argument n, a level of the stack; 0 when it is a function.
func (s *State) level(n int) int {
	if _, ok := s.Get(n).(*lua.LFunction); ok {
		return 0
	}
	level := s.whole(n)
	if level < 0 {
		s.ArgError(n, "level must be non-negative")
	}
	return level
}

// functionArg returns argument n, a function, or else the one at level, nil for 0.
func (s *State) functionArg(n, level int) *lua.LFunction {
	if fn, ok := s.Get(n).(*lua.LFunction); ok {
		return fn
	}
	if level == 0 {
		return nil
	}
	fn, found := s.functionAt(level)
	if !found {
		s.ArgError(n, "invalid level")
	}
	if fn == nil {
		s.RaiseError("no function environment for tail call at level %d", level)
	}
	return fn
}

// functionAt returns the function at a level of the stack, looking through
// protected calls; level 0 is the running one. It is nil for one whose place a tail
// call has taken.
func (s *State) functionAt(level int) (fn *lua.LFunction, found bool) {
	for st := s; st != nil && !found; st = st.up {
		st.eachFrame(0, func(d *lua.Debug, f *lua.LFunction) bool {
			if f == s.in.handling {
				return true
			}
			if level == 0 {
				fn, found = f, true
				return false
			}
			level--
			gone := replaced(reflect.ValueOf(d).Elem().FieldByIndex(debugFrame).Elem())
			if level < gone {
				found = true
				return false
			}
			level -= gone
			return true
		})
		if st.co != nil {
			break
		}
	}
	return fn, found
}
