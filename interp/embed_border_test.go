package interp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/interp/policy"
)

// What a host function says of its failure is what the script reads; the error that
// it wraps tells the code. Of "no user" nothing was left but "no such file or directory".
func TestHostErrorText(t *testing.T) {
	in, _ := embed(t, interp.Config{})
	_, pathError := os.Open("/nonexistent")
	denied := policy.Policy{}
	checker, err := denied.Compile()
	if err != nil {
		t.Fatal(err)
	}
	noEnv := checker.Env("HOME")
	inner := &interp.OpError{Op: "connect", Code: "ECONNREFUSED", Errno: syscall.ECONNREFUSED, Address: "1.2.3.4:5", Message: "connection refused"}
	var failure error
	set(t, in, map[string]any{"fail": func() error { return failure }, "value": func() any { return failure }})
	for _, c := range []struct {
		err                 error
		code, message, text string
		is                  error
	}{
		{fmt.Errorf("no user %q: %w", "bob", os.ErrNotExist), "ENOENT", `no user "bob": file does not exist`, "", os.ErrNotExist},
		{fmt.Errorf("no user: %w", syscall.ENOENT), "ENOENT", "no user: no such file or directory", "", fs.ErrNotExist},
		{pathError, "ENOENT", "open /nonexistent: no such file or directory", "", fs.ErrNotExist},
		{fmt.Errorf("lookup: %w", os.ErrPermission), "EACCES", "lookup: permission denied", "", fs.ErrPermission},
		{fmt.Errorf("fetch: %w", context.DeadlineExceeded), "ETIMEDOUT", "fetch: context deadline exceeded", "", os.ErrDeadlineExceeded},
		{fmt.Errorf("pool: %w", net.ErrClosed), "EBADF", "pool: use of closed network connection", "", net.ErrClosed},
		{fmt.Errorf("dial: %w", inner), "ECONNREFUSED", "dial: connect 1.2.3.4:5: connection refused", "", syscall.ECONNREFUSED},
		{fmt.Errorf("env: %w", noEnv), "EACCES", "env: " + noEnv.Error(), "", fs.ErrPermission},
		{errors.Join(errors.New("one"), syscall.EPIPE), "EPIPE", "one\nbroken pipe", "", syscall.EPIPE},
		{errors.New("plain"), "EOTHER", "plain", "", nil},
		{syscall.ETIMEDOUT, "ETIMEDOUT", "timed out", "", syscall.ETIMEDOUT},
		{context.DeadlineExceeded, "ETIMEDOUT", "timed out", "", context.DeadlineExceeded},
		{inner, "ECONNREFUSED", "connection refused", "connect 1.2.3.4:5: connection refused", syscall.ECONNREFUSED},
	} {
		failure = c.err
		if c.text == "" {
			c.text = "fail: " + c.message
		}
		run(t, in, `
			local ok, err = pcall(fail)
			code, message, text = err.code, err.message, tostring(err)
			assert(err.timeout == (code == "ETIMEDOUT"))
			local v = value()
			assert(v.code == code and v.message == message, v.message)`)
		for name, want := range map[string]string{"code": c.code, "message": c.message, "text": c.text} {
			if got, _ := in.Get(name); got != want {
				t.Errorf("%v: %s is %q, want %q", c.err, name, got, want)
			}
		}
		_, err := in.Call(context.Background(), "fail")
		if !errors.Is(err, c.err) || c.is != nil && !errors.Is(err, c.is) || !strings.HasSuffix(err.Error(), c.text) {
			t.Errorf("%v came back as %v", c.err, err)
		}
	}
}

// Bytes cross by copy, a memory's speed; one by one took a thousand times as long.
func TestBytesCross(t *testing.T) {
	type octet byte
	type form struct {
		Body []byte
		Sum  [4]byte
		Odd  []octet
		Four [4]octet
	}
	in, _ := embed(t, interp.Config{})
	set(t, in, map[string]any{
		"form": func(f form) form { return f },
		"all":  func(b []byte, o []octet, a [3]byte, p *[]byte) string { return fmt.Sprint(b, o, a, *p) },
	})
	run(t, in, `
		local f = form{Body = "body\0", Sum = "1234", Odd = "odd", Four = "four"}
		assert(f.Body == "body\0" and f.Sum == "1234" and f.Odd == "odd" and f.Four == "four")
		assert(all("ab", "", "xyz", "p") == "[97 98] [] [120 121 122] [112]")
		function same(...) return ... end
		function length(s) return #s end
		function lengthof(f) return #f.Body end`)
	data := bytes.Repeat([]byte("0123456789abcdef"), 1<<20)
	set(t, in, map[string]any{"give": func() []byte { return data }, "take": func(b []byte) int { return len(b) },
		"fields": func(f form) int { return len(f.Body) }})
	run(t, in, `s = give() function out() return take(s) end f = {Body = s} function field() return fields(f) end`)
	call := func(name string, args ...any) func() {
		return func() {
			if _, err := in.Call(context.Background(), name, args...); err != nil {
				t.Error(err)
			}
		}
	}
	var array [16 << 20]byte
	copied := fastest(func() { bytes.Clone(data) })
	for name, fn := range map[string]func(){
		"[]byte in": call("length", data), "result": call("give"), "[n]byte in": call("length", &array),
		"field in": call("lengthof", form{Body: data}), "[]byte out": call("out"), "field out": call("field"),
	} {
		if took := fastest(fn); took > 20*copied+5*time.Millisecond {
			t.Errorf("%s: %v for what a copy takes %v", name, took, copied)
		}
	}
}

func fastest(fn func()) time.Duration {
	best := time.Hour
	for range 5 {
		start := time.Now()
		fn()
		best = min(best, time.Since(start))
	}
	return best
}

type tree struct {
	Kids  []tree
	Links map[string]*tree
	Any   any
	Text  []byte
}

// What is found twice is converted once: a table that is 2^60 of its own leaves took
// all time and memory there is.
func TestSharedValues(t *testing.T) {
	in, _ := embed(t, interp.Config{})
	other, _ := embed(t, interp.Config{})
	var got tree
	set(t, in, map[string]any{
		"take":  func(n tree) { got = n },
		"both":  func(a, b *tree) bool { return a == b },
		"lists": func(l [][2][]int) int { return len(l) },
		"pass": func(v any) error {
			_, err := other.Call(context.Background(), "take", v)
			return err
		},
	})
	set(t, other, map[string]any{"take": func(v any) any { return v }})
	script := `
		function deep(n, make) local t = {} for i = 1, n do t = make(t) end return t end
		local n = deep(60, function(n) return {Kids = {n, n}, Links = {a = n, b = n}} end)
		take(n)
		take{Any = deep(60, function(n) return {n, n} end)}
		pass(deep(60, function(n) return {n, {n, n}} end))
		assert(both(n, n))
		lists(deep(1, function() local two = {{1}, {2}} return {two, two} end))
		local t = {} t.Kids = {t}
		local ok, err = pcall(take, t)
		assert(not ok and err:find("contains itself"), err)
		result = deep(60, function(n) return {n, n} end)`
	run(t, in, script)
	if l := got.Any.([]any); len(l) != 2 || &l[0].([]any)[0] != &l[1].([]any)[0] {
		t.Error("a table that was there twice is two slices")
	}
	v, err := in.Get("result")
	if err != nil {
		t.Fatal(err)
	}
	empty, size := []any{}, []struct{}{{}}
	if err := errors.Join(other.Set("result", v), other.Set("empty", []any{empty[:0], empty[:0], size, size, &struct{}{}, &struct{}{}})); err != nil {
		t.Fatal(err)
	}
	run(t, other, `
		assert(result[1] == result[2] and #result == 2)
		for i = 1, 5, 2 do assert(empty[i] ~= empty[i + 1]) end`)
	pair := []any{1}
	if out, err := other.Call(context.Background(), "take", []any{pair, pair}); err != nil || fmt.Sprint(out) != "[[[1] [1]]]" {
		t.Error(out, err)
	}
}

// A conversion has bounds, and ends with the run.
func TestConversionBounds(t *testing.T) {
	in, _ := embed(t, interp.Config{})
	half := make([]byte, 160<<20)
	set(t, in, map[string]any{
		"bytes":   func([][]byte) {},
		"give":    func() any { return [][]byte{half[1:], half} },
		"strings": func(s []string) int { return len(s) },
	})
	for _, script := range []string{
		`local s, t = ("x"):rep(2^20), {} for i = 1, 10000 do t[i] = s end assert(strings(t) == 10000) bytes(t)`, `give()`,
	} {
		if err := in.RunString(context.Background(), "x", script); err == nil || !strings.Contains(err.Error(), "more than 268435456 bytes to copy") {
			t.Errorf("%s: %v", script, err)
		}
	}
	if !testing.Short() {
		if err := in.Set("many", make([]bool, 1<<24)); err == nil || !strings.Contains(err.Error(), "more than 16777216 values") {
			t.Error(err)
		}
	}
	run(t, in, `big = {} for i = 1, 5e5 do big[i] = i end function again() while true do pcall(strings, big) end end`)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := in.Call(ctx, "again"); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("stopped after %v", took)
	}
}

// Lua's own values are taken back only by the interpreter that they came from.
func TestRawValuesStay(t *testing.T) {
	a, _ := embed(t, interp.Config{})
	b, _ := embed(t, interp.Config{})
	var kept lua.LValue
	var table *lua.LTable
	for _, in := range []*interp.Interpreter{a, b} {
		set(t, in, map[string]any{
			"keep":  func(v lua.LValue) { kept = v },
			"table": func(v *lua.LTable) { table = v },
			"kept":  func() lua.LValue { return kept },
			"inner": func() any { return map[string]any{"list": []any{1, table}} },
			"call":  func(ctx context.Context, f interp.Func) ([]any, error) { return f.Call(ctx) },
		})
	}
	for _, v := range []string{"{}", "io.open", "function() end", "thread.lock()", "coroutine.create(print)", "_G"} {
		run(t, a, `v = `+v+` keep(v) table{x = v} assert(kept() == v and inner().list[2].x == v)`)
		run(t, b, `
			local ok, err = pcall(kept)
			assert(not ok and err:find("result 1 of 'kept': a raw ", 1, true), err)
			ok, err = pcall(inner)
			assert(not ok and err:find("result 1 of 'inner'.list[2]: a raw table that is not from this interpreter", 1, true), err)`)
		if err := b.Set("v", kept); err == nil || !strings.HasPrefix(err.Error(), "interp: Set v: a raw ") {
			t.Error(err)
		}
		if _, err := b.Call(context.Background(), "call", map[string]any{"k": kept}); err == nil || !strings.Contains(err.Error(), "argument 1.k: a raw ") {
			t.Error(err)
		}
	}
	for _, v := range []string{"nil", "1", "'x'", "true"} {
		run(t, a, `keep(`+v+`)`)
		run(t, b, `assert(kept() == `+v+`)`)
	}
	err := a.RunString(context.Background(), "x", `error({})`)
	var e *interp.Error
	if !errors.As(err, &e) || b.Set("v", e.Value()) == nil || a.Set("v", e.Value()) != nil {
		t.Error(err)
	}
	// A function of another interpreter's is called there, with that one's rights.
	run(t, a, `function f(t) t.seen = true return {t.x, _G == v} end`)
	f, _ := a.Get("f")
	set(t, b, map[string]any{"f": f})
	run(t, b, `local t = {x = 1} assert(f(t)[1] == 1 and not t.seen)`)
}
