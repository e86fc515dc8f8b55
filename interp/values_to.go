package interp

import (
	"fmt"
	"maps"
	"reflect"
	"time"

	"wirelua/interp/internal/glua"
	"wirelua/interp/internal/number"
	"wirelua/interp/internal/structs"

	lua "github.com/yuin/gopher-lua"
)

// toLua returns v as a Lua value; name is what errors call it if it is a function.
func (in *Interpreter) toLua(name string, v any) (lua.LValue, error) {
	c := toLua{in: in}
	return c.any(name, v)
}

func (c *toLua) any(name string, given any) (lua.LValue, error) {
	switch v := given.(type) { // without a look at the type, what is most common
	case nil:
		return lua.LNil, nil
	case string:
		return glua.Text(given), nil
	case bool:
		return lua.LBool(v), nil
	case float64:
		return glua.Number(given), nil
	case int:
		if -number.Exact <= v && v <= number.Exact {
			return lua.LNumber(v), nil
		}
	case []byte:
		return lua.LString(v), c.spend(len(v))
	case map[string]string:
		if v != nil {
			return c.texts(v)
		}
	case map[string]any:
		if v != nil {
			return c.anys(v)
		}
	}
	return c.value(name, reflect.ValueOf(given))
}

// texts converts what is passed often, such as the fields of a request, without reflection.
func (c *toLua) texts(m map[string]string) (lua.LValue, error) {
	ref, _ := referenceOf(reflect.ValueOf(m))
	if v, met := c.done.find(ref); met {
		return v, nil
	}
	t, texts := glua.NewNames(len(m)), glua.NewTexts(2*len(m))
	for k, v := range m {
		if err := c.spend(len(v)); err != nil {
			return nil, err
		}
		glua.SetNew(t, texts.Value(k), texts.Value(v))
	}
	c.done.set(ref, t)
	return t, nil
}

// anys is texts for maps of all that there may be, themselves included.
func (c *toLua) anys(m map[string]any) (lua.LValue, error) {
	r := reflect.ValueOf(m)
	ref, _ := referenceOf(r)
	if v, met := c.done.find(ref); met {
		return c.again(r, v)
	}
	c.done.set(ref, nil)
	if err := c.down(); err != nil {
		return nil, err
	}
	defer c.up()
	t, texts := glua.NewNames(len(m)), glua.NewTexts(len(m))
	for k, v := range m {
		if err := c.spend(0); err != nil {
			return nil, err
		}
		lv, err := c.any(k, v)
		if err != nil {
			return nil, inside(step(lua.LString(k)), err)
		}
		if lv != lua.LNil {
			glua.SetNew(t, texts.Value(k), lv)
		}
	}
	c.done.set(ref, t)
	return t, nil
}

// again returns what r, which was met before, has become.
func (c *toLua) again(r reflect.Value, v lua.LValue) (lua.LValue, error) {
	if v == nil {
		return nil, badValue("a %s that contains itself has no form in Lua", r.Type())
	}
	return v, nil
}

// toLua is one conversion of Go values that belong together.
type toLua struct {
	in *Interpreter
	effort
	done met[reference, lua.LValue] // what was met so far; nil while inside
}

// reference is a pointer, map or slice, which may contain itself.
type reference struct {
	ptr uintptr
	len int
	typ reflect.Type
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	timeType     = reflect.TypeFor[time.Time]()
	funcType     = reflect.TypeFor[Func]()
	errorIface   = reflect.TypeFor[error]()
	luaIface     = reflect.TypeFor[lua.LValue]()
)

// value converts r; name is what the value is found under.
func (c *toLua) value(name string, r reflect.Value) (lua.LValue, error) {
	if !r.IsValid() {
		return lua.LNil, nil
	}
	if err := c.spend(0); err != nil {
		return nil, err
	}
	if v, err := c.known(name, r); v != nil || err != nil {
		return v, err
	}
	switch r.Kind() {
	case reflect.Bool:
		return lua.LBool(r.Bool()), nil
	case reflect.String:
		return lua.LString(r.String()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if n := r.Int(); float64(n) < 1<<63 && int64(float64(n)) == n {
			return lua.LNumber(n), nil
		}
		return nil, badValue("%d is more than a Lua number can hold exactly", r.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		if n := r.Uint(); float64(n) < 1<<64 && uint64(float64(n)) == n {
			return lua.LNumber(n), nil
		}
		return nil, badValue("%d is more than a Lua number can hold exactly", r.Uint())
	case reflect.Float32, reflect.Float64:
		return lua.LNumber(r.Float()), nil
	case reflect.Interface:
		return c.value(name, r.Elem())
	}
	return c.compound(name, r)
}

// known converts what has a form of its own, whatever it is made of; nil if r is
// nothing of that.
func (c *toLua) known(name string, r reflect.Value) (lua.LValue, error) {
	t := r.Type()
	switch k := t.Kind(); {
	case t == durationType:
		return lua.LNumber(time.Duration(r.Int()).Seconds()), nil
	case t == timeType:
		return lua.LNumber(epoch(r.Interface().(time.Time))), nil
	case t.PkgPath() == "" && (k < reflect.Array || k == reflect.String):
		return nil, nil // Go's own simple types, which need no further look
	case !isNil(r):
		return c.special(name, r)
	case k == reflect.Map || k == reflect.Slice:
		return nil, nil // an empty table, or string
	}
	return lua.LNil, nil
}

func isNil(r reflect.Value) bool {
	switch r.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Func, reflect.Interface, reflect.Chan:
		return r.IsNil()
	}
	return false
}

// special converts what is known by its type, and what modules know.
func (c *toLua) special(name string, r reflect.Value) (lua.LValue, error) {
	switch v := r.Interface().(type) {
	case lua.LValue:
		return c.raw(v)
	case chan lua.LValue:
		return c.raw(lua.LChannel(v))
	case Func:
		return c.function(v), nil
	case *Object:
		if v.in != c.in {
			return nil, badValue("a handle of another interpreter has no form in this one")
		}
		return v.v, nil
	case error:
		return c.in.errorObject(v), nil
	case func(*State) int:
		return c.in.closure(&Function{Name: name, Fn: v}), nil
	}
	switch r.Kind() {
	case reflect.Pointer, reflect.Struct, reflect.Chan, reflect.Func:
		return c.imported(r.Interface())
	}
	return nil, nil
}

// function converts a Func. One of another interpreter is called there.
func (c *toLua) function(f Func) lua.LValue {
	switch {
	case f.fn == nil:
		return lua.LNil
	case f.in == c.in:
		return f.fn
	}
	h := c.in.newHostFunc(reflect.ValueOf(f.Call))
	h.spread = true
	return c.in.closure(&Function{Name: f.String(), Fn: h.call})
}

// errorObject is an error as Lua sees it: for one that a script raised, that again.
func (in *Interpreter) errorObject(err error) lua.LValue {
	if e, ok := err.(*Error); ok && e.cause == nil && e.value != nil && lua.LVCanConvToString(e.value) {
		return e.value // a table may be another interpreter's
	}
	return in.newObject(errorType, in.ownExtra(hostError(err)))
}

// imported asks the modules for what interp itself knows nothing of.
func (c *toLua) imported(v any) (lua.LValue, error) {
	for _, m := range c.in.config.Modules {
		if m.Import == nil {
			continue
		}
		var lv lua.LValue
		err := Guard(func() (err error) { lv, err = m.Import(c.in.Engine(), v); return err })
		if err != nil {
			return nil, &valueError{err: err}
		} else if lv != nil {
			return lv, nil
		}
	}
	return nil, nil
}

// referenceOf returns what tells r from other values when it is found again; ok is false
// for what has no identity, or nothing in it: that may be at anybody's address.
func referenceOf(r reflect.Value) (ref reference, ok bool) {
	switch r.Kind() {
	case reflect.Pointer:
		ok = r.Type().Elem().Size() > 0
	case reflect.Map:
		ok = true
	case reflect.Slice:
		ref.len = r.Len()
		ok = ref.len > 0 && r.Type().Elem().Size() > 0
	}
	if ok {
		ref.ptr, ref.typ = r.Pointer(), r.Type()
	}
	return ref, ok
}

// compound converts what is made of further values: what is found twice once, and into
// one table.
func (c *toLua) compound(name string, r reflect.Value) (lua.LValue, error) {
	ref, ok := referenceOf(r)
	if !ok {
		return c.made(name, r)
	}
	if v, met := c.done.find(ref); met {
		return c.again(r, v)
	}
	c.done.set(ref, nil)
	v, err := c.made(name, r)
	c.done.set(ref, v)
	return v, err
}

func (c *toLua) made(name string, r reflect.Value) (lua.LValue, error) {
	if err := c.down(); err != nil {
		return nil, err
	}
	defer c.up()
	switch r.Kind() {
	case reflect.Pointer:
		return c.value(name, r.Elem())
	case reflect.Slice, reflect.Array:
		return c.list(r)
	case reflect.Map:
		return c.dict(r)
	case reflect.Struct:
		return c.structure(r)
	case reflect.Func:
		return c.in.hostFunction(name, r), nil
	}
	return nil, badValue("a %s has no form in Lua", r.Type())
}

func (c *toLua) list(r reflect.Value) (lua.LValue, error) {
	if r.Type().Elem().Kind() == reflect.Uint8 {
		if err := c.spend(r.Len()); err != nil {
			return nil, err
		}
		return bytesToLua(r), nil
	}
	t := c.in.root.CreateTable(r.Len(), 0)
	for i := range r.Len() {
		v, err := c.value("?", r.Index(i))
		if err != nil {
			return nil, inside(step(lua.LNumber(i+1)), err)
		}
		t.RawSetInt(i+1, v)
	}
	return t, nil
}

// bytesToLua copies a slice or array of bytes.
func bytesToLua(r reflect.Value) lua.LValue {
	if r.Kind() == reflect.Array && !r.CanAddr() {
		a := reflect.New(r.Type()).Elem()
		a.Set(r)
		r = a
	}
	return lua.LString(r.Bytes())
}

func (c *toLua) dict(r reflect.Value) (lua.LValue, error) {
	t := glua.NewNames(r.Len())
	return t, c.pairs(t, r)
}

// pairs puts what is in a map in t.
func (c *toLua) pairs(t *lua.LTable, r reflect.Value) error {
	for it := r.MapRange(); it.Next(); {
		k, err := c.key(it.Key())
		if err != nil {
			return err
		}
		if t.RawGet(k) != lua.LNil {
			return inside(step(k), fmt.Errorf("two keys of the %s are this one in Lua", r.Type()))
		}
		v, err := c.value(k.String(), it.Value())
		if err != nil {
			return inside(step(k), err)
		}
		t.RawSet(k, v)
	}
	return nil
}

func (c *toLua) key(r reflect.Value) (lua.LValue, error) {
	k, err := c.value("?", r)
	if err != nil {
		return nil, err
	}
	switch v := k.(type) {
	case lua.LString, lua.LBool:
		return k, nil
	case lua.LNumber:
		if v == v { // not NaN
			return k, nil
		}
	}
	return nil, badValue("the key %v has no form in Lua", r)
}

func (c *toLua) structure(r reflect.Value) (lua.LValue, error) {
	fields := c.in.fields(r.Type())
	if len(fields) == 0 && r.NumField() > 0 {
		return nil, badValue("a %s has no form in Lua: it has no exported fields", r.Type())
	}
	t := glua.NewNames(len(fields))
	for _, f := range fields {
		v, err := r.FieldByIndexErr(f.Index)
		if err != nil || f.OmitEmpty && isEmpty(v) || f.OmitZero && v.IsZero() {
			continue // an embedded pointer is nil, or the tag says so
		}
		if f.Rest {
			if err := c.pairs(t, v); err != nil {
				return nil, err
			}
			continue
		}
		lv, err := c.value(f.Name, v)
		if err != nil {
			return nil, inside(step(lua.LString(f.Name)), err)
		}
		t.RawSetString(f.Name, lv)
	}
	return t, nil
}

// isEmpty is what omitempty leaves out.
func isEmpty(r reflect.Value) bool {
	switch r.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return r.Len() == 0
	case reflect.Struct:
		return false
	}
	return r.IsZero()
}

// fields returns the fields of a struct type. They are kept with the interpreter.
func (in *Interpreter) fields(t reflect.Type) []structs.Field {
	if list, ok := in.structs[t]; ok {
		return list
	}
	if in.structs == nil {
		in.structs = map[reflect.Type][]structs.Field{}
	}
	list := structs.Fields(t)
	in.structs[t] = list
	return list
}

// raw takes a value of Lua's that Go code gives.
func (c *toLua) raw(v lua.LValue) (lua.LValue, error) {
	ch, isChannel := v.(lua.LChannel)
	switch {
	case c.in.owns(v):
		return v, nil
	case isChannel:
		return c.imported((chan lua.LValue)(ch)) // one of the host's, or another interpreter's
	}
	return nil, badValue("a raw %s that is not from this interpreter has no form in it: give it as a Func, a map or a slice", v.Type())
}

// ownExtra is what of an error's further fields may be read in the interpreter.
func (in *Interpreter) ownExtra(e *OpError) *OpError {
	for _, v := range e.Extra {
		if !in.owns(v) {
			own := *e
			own.Extra = maps.Clone(e.Extra)
			maps.DeleteFunc(own.Extra, func(_ string, v lua.LValue) bool { return !in.owns(v) })
			return &own
		}
	}
	return e
}
