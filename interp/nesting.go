package interp

import (
	"context"
	"runtime"

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
		n.below += f.Idx + 1
	}
	return n
}

// tooDeep reports whether nothing more may nest in s.
func (s *State) tooDeep() bool { return s.inside().tooDeep(s.thread.deep) }

func (n nesting) tooDeep(deep bool) bool {
	return n.depth > maxDepth || n.below > maxCalls || !deep && n.below > maxThreadCalls
}

type nestingKey struct{}

// nested is the context of a function of the host's that s calls: what it calls with
// that is nested in s.
func (s *State) nested(ctx context.Context) context.Context {
	return context.WithValue(ctx, nestingKey{}, s.inside())
}

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
