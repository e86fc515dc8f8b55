package thread

import (
	"syscall"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// lock is held by one thread at a time.
type lock struct{ interp.Mutex }

var lockType = &interp.Type{
	Name: "lock",
	Doc:  "a lock, for what must not be interfered with across waits; between two waits nothing interferes anyway",
	Methods: []interp.Function{
		{Name: "acquire", Args: "[timeout]", Doc: "waits until the lock is free and takes it; returns true, or false when the time is up", Manual: `
		timeout number?: seconds; for ever when left out
		-> boolean: whether the thread has it
		! EDEADLK: this thread holds it already
		> local l = thread.lock()
		> thread.start(function() l:acquire() thread.yield() l:release() end)
		> thread.yield()
		> print(l:acquire(5)) --> true
		`, Fn: lockAcquire, Restarts: true},
		{Name: "release", Doc: "gives the lock to who waits longest, or makes it free; any thread may", Manual: `
		-> true
		! EPERM: nobody holds it
		> local l = thread.lock()
		> l:acquire()
		> print(l:release(), l:locked()) --> true	false
		`, Fn: lockRelease},
		{Name: "locked", Doc: "returns whether some thread holds the lock", Manual: `
		-> boolean: true while held
		> print(thread.lock():locked()) --> false
		`, Fn: lockLocked},
		{Name: "with", Args: "fn, ...", Doc: "takes the lock, calls fn(lock, ...), releases the lock whatever happens, and returns fn's results", Manual: `
		fn fun(lock:lock,...:any):...: called while the lock is held
		... any: further arguments
		-> any ...: fn's results
		> local l = thread.lock()
		> print(l:with(function() return l:locked() end), l:locked()) --> true	false
		`, Fn: lockWith},
	},
	String: func(self any) string {
		if holder := self.(*lock).Holder(); holder != nil {
			return "lock(held by " + holder.Name + ")"
		}
		return "lock(free)"
	},
	Strict: true,
}

func newLock(s *interp.State) int {
	return s.Return(s.NewObject(lockType, &lock{interp.Mutex{Name: "lock"}}))
}

func (l *lock) acquire(s *interp.State, deadline time.Time) error {
	t := s.Thread()
	if !t.Resumed() {
		s.GiveWay()
	}
	if l.Holder() == t && !t.Resumed() {
		return &interp.OpError{Code: "EDEADLK", Errno: syscall.EDEADLK, Message: "this thread holds the lock already"}
	}
	return l.Lock(t, deadline)
}

func lockAcquire(s *interp.State) int {
	l := interp.ObjectArg[*lock](s, 1, "lock")
	return answer(s, l.acquire(s, s.Deadline(2)))
}

func lockRelease(s *interp.State) int {
	l := interp.ObjectArg[*lock](s, 1, "lock")
	if l.Holder() == nil {
		s.Raise(&interp.OpError{Code: "EPERM", Errno: syscall.EPERM, Message: "nobody holds the lock"})
	}
	l.Unlock()
	return s.True()
}

func lockLocked(s *interp.State) int {
	return s.Return(lua.LBool(interp.ObjectArg[*lock](s, 1, "lock").Holder() != nil))
}

func lockWith(s *interp.State) int {
	l := interp.ObjectArg[*lock](s, 1, "lock")
	s.Callable(2) // before there is anything to undo
	if err := l.acquire(s, time.Time{}); err != nil {
		s.Raise(err)
	}
	t := s.Thread()
	return interp.With(s, func() error {
		if l.Holder() == t { // else fn released it itself
			l.Unlock()
		}
		return nil
	})
}
