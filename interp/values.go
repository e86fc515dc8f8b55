package interp

import (
	"context"
	"fmt"
	"math"
	"reflect"

	lua "github.com/yuin/gopher-lua"
)

// Call calls the global function called name, and returns its results. It does
// not wait for threads that the function started. Values are converted as Set
// and Get do.
func (in *Interpreter) Call(ctx context.Context, name string, args ...any) ([]any, error) {
	var out []any
	var convErr error
	_, err := in.enter(ctx, false, func(s *State) ([]lua.LValue, *Error) {
		vs := make([]lua.LValue, len(args))
		for i, a := range args {
			if vs[i], convErr = s.in.toLua(a); convErr != nil {
				convErr = fmt.Errorf("interp: Call %s: argument %d: %w", name, i+1, convErr)
				return nil, nil
			}
		}
		fn := in.root.G.Global.RawGetString(name)
		if fn == lua.LNil {
			convErr = fmt.Errorf("interp: Call %s: no global function of that name", name)
			return nil, nil
		}
		n, failure := s.invoke(fn, vs)
		if failure != nil {
			return nil, failure
		}
		for i := s.GetTop() - n + 1; i <= s.GetTop(); i++ {
			v, err := fromLua(s.Get(i), nil)
			if err != nil {
				convErr = fmt.Errorf("interp: Call %s: result %d: %w", name, len(out)+1, err)
				return nil, nil
			}
			out = append(out, v)
		}
		return nil, nil
	})
	if err != nil {
		return nil, err
	}
	return out, convErr
}

// Set sets a global variable. nil, booleans, strings, []byte, all numbers,
// slices, and maps with string keys can be converted.
func (in *Interpreter) Set(name string, value any) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.closed {
		return ErrClosed
	}
	v, err := in.toLua(value)
	if err != nil {
		return fmt.Errorf("interp: Set %s: %w", name, err)
	}
	in.root.G.Global.RawSetString(name, v)
	return nil
}

// Get returns a global variable: nil, bool, float64 or string; a table with keys
// 1..n or none as []any, any other as map[string]any.
func (in *Interpreter) Get(name string) (any, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.closed {
		return nil, ErrClosed
	}
	v, err := fromLua(in.root.G.Global.RawGetString(name), nil)
	if err != nil {
		return nil, fmt.Errorf("interp: Get %s: %w", name, err)
	}
	return v, nil
}

const maxExact = 1 << 53 // the last integer below which a Lua number holds all

func (in *Interpreter) toLua(v any) (lua.LValue, error) {
	switch v := v.(type) {
	case nil:
		return lua.LNil, nil
	case lua.LValue:
		return v, nil
	case []byte:
		return lua.LString(v), nil
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Bool:
		return lua.LBool(r.Bool()), nil
	case reflect.String:
		return lua.LString(r.String()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n := r.Int()
		if n > maxExact || n < -maxExact {
			return nil, fmt.Errorf("%d is more than a Lua number can hold exactly", n)
		}
		return lua.LNumber(n), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		n := r.Uint()
		if n > maxExact {
			return nil, fmt.Errorf("%d is more than a Lua number can hold exactly", n)
		}
		return lua.LNumber(n), nil
	case reflect.Float32, reflect.Float64:
		return lua.LNumber(r.Float()), nil
	case reflect.Slice, reflect.Array:
		t := in.root.CreateTable(r.Len(), 0)
		for i := range r.Len() {
			e, err := in.toLua(r.Index(i).Interface())
			if err != nil {
				return nil, fmt.Errorf("[%d]: %w", i+1, err)
			}
			t.RawSetInt(i+1, e)
		}
		return t, nil
	case reflect.Map:
		if r.Type().Key().Kind() != reflect.String {
			break
		}
		t := in.root.CreateTable(0, r.Len())
		for _, k := range r.MapKeys() {
			e, err := in.toLua(r.MapIndex(k).Interface())
			if err != nil {
				return nil, fmt.Errorf(".%s: %w", k, err)
			}
			t.RawSetString(k.String(), e)
		}
		return t, nil
	}
	return nil, fmt.Errorf("a %T has no form in Lua", v)
}

func fromLua(v lua.LValue, seen []*lua.LTable) (any, error) {
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
		for _, t := range seen {
			if t == v {
				return nil, fmt.Errorf("a table that contains itself has no form in Go")
			}
		}
		return tableFromLua(v, append(seen, v))
	}
	return nil, fmt.Errorf("a Lua %s has no form in Go", v.Type())
}

func tableFromLua(t *lua.LTable, seen []*lua.LTable) (any, error) {
	n, count := t.Len(), 0
	list := make([]any, n)
	dict := map[string]any{}
	var failed error
	t.ForEach(func(k, v lua.LValue) {
		count++
		e, err := fromLua(v, seen)
		if err != nil && failed == nil {
			failed = fmt.Errorf("[%s]: %w", k, err)
		}
		if i, ok := k.(lua.LNumber); ok && float64(i) == math.Trunc(float64(i)) && i >= 1 && int(i) <= n {
			list[int(i)-1] = e
		}
		dict[k.String()] = e
	})
	if failed != nil {
		return nil, failed
	}
	if count == n {
		return list, nil
	}
	return dict, nil
}
