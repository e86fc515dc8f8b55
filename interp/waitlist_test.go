package interp_test

import (
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/interp/interptest"
	"wirelua/stdlib"
)

// listsModule shows scripts interp.WaitList and interp.Mutex as they are.
func listsModule() *interp.Module {
	var list interp.WaitList
	var mutex interp.Mutex
	end := func(s *interp.State, v lua.LValue, err error) int {
		if err == interp.ErrTimeout {
			return s.Return(lua.LNil, lua.LString("timeout"))
		}
		if err != nil {
			return s.Raise(err)
		}
		return s.Return(v)
	}
	name := func(t *interp.Thread) lua.LValue {
		if t == nil {
			return lua.LNil
		}
		return lua.LString(t.Name)
	}
	return &interp.Module{Name: "lists", Funcs: []interp.Function{
		{Name: "wait", Args: "[timeout]", Fn: func(s *interp.State) int {
			return end(s, lua.LTrue, list.Wait(s.Thread(), s.Deadline(1)))
		}},
		{Name: "with", Args: "v[, timeout]", Fn: func(s *interp.State) int {
			got, err := list.WaitWith(s.Thread(), s.Get(1), s.Deadline(2))
			v, _ := got.(lua.LValue)
			return end(s, v, err)
		}},
		{Name: "await", Args: "fn[, timeout]", Fn: func(s *interp.State) int {
			flag := s.Table(1)
			done := func() bool { return lua.LVAsBool(flag.RawGetString("done")) }
			return end(s, lua.LTrue, list.Await(s.Thread(), done, s.Deadline(2)))
		}},
		{Name: "wake", Fn: func(s *interp.State) int { return s.Return(name(list.Wake())) }},
		{Name: "wakeall", Fn: func(s *interp.State) int { list.WakeAll(); return s.True() }},
		{Name: "exchange", Args: "v", Fn: func(s *interp.State) int {
			got, ok := list.Exchange(s.Get(1))
			v, _ := got.(lua.LValue)
			if v == nil {
				v = lua.LNil
			}
			return s.Return(lua.LBool(ok), v)
		}},
		{Name: "lock", Args: "[timeout]", Fn: func(s *interp.State) int {
			return end(s, lua.LTrue, mutex.Lock(s.Thread(), s.Deadline(1)))
		}},
		{Name: "unlock", Fn: func(s *interp.State) int { mutex.Unlock(); return s.Return(name(mutex.Holder())) }},
		{Name: "outside", Args: "seconds", Fn: func(s *interp.State) int {
			d, _ := s.Seconds(1)
			stop := make(chan struct{}, 1)
			early := false
			s.Thread().Outside(func() {
				select {
				case <-time.After(d):
				case <-stop:
					early = true
				}
			}, func() { stop <- struct{}{} })
			return s.Return(lua.LBool(early))
		}},
	}}
}

func TestWaitList(t *testing.T) {
	interptest.Run(t, interp.Config{Modules: append(stdlib.Modules(), listsModule())}, "testdata/waits/*.lua")
}
