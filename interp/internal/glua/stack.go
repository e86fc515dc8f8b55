package glua

import (
	"reflect"
	"sync"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// Room says how much room a stack has: for so many values to begin with, for Step more each time that they are
// too many, for Most at last; and for so many calls in calls, with a byte for each whether they come or not.
type Room struct{ Values, Step, Most, Calls int }

// stack is a stack of gopher-lua's with what it consists of: made as one thing, and without the tables of global
// variables, of 7 KB, that gopher-lua makes for each thread and forgets. Its values and calls are apart, since that fits
// Go's sizes.
type stack struct {
	state    lua.LState
	registry registry
	calls    callStack
}

// pattern is a stack as gopher-lua makes it: what ours are copies of.
var pattern = sync.OnceValue(func() *lua.LState {
	return lua.NewState(lua.Options{SkipOpenLibs: true, MinimizeStackMemory: true, IncludeGoStackTrace: true, RegistrySize: 128})
})

// NewState returns the first stack of an interpreter with these global variables and this registry.
func NewState(globals, registry *lua.LTable, room Room) *lua.LState {
	world := &struct {
		lua.Global
		allocator
	}{Global: lua.Global{Registry: registry, Global: globals}}
	*at[map[int]lua.LValue](unsafe.Pointer(&world.Global), &globalMetatables) = map[int]lua.LValue{}
	world.allocator.init()
	l := newStack(&world.Global, &world.allocator, room)
	l.G.MainThread, l.G.CurrentThread = l, l // or the first stack that calls something is, and is never freed
	return l
}

// NewThread returns a stack of l's interpreter. It takes the memory for its numbers where l does: in blocks of 32, of which each
// would keep one of its own, and an allocator, though one stack runs at a time.
func NewThread(l *lua.LState, room Room) *lua.LState {
	t := newStack(l.G, *at[*allocator](unsafe.Pointer(l), &stateAlloc), room)
	t.Env = l.Env
	return t
}

// NewCoroutine returns a stack on which fn, a function of Lua's, is to run: as coroutine.create makes it.
func NewCoroutine(l *lua.LState, fn *lua.LFunction, room Room) *lua.LState {
	c := NewThread(l, room)
	callsOf(c).push(Frame{Fn: fn, localBase: 1, NRet: lua.MultRet})
	return c
}

func newStack(g *lua.Global, numbers *allocator, room Room) *lua.LState {
	s := &stack{state: *pattern()}
	l := &s.state
	l.G, l.Env = g, g.Global
	o := &l.Options
	o.RegistrySize, o.RegistryGrowStep, o.RegistryMaxSize, o.CallStackSize = room.Values, room.Step, room.Most, room.Calls
	s.registry = **at[*registry](unsafe.Pointer(l), &stateReg)
	s.registry.array = make([]lua.LValue, room.Values)
	s.registry.growBy, s.registry.maxSize, s.registry.alloc = room.Step, room.Most, numbers
	(*words)(unsafe.Pointer(&s.registry.handler))[1] = unsafe.Pointer(l) // an interface: what it is stays
	s.calls.segments = make([]unsafe.Pointer, (room.Calls+FramesPerSegment-1)/FramesPerSegment)
	s.calls.segments[0] = unsafe.Pointer(new(segment))
	*at[*registry](unsafe.Pointer(l), &stateReg) = &s.registry
	*at[*allocator](unsafe.Pointer(l), &stateAlloc) = numbers
	at[words](unsafe.Pointer(l), &stateStack)[1] = unsafe.Pointer(&s.calls)
	return l
}

// allocator is where the memory for numbers comes from.
type allocator struct {
	size          int // of a block
	fptrs         []float64
	fheader       *reflect.SliceHeader
	scratchValue  lua.LValue
	scratchValueP *words
}

func (a *allocator) init() {
	a.size = 32
	a.fheader = (*reflect.SliceHeader)(unsafe.Pointer(&a.fptrs))
	a.scratchValue = lua.LNumber(0)
	a.scratchValueP = (*words)(unsafe.Pointer(&a.scratchValue))
}
