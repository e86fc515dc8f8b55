// Package channel is the Lua module channel: gopher-lua's library of Go
// channels, by which Go code and scripts, also of different interpreters, talk.
//
// gopher-lua's own functions block while they have the turn. These
// wait without it, each on the goroutine of its own thread.
package channel

import (
	"math"
	"reflect"
	"syscall"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// Module is the Lua module channel. Channels are real ones. Those of Go code, chan any
// or of any other type, convert values as they pass, as Interpreter.Set and Get do.
//
// Those made in Lua are chan lua.LValue, and Go code gets them as that. Whatever is sent
// there arrives as it is, and nothing is copied. So a table, a function or an object
// can be received only in the interpreter that it belongs to: elsewhere receiving it
// is an error. Go code must not touch one while scripts may use it.
//
// A channel is closed by who made it, in Lua by the interpreter's own scripts.
var Module = &interp.Module{
	Name: "channel",
	Doc:  "Go's channels, for talking with Go code. Between threads of a script a thread.queue does more.",
	Funcs: []interp.Function{
		{Name: "make", Args: "[buffer=0]", Doc: "returns a new channel that can hold so many values", Manual: `
		buffer integer?: 0 or more
		-> channel: open
		> local c = channel.make(1)
		> c:send("hello")
		> print(c:receive()) --> true	hello
		`, Fn: makeChannel},
		{Name: "select", Args: "case, ...", Doc: `waits until one of the cases can go on, and does that one: {"|<-", ch[, fn(ok, value)]} receives, {"<-|", ch, value[, fn(value)]} sends, {"default"[, fn()]} does not wait; returns the case's number, and for a received value that and true`, Manual: `
		case table: {"|<-", ch[, fn(ok, value)]}, {"<-|", ch, value[, fn(value)]} or {"default"[, fn()]}
		... table: further cases
		-> integer: the number of the case that was done
		-> any: what was received; nil of a send, and when the channel is closed
		-> boolean: whether a value was received; of the default case there is neither
		! any: a case is none of the three, or sends to a closed channel
		> local c = channel.make(1)
		> c:send("hello")
		> print(channel.select({"|<-", c}, {"default"})) --> 1	hello	true
		`, Fn: selectCase},
	},
	Types:  []*interp.Type{channelType},
	Import: importChannel,
	Export: exportChannel,
}

var channelType = &interp.Type{
	Name: "channel",
	Doc:  "a channel of Go's",
	Of:   lua.LChannel(nil),
	Methods: []interp.Function{
		{Name: "send", Args: "value", Doc: "waits until a receiver or the buffer takes the value", Manual: `
		value any: no object of Go's
		-> true
		! any: the channel is closed
		> local c = channel.make(1)
		> c:send({1, 2})
		> print(select(2, c:receive())[2]) --> 2
		`, Fn: send},
		{Name: "receive", Doc: "waits for a value; returns true and the value, or false and nil when the channel is closed and empty", Manual: `
		-> boolean: false when closed and empty
		-> any: the value
		> local c = channel.make(1)
		> thread.start(function() c:send("late") c:close() end)
		> print(c:receive()) --> true	late
		> print(c:receive()) --> false	nil
		`, Fn: receive},
		{Name: "close", Doc: "closes the channel: no more can be sent. Only who made a channel closes it: for the host's it raises EPERM", Manual: `
		-> true
		! EPERM: the host made it
		> local c = channel.make(1)
		> c:close()
		> print(c:receive()) --> false	nil
		`, Fn: closeChannel},
	},
}

func makeChannel(s *interp.State) int {
	n := 0
	if !s.Absent(1) {
		n = s.IntRange(1, 0, math.MaxInt32/16, "buffer")
	}
	return s.Return(lua.LChannel(make(chan lua.LValue, n)))
}

// channelArg returns argument n, a channel.
func channelArg(s *interp.State, n int) chan lua.LValue {
	ch, ok := s.Get(n).(lua.LChannel)
	if !ok {
		s.TypeError(n, "channel")
	}
	return ch
}

// goChannelArg returns argument 1 if it is a channel of the host's.
func goChannelArg(s *interp.State) (*goChannel, bool) {
	ud, ok := s.Get(1).(*lua.LUserData)
	if !ok {
		return nil, false
	}
	c, ok := ud.Value.(*goChannel)
	return c, ok
}

func send(s *interp.State) int {
	if s.GetTop() < 2 {
		s.TypeError(2, "value")
	}
	if c, ok := goChannelArg(s); ok {
		return c.sendValue(s)
	}
	op := &sending{ch: channelArg(s, 1)}
	if err := s.Interp().Assign(s.Get(2), &op.v); err != nil {
		s.ArgError(2, "%v", err)
	}
	wait(s, op)
	if op.closed {
		s.Raise(errClosed())
	}
	return s.True()
}

func receive(s *interp.State) int {
	if c, ok := goChannelArg(s); ok {
		return c.receiveValue(s)
	}
	op := &receiving{ch: channelArg(s, 1)}
	wait(s, op)
	return s.Return(lua.LBool(op.ok), received(s, op.v))
}

func closeChannel(s *interp.State) int {
	if _, ok := goChannelArg(s); ok {
		s.Raise(&interp.OpError{Code: "EPERM", Errno: syscall.EPERM, Message: "only who made the channel can close it"})
	}
	if !sendersOf(s).close(reflect.ValueOf(channelArg(s, 1))) {
		s.Raise(errClosed())
	}
	return s.True()
}

// errClosed is EPIPE: nobody will ever receive what is sent there.
func errClosed() error {
	return &interp.OpError{Code: "EPIPE", Errno: syscall.EPIPE, Message: "the channel is closed"}
}

// received is what a script gets for what came over a channel.
func received(s *interp.State, v any) lua.LValue {
	lv, err := s.Interp().ToLua(v)
	if err != nil {
		s.RaiseError("received value: %v", err)
	}
	return lv
}
