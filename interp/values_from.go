package interp

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
)

// fromLua is one conversion of Lua values, or of several that belong together.
type fromLua struct {
	in *Interpreter
	effort
	// forms are those of the tables and objects met so far; invalid while inside. What
	// is there twice is converted once, or a script could have its host copy 2^40
	// tables that are one.
	forms met[form, reflect.Value]
}

// form is what a table or object becomes; typ is nil when that is its own to say.
type form struct {
	v   lua.LValue
	typ reflect.Type
}

// once returns the form of v if it was met before, or else what convert makes it.
func (c *fromLua) once(v lua.LValue, typ reflect.Type, convert func() (reflect.Value, error)) (reflect.Value, error) {
	key := form{v, typ}
	if r, met := c.forms.find(key); met {
		if !r.IsValid() {
			return r, badValue("a table that contains itself has no form in Go")
		}
		return r, nil
	}
	c.forms.set(key, reflect.Value{})
	r, err := convert()
	c.forms.set(key, r)
	return r, err
}

// value returns v as Go sees it.
func (c *fromLua) value(given lua.LValue) (any, error) {
	if err := c.spend(0); err != nil {
		return nil, err
	}
	switch v := given.(type) {
	case *lua.LNilType:
		return nil, nil
	case lua.LBool:
		return bool(v), nil
	case lua.LNumber:
		return float64(v), nil
	case lua.LString:
		return glua.TextOf(given), nil
	case *lua.LTable:
		return c.table(v)
	case *lua.LFunction:
		return Func{c.in, v}, nil
	case lua.LChannel:
		return (chan lua.LValue)(c.in.lend(v).(lua.LChannel)), nil
	case *lua.LUserData:
		return c.object(v)
	}
	return nil, c.formless(given)
}

func (c *fromLua) formless(v lua.LValue) error {
	kind := c.in.aKind(v)
	if _, ok := c.in.text(v); ok {
		kind += ", unless it goes to a string,"
	}
	return badValue("%s has no form in Go", kind)
}

// aKind is kindName with its article.
func (in *Interpreter) aKind(v lua.LValue) string {
	name := in.kindName(v)
	if strings.IndexByte("aeiou", name[0]) >= 0 {
		return "an " + name
	}
	return "a " + name
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
	r, err := c.once(ud, nil, func() (reflect.Value, error) {
		v, err := c.exported(ud)
		return reflect.ValueOf(v), err
	})
	if err != nil {
		return nil, err
	}
	return r.Interface(), nil
}

// exported asks the modules for an object's form.
func (c *fromLua) exported(ud *lua.LUserData) (any, error) {
	for _, m := range c.in.config.Modules {
		if m.Export == nil {
			continue
		}
		var v any
		err := Guard(func() (err error) { v, err = m.Export(c.in.Engine(), ud.Value); return err })
		if err != nil {
			return nil, &valueError{err: err}
		} else if v != nil {
			return v, nil
		}
	}
	return nil, c.formless(ud)
}

func (c *fromLua) table(t *lua.LTable) (any, error) {
	r, err := c.once(t, nil, func() (reflect.Value, error) {
		if err := c.down(); err != nil {
			return reflect.Value{}, err
		}
		defer c.up()
		c.in.fill(t)
		n, ok, err := c.sequence(t)
		var out any
		switch {
		case err != nil:
		case ok:
			out, err = c.list(t, n)
		default:
			out, err = c.dict(t)
		}
		return reflect.ValueOf(out), err
	})
	if err != nil {
		return nil, err
	}
	return r.Interface(), nil
}

var errNoSequence = errors.New("keys other than 1..n")

// sequence reports whether t's keys are 1..n, or none.
func (c *fromLua) sequence(t *lua.LTable) (n int, ok bool, err error) {
	highest := 0.0
	err = eachPair(t, func(k, _ lua.LValue) error {
		i, isNumber := k.(lua.LNumber)
		x := float64(i)
		if !isNumber || x != math.Trunc(x) || x < 1 {
			return errNoSequence
		}
		highest = max(highest, x)
		if n++; n%lookEvery == 0 {
			return c.stopped()
		}
		return nil
	})
	if err == errNoSequence {
		return 0, false, nil
	}
	return n, float64(n) == highest, err
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
	dict := make(map[string]any, glua.TableOf(t).Len())
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
	glua.Complete(t)
	if plain, err := glua.Names(t, fn); plain {
		return err
	}
	k, v := t.Next(lua.LNil)
	for k != lua.LNil {
		if err := fn(k, v); err != nil {
			return err
		}
		k, v = t.Next(k)
	}
	return nil
}
