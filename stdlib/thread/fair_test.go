package thread_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/stdlib"
)

// TestHostHasItsTurn: the host waits for the turn no longer than it takes one thread to make 64 calls, however
// many there are that always find data. Half of its visits have to be so quick: a goroutine may be held up
// between its looking at the count and its coming.
func TestHostHasItsTurn(t *testing.T) {
	var calls atomic.Int64
	count := &interp.Module{Name: "count", Funcs: []interp.Function{{Name: "two", Doc: "counts two calls", Fn: func(s *interp.State) int {
		calls.Add(2)
		return 0
	}}}}
	in, err := interp.New(interp.Config{Modules: append(stdlib.Modules(), count)})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	ran := make(chan error)
	go func() {
		ran <- in.RunString(t.Context(), "greedy", `
			local two = require "count".two
			for i = 1, 20 do
				local a, b = socket.socketpair()
				thread.start(function() while not over do b:send("x") a:recv(1) two() end end)
			end`)
	}()
	for end := time.Now().Add(10 * time.Second); calls.Load() == 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	var waited []int64
	for range 101 {
		before := calls.Load()
		in.Engine().WithTurn(func() { waited = append(waited, calls.Load()-before) })
		time.Sleep(100 * time.Microsecond)
	}
	if err := in.Set("over", true); err != nil {
		t.Error(err)
	}
	if err := <-ran; err != nil {
		t.Error(err)
	}
	if slices.Sort(waited); waited[50] > 64+2 {
		t.Errorf("the host had to wait for %d calls, at times %d", waited[50], waited[100])
	}
}
