package interp_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/stdlib"
)

// embed makes an interpreter whose output goes to the returned builder.
func embed(t testing.TB, c interp.Config) (*interp.Interpreter, *strings.Builder) {
	t.Helper()
	out := new(strings.Builder)
	if c.Stdout == nil {
		c.Stdout, c.Stderr = out, out
	}
	if c.Modules == nil {
		c.Modules = stdlib.Modules()
	}
	in, err := interp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return in, out
}

func run(t testing.TB, in *interp.Interpreter, source string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := in.RunString(ctx, "test.lua", source); err != nil {
		t.Fatalf("%v\n%+v", err, err)
	}
}

// showLua makes show, a Lua function that writes a value down with its keys in order.
const showLua = `function show(v)
	if type(v) ~= "table" then return type(v) == "string" and string.format("%q", v) or tostring(v) end
	local parts = {}
	for k, e in pairs(v) do table.insert(parts, tostring(k) .. "=" .. show(e)) end
	table.sort(parts)
	return "{" .. table.concat(parts, " ") .. "}"
end`

type inner struct {
	Shared string
	Deep   int `json:"deep"`
}

type named string

type server struct {
	inner
	Host    string        `json:"host"`
	Port    uint16        `json:"port,omitempty"`
	Secret  string        `json:"-"`
	Timeout time.Duration `json:"timeout"`
	Tags    []string
	Peer    *server `json:"peer,omitempty"`
	private int
}

type loop struct{ Next *loop }

func TestValuesToLua(t *testing.T) {
	in, _ := embed(t, interp.Config{})
	run(t, in, showLua)
	self := map[string]any{}
	self["me"] = []any{self}
	ring := &loop{}
	ring.Next = ring
	port := 80
	var nilServer *server
	for _, c := range []struct {
		v    any
		want string
	}{
		{nil, "nil"}, {true, "true"}, {"a\x00b", `"a\000b"`}, {[]byte("raw"), `"raw"`}, {[2]byte{'h', 'i'}, `"hi"`},
		{[]byte(nil), `""`}, {named("n"), `"n"`}, {json.RawMessage("{}"), `"{}"`},
		{int8(-3), "-3"}, {uint64(1) << 53, "9007199254740992"}, {float32(0.5), "0.5"}, {math.Inf(1), "inf"},
		{int64(1) << 54, "1.8014398509482e+16"}, {int64(math.MinInt64), "-9.2233720368548e+18"}, {uint64(1) << 63, "9.2233720368548e+18"},
		{1500 * time.Millisecond, "1.5"}, {&port, "80"}, {nilServer, "nil"}, {(func())(nil), "nil"}, {(chan any)(nil), "nil"},
		{[]int{1, 2}, "{1=1 2=2}"}, {[2]string{"a", "b"}, `{1="a" 2="b"}`}, {[]int(nil), "{}"}, {map[string]int(nil), "{}"},
		{map[string]any{"port": 80, "x": nil}, "{port=80}"}, {map[int]bool{7: true}, "{7=true}"}, {map[named]int{"k": 1}, "{k=1}"},
		{server{Host: "h", Secret: "s", Timeout: time.Second, inner: inner{"both", 1}},
			`{Shared="both" Tags={} deep=1 host="h" timeout=1}`},
		{&server{Port: 1, Peer: &server{Host: "p"}}, `{Shared="" Tags={} deep=0 host="" peer={Shared="" Tags={} deep=0 host="p" timeout=0} port=1 timeout=0}`},
		{[]any{1, "x", nil, []int{2}}, `{1=1 2="x" 4={1=2}}`},
		{time.Unix(12, 5e8), "12.5"}, {lua.LString("as is"), `"as is"`}, {struct{}{}, "{}"},

		{int64(1)<<53 + 1, "argument 1: 9007199254740993 is more than a Lua number can hold exactly"},
		{map[string]any{"a": []any{1, uint64(math.MaxUint64)}}, "argument 1.a[2]: 18446744073709551615 is more than a Lua number can hold exactly"},
		{map[string]any{"not a name": complex64(1)}, `argument 1["not a name"]: a complex64 has no form in Lua`},
		{complex(1, 2), "argument 1: a complex128 has no form in Lua"},
		{reflect.Value{}, "argument 1: a reflect.Value has no form in Lua: it has no exported fields"},
		{self, "argument 1.me[1]: a map[string]interface {} that contains itself has no form in Lua"},
		{ring, "argument 1.Next: a *interp_test.loop that contains itself"},
		{map[any]any{1: 1, 1.0: 2}, "argument 1[1]: two keys of the map[interface {}]interface {} are this one in Lua"},
		{map[float64]int{math.NaN(): 1}, "the key NaN has no form in Lua"},
	} {
		got, err := in.Call(context.Background(), "show", c.v)
		if text := fmt.Sprint(got...); err == nil && text != c.want && !strings.Contains(text, "argument") {
			t.Errorf("%T %v: got %s, want %s", c.v, c.v, text, c.want)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "interp: Call show: "+c.want) && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%T: got error %v, want %s", c.v, err, c.want)
		}
		if err == nil && strings.HasPrefix(c.want, "argument") {
			t.Errorf("%T: got %v, want an error", c.v, got)
		}
	}
}

func TestValuesFromLua(t *testing.T) {
	in, _ := embed(t, interp.Config{})
	for _, c := range []struct {
		lua  string
		want any // an error text when the value has no form
		fail bool
	}{
		{lua: "nil", want: nil}, {lua: "true", want: true}, {lua: "1.5", want: 1.5}, {lua: `"a\0b"`, want: "a\x00b"},
		{lua: "{}", want: []any{}}, {lua: "{1, 'x', {2}}", want: []any{1.0, "x", []any{2.0}}},
		{lua: "{a = 1, ['b c'] = {}}", want: map[string]any{"a": 1.0, "b c": []any{}}},
		{lua: "{1, 2, nil, 4}", want: map[string]any{"1": 1.0, "2": 2.0, "4": 4.0}},
		{lua: "{[2] = 'x'}", want: map[string]any{"2": "x"}}, {lua: "{[0] = 'x', 'y'}", want: map[string]any{"0": "x", "1": "y"}},
		{lua: "{[1.5] = 1, [true] = 2}", want: map[string]any{"1.5": 1.0, "true": 2.0}},
		{lua: "(function() local t = {7} return {t, t} end)()", want: []any{[]any{7.0}, []any{7.0}}},

		{lua: "{[1] = 'x', ['1'] = 'y'}", want: `v["1"]: two keys of the table have this name`, fail: true},
		{lua: "(function() local t = {} t.a = {t} return t end)()", want: "v.a[1]: a table that contains itself has no form in Go", fail: true},
		{lua: "{peers = {{}, {conn = thread.current()}}}", want: "v.peers[2].conn: a thread has no form in Go", fail: true},
		{lua: "coroutine.create(print)", want: "v: a thread has no form in Go", fail: true},
		{lua: "thread.lock()", want: "v: a lock has no form in Go", fail: true},
		{lua: "(function() local t = {} for i = 1, 5000 do t = {t} end return t end)()", want: "values nested too deep", fail: true},
		{lua: "(function() local t = {} for i = 1, 100 do t = {t, t} end return #t end)()", want: 2.0},
	} {
		run(t, in, "v = "+c.lua)
		got, err := in.Get("v")
		switch {
		case c.fail && (err == nil || !strings.Contains(err.Error(), c.want.(string))):
			t.Errorf("%s: got %v, %v, want the error %v", c.lua, got, err, c.want)
		case !c.fail && (err != nil || !reflect.DeepEqual(got, c.want)):
			t.Errorf("%s: got %#v, %v, want %#v", c.lua, got, err, c.want)
		}
	}
	// A table that is there 2^60 times is one: in time, and in Go.
	run(t, in, "v = {} for i = 1, 60 do v = {v, v} end")
	if _, err := in.Get("v"); err != nil {
		t.Error(err)
	}
}

func TestFunc(t *testing.T) {
	in, _ := embed(t, interp.Config{})
	ctx := context.Background()
	run(t, in, `function add(n) return function(x) n = n + x return n end end`)
	out, err := in.Call(ctx, "add", 10)
	if err != nil {
		t.Fatal(err)
	}
	add := out[0].(interp.Func)
	for _, want := range []float64{15, 20} {
		if got, err := add.Call(ctx, 5); err != nil || got[0] != want {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	}
	in.Set("same", add)
	run(t, in, `assert(same(1) == 21)`)
	if v, _ := in.Get("same"); v != add {
		t.Errorf("%v came back as %v", add, v)
	}
	if want := "function <test.lua:1>"; add.String() != want {
		t.Errorf("it is called %s, want %s", add, want)
	}
	other, _ := embed(t, interp.Config{})
	other.Set("add", add)
	run(t, other, `assert(add(9) == 30)`)
	in.Close()
	if _, err := add.Call(ctx, 1); err != interp.ErrClosed {
		t.Errorf("after Close: %v", err)
	}
	if _, err := (interp.Func{}).Call(ctx); err == nil {
		t.Error("the zero Func can be called")
	}
}

func TestSetGet(t *testing.T) {
	in, out := embed(t, interp.Config{})
	if err := in.Set("config", map[string]any{"port": 80}); err != nil {
		t.Fatal(err)
	}
	if err := in.Set("config", map[string]any{"a": math.MaxInt64}); err == nil || err.Error() !=
		"interp: Set config.a: 9223372036854775807 is more than a Lua number can hold exactly" {
		t.Error(err)
	}
	run(t, in, `print(config.port) config = nil`)
	if v, err := in.Get("config"); v != nil || err != nil || out.String() != "80\n" {
		t.Errorf("got %v, %v, printed %q", v, err, out)
	}
	in.Close()
	if _, err := in.Get("x"); !errors.Is(err, interp.ErrClosed) {
		t.Error(err)
	}
	if err := in.Set("x", 1); !errors.Is(err, interp.ErrClosed) {
		t.Error(err)
	}
}

// TestShortestDuration: however short a time is, it is not the 0 that means not to wait.
func TestShortestDuration(t *testing.T) {
	in, err := interp.New(interp.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var got []time.Duration
	_ = in.Set("wait", func(d time.Duration) { got = append(got, d) })
	if err := in.RunString(t.Context(), "x", "wait(1e-10) wait(0) wait(1e-9) wait(2) wait(-1)"); err != nil {
		t.Fatal(err)
	}
	if want := []time.Duration{1, 0, 1, 2 * time.Second, -time.Second}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
