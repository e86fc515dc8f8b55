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
