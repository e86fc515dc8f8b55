package glua

import (
	"sync"

	lua "github.com/yuin/gopher-lua"
)

// Resume returns gopher-lua's coroutine.resume, which it does not export.
var Resume = sync.OnceValue(func() lua.LGFunction {
	l := lua.NewState(lua.Options{SkipOpenLibs: true, MinimizeStackMemory: true, RegistrySize: 128})
	defer l.Close()
	l.Push(l.NewFunction(lua.OpenCoroutine))
	l.Call(0, 1)
	lib := l.Get(-1).(*lua.LTable)
	return lib.RawGetString("resume").(*lua.LFunction).GFunction
})
