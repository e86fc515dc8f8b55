package interp

import (
	"context"
	"errors"
	"fmt"

	lua "github.com/yuin/gopher-lua"
)

var errNoObject = errors.New("the handle is nil, since there was nil where a table, function or object should have been")

// Call calls a function that the table has: t.name(args...). With the name "" it is the function itself that is called,
// or a table or object that has a metamethod for that.
//
//	out, err := plugin.Call(ctx, "on_request", request)
func (o *Object) Call(ctx context.Context, name string, args ...any) ([]any, error) {
	c := calling{what: "Call", name: name, args: args}
	return c.of(ctx, o)
}

// CallMethod is Call with the table as the first argument, self: t:name(args...). Of a name with dots it is
// the table that holds the function.
func (o *Object) CallMethod(ctx context.Context, name string, args ...any) ([]any, error) {
	c := calling{what: "CallMethod", name: name, args: args, method: true}
	return c.of(ctx, o)
}

// CallInto is Call that stores the result in what ptr points to, as Interpreter.CallInto does.
func (o *Object) CallInto(ctx context.Context, ptr any, name string, args ...any) error {
	c := calling{what: "Call", name: name, args: args, into: ptr}
	_, err := c.of(ctx, o)
	return err
}

// of makes the call on what o stands for.
func (c *calling) of(ctx context.Context, o *Object) ([]any, error) {
	if o == nil {
		return nil, c.failed(": %w", errNoObject)
	}
	c.from = o.v
	return c.values(ctx, o.in)
}

// Get returns a field, converted as told at Interpreter.Get, nil when there is none of that name. Metamethods are
// asked. With the name "" it is a copy of the whole.
//
//	max, err := plugin.Get(ctx, "limits.max")
func (o *Object) Get(ctx context.Context, name string) (any, error) {
	if o == nil {
		return nil, fmt.Errorf("interp: Get %s: %w", name, errNoObject)
	}
	a := access{o: o, name: name, what: "Get"}
	if err := o.in.enter(ctx, false, &a); err != nil {
		return nil, err
	}
	return a.value, nil
}

// Set sets a field to a value, converted as told at Interpreter.Set. Metamethods are asked.
//
//	err := plugin.Set(ctx, "limits.max", 3)
func (o *Object) Set(ctx context.Context, name string, value any) error {
	if o == nil {
		return fmt.Errorf("interp: Set %s: %w", name, errNoObject)
	}
	return o.in.enter(ctx, false, &access{o: o, name: name, what: "Set", value: value})
}

// access is the visit of who reads or sets a field.
type access struct {
	o     *Object
	what  string // "Get" or "Set"
	name  string
	value any
}

func (a *access) begin(s *State) error {
	var err error
	if a.what == "Set" {
		err = a.set(s)
	} else {
		err = a.get(s)
	}
	if _, raised := err.(*Error); raised || err == nil {
		return err
	}
	if _, inside := err.(*valueError); inside {
		return fmt.Errorf("interp: %s %s%w", a.what, a.name, err)
	}
	return fmt.Errorf("interp: %s %s: %w", a.what, a.name, err)
}

func (a *access) get(s *State) error {
	v := a.o.v
	if a.name != "" {
		var err error
		if _, v, err = s.find(v, a.name); err != nil {
			return err
		}
	}
	s.Push(v)
	return nil
}

func (a *access) set(s *State) error {
	conv := toLua{in: s.in, effort: effort{stop: s.stop}}
	v, err := conv.any(a.name, a.value)
	if err != nil {
		return err
	}
	before, key := cutLast(a.name)
	holder := a.o.v
	if before != "" {
		if _, holder, err = s.find(holder, before); err != nil {
			return err
		}
	}
	if _, isTable := holder.(*lua.LTable); !isTable && s.GetMetaField(holder, "__newindex") == lua.LNil {
		return s.in.noFields(before, holder)
	}
	if key == "" {
		return errNoName
	}
	return s.protected(func() { s.l.SetField(holder, key, v) })
}

func (a *access) end(s *State) (err error) {
	if a.what == "Set" {
		return nil
	}
	conv := fromLua{in: s.in, effort: effort{stop: s.stop}}
	if a.value, err = conv.value(s.Get(1)); err != nil {
		return fmt.Errorf("interp: Get %s%w", a.name, err)
	}
	return nil
}
