//go:build unix

// Package selectors holds the two modules that wait for many descriptors at
// once: select and selectors. (select is a Go keyword, so it has no folder of
// its own.)
package selectors

import (
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/sys"
)

// Select is the module select: a function select.select as Python's, without
// its limit on descriptor numbers. It is Lua's own function select, too.
//
//	local readable, writable, broken = select.select({a, b}, {c}, nil, 1.5)
//
// poll is Python's select.poll, with times in seconds:
//
//	local p = select.poll()
//	p:register(a, select.POLLIN)
//	for _, found in ipairs(p:poll(1.5)) do print(found[1], found[2] == select.POLLHUP) end
var Select = &interp.Module{
	Name: "select",
	Doc:  "waits until some of many sockets are ready",
	Funcs: []interp.Function{
		{Name: "select", Args: "readers, writers, exceptional[, timeout]", Doc: "three arrays of what is ready, empty at the timeout (seconds); waits", Manual: `
		Takes sockets, TLS connections, files, pipes, selectors: what has fileno, or descriptors' numbers, however high. A socket with bytes read ahead counts as readable.
		readers any[]|nil: to be watched for reading
		writers any[]|nil: to be watched for writing
		exceptional any[]|nil: to be watched for urgent data
		timeout number?: seconds; 0 only asks; for ever when left out
		-> any[]: readers that are ready
		-> any[]: writers that are ready
		-> any[]: those with urgent data
		! EBADF: one is closed
		> local a, b = socket.socketpair()
		> b:sendall("x")
		> local r, w = select.select({a}, {a}, nil, 1)
		> print(r[1] == a, w[1] == a) --> true	true
		`, Fn: selectOnce},
		{Name: "poll", Args: "", Doc: "a new poll, with methods register, modify, unregister and poll, for POLLIN POLLPRI POLLOUT POLLHUP POLLERR POLLNVAL", Manual: `
		-> poll: with nothing in it
		> local p, a, b = select.poll(), socket.socketpair()
		> p:register(a, select.POLLIN)
		> b:sendall("x")
		> for _, ready in ipairs(p:poll(1)) do print(ready[1] == a, ready[2] == select.POLLIN) end
		> --> true	true
		`, Fn: newPoll},
	},
	Types: []*interp.Type{pollType},
	Groups: []interp.Group{{Doc: "What poll watches for and answers; they are added:", Fields: []interp.Field{
		{Name: "POLLIN", Doc: "there is something to read, a connection to accept, or the end"},
		{Name: "POLLPRI", Doc: "there are urgent data"},
		{Name: "POLLOUT", Doc: "there is room to write; a connect has ended"},
		{Name: "POLLHUP", Doc: "only an answer: the peer has ended"},
		{Name: "POLLERR", Doc: "only an answer: an error waits, which the next call raises"},
		{Name: "POLLNVAL", Doc: "only an answer: it is closed"},
	}}},
	Constants: func() map[string]lua.LValue { return pollMasks },
}

// pollable is anything with a descriptor: sockets, TLS connections, files,
// selectors.
type pollable interface{ Fileno() int }

// watchable is what something may be read ahead from: a connection, a file.
type watchable interface {
	Watch(w *interp.Watch)
	Unwatch(w *interp.Watch)
}

func watched(v lua.LValue) (watchable, bool) {
	ud, ok := v.(*lua.LUserData)
	if !ok {
		return nil, false
	}
	w, ok := ud.Value.(watchable)
	return w, ok
}

// item is one object given to select.
type item struct {
	value lua.LValue
	fd    int
	event int
}

// buffered reports whether something can be read without asking the kernel.
func buffered(v lua.LValue) bool {
	ud, ok := v.(*lua.LUserData)
	if !ok {
		return false
	}
	b, ok := ud.Value.(interface{ Buffered() int })
	return ok && b.Buffered() > 0
}

// descriptor returns that of an object of ours, -1 when it is closed; ok is false for what has none.
func descriptor(v lua.LValue) (fd int, ok bool) {
	if ud, ok := v.(*lua.LUserData); ok {
		if p, ok := ud.Value.(pollable); ok {
			return p.Fileno(), true
		}
	}
	return -1, false
}

// number returns the descriptor of v, -1 when it is closed: of an object of ours,
// or of a table with a method fileno. ok is false for what has none.
func number(s *interp.State, v lua.LValue) (fd int, ok bool) {
	switch v := v.(type) {
	case *lua.LUserData:
		return descriptor(v)
	case *lua.LTable:
		method, ok := s.GetField(v, "fileno").(*lua.LFunction)
		if !ok {
			return -1, false
		}
		s.Push(method)
		s.Push(v)
		s.Call(1, 1)
		n, ok := s.Get(-1).(lua.LNumber)
		s.Pop(1)
		if ok && n >= 0 {
			if err := sys.NetOf(s.Interp()).MayUse(int(n)); err != nil {
				s.Raise(err)
			}
		}
		return int(n), ok
	}
	return -1, false
}

// fileno returns the descriptor of v, which is argument n or an item of it.
func fileno(s *interp.State, n int, v lua.LValue) int {
	fd, ok := number(s, v)
	if !ok {
		s.ArgError(n, "an object with a descriptor expected, got %s", v.Type())
	}
	if fd < 0 {
		s.Raise(&interp.OpError{Code: "EBADF", Errno: unix.EBADF,
			Message: s.Display(v) + " has no open descriptor"})
	}
	return fd
}

func selectOnce(s *interp.State) int {
	s.GiveWay()
	var items []item
	ready := map[int]int{} // by descriptor
	for i, event := range []int{sys.Readable, sys.Writable, sys.Exceptional} {
		if s.Absent(i + 1) {
			continue
		}
		t := s.Table(i + 1)
		for k := 1; k <= t.Len(); k++ {
			v := t.RawGetInt(k)
			w := item{v, fileno(s, i+1, v), event}
			items = append(items, w)
		}
	}
	addAhead(items, ready)
	lim := sys.Limit{}
	if d, ok := s.Seconds(4); ok {
		lim = sys.Limit{Nonblock: d == 0, Deadline: time.Now().Add(d)}
	}
	if len(ready) > 0 {
		lim.Nonblock = true
	}
	if err := await(s, items, ready, lim); err != nil {
		return s.Raise(err)
	}
	lists := map[int]*lua.LTable{sys.Readable: s.NewTable(), sys.Writable: s.NewTable(), sys.Exceptional: s.NewTable()}
	for _, w := range items {
		if ready[w.fd]&w.event != 0 {
			lists[w.event].Append(w.value)
		}
	}
	return s.Return(lists[sys.Readable], lists[sys.Writable], lists[sys.Exceptional])
}

// await waits until one of the items is ready, and adds to ready what is.
func await(s *interp.State, items []item, ready map[int]int, lim sys.Limit) error {
	if err := s.Thread().CheckCancel(); err != nil {
		return err
	}
	wanted := map[int]int{}
	for _, w := range items {
		wanted[w.fd] |= w.event
	}
	if err := sys.PollNow(wanted, ready); err != nil || len(ready) > 0 || lim.Nonblock {
		return err
	}
	poller, err := sys.NetOf(s.Interp()).NewPoller()
	if err != nil {
		return err
	}
	defer poller.Close()
	for fd, events := range wanted {
		if err := poller.Set(fd, 0, events); err != nil {
			return err
		}
	}
	w := interp.NewWatch(poller.Wake)
	watchAll(items, func(obj watchable) { obj.Watch(w) })
	defer watchAll(items, func(obj watchable) { obj.Unwatch(w) })
	found, err := poller.Wait(s, lim, func(ready map[int]int) { addAhead(items, ready) })
	if err != nil {
		return err
	}
	for fd, events := range found {
		ready[fd] |= events
	}
	return nil
}

// watchAll calls fn for what something may be read ahead from that is waited for.
func watchAll(items []item, fn func(watchable)) {
	for _, it := range items {
		if obj, ok := watched(it.value); ok && it.event&sys.Readable != 0 {
			fn(obj)
		}
	}
}

// addAhead adds to ready what can be read without asking the kernel.
func addAhead(items []item, ready map[int]int) {
	for _, it := range items {
		if it.event&sys.Readable != 0 && buffered(it.value) {
			ready[it.fd] |= sys.Readable
		}
	}
}
