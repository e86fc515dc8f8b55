package glua

import (
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// Calls is room for the calls of a stack, in segments of FramesPerSegment: it is lent to one on which nothing
// runs, so that those that rest need no room for more than a few.
type Calls struct {
	segments []unsafe.Pointer // the first is the stack's own
	own      []unsafe.Pointer // the stack's, meanwhile
}

// FramesPerSegment is how many calls a segment has room for.
const FramesPerSegment = lua.FramesPerSegment

// NewCalls returns room for so many calls; it takes a byte for each.
func NewCalls(depth int) *Calls {
	return &Calls{segments: make([]unsafe.Pointer, (depth+FramesPerSegment-1)/FramesPerSegment)}
}

// callStack is what gopher-lua has the calls of a stack in, if Options.MinimizeStackMemory is set.
type callStack struct {
	segments []unsafe.Pointer // to one segment each
	segIdx   uint16           // of the last
	segSp    uint8            // how many calls are in the last
}

type segment struct{ array [FramesPerSegment]Frame }

// full reports whether there is no room for another call.
func (s *callStack) full() bool {
	return s.segSp == FramesPerSegment && int(s.segIdx) == len(s.segments)-1
}

// push puts f on a stack that is not full.
func (s *callStack) push(f Frame) {
	if s.segSp == FramesPerSegment {
		s.segIdx++
		s.segments[s.segIdx], s.segSp = unsafe.Pointer(new(segment)), 0
	}
	(*segment)(s.segments[s.segIdx]).array[s.segSp] = f
	s.segSp++
}

func callsOf(l *lua.LState) *callStack {
	words := at[[2]unsafe.Pointer](unsafe.Pointer(l), &stateStack) // an interface: its type, and the pointer
	return (*callStack)(words[1])
}

// Lend has l keep its calls in c.
func (c *Calls) Lend(l *lua.LState) {
	s := callsOf(l)
	c.own, c.segments[0] = s.segments, s.segments[0]
	s.segments = c.segments
}

// Return has l, to which c was lent and on which nothing runs any more, keep its calls where it did before.
func (c *Calls) Return(l *lua.LState) {
	callsOf(l).segments = c.own
	c.own, c.segments[0] = nil, nil
}
