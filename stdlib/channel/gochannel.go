package channel

import (
	"reflect"
	"sync"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// goChannel is a channel of the host's that carries Go values: what a chan any, a
// chan string or a <-chan T becomes in Lua. Values are converted as they pass, on the
// thread that sends or receives: nothing runs in between that could be left over.
type goChannel struct{ v reflect.Value }

// goType has the methods of Lua's own channels.
var goType = sync.OnceValue(func() *interp.Type {
	return &interp.Type{
		Name:    "channel",
		Doc:     "a channel of the host's, for values that have a form in Go",
		Methods: channelType.Methods,
		Meta: map[string]func(*interp.State) int{"__eq": func(s *interp.State) int {
			a, ok1 := reflected(s.Get(1))
			b, ok2 := reflected(s.Get(2))
			return s.Return(lua.LBool(ok1 && ok2 && a.Pointer() == b.Pointer()))
		}},
	}
})

func importChannel(in *interp.Engine, v any) (lua.LValue, error) {
	r := reflect.ValueOf(v)
	if r.Kind() != reflect.Chan {
		return nil, nil
	}
	return in.NewObject(goType(), &goChannel{r}), nil
}

func exportChannel(_ *interp.Engine, v any) (any, error) {
	if c, ok := v.(*goChannel); ok {
		return c.v.Interface(), nil
	}
	return nil, nil
}

// reflected returns a channel of either kind for reflection.
func reflected(v lua.LValue) (reflect.Value, bool) {
	switch v := v.(type) {
	case lua.LChannel:
		return reflect.ValueOf((chan lua.LValue)(v)), true
	case *lua.LUserData:
		if c, ok := v.Value.(*goChannel); ok {
			return c.v, true
		}
	}
	return reflect.Value{}, false
}

// sendCase is the case that sends v. Its error is about the value or the channel.
func sendCase(in *interp.Engine, ch reflect.Value, v lua.LValue) (reflect.SelectCase, string) {
	c := reflect.SelectCase{Dir: reflect.SelectSend, Chan: ch}
	if ch.Type().ChanDir()&reflect.SendDir == 0 {
		return c, "the channel is for receiving only"
	}
	c.Send = reflect.New(ch.Type().Elem()).Elem()
	if err := in.Assign(v, c.Send.Addr().Interface()); err != nil {
		return c, err.Error()
	}
	return c, ""
}

func receiveCase(ch reflect.Value) (reflect.SelectCase, string) {
	c := reflect.SelectCase{Dir: reflect.SelectRecv, Chan: ch}
	if ch.Type().ChanDir()&reflect.RecvDir == 0 {
		return c, "the channel is for sending only"
	}
	return c, ""
}

// sendValue is send for channels of the host's.
func (c *goChannel) sendValue(s *interp.State) int {
	sc, wrong := sendCase(s.Interp(), c.v, s.Get(2))
	if wrong != "" {
		s.ArgError(2, "%s", wrong)
	}
	op := &selecting{cases: []reflect.SelectCase{sc}}
	wait(s, op)
	if op.closed {
		s.Raise(errClosed())
	}
	return s.True()
}

// receiveValue is receive for channels of the host's.
func (c *goChannel) receiveValue(s *interp.State) int {
	rc, wrong := receiveCase(c.v)
	if wrong != "" {
		s.RaiseError("%s", wrong)
	}
	op := &selecting{cases: []reflect.SelectCase{rc}}
	wait(s, op)
	return s.Return(lua.LBool(op.ok), op.value(s))
}
