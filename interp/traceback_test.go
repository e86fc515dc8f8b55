package interp_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/policy"
)

// The traceback of a run that was stopped names the line that it waited in; of a join it
// named the next, since the thread that was waited for had been stopped as well.
func TestStoppedTraceback(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	in, _ := embed(t, interp.Config{Stdin: r, Policy: policy.All()})
	set(t, in, map[string]any{
		"host":    func(ctx context.Context) { <-ctx.Done() },
		"channel": make(chan any),
	})
	for _, wait := range []string{
		`t:join()`, `t:join(1000)`, `thread.sleep(1000)`, `q:get()`, `q:put(1) q:put(2)`, `l:acquire()`, `e:wait()`,
		`a:recv(10)`, `select.select({a}, {}, {})`, `io.read()`, `host()`, `channel:receive()`, `pcall(t.join, t)`,
		`coroutine.wrap(function() t:join() end)()`, `process.spawn({"sleep", "1000"}):wait()`,
	} {
		ctx, cancel := context.WithCancel(context.Background())
		set(t, in, map[string]any{"begin": func() { time.AfterFunc(30*time.Millisecond, cancel) }})
		err := in.RunString(ctx, "x", `
			local a, b = socket.socketpair()
			local q, l, e = thread.queue(1), thread.lock(), thread.event()
			local t = thread.start(function() l:acquire() thread.sleep(1000) end)
			thread.sleep(0.001) begin()
			`+wait+`
			after = true`)
		cancel()
		var e *interp.Error
		if !errors.As(err, &e) || !strings.Contains(e.Traceback, "x:6: in") || strings.Contains(e.Traceback, "x:7") {
			t.Errorf("%s: %v\n%+v", wait, err, e)
		}
	}
}
