package channel

import (
	"reflect"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// maxCases is how many cases select can have: reflect.Select's 65536 without
// the two of our own.
const maxCases = 65534

// selecting is an operation: do the first of the cases that can be done.
type selecting struct {
	waker
	cases      []reflect.SelectCase // the script's, and a last one of ours
	chosen     int
	v          reflect.Value
	ok         bool
	closed     bool
	hasDefault bool
}

// selectCase is channel.select.
func selectCase(s *interp.State) int {
	op := newSelecting(s)
	wait(s, op)
	if op.closed {
		s.Raise(errClosed())
	}
	var v lua.LValue = lua.LNil
	if op.ok {
		v = op.value(s)
	}
	op.call(s, v)
	return s.Return(lua.LNumber(op.chosen+1), v, lua.LBool(op.ok))
}

func newSelecting(s *interp.State) *selecting {
	n := s.GetTop()
	if n == 0 {
		s.TypeError(1, "table")
	}
	if n > maxCases {
		s.ArgError(n, "too many cases, no more than %d allowed", maxCases)
	}
	op := &selecting{cases: make([]reflect.SelectCase, n, n+1)}
	for i := range op.cases {
		op.cases[i] = op.parse(s, i+1)
	}
	return op
}

// parse reads argument n, the table that describes a case.
func (op *selecting) parse(s *interp.State, n int) (c reflect.SelectCase) {
	t := s.Table(n)
	dir, _ := t.RawGetInt(1).(lua.LString)
	handler, wrong := 3, ""
	switch dir {
	case "|<-":
		c, wrong = receiveCase(caseChannel(s, n, t))
	case "<-|":
		c, wrong = sendCase(s.Interp(), caseChannel(s, n, t), t.RawGetInt(3))
		handler = 4
	case "default":
		if op.hasDefault {
			s.ArgError(n, "a second default case")
		}
		op.hasDefault = true
		c.Dir = reflect.SelectDefault
		handler = 2
	default:
		s.ArgError(n, `case must begin with "|<-", "<-|" or "default"`)
	}
	if wrong != "" {
		s.ArgError(n, "%s", wrong)
	}
	if h := t.RawGetInt(handler); h != lua.LNil && h.Type() != lua.LTFunction {
		s.ArgError(n, "the case's [%d] must be a function, got %s", handler, h.Type())
	}
	return c
}

func caseChannel(s *interp.State, n int, t *lua.LTable) reflect.Value {
	ch, ok := reflected(t.RawGetInt(2))
	if !ok {
		s.ArgError(n, "the case's [2] must be a channel, got %s", t.RawGetInt(2).Type())
	}
	return ch
}

// call calls the chosen case's function, if it has one.
func (op *selecting) call(s *interp.State, v lua.LValue) {
	t := s.Table(op.chosen + 1)
	c := op.cases[op.chosen]
	var fn lua.LValue
	var args []lua.LValue
	switch c.Dir {
	case reflect.SelectRecv:
		fn, args = t.RawGetInt(3), []lua.LValue{lua.LBool(op.ok), v}
	case reflect.SelectSend:
		fn, args = t.RawGetInt(4), []lua.LValue{t.RawGetInt(3)}
	case reflect.SelectDefault:
		fn = t.RawGetInt(2)
	}
	if fn == lua.LNil {
		return
	}
	s.Push(fn)
	s.Call(s.Return(args...), 0)
}

// value is what was received, as Lua sees it.
func (op *selecting) value(s *interp.State) lua.LValue {
	if !op.ok {
		return lua.LNil
	}
	return received(s, op.v.Interface())
}

func (op *selecting) try() bool {
	cases := op.cases
	if !op.hasDefault {
		cases = append(cases, reflect.SelectCase{Dir: reflect.SelectDefault})
	}
	op.choose(cases)
	return op.ended
}

func (op *selecting) prepare(wake <-chan struct{}) {
	op.cases = append(op.cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(wake)})
}

func (op *selecting) sendsTo() (chans []reflect.Value) {
	for _, c := range op.cases {
		if c.Dir == reflect.SelectSend {
			chans = append(chans, c.Chan)
		}
	}
	return chans
}

func (op *selecting) wait() {
	op.inside.Lock()
	defer op.inside.Unlock()
	op.choose(op.cases)
}

// choose does one of the cases; when that is a last one of ours, none was done.
func (op *selecting) choose(cases []reflect.SelectCase) {
	defer func() {
		if recover() != nil { // a send on a closed channel
			op.closed, op.ended = true, true
		}
	}()
	i, v, ok := reflect.Select(cases)
	if i < len(cases)-1 || op.hasDefault {
		op.chosen, op.v, op.ok, op.ended = i, v, ok, true
	}
}
