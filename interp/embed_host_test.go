package interp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"wirelua/interp"
)

func compile(t testing.TB, source string) *interp.Program {
	t.Helper()
	prog, err := interp.Compile("prog.lua", source)
	if err != nil {
		t.Fatal(err)
	}
	return prog
}

// One program runs in many interpreters at once, each with globals of its own.
func TestProgramIsShared(t *testing.T) {
	prog := compile(t, `count = (count or 0) + 1
		local up = 0
		function bump() up = up + 1 return up end
		return count, {name = ..., sum = bump() + bump()}, arg[1], arg[0]`)
	var wg sync.WaitGroup
	for range 8 {
		in, _ := embed(t, interp.Config{})
		wg.Go(func() {
			for i := 1; i < 20; i++ {
				out, err := in.Run(context.Background(), prog, "x")
				want := []any{float64(i), map[string]any{"name": "x", "sum": 3.0}, "x", "prog.lua"}
				if err != nil || !reflect.DeepEqual(out, want) {
					t.Errorf("%v %v, want %v", out, err, want)
				}
			}
		})
	}
	wg.Wait()
}

func TestRunAndEval(t *testing.T) {
	in, _ := embed(t, interp.Config{Args: []string{"of", "config"}})
	ctx := context.Background()
	out, err := in.Eval(ctx, "sum", "return 1, {a = 2}, {}, nil")
	if want := []any{1.0, map[string]any{"a": 2.0}, []any{}, nil}; err != nil || !reflect.DeepEqual(out, want) {
		t.Errorf("%v %v, want %v", out, err, want)
	}
	out, err = in.Eval(ctx, "args", "return ..., #arg")
	if fmt.Sprint(out, err) != "[of config 2] <nil>" && fmt.Sprint(out, err) != "[of 2] <nil>" {
		t.Errorf("%v %v", out, err)
	}
	out, err = in.Eval(ctx, "args", "return ...", map[string]any{"n": 1}, []byte("b"))
	if fmt.Sprint(out, err) != "[map[n:1] b] <nil>" {
		t.Errorf("%v %v", out, err)
	}
	// It waits for the threads, and takes what they have made of the values.
	out, err = in.Eval(ctx, "threads", `local t = {}
		for i = 1, 3 do thread.start(function() thread.sleep(0.001 * (4 - i)) t[i] = i end) end
		return t`)
	if fmt.Sprint(out, err) != "[[1 2 3]] <nil>" {
		t.Errorf("%v %v", out, err)
	}
	_, err = interp.Compile("broken.lua", "if x then")
	var failure *interp.Error
	if !errors.As(err, &failure) || !strings.HasPrefix(failure.Message, "broken.lua:1:") || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	for _, source := range []string{"x = = 1", "error('boom')", "thread.start(error, 'boom'):join() error('boom')"} {
		if _, err := in.Eval(ctx, "bad.lua", source); !errors.As(err, &failure) || !strings.HasPrefix(failure.Message, "bad.lua:1:") {
			t.Errorf("%s: %v", source, err)
		}
	}
	if _, err := in.Eval(ctx, "none.lua", "return coroutine.create(print)"); err == nil || err.Error() != "interp: Eval none.lua: result 1: a thread has no form in Go" {
		t.Error(err)
	}
	if _, err := in.Eval(ctx, "none.lua", "return", make(chan int8), func() {}, struct{ c complex64 }{}); err == nil || !strings.HasPrefix(err.Error(), "interp: Eval none.lua: argument ") {
		t.Error(err)
	}
	cut, cancel := context.WithTimeout(ctx, 5*time.Millisecond)
	defer cancel()
	if _, err := in.Run(cut, compile(t, "while true do end")); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if out, err := in.Eval(ctx, "exit", "os.exit(0)"); out != nil || err != nil {
		t.Error(out, err)
	}
}

func TestResultsInto(t *testing.T) {
	in, _ := embed(t, interp.Config{})
	ctx := context.Background()
	run(t, in, `plugin = {}
		function plugin.on_request(req) return {Status = 200, Headers = {["X-Path"] = req.path}, Body = "hello\0"} end
		function several() return 1, "two", {3, 4}, "dropped" end
		function nothing() end`)
	var reply struct {
		Status  int
		Headers map[string]string
		Body    []byte
	}
	if err := in.CallInto(ctx, &reply, "plugin.on_request", map[string]any{"path": "/x"}); err != nil ||
		reply.Status != 200 || reply.Headers["X-Path"] != "/x" || string(reply.Body) != "hello\x00" {
		t.Errorf("%+v %v", reply, err)
	}
	one, two, three, missing := 0, "", []int(nil), "missing"
	if err := in.CallInto(ctx, &interp.Results{&one, &two, &three}, "several"); err != nil || one != 1 || two != "two" || len(three) != 2 {
		t.Error(one, two, three, err)
	}
	if err := in.RunInto(ctx, &interp.Results{nil, &two, nil, nil, &missing}, compile(t, "return several()")); err != nil || two != "two" || missing != "" {
		t.Error(two, missing, err)
	}
	if err := in.CallInto(ctx, &one, "nothing"); err != nil || one != 0 {
		t.Error(one, err)
	}
	var table map[string]int
	run(t, in, "limits = {max = 3} empty = {}")
	if err := in.GetInto("limits", &table); err != nil || table["max"] != 3 {
		t.Error(table, err)
	}
	if err := in.GetInto("empty", &table); err != nil || table == nil || len(table) != 0 {
		t.Error(table, err)
	}
	if v, err := in.Get("empty"); err != nil || !reflect.DeepEqual(v, []any{}) {
		t.Errorf("%#v %v", v, err)
	}
	for err, want := range map[error]string{
		in.CallInto(ctx, &reply, "several"):                      "interp: Call several: result 1: table expected, got number",
		in.CallInto(ctx, &interp.Results{&one, &one}, "several"): "interp: Call several: result 2: number expected, got string",
		in.CallInto(ctx, one, "several"):                         "interp: Call several: results go to what a pointer points to, and a int is none",
		in.CallInto(ctx, (*int)(nil), "several"):                 "interp: Call several: results go to what a pointer points to, and a *int is none",
		in.CallInto(ctx, &interp.Results{3}, "several"):          "interp: Call several: results go to what a pointer points to, and a int is none",
		in.GetInto("limits", 3):                                  "interp: Get limits: results go to what a pointer points to, and a int is none",
		in.GetInto("limits.max", &reply):                         "interp: Get limits.max: table expected, got number",
	} {
		if fmt.Sprint(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestDottedNames(t *testing.T) {
	in, _ := embed(t, interp.Config{})
	ctx := context.Background()
	run(t, in, `app = {limits = {max = 3}, new = function(...) return ... end}
		made = setmetatable({}, {__index = function(_, k) return function() thread.sleep(0) return k end end})
		inherits = setmetatable({}, {__index = app})
		bad = setmetatable({}, {__index = function(_, k) error("no " .. k) end})
		text = "x"`)
	for name, want := range map[string]any{"app.limits.max": 3.0, "inherits.limits.max": 3.0, "app.none": nil, "none": nil, "math.huge": nil, "made.anything": nil} {
		if v, err := in.Get(name); err != nil || v != want && name != "math.huge" {
			t.Errorf("%s: %v %v", name, v, err)
		}
	}
	for name, want := range map[string]string{"app.new": "[1]", "inherits.new": "[1]", "made.anything": "[anything]", "string.rep": "[]", "bit.bnot": "[-2]"} {
		if out, err := in.Call(ctx, name, 1, 0); err != nil || name != "app.new" && name != "inherits.new" && fmt.Sprint(out) != want {
			t.Errorf("%s: %v %v", name, out, err)
		}
	}
	if err := in.Set("app.limits.max", 4); err != nil {
		t.Error(err)
	}
	run(t, in, `assert(app.limits.max == 4)`)
	get := func(name string) error { _, err := in.Get(name); return err }
	call := func(name string) error { _, err := in.Call(ctx, name); return err }
	for err, want := range map[error]string{
		get("app.none.max"):       "interp: Get app.none.max: app.none is nil",
		get("app.limits.max.x"):   "interp: Get app.limits.max.x: app.limits.max is a number, which has no fields",
		get("app..max"):           "interp: Get app..max: a name must not be empty, nor have an empty part between its dots",
		in.Set("", 1):             "interp: Set : a name must not be empty, nor have an empty part between its dots",
		in.Set("app.", 1):         "interp: Set app.: a name must not be empty, nor have an empty part between its dots",
		in.Set("none.max", 1):     "interp: Set none.max: none is nil",
		in.Set("text.max", 1):     "interp: Set text.max: text is a string, and no table",
		in.Set("app.none.max", 1): "interp: Set app.none.max: app.none is nil",
		call("none.f"):            "interp: Call none.f: none is nil",
		call("app.f"):             "interp: Call app.f: no function of that name",
		call("nothing"):           "interp: Call nothing: no global function of that name",
		call("bad.thing"):         "test.lua:4: no thing",
		call("app.limits"):        "interp: Call app.limits: a table cannot be called",
	} {
		if err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestObjects(t *testing.T) {
	in, _ := embed(t, interp.Config{})
	other, _ := embed(t, interp.Config{})
	ctx := context.Background()
	var plugin *interp.Object
	if err := in.RunInto(ctx, &plugin, compile(t, `local t = {limits = {max = 1}, n = 0}
		function t.add(a, b) return a + b end
		function t:bump(by) self.n = self.n + by return self end
		t.sub = {name = "sub", who = function(self) return self.name end}
		setmetatable(t, {__index = function(_, k) return "made " .. k end, __call = function(_, x) return "called " .. x end})
		return t`)); err != nil {
		t.Fatal(err)
	}
	try := func(want string) func([]any, error) {
		return func(out []any, err error) {
			t.Helper()
			if got := fmt.Sprint(out, err); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
	}
	try("[3] <nil>")(plugin.Call(ctx, "add", 1, 2))
	try("[sub] <nil>")(plugin.CallMethod(ctx, "sub.who"))
	try("[called x] <nil>")(plugin.Call(ctx, "", "x"))
	var same *interp.Object
	if err := plugin.CallInto(ctx, &same, "bump", plugin, 2); err != nil {
		t.Error(err)
	}
	set(t, in, map[string]any{"a": plugin, "b": same})
	run(t, in, `assert(a == b and a.n == 2)`)
	if err := plugin.Set(ctx, "limits.max", 3); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]any{"limits.max": 3.0, "n": 2.0, "nothing": "made nothing"} {
		if v, err := plugin.Get(ctx, name); err != nil || v != want {
			t.Errorf("%s: %v %v", name, v, err)
		}
	}
	if err := other.Set("a", plugin); err == nil || err.Error() != "interp: Set a: a handle of another interpreter has no form in this one" {
		t.Error(err)
	}
	if err := plugin.Set(ctx, "n.x", 1); err == nil || err.Error() != "interp: Set n.x: n is a number, which has no fields" {
		t.Error(err)
	}
	if _, err := plugin.Get(ctx, "sub.none.x"); err == nil || err.Error() != "interp: Get sub.none.x: sub.none is nil" {
		t.Error(err)
	}
	if err := in.GetInto("a.n", &same); err == nil || err.Error() != "interp: Get a.n: table, function or object expected, got number" || same != nil {
		t.Error(err, same)
	}
	// A host function has handles, too, and may call by them.
	set(t, in, map[string]any{"twice": func(o *interp.Object) ([]any, error) {
		if _, err := o.Call(ctx, "bump", o, 10); err != nil {
			return nil, err
		}
		return o.Call(ctx, "bump", o, 10)
	}})
	run(t, in, `assert(twice(a)[1] == nil and a.n == 22 or true) assert(a.n == 22, a.n)`)
	// Objects of modules, with their metamethods.
	if err := in.RunInto(ctx, &same, compile(t, `return io.stdout`)); err != nil {
		t.Error(err)
	}
	try("[true] <nil>")(same.CallMethod(ctx, "flush"))
	in.Close()
	if _, err := plugin.Call(ctx, "add", 1, 2); err != interp.ErrClosed {
		t.Error(err)
	}
	if _, err := plugin.Get(ctx, "n"); err != interp.ErrClosed {
		t.Error(err)
	}
}

// nil is the zero value of whatever a result goes to, handles and functions among them, and these say so when they are used.
func TestNothingIsZero(t *testing.T) {
	in, _ := embed(t, interp.Config{FS: fstest.MapFS{
		"plugin.lua": {Data: []byte(`return {name = "plugin", add = function(a, b) return a + b end}`)},
		"empty.lua":  {Data: []byte(`x = 1`)},
	}})
	ctx := context.Background()
	n, text, o, f := 1, "x", new(interp.Object), interp.Func{}
	if err := in.RunInto(ctx, &interp.Results{&f}, compile(t, `return print`)); err != nil {
		t.Fatal(err)
	}
	for _, source := range []string{`return nil, nil, nil, nil`, ``} {
		err := in.RunInto(ctx, &interp.Results{&n, &text, &o, &f}, compile(t, source))
		if err != nil || n != 0 || text != "" || o != nil || f != (interp.Func{}) {
			t.Errorf("%q: %v %q %v %v, %v", source, n, text, o, f, err)
		}
	}
	_, err := o.Call(ctx, "x.y")
	_, err2 := o.Get(ctx, "n")
	_, err3 := f.Call(ctx)
	for i, err := range []error{err, o.Set(ctx, "n", 1), err2, err3} {
		if want := [...]string{"Call x.y: the handle is nil", "Set n: the handle is nil", "Get n: the handle is nil", "Call of the zero Func"}[i]; err == nil || !strings.HasPrefix(err.Error(), "interp: "+want) {
			t.Error(err)
		}
	}
	// A file's values, by dofile.
	if err := in.CallInto(ctx, &o, "dofile", "empty.lua"); err != nil || o != nil {
		t.Error(o, err)
	}
	if err := in.CallInto(ctx, &o, "dofile", "plugin.lua"); err != nil {
		t.Fatal(err)
	}
	var add *interp.Object
	if out, err := o.Get(ctx, "name"); err != nil || out != "plugin" {
		t.Error(out, err)
	}
	if err := in.Set("plugin", o); err != nil {
		t.Fatal(err)
	}
	if err := in.GetInto("plugin.add", &add); err != nil {
		t.Fatal(err)
	}
	if err := add.CallInto(ctx, &n, "", 1, 2); err != nil || n != 3 {
		t.Error(n, err)
	}
}

// What only a handle keeps counts to the interpreter's account, as long as there is the handle.
func TestObjectsAreCounted(t *testing.T) {
	in, _ := embed(t, interp.Config{})
	before := in.Memory()
	var kept *interp.Object
	if err := in.RunInto(context.Background(), &kept, compile(t, `return {("x"):rep(1e6)}`)); err != nil {
		t.Fatal(err)
	}
	if has := in.Memory() - before; has < 1e6 {
		t.Errorf("%d bytes more, for a handle on a million", has)
	}
	if _, err := kept.Get(context.Background(), ""); err != nil {
		t.Error(err)
	}
}

func TestMomentsAndUnknownKeys(t *testing.T) {
	in, _ := embed(t, interp.Config{})
	at := time.Date(2026, 11, 28, 12, 30, 0, 250_000_000, time.FixedZone("x", 3600))
	type opts struct {
		Port  int `json:"port"`
		Since time.Time
	}
	type open struct {
		Port int            `json:"port"`
		Rest map[string]any `json:",any"`
	}
	var got opts
	set(t, in, map[string]any{
		"at": at, "zero": time.Time{}, "opts": opts{1, at}, "open": open{1, map[string]any{"a": 1, "b": "x"}},
		"take": func(o opts) { got = o },
		"rest": func(o open) (int, map[string]any) { return o.Port, o.Rest },
		"when": func(t time.Time) (time.Time, bool) { return t, t.IsZero() },
	})
	run(t, in, `
		assert(at == 1795865400.25 and opts.Since == at and open.a == 1 and open.b == "x" and open.Rest == nil)
		take{port = 2, Since = at}
		assert(when(at) == at) assert(select("#", when(nil)) == 2 and select(2, when(nil)) and select(2, when(zero)))
		local function fails(want, f, ...)
			local ok, err = pcall(f, ...)
			assert(not ok and err:find(want, 1, true), tostring(err))
		end
		fails("unknown field 'prot' (did you mean 'port'?))", take, {prot = 1})
		fails("unknown field '1', 'Porte' (did you mean 'port'?), 'since' (did you mean 'Since'?))", take, {port = 1, Porte = 1, since = 2, "x"})
		fails("number expected, got string", when, "tomorrow")
		fails("seconds since 1970 expected, got inf", when, 1/0)
		fails("seconds since 1970 expected, got nan", when, 0/0)
		local port, all = rest{port = 5, x = 1, y = {2}, [7] = true}
		assert(port == 5 and all.x == 1 and all.y[1] == 2 and all["7"] == true and all.port == nil)`)
	if got.Port != 2 || !got.Since.Equal(at) {
		t.Errorf("%+v", got)
	}
}

// An address was "a address", and nothing said how a host comes by it.
func TestAddressesAreText(t *testing.T) {
	in, _ := embed(t, interp.Config{})
	ctx := context.Background()
	run(t, in, `function at() return socket.socketpair():getsockname(), thread.event() end`)
	if _, err := in.Call(ctx, "at"); err == nil || err.Error() != "interp: Call at: result 1: an address, unless it goes to a string, has no form in Go" {
		t.Error(err)
	}
	text := "before"
	if err := in.CallInto(ctx, &text, "at"); err != nil || text != "" { // a pair has no names
		t.Errorf("%q, %v", text, err)
	}
	if err := in.CallInto(ctx, &interp.Results{nil, new(any)}, "at"); err == nil || err.Error() != "interp: Call at: result 2: an event has no form in Go" {
		t.Error(err)
	}
}
