// Package thread is the Lua module thread: Lua threads, and what they meet at:
// locks, events, semaphores and queues.
//
// All of it runs with the interpreter's turn, which makes everything
// between two waits atomic. So there are no mutexes in this package, and the
// waiting is interp.Thread's.
package thread

import (
	"syscall"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// Module is the Lua module thread.
var Module = &interp.Module{
	Name: "thread",
	Doc: "Threads that share all variables and take turns: one runs at a time, until it waits. " +
		"The script ends when its main chunk and all threads but daemons have ended.",
	Foreign: map[string]string{ // they keep a program going while something waits
		"copas":   eventLoop("copas"),
		"cqueues": eventLoop("cqueues"),
		"luv":     eventLoop("luv"),
		"uv":      eventLoop("uv"),
	},
	Funcs: []interp.Function{
		{Name: "start", Args: "fn, ...", Doc: "returns a new thread that runs fn(...)", Manual: `
		fn function: what it runs; if that raises an error, its traceback goes to standard error
		... any: arguments for fn
		-> thread: running from the next wait on
		! EAGAIN: there are as many threads as may be
		> local t = thread.start(function(a, b) return a + b end, 1, 2)
		> print(t:join()) --> true	3
		`, Fn: start},
		{Name: "new", Args: "fn, ...", Doc: "returns a thread that runs fn(...) once its start method is called", Manual: `
		fn function: what it will run
		... any: arguments for fn
		-> thread: not yet started
		> local t = thread.new(print, "running")
		> t:start() --> running
		`, Fn: newThread},
		{Name: "daemon", Args: "fn, ...", Doc: "returns a new thread that runs fn(...), and that the script's end does not wait for", Manual: `
		fn function: what it runs
		... any: arguments for fn
		-> thread: running from the next wait on
		! EAGAIN: there are as many threads as may be
		> thread.daemon(function() while true do thread.sleep(60) end end)
		`, Fn: daemon},
		{Name: "current", Doc: "returns the running thread", Manual: `
		-> thread: the caller's
		> print(thread.current().name) --> main
		`, Fn: current},
		{Name: "sleep", Args: "seconds", Doc: "waits; 0 is yield", Manual: `
		seconds number: fractions allowed; math.huge is for ever
		-> true: always
		> thread.sleep(0.01)
		> thread.sleep(0)
		`, Fn: sleep, Restarts: true},
		{Name: "yield", Doc: "lets other threads run that are ready to", Manual: `
		-> true: always
		> thread.start(print, "the other first")
		> thread.yield() --> the other first
		`, Fn: yield},
		{Name: "count", Doc: "returns how many threads are alive, the main one included", Manual: `
		-> integer: at least 1
		> thread.daemon(thread.sleep, 60)
		> print(thread.count()) --> 2
		`, Fn: count},
		{Name: "lock", Doc: "returns a lock, which one thread holds at a time", Manual: `
		-> lock: free
		> local l = thread.lock()
		> print(l:acquire(), l:locked(), l:release()) --> true	true	true
		`, Fn: newLock},
		{Name: "event", Doc: "returns an event, which threads wait for until it is set", Manual: `
		-> event: not set
		> local ready = thread.event()
		> thread.start(function() ready:set() end)
		> ready:wait()
		> print(ready:is_set()) --> true
		`, Fn: newEvent},
		{Name: "semaphore", Args: "[n=1]", Doc: "returns a semaphore, which n threads can acquire before it makes them wait", Manual: `
		n integer?: 0 or more
		-> semaphore: with that count
		> local s = thread.semaphore(2)
		> print(s:acquire(0), s:acquire(0), s:acquire(0)) --> true	true	false
		`, Fn: newSemaphore},
		{Name: "queue", Args: "[max]", Doc: "returns a queue of values; with max, putting waits while it holds so many", Manual: `
		max number?: how many values it holds; any number when left out
		-> queue: empty
		> local q = thread.queue()
		> thread.start(function() for i = 1, 3 do q:put(i) end q:close() end)
		> local sum = 0
		> for v in q:items() do sum = sum + v end
		> print(sum) --> 6
		`, Fn: newQueue},
	},
	Types: []*interp.Type{threadType, lockType, eventType, semaphoreType, queueType},
}

// thread is what a thread object holds.
type thread struct {
	*interp.Thread
	fn   lua.LValue // what it will run; nil once started, and for main threads
	args []lua.LValue
}

// Hold makes a thread an interp.Holder.
func (t *thread) Hold(a *interp.Account) {
	a.Hold(t.Thread)
	a.Value(t.fn)
	for _, v := range t.args {
		a.Value(v)
	}
}

var threadType = &interp.Type{
	Name: "thread",
	Doc:  "a thread: started or not yet, running, waiting or ended",
	Methods: []interp.Function{
		{Name: "start", Doc: "starts a thread made by thread.new", Manual: `
		-> true
		! EALREADY: it was started before
		! EAGAIN: there are as many threads as may be
		> local t = thread.new(print, "running")
		> t:start() --> running
		`, Fn: threadStart},
		{Name: "run", Doc: "is start: it does not wait for the thread either", Manual: `
		-> true
		! EALREADY: it was started before
		! EAGAIN: there are as many threads as may be
		> local t = thread.new(print, "running")
		> t:run() --> running
		`, Fn: threadStart},
		{Name: "join", Args: "[timeout]", Doc: "waits until the thread has ended; returns true and its function's results, false and its error, or nil, \"timeout\"", Manual: `
		timeout number?: seconds; for ever when left out
		-> boolean: true, or false when its function raised an error
		-> any ...: its function's results, or the error
		or nil, "timeout": it goes on running
		! EDEADLK: a thread waits for itself
		! EINVAL: it was not started
		> local t = thread.start(error, "broken", 0)
		> print(t:join()) --> false	broken
		`, Fn: threadJoin, Restarts: true},
		{Name: "alive", Doc: "returns whether the thread was started and has not ended", Manual: `
		-> boolean: true while it has not ended
		> local t = thread.start(function() end)
		> print(t:alive()) --> true
		> t:join()
		> print(t:alive()) --> false
		`, Fn: threadAlive},
		{Name: "cancel", Doc: "makes the thread's present or next wait raise an error with code ECANCELED, once", Manual: `
		-> true: always
		> local t = thread.start(thread.sleep, 60)
		> thread.yield()
		> t:cancel()
		> local ok, err = t:join()
		> print(ok, err.code) --> false	ECANCELED
		`, Fn: threadCancel},
	},
	Fields: []interp.Field{
		{Name: "name", Type: "string", Doc: "\"main\", \"thread-1\"...; it can be set"},
		{Name: "id", Type: "integer", Doc: "its number, which does not change: 0 for the main thread"},
	},
	Index: func(s *interp.State, self any, key string) lua.LValue {
		switch t := self.(*thread); key {
		case "name":
			return lua.LString(t.Name)
		case "id":
			return lua.LNumber(t.ID())
		}
		return nil
	},
	Set: func(s *interp.State, self any, key string, v lua.LValue) bool {
		if key != "name" {
			return false
		}
		name, ok := v.(lua.LString)
		if !ok {
			s.RaiseError("a thread's name must be a string, got %s", v.Type())
		}
		self.(*thread).Name = string(name)
		return true
	},
	String: func(self any) string { return "thread(" + self.(*thread).Name + ")" },
	Strict: true,
}

// create makes the thread object for the arguments fn, ...
func create(s *interp.State) *thread {
	t := &thread{Thread: s.NewThread(false)}
	t.fn, t.args = toRun(s)
	t.Object = s.NewObject(threadType, t)
	return t
}

// toRun is what the arguments fn, ... say.
func toRun(s *interp.State) (fn lua.LValue, args []lua.LValue) {
	fn = s.Callable(1)
	if n := s.GetTop(); n > 1 {
		args = make([]lua.LValue, 0, n-1)
		for i := 2; i <= n; i++ {
			args = append(args, s.Get(i))
		}
	}
	return fn, args
}

// launch starts a thread that runs fn(...), and returns its object to who takes it.
func launch(s *interp.State, daemon bool) int {
	fn, args := toRun(s)
	t := s.NewThread(daemon)
	if err := t.Start(fn, args...); err != nil {
		s.Raise(err)
	}
	if !s.Wants(1) {
		return 0
	}
	return s.Return(object(s, t))
}

// object returns the object of a thread that was started; those have none as long as nobody asks.
func object(s *interp.State, t *interp.Thread) *lua.LUserData {
	if t.Object == nil {
		t.Object = s.NewObject(threadType, &thread{Thread: t})
	}
	return t.Object
}

func start(s *interp.State) int  { return launch(s, false) }
func daemon(s *interp.State) int { return launch(s, true) }

func newThread(s *interp.State) int { return s.Return(create(s).Object) }

func current(s *interp.State) int { return s.Return(object(s, s.Thread())) }

func sleep(s *interp.State) int {
	if s.Absent(1) {
		s.TypeError(1, "number")
	}
	d, limited := s.Seconds(1)
	if !limited { // math.huge
		d = -1
	}
	return done(s, s.Thread().Sleep(d))
}

func yield(s *interp.State) int { return done(s, s.Thread().Yield()) }

func count(s *interp.State) int { return s.Return(lua.LNumber(s.Interp().CountThreads())) }

func threadStart(s *interp.State) int {
	t := interp.ObjectArg[*thread](s, 1, "thread")
	if t.Started() {
		s.Raise(&interp.OpError{Code: "EALREADY", Errno: syscall.EALREADY, Message: "the thread was started before"})
	}
	if err := t.Start(t.fn, t.args...); err != nil {
		s.Raise(err)
	}
	t.fn, t.args = nil, nil
	return s.True()
}

func threadJoin(s *interp.State) int {
	t, self := interp.ObjectArg[*thread](s, 1, "thread"), s.Thread()
	deadline := s.Deadline(2)
	switch {
	case t.Thread == self:
		s.Raise(&interp.OpError{Code: "EDEADLK", Errno: syscall.EDEADLK, Message: "a thread cannot wait for itself"})
	case !t.Started():
		s.Raise(&interp.OpError{Code: "EINVAL", Errno: syscall.EINVAL, Message: "the thread was not started"})
	}
	s.GiveWay()
	results, failure, err := t.Join(self, deadline)
	switch {
	case err == interp.ErrTimeout:
		return timeout(s)
	case err != nil:
		return s.Raise(err)
	case failure != nil:
		return s.Return(lua.LFalse, failure.Value())
	}
	return s.Return(lua.LTrue) + s.Return(results...)
}

func threadAlive(s *interp.State) int {
	s.GiveWay()
	return s.Return(lua.LBool(interp.ObjectArg[*thread](s, 1, "thread").Alive()))
}

func threadCancel(s *interp.State) int {
	interp.ObjectArg[*thread](s, 1, "thread").Cancel()
	return s.True()
}

// done ends a function that can only fail by being interrupted.
func done(s *interp.State, err error) int {
	if err != nil {
		return s.Raise(err)
	}
	return s.True()
}

// timeout is the answer of a call that gave up waiting.
func timeout(s *interp.State) int { return s.Return(lua.LNil, lua.LString("timeout")) }

// eventLoop is what is said of libraries that have scripts wait by callbacks, or by coroutines of their own.
func eventLoop(name string) string {
	return name + " is an event loop; here none is needed: calls wait by themselves while other threads run, and thread.start(fn, ...) begins one"
}
