package interp

import (
	"context"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// hook is a State seen as the context.Context that gopher-lua asks, once per
// instruction, whether to go on. Done returns nil until the run is stopped:
// receiving from a nil channel is the cheapest "no" there is.
type hook State

var closedChan = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

func (h *hook) Done() <-chan struct{} {
	if h.stop.word.Load() != goOn {
		return h.interrupted()
	}
	return nil
}

// interrupted is Done when there is something to be done.
func (h *hook) interrupted() <-chan struct{} {
	s := (*State)(h)
	if s.attend(); h.stop.Load() {
		return closedChan
	}
	if hook := s.base().hooked; hook != nil {
		hook.step(s)
	}
	return nil
}

// attend does what others have asked for, without the turn.
func (s *State) attend() {
	if r := s.thread.run; s.stop.asked() {
		s.in.questions.answer(s)
		if s.in.toMeasure.Swap(false) {
			r.measure()
		}
		if s.in.toQueue.Swap(false) && !s.stop.Load() {
			memory.crowd.wait(r)
		}
	}
}

func (h *hook) Err() error {
	if h.stop.Load() {
		return errStopped
	}
	return nil
}

func (h *hook) Deadline() (time.Time, bool) { return time.Time{}, false }

func (h *hook) Value(any) any { return nil }

var _ context.Context = (*hook)(nil)

// stateOf returns the State that runs on l; l must belong to an Interpreter.
func stateOf(l *lua.LState) *State {
	if h, ok := l.Context().(*hook); ok {
		return (*State)(h)
	}
	return (*State)(l.Context().(*starting))
}
