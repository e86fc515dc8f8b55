//go:build unix

package conn

import (
	"slices"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/stdlib/internal/sys"
)

// object is a Conn or a Listener.
type object interface {
	Endpoint() Endpoint
	Shut() bool
	Fileno() int
	Close(s *interp.State) error
	About(err error) error
	String() string
}

// Type completes a type of Conns or Listeners, of which the name and the manual are given.
func Type(t *interp.Type) *interp.Type {
	t.Fields = fields
	t.Class = class
	t.Index = func(_ *interp.State, v any, key string) lua.LValue { return field(v.(object).Endpoint().Traits(), key) }
	t.String = func(v any) string { return v.(object).String() }
	t.Strict, t.Foreign = true, luaSocket
	return t
}

var fields = []interp.Field{
	{Name: "family", Type: "integer", Doc: "the address family: socket.AF_INET..."},
	{Name: "type", Type: "integer", Doc: "the type: socket.SOCK_STREAM..."},
	{Name: "proto", Type: "integer", Doc: "the protocol's number, 0 for the usual one"},
	{Name: "timeout", Type: "number?", Doc: "as settimeout has it: seconds for each call, nil for none"},
}

func class(v any) [2]uint64 {
	t := v.(object).Endpoint().Traits()
	return [2]uint64{uint64(t.Family)<<48 | uint64(t.Type)<<32 | uint64(uint32(t.Proto)), uint64(t.Timeout)}
}

func field(t *sys.Traits, key string) lua.LValue {
	switch key {
	case "family":
		return lua.LNumber(t.Family)
	case "type":
		return lua.LNumber(t.Type)
	case "proto":
		return lua.LNumber(t.Proto)
	case "timeout":
		return Seconds(t.Timeout)
	}
	return nil
}

// ObjectMethods are those of connections and of what accepts them.
var ObjectMethods = []interp.Function{
	{Name: "close", Args: "", Doc: "closes it; threads waiting on it get EBADF; returns true, also when it was closed before", Manual: `
		-> true: always
		> local a, b = socket.socketpair()
		> a:close()
		> print(a:close(), a:fileno()) --> true	-1
		`, Fn: closeObject},
	{Name: "fileno", Args: "", Doc: "the descriptor's number, -1 when closed", Manual: `
		-> integer: the number
		> local s = socket.socket()
		> s:close()
		> print(s:fileno()) --> -1
		`, Fn: func(s *interp.State) int {
		return s.Return(lua.LNumber(self(s).Fileno()))
	}},
	{Name: "getsockname", Args: "", Doc: "its own address", Manual: `
		-> address: host "0.0.0.0" and port 0 before it is bound
		> print(socket.create_server("127.0.0.1", 0):getsockname().host) --> 127.0.0.1
		`, Fn: getsockname},
	{Name: "settimeout", Args: "seconds or nil", Doc: "sets how long one call may wait: nil for ever, 0 not at all; returns true", Manual: `
		seconds number|nil: for each call as a whole, as LuaSocket's mode "t" has it; nil for ever; 0 makes the socket non-blocking
		-> true: always
		> local a, b = socket.socketpair()
		> a:settimeout(0.01)
		> local ok, err = pcall(a.recv, a)
		> print(ok, err.code, err.timeout) --> false	ETIMEDOUT	true
		> a:settimeout(0)
		> print(a:recv()) --> nil	EAGAIN
		`, Fn: settimeout},
	{Name: "gettimeout", Args: "", Doc: "seconds, or nil for none", Manual: `
		-> number?: seconds; nil for none
		> local a = socket.socketpair()
		> a:settimeout(2.5)
		> print(a:gettimeout()) --> 2.5
		`, Fn: func(s *interp.State) int {
		return s.Return(Seconds(self(s).Endpoint().Traits().Timeout))
	}},
	{Name: "setblocking", Args: "boolean, or 0 or 1", Doc: "the same as settimeout(nil) or settimeout(0); returns true", Manual: `
		boolean boolean|integer: true (1) is settimeout(nil), false (0) settimeout(0)
		-> true: always
		> local a = socket.socketpair()
		> a:setblocking(false)
		> print(a:gettimeout()) --> 0
		`, Fn: setblocking},
	{Name: "getblocking", Args: "", Doc: "false when the timeout is 0, else true", Manual: `
		-> boolean: whether calls may wait
		> local a = socket.socketpair()
		> print(a:getblocking()) --> true
		`, Fn: func(s *interp.State) int {
		return s.Return(lua.LBool(self(s).Endpoint().Traits().Timeout != 0))
	}},
	{Name: "with", Args: "fn, ...", Doc: "calls fn(self, ...), then closes it, whatever happened; gives fn's results or error", Manual: `
		fn fun(conn:any,...:any):...: called with it
		... any: further arguments
		-> any ...: fn's results
		> local a, b = socket.socketpair()
		> print(a:with(function(s) return s:send("x") end), a:fileno()) --> 1	-1
		`, Fn: func(s *interp.State) int {
		o := self(s)
		return interp.With(s, func() error { return o.Close(s) })
	}},
}

// watches are those of what is read ahead from what e runs on; of what has no descriptor there can
// be none.
func watches(e Endpoint) *interp.Watches {
	if fd := e.Descriptor(); fd != nil {
		return &fd.Watches
	}
	return new(interp.Watches)
}

// tell wakes who waits in select for something to read: something was read ahead.
func tell(e Endpoint) {
	if fd := e.Descriptor(); fd != nil {
		fd.Watches.Tell()
	}
}

func self(s *interp.State) object { return interp.ObjectArg[object](s, 1, "socket") }

// mustBeOpen raises an error when an object is closed; see Open.
func mustBeOpen(s *interp.State, o object, op string) {
	if o.Shut() {
		s.Raise(o.About(closed(s, o.Endpoint(), op)))
	}
}

func closeObject(s *interp.State) int {
	if err := self(s).Close(s); err != nil {
		return s.Raise(err)
	}
	return s.True()
}

func getsockname(s *interp.State) int {
	o := self(s)
	mustBeOpen(s, o, "")
	a, err := o.Endpoint().Sockname()
	return pushAddr(s, a, o.About(err))
}

func settimeout(s *interp.State) int {
	o := self(s)
	if s.GetTop() < 2 {
		s.ArgError(2, "seconds or nil expected, got no value")
	}
	d, limited := s.Seconds(2)
	if !limited {
		d = -1
	}
	return setTimeout(s, o, d)
}

func setTimeout(s *interp.State, o object, d time.Duration) int {
	o.Endpoint().Traits().Timeout = d
	mustBeOpen(s, o, "")
	s.Reclass(1) // a timeout may be a field that is found without a call
	return s.True()
}

func setblocking(s *interp.State) int {
	o, d := self(s), time.Duration(0)
	switch v := s.Get(2).(type) {
	case lua.LBool:
		if v {
			d = -1
		}
	case lua.LNumber: // as the HOWTO writes it
		d = -time.Duration(s.IntRange(2, 0, 1, "blocking"))
	default:
		s.TypeError(2, "boolean")
	}
	return setTimeout(s, o, d)
}

// Seconds shows a timeout to Lua: nil when there is none.
func Seconds(d time.Duration) lua.LValue {
	if d < 0 {
		return lua.LNil
	}
	return lua.LNumber(d.Seconds())
}

// Manual joins lists of methods for one kind of object, of which the manual has other words for
// some.
func Manual(words map[string]string, lists ...[]interp.Function) []interp.Function {
	all := slices.Concat(lists...)
	for name, doc := range words {
		Method(all, name).Doc = doc
	}
	return all
}
