package thread

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// event is a flag that threads can wait for.
type event struct {
	set     bool
	waiting interp.WaitList
}

var eventType = &interp.Type{
	Name: "event",
	Doc:  "something that happens, and that any number of threads wait for",
	Methods: []interp.Function{
		{Name: "set", Doc: "sets the event and wakes all who wait for it", Manual: `
		-> true
		> local e = thread.event()
		> thread.start(function() e:set() end)
		> print(e:wait(5)) --> true
		`, Fn: eventSet},
		{Name: "clear", Doc: "unsets the event", Manual: `
		-> true
		> local e = thread.event()
		> e:set() e:clear()
		> print(e:is_set()) --> false
		`, Fn: eventClear},
		{Name: "is_set", Doc: "returns whether the event is set; does not wait", Manual: `
		-> boolean: until clear
		> print(thread.event():is_set()) --> false
		`, Fn: eventIsSet},
		{Name: "wait", Args: "[timeout]", Doc: "waits until the event is set; returns true, or false when the time is up", Manual: `
		timeout number?: seconds; for ever when left out
		-> boolean: whether it was set
		> print(thread.event():wait(0.01)) --> false
		`, Fn: eventWait, Restarts: true},
	},
	String: func(self any) string {
		if self.(*event).set {
			return "event(set)"
		}
		return "event(not set)"
	},
	Strict: true,
}

func newEvent(s *interp.State) int {
	e := &event{}
	e.waiting.Of = e
	return s.Return(s.NewObject(eventType, e))
}

// Awaited makes an event an interp.Awaited.
func (e *event) Awaited() string { return "event" }

// eventSet wakes those who wait now, also when the event is cleared again before they run.
func eventSet(s *interp.State) int {
	e := interp.ObjectArg[*event](s, 1, "event")
	e.set = true
	e.waiting.WakeAll()
	return s.True()
}

func eventClear(s *interp.State) int {
	interp.ObjectArg[*event](s, 1, "event").set = false
	return s.True()
}

func eventIsSet(s *interp.State) int {
	s.GiveWay()
	return s.Return(lua.LBool(interp.ObjectArg[*event](s, 1, "event").set))
}

func eventWait(s *interp.State) int {
	e := interp.ObjectArg[*event](s, 1, "event")
	deadline := s.Deadline(2)
	s.GiveWay()
	if e.set {
		return s.True()
	}
	return answer(s, e.waiting.Wait(s.Thread(), deadline))
}
