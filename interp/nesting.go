package interp

import (
	"context"
	"runtime"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
)

const (
	// maxDepth bounds how deep protected calls, coroutines and host functions that
	// call back nest. Lua 5.1 has the same bound (LUAI_MAXCCALLS).
	maxDepth = 195

	// maxDeep is how many of them may have the large stacks of a main thread.
	maxDeep = 6

	// maxCalls and maxThreadCalls bound the calls below a State, in a main thread and in
	// others. One that goes through a metamethod or a callback takes a kilobyte of the
	// goroutine's stack; Go's limit is 512 MB.
	maxCalls       = 2 * mainCallDepth
	maxThreadCalls = 4 * callDepth

	// A protected call, or whatever else a State waits in, counts as so many.
	stackCalls = 4

	// maxGoCalls bounds the goroutine's stack, in Go's calls, where a host function
	// calls an interpreter and does not pass its context on.
	maxGoCalls = 20_000
)

// inside is the nesting of what s waits for.
func (s *State) inside() nesting {
	n := nesting{s.depth + 1, s.below + stackCalls}
	if f := glua.Top(s.l); f != nil {
		n.below += int32(f.Idx) + 1
	}
	return n
}

// tooDeep reports whether nothing more may nest in s.
func (s *State) tooDeep() bool { return s.inside().tooDeep(s.thread.deep) }

func (n nesting) tooDeep(deep bool) bool {
	return n.depth > maxDepth || n.below > maxCalls || !deep && n.below > maxThreadCalls
}

type nestingKey struct{}

const (
	tooDeep   = "stack overflow (too many nested protected calls or coroutines)"
	tooNested = "stack overflow (too many nested calls of scripts and host functions)"
)

// nestingOf returns the nesting of what is called with ctx, and what is wrong with
// that. hosted tells that host functions are under way in the interpreter: one of them
// may be calling, with another context.
func nestingOf(ctx context.Context, hosted bool) (nesting, *Error) {
	n, known := ctx.Value(nestingKey{}).(nesting)
	over := n.tooDeep(true)
	if !known && hosted {
		var pc [1]uintptr
		over = runtime.Callers(maxGoCalls, pc[:]) > 0
	}
	if over {
		return n, &Error{Message: tooNested, value: lua.LString(tooNested)}
	}
	return n, nil
}

// hostContext is the context of a call of a host function. It has the values of the context that the run was
// given, and ends with the call, or when that is interrupted: by a stop of the run, or a cancel of the thread.
// What it takes to tell of that is made when somebody asks for it.
type hostContext struct {
	values  context.Context
	nesting nesting // of what is called with it; see State.inside

	mu    sync.Mutex
	told  context.Context // what tells; nil: nobody has asked
	tell  context.CancelCauseFunc
	ended bool
	cause error
}

// end ends the context, unless it has ended. Any goroutine may call it.
func (c *hostContext) end(cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return
	}
	c.ended, c.cause = true, cause
	if c.told != nil {
		c.tell(cause)
	}
}

func (c *hostContext) telling() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.told == nil {
		c.told, c.tell = context.WithCancelCause(context.WithoutCancel(c.values))
		if c.ended {
			c.tell(c.cause)
		}
	}
	return c.told
}

func (c *hostContext) Done() <-chan struct{} { return c.telling().Done() }

func (c *hostContext) Err() error { return c.telling().Err() }

func (c *hostContext) Deadline() (time.Time, bool) { return time.Time{}, false }

func (c *hostContext) Value(key any) any {
	if key == (nestingKey{}) {
		return c.nesting
	}
	return c.telling().Value(key)
}
