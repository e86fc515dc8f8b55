//go:build unix

package selectors

import (
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/sys"
)

// Module is the module selectors, as Python's: a selector remembers what to
// watch, so that waiting costs nothing for the sockets that are quiet. It uses
// epoll or kqueue.
//
//	local sel = selectors.new()
//	sel:register(server, selectors.EVENT_READ, on_client)
//	for _, key in ipairs(sel:select(1)) do key.data(key.obj) end
var Module = &interp.Module{
	Name: "selectors",
	Doc:  "waits for many sockets with epoll or kqueue",
	Funcs: []interp.Function{
		{Name: "new", Args: "", Doc: "a new selector", Manual: `
		-> selector: with nothing in it
		> local sel, a, b = selectors.new(), socket.socketpair()
		> sel:register(a, selectors.EVENT_READ, "the reader")
		> b:sendall("x")
		> for _, key in ipairs(sel:select(1)) do print(key.data, key.obj == a) end
		> --> the reader	true
		> sel:close()
		`, Fn: newSelector},
		{Name: "DefaultSelector", Args: "", Doc: "the same, by Python's name", Manual: `
		-> selector: with nothing in it
		> print(selectors.DefaultSelector():with(function(sel) return #sel:select(0) end)) --> 0
		`, Fn: newSelector},
	},
	Types: []*interp.Type{Type},
	Groups: []interp.Group{{Doc: "What to wait for; they are added:", Fields: []interp.Field{
		{Name: "EVENT_READ", Doc: "there is something to read, a connection to accept, or the end"},
		{Name: "EVENT_WRITE", Doc: "there is room to write; a connect has ended"},
	}}},
	Constants: func() map[string]lua.LValue {
		return map[string]lua.LValue{"EVENT_READ": lua.LNumber(sys.Readable), "EVENT_WRITE": lua.LNumber(sys.Writable)}
	},
}

// Type is the Lua selector.
var Type = &interp.Type{
	Name: "selector",
	Doc:  "a set of objects and what they are watched for",
	Methods: []interp.Function{
		{Name: "register", Args: "obj, events[, data]", Doc: "watches obj; returns its key, a table of obj, events and data", Manual: `
		obj any: a socket, TLS connection, file, or a descriptor's number
		events integer: selectors.EVENT_READ, EVENT_WRITE, or their sum
		data any?: kept in the key, for the script
		-> {obj:any,events:integer,data:any}: its key
		! EBADF: the object or the selector is closed
		> local sel, a = selectors.new(), socket.socketpair()
		> print(sel:register(a, selectors.EVENT_READ, "mine").data) --> mine
		`, Fn: register},
		{Name: "modify", Args: "obj, events[, data]", Doc: "changes what obj is watched for; returns its key", Manual: `
		obj any: one that is watched
		events integer: selectors.EVENT_READ, EVENT_WRITE, or their sum
		data any?: in place of the old
		-> {obj:any,events:integer,data:any}: the key
		> local sel, a = selectors.new(), socket.socketpair()
		> sel:register(a, selectors.EVENT_READ)
		> sel:modify(a, selectors.EVENT_WRITE)
		> print(#sel:select(1)) --> 1
		`, Fn: modify},
		{Name: "unregister", Args: "obj", Doc: "forgets obj; returns the key it had", Manual: `
		obj any: one that is watched
		-> {obj:any,events:integer,data:any}: the key
		> local sel, a = selectors.new(), socket.socketpair()
		> sel:register(a, selectors.EVENT_READ, "mine")
		> print(sel:unregister(a).data) --> mine
		`, Fn: unregister},
		{Name: "get_key", Args: "obj", Doc: "the key of obj", Manual: `
		obj any: one that is watched
		-> {obj:any,events:integer,data:any}: the key
		> local sel, a = selectors.new(), socket.socketpair()
		> sel:register(a, selectors.EVENT_READ, "mine")
		> print(sel:get_key(a).data) --> mine
		`, Fn: getKey},
		{Name: "get_map", Args: "", Doc: "a new table of the keys of all objects, by object", Manual: `
		-> table<any,{obj:any,events:integer,data:any}>: keys by object
		> local sel, a = selectors.new(), socket.socketpair()
		> sel:register(a, selectors.EVENT_READ, "mine")
		> print(sel:get_map()[a].data) --> mine
		`, Fn: getMap},
		{Name: "select", Args: "[timeout]", Doc: "an array of keys that are ready, events being what for; empty at the timeout (seconds); waits", Manual: `
		timeout number?: seconds; 0 only asks; for ever when left out
		-> {obj:any,events:integer,data:any}[]: the keys
		! EBADF: the selector is closed
		> local sel, a, b = selectors.new(), socket.socketpair()
		> sel:register(b, selectors.EVENT_READ, function(s) print(s:recv()) end)
		> a:sendall("hello")
		> for _, key in ipairs(sel:select(1)) do key.data(key.obj) end --> hello
		`, Fn: selectReady},
		{Name: "fileno", Args: "", Doc: "the selector's own descriptor, -1 when closed", Manual: `
		-> integer: the number
		> local sel = selectors.new()
		> sel:close()
		> print(sel:fileno()) --> -1
		`, Fn: func(s *interp.State) int {
			return s.Return(lua.LNumber(self(s).Fileno()))
		}},
		{Name: "close", Args: "", Doc: "closes the selector, not what it watched; returns true", Manual: `
		-> true
		> print(selectors.new():close()) --> true
		`, Fn: func(s *interp.State) int {
			self(s).poller.Close()
			return s.True()
		}},
		{Name: "with", Args: "fn, ...", Doc: "calls fn(selector, ...), then closes it whatever happened", Manual: `
		fn fun(selector:selector,...:any):...: called with it
		... any: further arguments
		-> any ...: fn's results
		> print(selectors.new():with(function(sel) return sel:fileno() >= 0 end)) --> true
		`, Fn: func(s *interp.State) int {
			sel := self(s)
			return interp.With(s, func() error { sel.poller.Close(); return nil })
		}},
	},
	Strict: true,
}

// selector is what a Lua selector holds.
type selector struct {
	poller *sys.Poller
	keys   map[lua.LValue]*key
	byFD   map[int]*key
	ahead  map[*key]struct{} // of which something may have been read ahead
}

type key struct {
	obj    lua.LValue
	fd     int
	events int
	data   lua.LValue
	watch  *interp.Watch // nil for what nothing is read ahead from
}

// begin has the selector told of what is read ahead from k's object, and of what was.
func (sel *selector) begin(k *key) {
	obj, ok := watched(k.obj)
	if !ok {
		return
	}
	k.watch = interp.NewWatch(func() { sel.look(k) })
	obj.Watch(k.watch)
	sel.look(k)
}

func (sel *selector) end(k *key) {
	if obj, ok := watched(k.obj); ok {
		obj.Unwatch(k.watch)
	}
	delete(sel.ahead, k)
}

// look has select ask whether something was read ahead from k's object.
func (sel *selector) look(k *key) {
	sel.ahead[k] = struct{}{}
	sel.poller.Wake()
}

// addAhead adds to ready what can be read without asking the kernel.
func (sel *selector) addAhead(ready map[int]int) {
	for k := range sel.ahead {
		if fd, _ := descriptor(k.obj); fd != k.fd || !buffered(k.obj) {
			delete(sel.ahead, k)
		} else if k.events&sys.Readable != 0 {
			ready[k.fd] |= sys.Readable
		}
	}
}

// Hold makes a selector an interp.Holder.
func (sel *selector) Hold(a *interp.Account) {
	a.Bytes(512 + 256*len(sel.keys))
	for _, k := range sel.keys {
		a.Value(k.obj)
		a.Value(k.data)
	}
}

// Fileno makes a selector something that select can wait for.
func (sel *selector) Fileno() int { return sel.poller.Fileno() }

func self(s *interp.State) *selector { return interp.ObjectArg[*selector](s, 1, "selector") }

func newSelector(s *interp.State) int {
	p, err := sys.NetOf(s.Interp()).NewPoller()
	if err != nil {
		return s.Raise(err)
	}
	p.Made(s)
	sel := &selector{poller: p, keys: map[lua.LValue]*key{}, byFD: map[int]*key{}, ahead: map[*key]struct{}{}}
	return s.Return(s.NewObject(Type, sel))
}

func (k *key) table(s *interp.State, events int) *lua.LTable {
	t := s.CreateTable(0, 3)
	t.RawSetString("obj", k.obj)
	t.RawSetString("events", lua.LNumber(events))
	t.RawSetString("data", k.data)
	return t
}

// object returns argument 2, which must have a key if known is set, and must
// not if it is not.
func object(s *interp.State, sel *selector, known bool) (lua.LValue, *key) {
	ud := s.Get(2)
	if sel.poller.Fileno() < 0 {
		s.Raise(&interp.OpError{Code: "EBADF", Errno: unix.EBADF, Message: "selector is closed"})
	}
	k := sel.keys[ud]
	if known && k == nil {
		s.ArgError(2, "%s is not registered", s.Display(ud))
	}
	if !known && k != nil {
		s.ArgError(2, "%s is registered already", s.Display(ud))
	}
	return ud, k
}

func events(s *interp.State) int {
	return s.IntRange(3, sys.Readable, sys.Readable|sys.Writable, "events")
}

func register(s *interp.State) int {
	sel := self(s)
	ud, _ := object(s, sel, false)
	k := &key{obj: ud, fd: fileno(s, 2, ud), events: events(s), data: s.Get(4)}
	if old := sel.byFD[k.fd]; old != nil {
		if fd, _ := number(s, old.obj); fd == k.fd {
			s.ArgError(2, "descriptor %d is registered already", k.fd)
		}
		delete(sel.keys, old.obj) // closed since, and its number used again
		sel.end(old)
	}
	if err := sel.poller.Set(k.fd, 0, k.events); err != nil {
		return s.Raise(err)
	}
	sel.keys[ud], sel.byFD[k.fd] = k, k
	sel.begin(k)
	return s.Return(k.table(s, k.events))
}

func modify(s *interp.State) int {
	sel := self(s)
	_, k := object(s, sel, true)
	wanted := events(s)
	if wanted != k.events {
		if err := sel.poller.Set(k.fd, k.events, wanted); err != nil {
			return s.Raise(err)
		}
	}
	k.events, k.data = wanted, s.Get(4)
	if k.watch != nil {
		sel.look(k)
	}
	return s.Return(k.table(s, k.events))
}

func unregister(s *interp.State) int {
	sel := self(s)
	ud, k := object(s, sel, true)
	delete(sel.keys, ud)
	sel.end(k)
	if sel.byFD[k.fd] == k {
		delete(sel.byFD, k.fd)
		if fd, _ := number(s, ud); fd == k.fd { // a closed one the kernel has forgotten itself
			sel.poller.Set(k.fd, k.events, 0)
		}
	}
	return s.Return(k.table(s, k.events))
}

func getKey(s *interp.State) int {
	_, k := object(s, self(s), true)
	return s.Return(k.table(s, k.events))
}

func getMap(s *interp.State) int {
	sel := self(s)
	keys := s.CreateTable(0, len(sel.keys))
	for obj, k := range sel.keys {
		keys.RawSet(obj, k.table(s, k.events))
	}
	return s.Return(keys)
}

func selectReady(s *interp.State) int {
	sel := self(s)
	s.GiveWay()
	if sel.poller.Fileno() < 0 {
		s.Raise(&interp.OpError{Code: "EBADF", Errno: unix.EBADF, Message: "selector is closed"})
	}
	lim := sys.Limit{}
	if d, ok := s.Seconds(2); ok {
		lim = sys.Limit{Nonblock: d == 0, Deadline: time.Now().Add(d)}
	}
	ready, err := sel.poller.Wait(s, lim, sel.addAhead)
	if err != nil {
		return s.Raise(err)
	}
	list := s.NewTable()
	for fd, r := range ready {
		if k := sel.byFD[fd]; k != nil && r&k.events != 0 {
			list.Append(k.table(s, r&k.events))
		}
	}
	return s.Return(list)
}
