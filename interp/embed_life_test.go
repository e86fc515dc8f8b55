package interp_test

import (
	"context"
	"errors"
	"io/fs"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"wirelua/interp"
	"wirelua/stdlib"
)

// What Start began ends by itself with its daemons, or is stopped whole, and nothing else is.
func TestStart(t *testing.T) {
	running := goleak.IgnoreCurrent()
	in, _ := embed(t, interp.Config{})
	ctx := context.Background()
	run(t, in, `others = 0 thread.daemon(function() while true do others = others + 1 thread.sleep(0.001) end end)`)
	prog := compile(t, `local n = ...
		thread.daemon(function() while true do ticks = (ticks or 0) + 1 thread.sleep(0.001) end end)
		thread.start(function() thread.sleep(n) end)
		return "done", n`)
	r, err := in.Start(ctx, prog, 0.01)
	if err != nil {
		t.Fatal(err)
	}
	out, err := r.Wait()
	if err != nil || out[0] != "done" || out[1] != 0.01 {
		t.Error(out, err)
	}
	stands(t, in, "ticks")
	if out, err := r.Wait(); err != nil || len(out) != 2 {
		t.Error(out, err)
	}
	for name, end := range map[string]func(*interp.Run){"Stop": (*interp.Run).Stop, "ctx": nil} {
		ctx, cancel := context.WithCancel(ctx)
		r, err := in.Start(ctx, prog, 100)
		if err != nil {
			t.Fatal(err)
		}
		threads := until(r.Threads, 3)
		for ; threads[2].Op != "sleep"; threads = r.Threads() {
			time.Sleep(time.Millisecond)
		}
		if threads[0].Name != "main" {
			t.Errorf("threads: %+v", threads)
		}
		if end != nil {
			end(r)
		} else {
			cancel()
		}
		if out, err := r.Wait(); out != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v %v", name, out, err)
		}
		if threads := r.Threads(); len(threads) > 0 {
			t.Errorf("threads, at the end: %+v", threads)
		}
		cancel()
		stands(t, in, "ticks")
	}
	r, _ = in.Start(ctx, compile(t, `error("boom")`))
	if _, err := r.Wait(); err == nil || err.Error() != "prog.lua:1: boom" {
		t.Error(err)
	}
	r, _ = in.Start(ctx, compile(t, `while true do end`))
	r.Stop()
	if _, err := r.Wait(); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	changes(t, in, "others")
	in.Close()
	if _, err := in.Start(ctx, prog, 1); err != interp.ErrClosed {
		t.Error(err)
	}
	goleak.VerifyNone(t, running)
}

// until waits until there are n of something.
func until[T any](of func() []T, n int) []T {
	for len(of()) != n {
		time.Sleep(time.Millisecond)
	}
	return of()
}

// stands fails if a number goes on to change.
func stands(t *testing.T, in *interp.Interpreter, name string) {
	t.Helper()
	before, _ := in.Get(name)
	time.Sleep(10 * time.Millisecond)
	if after, _ := in.Get(name); before != after {
		t.Errorf("%s went from %v to %v", name, before, after)
	}
}

// changes waits until a number has changed.
func changes(t *testing.T, in *interp.Interpreter, name string) {
	t.Helper()
	before, _ := in.Get(name)
	for range 1000 {
		if after, _ := in.Get(name); before != after {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("%s stays %v", name, before)
}

// Shutdown lets calls end that are under way, and those that they make by the host's functions.
func TestShutdown(t *testing.T) {
	running := goleak.IgnoreCurrent()
	in, _ := embed(t, interp.Config{})
	ctx := context.Background()
	began, goOn := make(chan bool), make(chan bool)
	set(t, in, map[string]any{
		"nested": func(ctx context.Context) error {
			began <- true
			<-goOn
			_, err := in.Call(ctx, "inner")
			return err
		},
		"within": func() error { _, err := in.Call(context.Background(), "inner"); return err },
	})
	run(t, in, `function inner() return 1 end
		function outer() nested() within() return "whole" end
		thread.daemon(function() while true do thread.sleep(0.001) end end)`)
	var wg sync.WaitGroup
	wg.Go(func() {
		if out, err := in.Call(ctx, "outer"); err != nil || out[0] != "whole" {
			t.Error(out, err)
		}
	})
	<-began
	wg.Go(func() {
		if err := in.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
	for { // until it has begun
		if _, err := in.Call(ctx, "inner"); err == interp.ErrClosed {
			break
		}
		time.Sleep(time.Millisecond)
	}
	goOn <- true
	wg.Wait()
	if err := in.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if _, err := in.Call(ctx, "inner"); err != interp.ErrClosed {
		t.Error(err)
	}
	goleak.VerifyNone(t, running)
}

func TestShutdownInTime(t *testing.T) {
	for _, body := range []string{"thread.sleep(100)", "while true do end"} {
		in, _ := embed(t, interp.Config{})
		run(t, in, `function f() started() `+"begun = true "+body+` end function started() end`)
		began := make(chan bool)
		set(t, in, map[string]any{"started": func(context.Context) { close(began) }})
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := in.Call(context.Background(), "f"); err != interp.ErrClosed {
				t.Errorf("%s: %v", body, err)
			}
		})
		<-began
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
		if err := in.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", body, err)
		}
		cancel()
		wg.Wait()
	}
}

// CloseContext does not wait for what does not come back, and has closed all else by then.
func TestCloseContext(t *testing.T) {
	running := goleak.IgnoreCurrent()
	in, _ := embed(t, interp.Config{})
	block, began := make(chan bool), make(chan bool)
	set(t, in, map[string]any{"block": func(context.Context) { began <- true; <-block }})
	run(t, in, `a, b = socket.socketpair() thread.daemon(block)`)
	var end struct {
		B interface{ Read([]byte) (int, error) }
	}
	b, err := in.Get("b") // a descriptor of the host's own
	if err != nil {
		t.Fatal(err)
	}
	end.B = b.(interface{ Read([]byte) (int, error) })
	<-began
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer cancel()
	if err := in.CloseContext(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if n, err := end.B.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Error("the socket is not closed", n, err)
	}
	b.(interface{ Close() error }).Close()
	if _, err := in.Call(context.Background(), "x"); err != interp.ErrClosed {
		t.Error(err)
	}
	close(block)
	goleak.VerifyNone(t, running)

	quick, _ := embed(t, interp.Config{})
	if err := quick.CloseContext(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestOnThreadError(t *testing.T) {
	heard := make(chan *interp.Error, 4)
	own := errors.New("own")
	var in *interp.Interpreter
	in, out := embed(t, interp.Config{OnThreadError: func(e *interp.Error) {
		if _, err := in.Call(context.Background(), "noted"); err != nil { // it has not the turn
			t.Error(err)
		}
		heard <- e
		panic("of no matter")
	}})
	set(t, in, map[string]any{"own": func() error { return own }})
	run(t, in, `function noted() notes = (notes or 0) + 1 end
		thread.start(function() thread.sleep(0.001) own() end)
		thread.start(own)
		thread.start(function() pcall(error, "caught") end)`)
	for range 2 {
		if e := <-heard; !errors.Is(e, own) || !strings.HasPrefix(e.Traceback, "stack traceback:") {
			t.Error(e)
		}
	}
	if notes, err := in.Get("notes"); err != nil || notes != 2.0 {
		t.Error(notes, err)
	}
	if out.Len() > 0 {
		t.Errorf("printed %q", out)
	}
}

// Files are compiled once for all interpreters that share a cache, and again when they have changed.
func TestCache(t *testing.T) {
	cache := new(interp.Cache)
	long := "local t = {}\n" + strings.Repeat("t[#t + 1] = function(a) return a + #t end\n", 2000)
	files := fstest.MapFS{
		"main.lua": {Data: []byte(`n = require("mod")() + dofile("do.lua")() state = (state or 0) + 1`)},
		"mod.lua":  {Data: []byte(long + "return function() return #t end")},
		"do.lua":   {Data: []byte(long + "return function() return #t end")},
	}
	life := func(c *interp.Cache) time.Duration {
		in, _ := embed(t, interp.Config{FS: files, Cache: c})
		start := time.Now()
		if err := in.RunFile(context.Background(), "main.lua"); err != nil {
			t.Fatal(err)
		}
		took := time.Since(start)
		if n, _ := in.Get("n"); n != 4000.0 {
			t.Errorf("%v functions", n)
		}
		if n, _ := in.Get("state"); n != 1.0 {
			t.Errorf("state is %v", n)
		}
		return took
	}
	least := func(c *interp.Cache) time.Duration { return min(life(c), life(c), life(c)) }
	life(cache)
	if with, without := least(cache), least(nil); with > without/2 {
		t.Errorf("%v with a cache that has all of it, %v without", with, without)
	}
	files["do.lua"] = &fstest.MapFile{Data: []byte("return function() return 2000 end"), Mode: fs.ModePerm}
	life(cache)
	files["do.lua"] = &fstest.MapFile{Data: []byte("return return")}
	in, _ := embed(t, interp.Config{FS: files, Cache: cache})
	for range 2 {
		if err := in.RunFile(context.Background(), "main.lua"); err == nil || !strings.HasPrefix(err.Error(), "do.lua:1:") {
			t.Error(err)
		}
	}
}

// What interpreters have alike they share: one with all modules and a program holds little.
func TestInterpretersAreSmall(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector takes memory of its own")
	}
	const hosts = 200
	for name, c := range map[string]struct {
		source string
		most   uint64
	}{
		"idle":          {"function f(x) return x end", 32 << 10},
		"three modules": {"local a, b, c = socket.socketpair(), json.encode({}), thread.lock() a:close()", 52 << 10},
	} {
		prog := compile(t, c.source)
		ins := make([]*interp.Interpreter, hosts)
		var before, after runtime.MemStats
		for range 2 { // the first has what all share
			runtime.GC()
			runtime.ReadMemStats(&before)
			for i := range ins {
				in, err := interp.New(interp.Config{Modules: stdlib.Modules()})
				if err != nil {
					t.Fatal(err)
				}
				defer in.Close()
				if _, err := in.Run(context.Background(), prog); err != nil {
					t.Fatal(err)
				}
				ins[i] = in
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
		}
		held := (after.HeapAlloc - before.HeapAlloc) / hosts
		t.Logf("%s: %d bytes", name, held)
		if held > c.most {
			t.Errorf("%s: an interpreter holds %d bytes, at most %d expected", name, held, c.most)
		}
	}
}
