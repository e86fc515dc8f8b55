package interp_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// What errors.Is promises for a script's failures.
func TestErrorIdentity(t *testing.T) {
	in, _ := embed(t, interp.Config{Policy: policy.Policy{Connect: []string{"127.0.0.1"}}})
	own := errors.New("own")
	set(t, in, map[string]any{"own": func() error { return fmt.Errorf("wrapped: %w", own) }})
	for script, want := range map[string]error{
		`socket.create_connection("127.0.0.1", 1)`:                     syscall.ECONNREFUSED,
		`socket.create_connection("192.0.2.1", 1)`:                     fs.ErrPermission,
		`local a, b = socket.socketpair() a:settimeout(0.01) a:recv()`: os.ErrDeadlineExceeded,
		`own()`: own,
		`pcall(own) local ok, err = pcall(own) error(err, 0)`:                                          own,
		`thread.start(function() own() end):join() local _, err = thread.start(own):join() error(err)`: own,
		`coroutine.wrap(function() own() end)()`:                                                       own,
	} {
		err := in.RunString(context.Background(), "x.lua", script)
		var e *interp.Error
		if !errors.Is(err, want) || !errors.As(err, &e) || !strings.HasPrefix(e.Traceback, "stack traceback:\n") {
			t.Errorf("%s: %v\n%v", script, err, e)
		}
	}
	var syntax *interp.Error
	if err := in.RunString(context.Background(), "x.lua", "\nx = = 1"); !errors.As(err, &syntax) || !strings.HasPrefix(syntax.Message, "x.lua:2: ") || syntax.Traceback != "" {
		t.Error(err)
	}
	if err := in.RunFile(context.Background(), "no such file.lua"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if _, err := in.Call(context.Background(), "nothing"); err == nil || err.Error() != "interp: Call nothing: no global function of that name" {
		t.Error(err)
	}
}

func TestContexts(t *testing.T) {
	in, _ := embed(t, interp.Config{})
	why := errors.New("why")
	run(t, in, `function spin() while true do end end function sleep() thread.sleep(100) end`)
	for _, fn := range []string{"spin", "sleep"} {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		_, err := in.Call(ctx, fn)
		var e *interp.Error
		if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &e) || !strings.Contains(e.Traceback, "test.lua:1") {
			t.Errorf("%s: %v", fn, err)
		}
		cancel()
		if _, err := in.Call(ctx, fn); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s, on a context that has ended: %v", fn, err)
		}
		ctx, stop := context.WithCancelCause(context.Background())
		time.AfterFunc(10*time.Millisecond, func() { stop(why) })
		if _, err := in.Call(ctx, fn); !errors.Is(err, why) || !errors.Is(err, context.Canceled) || err.Error() != "why" {
			t.Errorf("%s: %v", fn, err)
		}
	}
	// One that waits for its turn gives up in time, too.
	long, endLong := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { in.Call(long, "spin") })
	time.Sleep(10 * time.Millisecond)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if _, err := in.Call(ctx, "sleep"); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	endLong()
	wg.Wait()
	run(t, in, `assert(1 + 1 == 2)`) // it can still be used
}

func TestExitStatus(t *testing.T) {
	in, out := embed(t, interp.Config{})
	run(t, in, `function leave(n) thread.start(function() thread.sleep(100) end) pcall(os.exit, n) print("not here") end`)
	for code, want := range map[int]error{0: nil, 3: &interp.ExitError{Code: 3}} {
		_, err := in.Call(context.Background(), "leave", code)
		var exit *interp.ExitError
		if (err == nil) != (want == nil) || errors.As(err, &exit) && exit.Code != code {
			t.Errorf("os.exit(%d): %v", code, err)
		}
	}
	run(t, in, `print("still here", thread.count())`)
	if out.String() != "still here\t1\n" {
		t.Errorf("printed %q", out)
	}
}

// Close ends calls of every kind, and nothing of them is left.
func TestCloseCallsUnderWay(t *testing.T) {
	running := goleak.IgnoreCurrent()
	in, _ := embed(t, interp.Config{Policy: policy.All()})
	block := make(chan struct{})
	defer close(block)
	set(t, in, map[string]any{"host": func(ctx context.Context) { <-ctx.Done() }})
	run(t, in, `
		function sleep() thread.sleep(100) end
		function spin() while true do end end
		function accept() return socket.create_server("127.0.0.1", 0):accept() end
		function join() return thread.start(accept):join() end
		function caught() while true do pcall(thread.sleep, 100) end end
		function leave() thread.daemon(spin) thread.daemon(accept) end`)
	if _, err := in.Call(context.Background(), "leave"); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for _, fn := range []string{"sleep", "accept", "join", "caught", "host", "spin"} {
		wg.Go(func() {
			if _, err := in.Call(context.Background(), fn); err != interp.ErrClosed {
				t.Errorf("%s: %v", fn, err)
			}
		})
	}
	time.Sleep(20 * time.Millisecond)
	in.Close()
	in.Close()
	wg.Wait()
	for _, err := range []error{
		in.RunString(context.Background(), "x", ""), in.Set("x", 1), func() error { _, err := in.Get("x"); return err }(),
	} {
		if err != interp.ErrClosed {
			t.Error(err)
		}
	}
	goleak.VerifyNone(t, running)
}

func TestLimits(t *testing.T) {
	in, out := embed(t, interp.Config{Limits: interp.Limits{Threads: 3, Sockets: 2, Output: 10, Time: 300 * time.Millisecond}})
	ctx := context.Background()
	for script, want := range map[string]error{
		`for i = 1, 4 do thread.start(function() thread.sleep(100) end) end`:   syscall.EAGAIN,
		`a = {} for i = 1, 2 do a[i] = {socket.socketpair()} end`:              syscall.EMFILE,
		`print("123456789") pcall(print, "x") io.stderr:write("x") print("x")`: syscall.EFBIG,
		`while true do end`: context.DeadlineExceeded,
		`thread.start(function() while true do pcall(thread.sleep, 100) end end)`: context.DeadlineExceeded,
	} {
		out.Reset()
		if err := in.RunString(ctx, "x.lua", script); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", script, err, want)
		}
		if out.Len() > 10 {
			t.Errorf("%d bytes were written", out.Len())
		}
		run(t, in, `for _, pair in pairs(a or {}) do for _, s in pairs(pair) do s:close() end end a = nil`)
	}
	// What a Call left behind ends with the time of that Call.
	run(t, in, `ticks = 0
		function leave() thread.start(function() while true do ticks = ticks + 1 thread.sleep(0.001) end end) end`)
	if _, err := in.Call(ctx, "leave"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(500 * time.Millisecond)
	before, _ := in.Get("ticks")
	time.Sleep(20 * time.Millisecond)
	if after, _ := in.Get("ticks"); before != after || before.(float64) < 2 {
		t.Errorf("ticks went from %v to %v", before, after)
	}
}

func TestFS(t *testing.T) {
	files := fstest.MapFS{
		"main.lua":         {Data: []byte("#!/usr/bin/env wirelua\nlocal lib, sub = require 'lib', require 'sub.mod'\nreturn print(lib.name, sub, dofile('data.lua'), loadfile('data.lua')(), ...)")},
		"lib.lua":          {Data: []byte(`return {name = ...}`)},
		"sub/mod/init.lua": {Data: []byte(`return "sub"`)},
		"data.lua":         {Data: []byte(`return 42`)},
		"broken.lua":       {Data: []byte("\n\nx = ")},
		"up.lua":           {Data: []byte(`return dofile("../../etc/passwd")`)},
		"app/app.lua":      {Data: []byte(`return print(require "near")`)},
		"app/near.lua":     {Data: []byte(`return "near"`)},
	}
	in, out := embed(t, interp.Config{FS: files, Args: []string{"default"}})
	ctx := context.Background()
	for _, c := range []struct {
		file string
		args []string
	}{{"main.lua", nil}, {"main.lua", []string{"given"}}, {"app/app.lua", nil}} {
		if err := in.RunFile(ctx, c.file, c.args...); err != nil {
			t.Error(err)
		}
	}
	if want := "lib\tsub\t42\t42\tdefault\nlib\tsub\t42\t42\tgiven\nnear\n"; out.String() != want {
		t.Errorf("printed %q, want %q", out, want)
	}
	if err := in.RunFile(ctx, "broken.lua"); err == nil || !strings.HasPrefix(err.Error(), "broken.lua:") {
		t.Error(err)
	}
	for _, name := range []string{"none.lua", "/etc/passwd", "../x.lua"} {
		if err := in.RunFile(ctx, name); err == nil {
			t.Errorf("%s was found", name)
		}
	}
	err := in.RunFile(ctx, "none.lua")
	if !errors.Is(err, syscall.ENOENT) || !errors.Is(err, fs.ErrNotExist) || err.Error() != "none.lua: no such file or directory" {
		t.Error(err)
	}
	run(t, in, `local ok, err = pcall(dofile, "none.lua")
		assert(err.code == "ENOENT" and err.errno == errno.ENOENT and tostring(err) == "dofile none.lua: no such file or directory", err)`)
	in.Close()
	if err := in.RunFile(ctx, "none.lua"); err != interp.ErrClosed {
		t.Error(err)
	}
	if _, err := interp.New(interp.Config{Modules: []*interp.Module{nil}}); err == nil {
		t.Error("a module that is nil")
	}
	if err := in.RunFile(ctx, "up.lua"); err == nil {
		t.Error("dofile went out of the file system")
	}
}

// TestCallHammer has one interpreter used in all ways by many goroutines at once.
func TestCallHammer(t *testing.T) {
	running := goleak.IgnoreCurrent()
	in, _ := embed(t, interp.Config{Limits: interp.Limits{Time: 10 * time.Second}})
	count := 0 // guarded by nothing but the turn
	results := make(chan any, 16)
	set(t, in, map[string]any{
		"count":   func() { count++ },
		"results": results,
		"nested": func(ctx context.Context, n int) (any, error) {
			out, err := in.Call(ctx, "add", n, 1)
			if err != nil {
				return nil, err
			}
			return out[0], nil
		},
	})
	run(t, in, `
		sum, boom = 0, {}
		function add(a, b) count() return a + b end
		function wait(s) count() thread.sleep(s) return sum end
		function fail() count() error(boom) end
		function each(list, fn) count() for i, v in ipairs(list) do list[i] = nested(v) end return list end
		function give(v) count() results:send(v) end
		function later(fn) count() return function(...) return fn(...) end end`)
	const workers, rounds = 16, 60
	var wg sync.WaitGroup
	ctx := context.Background()
	for w := range workers {
		wg.Go(func() {
			random := rand.New(rand.NewSource(int64(w)))
			for range rounds {
				if err := hammer(ctx, in, random); err != nil {
					t.Error(err)
				}
			}
		})
	}
	received := 0
	done := make(chan struct{})
	go func() {
		for range results {
			received++
		}
		close(done)
	}()
	wg.Wait()
	close(results)
	<-done
	if count < workers*rounds {
		t.Errorf("%d calls of %d", count, workers*rounds)
	}
	in.Close()
	goleak.VerifyNone(t, running)
}

// hammer makes one call of a kind chosen at random.
func hammer(ctx context.Context, in *interp.Interpreter, random *rand.Rand) error {
	n := random.Intn(1000)
	switch random.Intn(7) {
	case 0:
		out, err := in.Call(ctx, "add", n, 1)
		if err != nil || out[0] != float64(n+1) {
			return fmt.Errorf("add: %v, %w", out, err)
		}
	case 1:
		ctx, cancel := context.WithTimeout(ctx, time.Duration(n)*time.Microsecond)
		defer cancel()
		if _, err := in.Call(ctx, "wait", 0.0005); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		_, err := in.Call(context.Background(), "add", 1, 1)
		return err
	case 2:
		if _, err := in.Call(ctx, "fail"); err == nil {
			return errors.New("fail did not")
		}
	case 3:
		out, err := in.Call(ctx, "each", []int{n, n + 1})
		if err != nil || fmt.Sprint(out...) != fmt.Sprint([]any{float64(n + 1), float64(n + 2)}) {
			return fmt.Errorf("each: %v, %w", out, err)
		}
	case 4:
		_, err := in.Call(ctx, "give", map[string]any{"n": n})
		return err
	case 5:
		out, err := in.Call(ctx, "later", func(ctx context.Context, a int) int { return 2 * a })
		if err != nil {
			return err
		}
		if out, err = out[0].(interp.Func).Call(ctx, n); err != nil || out[0] != float64(2*n) {
			return fmt.Errorf("later: %v, %w", out, err)
		}
	case 6:
		if err := in.Set("sum", n); err != nil {
			return err
		}
		if _, err := in.Get("sum"); err != nil {
			return err
		}
		_, err := in.Call(ctx, "add", 1, 1)
		return err
	}
	return nil
}

// A thousand interpreters side by side, each with threads that wait.
func TestThousand(t *testing.T) {
	running := goleak.IgnoreCurrent()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 50 {
				in, err := interp.New(interp.Config{Modules: stdlib.Modules()})
				if err != nil {
					t.Error(err)
					return
				}
				if err := in.RunString(context.Background(), "x", `for i = 1, 3 do thread.daemon(thread.sleep, 100) end`); err != nil {
					t.Error(err)
				}
				in.Close()
			}
		})
	}
	wg.Wait()
	goleak.VerifyNone(t, running)
}
