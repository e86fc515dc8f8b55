package interp

import (
	lua "github.com/yuin/gopher-lua"
)

// getfenv([fn]) returns the environment of a function, or of the one at a level
// of the stack: 1 is the caller, 0 the thread's own, which is that of functions
// written in Go, too.
func baseGetfenv(s *State) int {
	fn := s.functionArg(1, s.optLevel(1))
	if fn == nil || fn.IsG {
		return s.Return(s.base().l.Env)
	}
	return s.Return(fn.Env)
}

// setfenv(fn, env) sets the environment of a function, or of the one at a level of
// the stack, and returns it; at level 0 it sets the thread's, and returns nothing.
func baseSetfenv(s *State) int {
	env := s.Table(2)
	fn := s.functionArg(1, s.level(1))
	if fn == nil {
		s.base().l.Env = env
		return 0
	}
	if fn.IsG {
		s.RaiseError("'setfenv' cannot change environment of given object")
	}
	fn.Env = env
	return s.Return(fn)
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
	a, found := s.activation(level)
	if !found {
		s.ArgError(n, "invalid level")
	}
	if a.fn == nil {
		s.RaiseError("no function environment for tail call at level %d", level)
	}
	return a.fn
}

// newproxy([true or proxy]) returns a userdata without a meaning: with true it has a
// metatable of its own, with another proxy that one's.
func baseNewproxy(s *State) int {
	p := &lua.LUserData{Env: s.in.root.G.Global, Metatable: lua.LNil}
	switch v := s.Get(1).(type) {
	case *lua.LNilType:
	case lua.LBool:
		if v {
			p.Metatable = s.NewTable()
		}
	case *lua.LUserData:
		if v.Value != nil || v.Metatable == lua.LNil {
			s.ArgError(1, "boolean or proxy expected")
		}
		p.Metatable = v.Metatable
	default:
		s.ArgError(1, "boolean or proxy expected")
	}
	return s.Return(p)
}
