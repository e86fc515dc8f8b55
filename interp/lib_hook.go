package interp

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
)

var hookLib = []Function{
	{Name: "gethook", Args: "[thread]", Doc: "the hook's function, mask and count; nil when there is none", Fn: debugGethook},
	{Name: "sethook", Args: "[thread,] [fn, mask[, count]]", Doc: "calls fn(\"line\", line) for each new line if mask has an \"l\", and fn(\"count\") each count instructions; without fn no more. There are no hooks for calls and returns", Fn: debugSethook},
}

// debugHook is what debug.sethook has set for a thread or coroutine. The VM asks before
// each instruction whether it may go on, by one word that all threads of a run have in
// common: hooks are one more answer, so that they cost nothing where there are none, and
// the other threads of their run little. Of calls and returns the VM tells nobody.
type debugHook struct {
	fn      lua.LValue
	mask    string
	count   int
	left    int // instructions until count is called
	running bool
	lines   map[*State][]int // the instruction that ran last, by stack and call
}

// hookOf returns whose hook a function is about: hooks belong to a thread or coroutine.
func (s *State) hookOf() (base *State, arg int) {
	of, arg := s.threadArg()
	return of.base(), arg
}

// sethook([thread,] [fn, mask[, count]]) sets or, without fn or anything to call it for,
// removes the hook.
func debugSethook(s *State) int {
	base, arg := s.hookOf()
	if s.Absent(arg) {
		base.setHook(nil)
		return 0
	}
	fn, ok := s.Get(arg).(*lua.LFunction)
	if !ok {
		s.TypeError(arg, "function")
	}
	mask, count := s.Str(arg+1), s.optWhole(arg+2, 0)
	if strings.ContainsAny(mask, "cr") {
		s.ArgError(arg+1, "there are no hooks for calls and returns here, only for lines ('l') and a count")
	}
	if count < 0 {
		s.ArgError(arg+2, "count must not be negative, got %d", count)
	}
	lines := strings.Contains(mask, "l")
	if mask = ""; lines {
		mask = "l"
	}
	if !lines && count == 0 {
		base.setHook(nil)
		return 0
	}
	base.setHook(&debugHook{fn: fn, mask: mask, count: count, left: count, lines: map[*State][]int{}})
	return 0
}

// setHook is called on the first State of a thread or coroutine, and when it ends.
func (s *State) setHook(h *debugHook) {
	if (h == nil) == (s.hooked == nil) {
		s.hooked = h
		return
	}
	s.hooked = h
	r := s.thread.run
	if h != nil {
		r.hooks++
	} else {
		r.hooks--
	}
	r.stopped.hook(r.hooks > 0)
}

// gethook([thread]) returns the hook's function, its mask and its count.
func debugGethook(s *State) int {
	base, _ := s.hookOf()
	h := base.hooked
	if h == nil {
		return s.Return(lua.LNil)
	}
	return s.Return(h.fn, lua.LString(h.mask), lua.LNumber(h.count))
}

// step is called before each instruction of a State whose thread or coroutine has a hook.
func (h *debugHook) step(s *State) {
	if h.running {
		return
	}
	if h.count > 0 {
		if h.left--; h.left <= 0 {
			h.left = h.count
			h.call(s, lua.LString("count"))
		}
	}
	if h.mask != "" {
		if line, ok := h.newLine(s); ok {
			h.call(s, lua.LString("line"), lua.LNumber(line))
		}
	}
}

// newLine reports whether the next instruction is the first of its line: at the beginning
// of a function, after a jump back, or after one of another line.
func (h *debugHook) newLine(s *State) (line int, is bool) {
	d, ok := s.l.GetStack(0)
	if !ok {
		return 0, false
	}
	frame := glua.FrameOf(d)
	i := s.instructionOf(frame)
	if i.fn == nil {
		return 0, false
	}
	at := frame.Idx
	last := h.lines[s]
	for len(last) <= at {
		last = append(last, -1)
	}
	h.lines[s] = last
	before, lines := last[at], i.fn.Proto.DbgSourcePositions
	last[at] = i.pc
	if before < 0 || before >= len(lines) {
		before = max(i.pc-1, 0) // it ran before the hook was set
	}
	line = lines[i.pc]
	return line, i.pc == 0 || i.pc <= before || line != lines[before]
}

// call calls the hook's function, on a stack of its own: that of the script is in the
// middle of something.
func (h *debugHook) call(s *State, args ...lua.LValue) {
	h.running = true
	defer func() { h.running = false }()
	c := s.in.borrow(s.thread, s)
	_, failure := c.invoke(h.fn, args)
	c.giveBack(failure == nil)
	if failure != nil {
		s.Error(failure.value, 0)
	}
}
