package interp

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"wirelua/interp/internal/glua"
	"wirelua/interp/internal/nearest"
	"wirelua/interp/internal/structs"

	lua "github.com/yuin/gopher-lua"
)

// into stores v in what ptr points to. What is most common has no need of reflection.
func (c *fromLua) into(ptr any, v lua.LValue) error {
	if done, err := c.quickly(ptr, v); done || err != nil {
		return err
	}
	dst, err := targetOf(ptr)
	if err != nil {
		return err
	}
	return c.assign(dst, v)
}

// targetOf returns what a pointer points to.
func targetOf(ptr any) (reflect.Value, error) {
	r := reflect.ValueOf(ptr)
	if r.Kind() != reflect.Pointer || r.IsNil() {
		return r, fmt.Errorf("results go to what a pointer points to, and a %T is none", ptr)
	}
	return r.Elem(), nil
}

// quickly is into for what is most common; done is false for all else.
func (c *fromLua) quickly(ptr any, v lua.LValue) (done bool, err error) {
	switch v := v.(type) {
	case lua.LString:
		return c.quickText(ptr, v)
	case lua.LNumber:
		switch to := ptr.(type) {
		case *int:
			if done = v == lua.LNumber(int32(v)); done {
				*to = int(v)
			}
		case *float64:
			*to, done = float64(v), true
		}
	case lua.LBool:
		if to, is := ptr.(*bool); is {
			*to, done = bool(v), true
		}
	case *lua.LTable:
		if to, is := ptr.(*map[string]string); is {
			return true, c.textsOnce(to, v)
		}
	}
	return done, nil
}

func (c *fromLua) quickText(ptr any, v lua.LString) (done bool, err error) {
	switch to := ptr.(type) {
	case *string:
		*to, done = string(v), true
	case *[]byte:
		if err = c.spend(len(v)); err == nil {
			*to, done = []byte(v), true
		}
	}
	return done, err
}

// textsOnce is once for assignTexts.
func (c *fromLua) textsOnce(dst *map[string]string, t *lua.LTable) error {
	key := form{t, textsType}
	if r, met := c.forms.find(key); met && r.IsValid() {
		*dst = r.Interface().(map[string]string)
		return nil
	}
	c.in.fill(t)
	err := c.assignTexts(dst, t)
	c.forms.set(key, reflect.ValueOf(*dst))
	return err
}

var textsType = reflect.TypeFor[map[string]string]()

// assign stores v in dst, as dst's type wants it. nil is the zero value.
func (c *fromLua) assign(dst reflect.Value, v lua.LValue) error {
	if err := c.spend(0); err != nil {
		return err
	}
	switch {
	case dst.Type() == luaIface:
		dst.Set(reflect.ValueOf(c.in.lend(v)))
		return nil
	case v == lua.LNil:
		dst.SetZero()
		return nil
	}
	switch dst.Type() {
	case objectType:
		o, ok := c.in.handle(v)
		dst.Set(reflect.ValueOf(o))
		return c.unless(ok, "table, function or object", v)
	case timeType:
		return c.assignTime(dst, v)
	}
	if done, err := c.assignAsIs(dst, v); done || err != nil {
		return err
	}
	if dst.Type().Implements(luaIface) {
		return c.unless(false, reflect.Zero(dst.Type()).Interface().(lua.LValue).Type().String(), v)
	}
	switch dst.Kind() {
	case reflect.Bool:
		b, ok := v.(lua.LBool)
		dst.SetBool(bool(b))
		return c.unless(ok, "boolean", v)
	case reflect.String:
		text, ok := c.in.text(v)
		dst.SetString(text)
		return c.unless(ok, "string", v)
	case reflect.Interface:
		return c.assignAny(dst, v)
	case reflect.Func, reflect.Chan, reflect.UnsafePointer, reflect.Complex64, reflect.Complex128:
		return c.unless(false, dst.Type().String(), v)
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map, reflect.Struct:
		if err := c.down(); err != nil {
			return err
		}
		defer c.up()
		return c.assignCompound(dst, v)
	}
	return c.assignNumber(dst, v)
}

// unless returns nil if ok, or else the error that v is not what was wanted.
func (c *fromLua) unless(ok bool, want string, v lua.LValue) error {
	if ok {
		return nil
	}
	return badValue("%s expected, got %s", want, c.in.kindName(v))
}

// assignAsIs stores values that are of dst's type already: Lua's own, Funcs, and
// what objects hold or are exported as.
func (c *fromLua) assignAsIs(dst reflect.Value, v lua.LValue) (done bool, err error) {
	t := dst.Type()
	if t.Kind() == reflect.Interface && t.NumMethod() == 0 {
		return false, nil
	}
	set := func(x any) bool {
		ok := x != nil && reflect.TypeOf(x).AssignableTo(t)
		if ok {
			dst.Set(reflect.ValueOf(x))
		}
		return ok
	}
	if set(v) {
		c.in.lend(v)
		return true, nil
	}
	switch v := v.(type) {
	case *lua.LFunction:
		return set(Func{c.in, v}), nil
	case lua.LChannel:
		return set((chan lua.LValue)(c.in.lend(v).(lua.LChannel))), nil
	case *lua.LUserData:
		if set(v.Value) {
			return true, nil
		}
		switch t.Kind() {
		case reflect.Interface, reflect.Pointer, reflect.Chan, reflect.Struct:
			x, err := c.object(v)
			return err == nil && set(x), nil
		}
	}
	return false, nil
}

func (c *fromLua) assignAny(dst reflect.Value, v lua.LValue) error {
	if dst.Type().NumMethod() > 0 {
		return c.unless(false, dst.Type().String(), v)
	}
	x, err := c.value(v)
	if err == nil && x != nil {
		dst.Set(reflect.ValueOf(x))
	}
	return err
}

func (c *fromLua) assignNumber(dst reflect.Value, v lua.LValue) error {
	x, ok := numeric(v) // strings, too, as everywhere in Lua
	switch {
	case !ok:
		return c.unless(false, "number", v)
	case dst.Type() == durationType:
		return assignSeconds(dst, x)
	case dst.CanFloat():
		dst.SetFloat(x)
		return nil
	}
	return assignInteger(dst, x)
}

func assignSeconds(dst reflect.Value, x float64) error {
	switch {
	case math.IsNaN(x):
		return badValue("seconds expected, got nan")
	case x >= maxSeconds: // the longest there is
		dst.SetInt(math.MaxInt64)
	case x <= -maxSeconds:
		dst.SetInt(math.MinInt64)
	case x > 0:
		d, _ := duration(x)
		dst.SetInt(int64(d))
	default:
		dst.SetInt(int64(x * float64(time.Second)))
	}
	return nil
}

// assignTime stores a moment, given as seconds since 1970, to the microsecond: a number of today's
// has no more.
func (c *fromLua) assignTime(dst reflect.Value, v lua.LValue) error {
	x, ok := numeric(v)
	if !ok {
		return c.unless(false, "number", v)
	}
	if !(math.Abs(x) < maxEpoch) {
		return badValue("seconds since 1970 expected, got %s", Shown(lua.LNumber(x)))
	}
	whole, rest := math.Modf(x)
	micros := time.Duration(math.Round(rest*1e6)) * time.Microsecond
	dst.Set(reflect.ValueOf(time.Unix(int64(whole), int64(micros)).UTC()))
	return nil
}

// maxEpoch is how many seconds before and after 1970 a moment may be: some 300 million years.
const maxEpoch = 1e16

// epoch returns a moment as seconds since 1970.
func epoch(t time.Time) float64 { return float64(t.Unix()) + float64(t.Nanosecond())/1e9 }

func assignInteger(dst reflect.Value, x float64) error {
	if x != math.Trunc(x) || math.IsInf(x, 0) {
		return badValue("integer expected, got %s", lua.LNumber(x))
	}
	bits := dst.Type().Bits()
	if dst.CanInt() {
		if limit := math.Ldexp(1, bits-1); x < -limit || x >= limit {
			return badValue("integer of %d bits expected, got %s", bits, lua.LNumber(x))
		}
		dst.SetInt(int64(x))
		return nil
	}
	if x < 0 || x >= math.Ldexp(1, bits) {
		return badValue("integer of %d bits, 0 or more, expected, got %s", bits, lua.LNumber(x))
	}
	dst.SetUint(uint64(x))
	return nil
}

func (c *fromLua) assignCompound(dst reflect.Value, v lua.LValue) error {
	t, k := dst.Type(), dst.Kind()
	table, isTable := v.(*lua.LTable)
	switch {
	case k == reflect.Pointer && !isTable:
		dst.Set(reflect.New(t.Elem()))
		return c.assign(dst.Elem(), v)
	case (k == reflect.Slice || k == reflect.Array) && t.Elem().Kind() == reflect.Uint8:
		return c.assignBytes(dst, v)
	case t == funcType:
		return c.unless(false, "function", v)
	}
	if !isTable {
		return c.unless(false, "table", v)
	}
	r, err := c.once(table, t, func() (reflect.Value, error) { return dst, c.assignTable(dst, table) })
	if err == nil {
		dst.Set(r)
	}
	return err
}

func (c *fromLua) assignTable(dst reflect.Value, t *lua.LTable) error {
	c.in.fill(t)
	switch dst.Kind() {
	case reflect.Pointer:
		dst.Set(reflect.New(dst.Type().Elem()))
		return c.assign(dst.Elem(), t)
	case reflect.Map:
		return c.assignMap(dst, t)
	case reflect.Struct:
		return c.assignStruct(dst, t)
	}
	return c.assignList(dst, t)
}

func (c *fromLua) assignBytes(dst reflect.Value, v lua.LValue) error {
	text, ok := c.in.text(v)
	if !ok {
		return c.unless(false, "string", v)
	}
	if err := c.spend(len(text)); err != nil {
		return err
	}
	if dst.Kind() == reflect.Array {
		if len(text) != dst.Len() {
			return badValue("string of %d bytes expected, got %d", dst.Len(), len(text))
		}
	} else {
		dst.Set(reflect.MakeSlice(dst.Type(), len(text), len(text)))
	}
	reflect.Copy(dst, reflect.ValueOf(text))
	return nil
}

func (c *fromLua) assignList(dst reflect.Value, t *lua.LTable) error {
	n, ok, err := c.sequence(t)
	switch {
	case err != nil:
		return err
	case !ok:
		return badValue("table with keys 1..n expected, got one with others")
	}
	if dst.Kind() == reflect.Array {
		if n != dst.Len() {
			return badValue("table of %d expected, got %d", dst.Len(), n)
		}
	} else {
		dst.Set(reflect.MakeSlice(dst.Type(), n, n))
	}
	for i := range n {
		if err := c.assign(dst.Index(i), t.RawGetInt(i+1)); err != nil {
			return inside(step(lua.LNumber(i+1)), err)
		}
	}
	return nil
}

func (c *fromLua) assignMap(dst reflect.Value, t *lua.LTable) error {
	if dst.Type() == textsType {
		return c.assignTexts(dst.Addr().Interface().(*map[string]string), t)
	}
	dst.Set(reflect.MakeMap(dst.Type()))
	return eachPair(t, func(k, v lua.LValue) error { return c.assignPair(dst, k, v) })
}

// assignTexts is assignMap without reflection, for what is returned often.
func (c *fromLua) assignTexts(dst *map[string]string, t *lua.LTable) error {
	m := make(map[string]string, glua.TableOf(t).Len())
	*dst = m
	plain := true // nothing but names so far, of which no two are one
	return eachPair(t, func(k, v lua.LValue) error {
		key, isName := k.(lua.LString)
		if text, isText := v.(lua.LString); isName && isText && plain {
			m[string(key)] = string(text)
			return c.spend(0)
		}
		plain = plain && isName
		name := c.in.keyName(k)
		if _, twice := m[name]; twice {
			return twoKeys(name)
		}
		if !lua.LVCanConvToString(v) {
			return inside(step(k), c.unless(false, "string", v))
		}
		m[name] = lua.LVAsString(v)
		return c.spend(0)
	})
}

func (c *fromLua) assignPair(dst reflect.Value, k, v lua.LValue) error {
	typ := dst.Type()
	key, value := reflect.New(typ.Key()).Elem(), reflect.New(typ.Elem()).Elem()
	if typ.Key().Kind() == reflect.String {
		key.SetString(c.in.keyName(k))
	} else if err := c.assign(key, k); err != nil {
		return badValue("key %s: %w", k, trimmed(err))
	}
	if !key.Comparable() {
		return badValue("key %s: %s cannot be one in Go", k, c.in.aKind(k))
	}
	if dst.MapIndex(key).IsValid() {
		return twoKeys(fmt.Sprint(key))
	}
	if err := c.assign(value, v); err != nil {
		return inside(step(k), err)
	}
	dst.SetMapIndex(key, value)
	return nil
}

// assignStruct sets the fields that t has. A key of t's that is no field goes to the map that takes the
// rest, or is most likely misspelt: an error.
func (c *fromLua) assignStruct(dst reflect.Value, t *lua.LTable) error {
	fields := c.in.fields(dst.Type())
	if len(fields) == 0 && dst.NumField() > 0 {
		return badValue("%s expected, got table", dst.Type())
	}
	for _, f := range fields {
		v := t.RawGetString(f.Name)
		if f.Rest || v == lua.LNil {
			continue
		}
		if err := c.assign(f.At(dst), v); err != nil {
			return inside(step(lua.LString(f.Name)), err)
		}
	}
	return c.assignRest(dst, t, fields)
}

// assignRest is assignStruct for the keys that are no fields.
func (c *fromLua) assignRest(dst reflect.Value, t *lua.LTable, fields []structs.Field) error {
	var rest []lua.LValue
	_ = eachPair(t, func(k, _ lua.LValue) error {
		if !isField(fields, k) {
			rest = append(rest, k)
		}
		return nil
	})
	i := slices.IndexFunc(fields, func(f structs.Field) bool { return f.Rest })
	switch {
	case len(rest) == 0:
		return nil
	case i < 0:
		return c.unknownKeys(rest, fields)
	}
	into := fields[i].At(dst)
	into.Set(reflect.MakeMapWithSize(into.Type(), len(rest)))
	for _, k := range rest {
		if err := c.assignPair(into, k, t.RawGet(k)); err != nil {
			return err
		}
	}
	return nil
}

func isField(fields []structs.Field, k lua.LValue) bool {
	name, ok := k.(lua.LString)
	return ok && slices.ContainsFunc(fields, func(f structs.Field) bool { return f.Name == string(name) && !f.Rest })
}

// unknownKeys names keys of a table that are no fields, each with the field that may be meant.
func (c *fromLua) unknownKeys(keys []lua.LValue, fields []structs.Field) error {
	var known, unknown []string
	for _, f := range fields {
		if !f.Rest {
			known = append(known, f.Name)
		}
	}
	for _, k := range keys {
		name := fmt.Sprintf("'%.100s'", c.in.keyName(k))
		if near := nearest.Word(k.String(), known); near != "" {
			name += " (did you mean '" + near + "'?)"
		}
		unknown = append(unknown, name)
	}
	slices.Sort(unknown)
	const most = 10
	if len(unknown) > most {
		unknown = append(unknown[:most], fmt.Sprintf("%d more", len(unknown)-most))
	}
	return badValue("unknown field %s", strings.Join(unknown, ", "))
}
