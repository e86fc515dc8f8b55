package thread

import (
	"math"
	"time"

	"wirelua/interp"
)

// semaphore counts what can still be acquired. The count is 0 whenever
// threads wait.
type semaphore struct {
	n       int
	waiting interp.WaitList
}

var semaphoreType = &interp.Type{
	Name: "semaphore",
	Doc:  "lets a number of threads in at a time",
	Methods: []interp.Function{
		{Name: "acquire", Args: "[timeout]", Doc: "waits until the count is above 0 and takes 1 off it; returns true, or false when the time is up", Manual: `
		timeout number?: seconds; for ever when left out
		-> boolean: whether it was let in
		> local s = thread.semaphore(1)
		> print(s:acquire(), s:acquire(0.01)) --> true	false
		`, Fn: semaphoreAcquire, Restarts: true},
		{Name: "release", Args: "[n=1]", Doc: "lets in who waits longest, or adds 1 to the count; n times", Manual: `
		n integer?: 1 or more
		-> true: always
		> local s = thread.semaphore(0)
		> s:release(2)
		> print(s:acquire(), s:acquire()) --> true	true
		`, Fn: semaphoreRelease},
		{Name: "with", Args: "fn, ...", Doc: "acquires, calls fn(semaphore, ...), releases whatever happens, and returns fn's results", Manual: `
		fn fun(semaphore:semaphore,...:any):...: called when let in
		... any: further arguments
		-> any ...: fn's results
		> local slots = thread.semaphore(10) -- at most ten at a time
		> for i = 1, 100 do
		>   thread.start(slots.with, slots, function() thread.yield() end)
		> end
		`, Fn: semaphoreWith},
	},
	Strict: true,
}

func newSemaphore(s *interp.State) int {
	n := 1
	if !s.Absent(1) {
		n = s.IntRange(1, 0, math.MaxInt32, "count")
	}
	m := &semaphore{n: n}
	m.waiting.Of = m
	return s.Return(s.NewObject(semaphoreType, m))
}

// Awaited makes a semaphore an interp.Awaited.
func (m *semaphore) Awaited() string { return "semaphore" }

func (m *semaphore) acquire(s *interp.State, deadline time.Time) error {
	t := s.Thread()
	if !t.Resumed() {
		s.GiveWay()
		if m.n > 0 {
			m.n--
			return nil
		}
	}
	err := m.waiting.Wait(t, deadline)
	if err == nil && t.Stopped() {
		m.release(1)
		err = t.CheckCancel()
	}
	return err
}

// release lets in n who wait; those of n that nobody waits for are kept.
func (m *semaphore) release(n int) {
	for n > 0 && m.waiting.Wake() != nil {
		n--
	}
	m.n += n
}

func semaphoreAcquire(s *interp.State) int {
	m := interp.ObjectArg[*semaphore](s, 1, "semaphore")
	return answer(s, m.acquire(s, s.Deadline(2)))
}

func semaphoreRelease(s *interp.State) int {
	m := interp.ObjectArg[*semaphore](s, 1, "semaphore")
	n := 1
	if !s.Absent(2) {
		n = s.IntRange(2, 1, math.MaxInt32, "count")
	}
	m.release(n)
	return s.True()
}

func semaphoreWith(s *interp.State) int {
	m := interp.ObjectArg[*semaphore](s, 1, "semaphore")
	s.Callable(2) // before there is anything to undo
	if err := m.acquire(s, time.Time{}); err != nil {
		s.Raise(err)
	}
	return interp.With(s, func() error {
		m.release(1)
		return nil
	})
}
