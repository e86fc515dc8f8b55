package interp

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
)

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
