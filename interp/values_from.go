package interp

import (
	"fmt"
	"math"

	lua "github.com/yuin/gopher-lua"
)

// fromLua is one conversion of Lua values, or of several that belong together.
type fromLua struct {
	in    *Interpreter
	depth int
	// tables are those met so far: nil while inside, then their Go form. A table
	// that is there twice is converted once, or a script could have its host
	// copy 2^40 tables that are one.
	tables map[*lua.LTable]any
}

// value returns v as Go sees it.
func (c *fromLua) value(v lua.LValue) (any, error) {
	switch v := v.(type) {
	case *lua.LNilType:
		return nil, nil
	case lua.LBool:
		return bool(v), nil
	case lua.LNumber:
		return float64(v), nil
	case lua.LString:
		return string(v), nil
	case *lua.LTable:
		return c.table(v)
	case *lua.LFunction:
		return Func{c.in, v}, nil
	case lua.LChannel:
		return (chan lua.LValue)(v), nil
	case *lua.LUserData:
		return c.object(v)
	}
	return nil, c.formless(v)
}

func (c *fromLua) formless(v lua.LValue) error {
	return badValue("a %s has no form in Go", c.in.kindName(v))
}

// kindName names v's type as error messages do.
func (in *Interpreter) kindName(v lua.LValue) string {
	if ud, ok := v.(*lua.LUserData); ok {
		if t := in.typeOf[ud.Metatable]; t != nil {
			return t.Name
		}
	}
	return v.Type().String()
}

// object converts an object: an error, or what its module has a form for.
func (c *fromLua) object(ud *lua.LUserData) (any, error) {
	if e, ok := ud.Value.(*OpError); ok {
		return e, nil
	}
	for _, m := range c.in.config.Modules {
		if m.Export == nil {
			continue
		}
		var v any
		err := Guard(func() (err error) { v, err = m.Export(c.in, ud.Value); return err })
		if err != nil {
			return nil, &valueError{err: err}
		} else if v != nil {
			return v, nil
		}
	}
	return nil, c.formless(ud)
}

func (c *fromLua) table(t *lua.LTable) (out any, err error) {
	if v, ok := c.tables[t]; ok {
		if v == nil {
			return nil, badValue("a table that contains itself has no form in Go")
		}
		return v, nil
	}
	if c.depth++; c.depth > maxNesting {
		return nil, &valueError{err: errNested}
	}
	c.enter(t)
	if n, ok := sequence(t); ok {
		out, err = c.list(t, n)
	} else {
		out, err = c.dict(t)
	}
	c.depth--
	c.tables[t] = out
	return out, err
}

func (c *fromLua) enter(t *lua.LTable) {
	if c.tables == nil {
		c.tables = map[*lua.LTable]any{}
	}
	c.tables[t] = nil
}

// sequence reports whether t's keys are 1..n, or none.
func sequence(t *lua.LTable) (n int, ok bool) {
	count, highest, whole := 0, 0.0, true
	t.ForEach(func(k, _ lua.LValue) {
		i, isNumber := k.(lua.LNumber)
		x := float64(i)
		whole = whole && isNumber && x == math.Trunc(x) && x >= 1
		count++
		highest = max(highest, x)
	})
	return count, whole && float64(count) == highest
}

func (c *fromLua) list(t *lua.LTable, n int) (any, error) {
	list := make([]any, n)
	for i := range list {
		var err error
		if list[i], err = c.value(t.RawGetInt(i + 1)); err != nil {
			return nil, inside(step(lua.LNumber(i+1)), err)
		}
	}
	return list, nil
}

func (c *fromLua) dict(t *lua.LTable) (any, error) {
	dict := map[string]any{}
	err := eachPair(t, func(k, v lua.LValue) error {
		name := c.in.keyName(k)
		if _, ok := dict[name]; ok {
			return twoKeys(name)
		}
		e, err := c.value(v)
		if err != nil {
			return inside(step(k), err)
		}
		dict[name] = e
		return nil
	})
	if err != nil {
		return nil, err
	}
	return dict, nil
}

func twoKeys(name string) error {
	return inside(step(lua.LString(name)), fmt.Errorf("two keys of the table have this name"))
}

// keyName is what tostring makes of a key, without running any Lua.
func (in *Interpreter) keyName(k lua.LValue) string {
	if ud, ok := k.(*lua.LUserData); ok {
		if t := in.typeOf[ud.Metatable]; t != nil && t.String != nil {
			return t.String(ud.Value)
		}
	}
	return k.String()
}

// eachPair calls fn for each pair of t until it fails.
func eachPair(t *lua.LTable, fn func(k, v lua.LValue) error) error {
	k, v := t.Next(lua.LNil)
	for k != lua.LNil {
		if err := fn(k, v); err != nil {
			return err
		}
		k, v = t.Next(k)
	}
	return nil
}
