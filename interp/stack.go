package interp

import lua "github.com/yuin/gopher-lua"

// What modules may use of gopher-lua's state is below, and nothing else is. A function's arguments lie on its
// stack, the first at position 1; what it pushes comes above them, and what it returns is
// the number of values on top that are its results. Arguments are read by Str, Int and their
// kin, whose errors have one grammar.

// Get returns the value at a position of the stack; negative ones count from the top, -1 being
// that. It is nil where there is none.
func (s *State) Get(n int) lua.LValue { return s.l.Get(n) }

// GetTop returns how many values there are: before anything is pushed, the number of arguments.
func (s *State) GetTop() int { return s.l.GetTop() }

// SetTop takes values off the stack, or pushes nil, until there are n.
func (s *State) SetTop(n int) { s.l.SetTop(n) }

// Push puts a value on top. There may be some 250,000 in one stack; more are Lua's error
// "registry overflow".
func (s *State) Push(v lua.LValue) { s.l.Push(v) }

// Pop takes n values off.
func (s *State) Pop(n int) { s.l.Pop(n) }

// Replace sets the value at position n, which must be there.
func (s *State) Replace(n int, v lua.LValue) { s.l.Replace(n, v) }

// Call calls the function below the topmost n values with these, and leaves as many
// results in the place of all of them as are wanted; lua.MultRet is all there are. So for fn(a, b) one pushes fn,
// a and b, calls Call(2, 1), and has the result by Get(-1) and takes it off by Pop(1). It may wait, and other
// threads run then. What the function raises goes through who calls, as Go's panics do.
func (s *State) Call(n, results int) { s.l.Call(n, results) }

// NewTable returns a new table.
func (s *State) NewTable() *lua.LTable { return s.l.CreateTable(0, 0) }

// CreateTable returns a new table with room for so many items of a list and so many names.
func (s *State) CreateTable(list, names int) *lua.LTable { return s.l.CreateTable(list, names) }

// GetField returns v[name] as Lua has it, metamethods asked: which may wait.
func (s *State) GetField(v lua.LValue, name string) lua.LValue { return s.l.GetField(v, name) }

// GetMetaField returns a field of v's metatable; nil when there is none, or no metatable.
func (s *State) GetMetaField(v lua.LValue, name string) lua.LValue { return s.l.GetMetaField(v, name) }

// call2 returns the first result of fn(a, b).
func (s *State) call2(fn, a, b lua.LValue) lua.LValue {
	s.Push(fn)
	s.Push(a)
	s.Push(b)
	s.Call(2, 1)
	v := s.Get(-1)
	s.Pop(1)
	return v
}

// moveTo moves the top n values of s to the top of to.
func (s *State) moveTo(to *State, n int) { s.l.XMoveTo(to.l, n) }

// values returns copies of the values from position first to the top.
func (s *State) values(first int) []lua.LValue {
	n := s.GetTop()
	if n < first {
		return nil
	}
	vs := make([]lua.LValue, 0, n-first+1)
	for i := first; i <= n; i++ {
		vs = append(vs, s.Get(i))
	}
	return vs
}

// Return pushes the values and returns their number, as a Go function called by
// Lua must.
func (s *State) Return(vs ...lua.LValue) int {
	for _, v := range vs {
		s.Push(v)
	}
	return len(vs)
}

// True pushes true: what a call with nothing else to return returns, so that
// assert(call()) reads naturally.
func (s *State) True() int { s.Push(lua.LTrue); return 1 }
