package glua

import (
	"sync"

	lua "github.com/yuin/gopher-lua"
)

// Coroutines returns gopher-lua's coroutine.create and coroutine.resume, which it does not export.
var Coroutines = sync.OnceValues(func() (create, resume lua.LGFunction) {
	l := lua.NewState(lua.Options{SkipOpenLibs: true, MinimizeStackMemory: true})
	defer l.Close()
	l.Push(l.NewFunction(lua.OpenCoroutine))
	l.Call(0, 1)
	lib := l.Get(-1).(*lua.LTable)
	function := func(name string) lua.LGFunction { return lib.RawGetString(name).(*lua.LFunction).GFunction }
	return function("create"), function("resume")
})
