//go:build unix

package stdlib_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

var (
	hammerEchoes = flag.Int64("hammer.echoes", 0, "how many echoes TestHammer makes; 0: for some seconds")
	hammerSeed   = flag.Int64("hammer.seed", 0, "seed that TestHammer begins with; 0: another each time")
)

// TestHammer has threads echo in all ways there are, while others cancel them, close their sockets and set
// timeouts, the host calls, and runs are stopped and interpreters closed in the midst of it: all of it at
// random, by a seed. What is echoed is what was sent, nothing fails but for a reason that was given, nothing
// hangs, and no goroutine or descriptor is left. Each round is an interpreter, with the next seed.
func TestHammer(t *testing.T) {
	seed := *hammerSeed
	if seed == 0 {
		seed = time.Now().UnixNano() % 1e6
	}
	took := 5 * time.Second
	if testing.Short() {
		took = time.Second
	}
	begin := time.Now()
	var echoes int64
	for ; !t.Failed(); seed++ {
		h := &hammer{t: t, seed: seed, random: rand.New(rand.NewSource(seed)), want: 3000}
		h.round()
		echoes += h.echoes.Load()
		if *hammerEchoes == 0 && time.Since(begin) > took || *hammerEchoes > 0 && echoes >= *hammerEchoes {
			break
		}
	}
	t.Logf("%d echoes in %s, up to seed %d", echoes, time.Since(begin).Round(time.Millisecond), seed)
}

// hammer is one round.
type hammer struct {
	t      *testing.T
	seed   int64
	random *rand.Rand
	want   int
	in     *interp.Interpreter
	echoes atomic.Int64
	calls  atomic.Int64
	ending atomic.Bool // Close or a stop is under way: then calls may fail
}

func (h *hammer) round() {
	time.Sleep(time.Nanosecond) // Go's runtime opens what its timers need
	goroutines, before := goleak.IgnoreCurrent(), openFiles()
	var host sync.WaitGroup
	defer func() {
		host.Wait()
		h.left(goroutines, before)
	}()
	tick := &interp.Module{Name: "hammering", Funcs: []interp.Function{{Name: "tick", Args: "n", Doc: "counts", Fn: func(s *interp.State) int {
		h.echoes.Add(int64(s.Num(1)))
		return 0
	}}}}
	in, err := interp.New(interp.Config{Policy: policy.All(), Modules: append(stdlib.Modules(), tick)})
	if err != nil {
		h.t.Fatal(err)
	}
	h.in = in
	defer in.Close()
	place, err := os.MkdirTemp("", "hammer") // TempDir's may be too long for a socket
	if err != nil {
		h.t.Fatal(err)
	}
	defer os.RemoveAll(place)
	for name, v := range map[string]any{"seed": h.seed, "want": h.want, "place": place} {
		if err := in.Set(name, v); err != nil {
			h.t.Fatal(err)
		}
	}
	watched := make(chan struct{})
	defer close(watched)
	go h.watch(watched)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	over := make(chan struct{})
	for i := range 3 {
		random := rand.New(rand.NewSource(h.seed + int64(i)))
		host.Go(func() { h.host(i, random, over) })
	}
	h.end(in, cancel, over)
	err = in.RunFile(ctx, "testdata/hammer.lua")
	close(over)
	if err != nil && !h.ending.Load() {
		h.t.Errorf("seed %d: %v", h.seed, err)
	}
	if err == nil && h.echoes.Load() < int64(h.want) {
		h.t.Errorf("seed %d: %d echoes of %d", h.seed, h.echoes.Load(), h.want)
	}
	h.ending.Store(true)
}

// end ends one round in two before its time.
func (h *hammer) end(in *interp.Interpreter, cancel func(), over chan struct{}) {
	fn := []func(){cancel, func() { in.Close() }, nil, nil}[h.random.Intn(4)]
	if fn == nil {
		return
	}
	time.AfterFunc(time.Duration(h.random.Intn(400))*time.Millisecond, func() {
		select {
		case <-over:
		default:
			h.ending.Store(true)
			fn()
		}
	})
}

// host is a goroutine of the host's, that calls, sets and gets.
func (h *hammer) host(i int, random *rand.Rand, over chan struct{}) {
	name := fmt.Sprint("host", i)
	for n := 0; ; n++ {
		select {
		case <-over:
			return
		case <-time.After(time.Duration(random.Intn(2000)) * time.Microsecond):
		}
		ctx, cancel := context.Background(), func() {}
		if random.Intn(2) == 0 {
			ctx, cancel = context.WithTimeout(ctx, time.Duration(random.Intn(2000))*time.Microsecond)
		}
		var err error
		want, got := any(float64(n)), any(nil)
		if n%2 == 0 {
			if err = h.in.Set(name, n); err == nil {
				got, err = h.in.Get(name)
			}
		} else if fn, e := h.in.Get("host_echo"); e == nil && fn != nil {
			text := strings.Repeat(name, 1+random.Intn(100))
			var results []any
			if results, err = h.in.Call(ctx, "host_echo", text); err == nil {
				want, got = text, results[0]
			}
		} else {
			want, err = nil, e
		}
		ended := ctx.Err() != nil && errors.Is(err, ctx.Err())
		cancel()
		switch {
		case err != nil && !ended && !h.ending.Load():
			h.t.Errorf("seed %d: the host's call: %v", h.seed, err)
		case err == nil && fmt.Sprint(got) != fmt.Sprint(want):
			h.t.Errorf("seed %d: the host got %.20v, not %.20v", h.seed, got, want)
		}
		h.calls.Add(1)
	}
}

// watch ends the process when nothing goes on any more, and says who waits where.
func (h *hammer) watch(over chan struct{}) {
	for last, since := int64(-1), 0; ; since++ {
		select {
		case <-over:
			return
		case <-time.After(time.Second):
		}
		if n := h.echoes.Load(); n != last {
			last, since = n, 0
		}
		if since < 25 {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		results, err := h.in.Call(ctx, "report")
		cancel()
		fmt.Fprintf(os.Stderr, "seed %d: %d echoes, and no more; %d calls\n%v %v\n", h.seed, last, h.calls.Load(), results, err)
		pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
		panic(fmt.Sprintf("TestHammer hangs: seed %d", h.seed))
	}
}

// left reports what a round has left behind.
func (h *hammer) left(goroutines goleak.Option, before int) {
	if err := goleak.Find(goroutines); err != nil {
		h.t.Errorf("seed %d: %v", h.seed, err)
	}
	for end := time.Now().Add(5 * time.Second); openFiles() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			h.t.Errorf("seed %d: %d descriptors before, %d after", h.seed, before, openFiles())
			return
		}
	}
}

// openFiles is how many descriptors the process has; 0 where it cannot be told.
func openFiles() int {
	list, _ := os.ReadDir("/dev/fd")
	return len(list)
}
