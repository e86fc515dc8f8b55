package interp

import (
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"wirelua/interp/internal/meter"
)

// Go counts memory by process, and ends the process when there is none left. What an
// interpreter holds is found by a walk through it (see Account), which takes time. So
// while there are runs with Limits.Memory somebody looks every few milliseconds at how much
// the process has made, which is more than any of its interpreters has: who may have
// come beyond its limit by that is measured, and who has is stopped. An
// interpreter that is at work is measured by its own goroutine, at the next instruction.

// memoryTick is how often the process is looked at: some microseconds each. memoryPause
// is how long what was stopped is given to end, before it is measured again, and others are.
const (
	memoryTick  = 5 * time.Millisecond
	memoryPause = 100 * time.Millisecond
	memorySlack = 16 << 20 // what the process may have beside
)

// memory is the one watch over the process.
var memory memoryWatch

type memoryWatch struct {
	mu       sync.Mutex
	runs     map[*Interpreter]int // and how many they have
	watching bool

	crowd crowd

	limits atomic.Int64 // of all interpreters that are not closed, and a quarter more: accounts are estimates
	before int          // what the process had in use when the watch began

	// What follows is the watch's own.
	over    time.Time     // since when the process has more in use than is allowed
	collect chan struct{} // a collection under way
}

// CollectLess has Go's collector run less often while the process has little in use, as the command does: strings
// of 64 KB that come and go then cost two fifths less. It is for programs whose main job is to run Lua, is called
// once, by any goroutine, and holds for the whole process; with GOGC or GOMEMLIMIT in the environment it does nothing. 160 MB
// that it allocates are never touched: they take addresses, not memory, but runtime.MemStats counts them.
func CollectLess() { meter.CollectLess() }

// add begins to watch a run of the interpreter's. Runs are many, and most have no limit.
func (w *memoryWatch) add(in *Interpreter) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.runs == nil {
		w.runs = map[*Interpreter]int{}
	}
	w.runs[in]++
	if !w.watching {
		w.watching = true
		w.before = meter.Read().InUse()
		go w.watch()
	}
}

func (w *memoryWatch) remove(in *Interpreter) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.runs[in]--; w.runs[in] <= 0 {
		delete(w.runs, in)
	}
}

// made counts an interpreter's limit until it is closed, and those too that rest.
func (w *memoryWatch) made(limit int)   { w.limits.Add(int64(allowance(limit))) }
func (w *memoryWatch) closed(limit int) { w.limits.Add(-int64(allowance(limit))) }

func allowance(limit int) int {
	limit = min(limit, math.MaxInt>>24) // which no process has
	return limit + limit/4
}

// watched returns the interpreters that have runs, what all may hold together with what
// the process had before, and whether the watch goes on.
func (w *memoryWatch) watched() (all []*Interpreter, allowed int, wanted bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.watching = len(w.runs) > 0
	for in := range w.runs {
		all = append(all, in)
	}
	return all, w.before + memorySlack + int(w.limits.Load()), w.watching
}

// watch ends when there is no run left to be watched.
func (w *memoryWatch) watch() {
	tick := time.NewTicker(memoryTick)
	defer tick.Stop()
	for range tick.C {
		all, allowed, wanted := w.watched()
		if !wanted {
			w.crowd.tight.Store(false)
			return
		}
		now := meter.Read()
		for _, in := range all {
			if in.meter.Due(now, in.config.Limits.Memory) {
				in.measureSoon(now)
			}
		}
		w.crowd.direct(all)
		if w.collected(now, allowed) {
			w.judge(now, all, allowed)
		}
	}
}

// collected reports whether what a collection found in use can be gone by. Where the
// process has twice as much as is allowed, and all of it may be garbage, it begins one.
func (w *memoryWatch) collected(now meter.Usage, allowed int) bool {
	if w.collect != nil {
		select {
		case <-w.collect:
			w.collect = nil
		default:
			return false
		}
	} else if now.InUse() > 2*allowed {
		w.collect = make(chan struct{})
		go func(done chan struct{}) { runtime.GC(); close(done) }(w.collect)
		return false
	}
	return true
}

// judge is the second line, for what no account sees. When the process has more in use
// than is allowed, after a collection, and goes on to, though those beyond their limits
// were stopped, the interpreter at work is stopped that holds most.
func (w *memoryWatch) judge(now meter.Usage, all []*Interpreter, allowed int) {
	switch has := now.Live + now.Stacks; {
	case has <= allowed:
		w.over = time.Time{}
	case w.over.IsZero():
		w.over = now.At
		for _, in := range all {
			in.measureSoon(now)
		}
	case now.At.Sub(w.over) > memoryPause:
		if in := largest(all); in != nil {
			w.over = now.At
			in.stopFull(fmt.Sprintf("not enough memory: the process has %d bytes in use, more than all its interpreters may (Limits.Memory), and this one has most", has))
			go runtime.GC() // which tells whether that was enough
		}
	}
}

// largest returns the interpreter at work that held most when it was measured last.
func largest(all []*Interpreter) (most *Interpreter) {
	for _, in := range all {
		if in.turn.TryTake() {
			in.turn.Give()
		} else if most == nil || in.meter.Last() > most.meter.Last() {
			most = in
		}
	}
	return most
}

// measureSoon measures the interpreter, or has it measured by who is at work in it.
func (in *Interpreter) measureSoon(now meter.Usage) {
	if !in.turn.TryTake() {
		in.toMeasure.Store(true)
		in.runs.each(func(r *run) { r.stopped.ask() })
		return
	}
	defer in.turn.Give()
	in.toMeasure.Store(false)
	if in.measured == in.worked.Load() { // it has done nothing since
		in.meter.Skip(now)
	} else if msg := in.measure(); msg != "" {
		in.runs.each(func(r *run) { r.halt(noMemory(msg)) })
	}
}

// measure is for a run's thread that was asked to, between two instructions.
func (r *run) measure() {
	if msg := r.in.measure(); msg != "" {
		r.halt(noMemory(msg))
	}
}

// measure returns what is wrong with what the interpreter holds, or "".
// The caller must have the turn.
func (in *Interpreter) measure() string {
	start, limit := meter.Read(), in.config.Limits.Memory
	in.measured = in.worked.Load()
	a := Account{limit: limit, over: in.runs.over}
	held := a.measure(in)
	pause := time.Duration(0)
	if held > limit {
		pause = memoryPause
	}
	in.meter.Note(start, held, pause)
	if held <= limit {
		return ""
	}
	return fmt.Sprintf("not enough memory: the interpreter holds at least %d bytes, and may hold %d (Limits.Memory)", held, limit)
}

// stopFull stops an interpreter that is at work, and does not give the turn up
// before.
func (in *Interpreter) stopFull(msg string) {
	err := noMemory(msg)
	in.runs.each(func(r *run) {
		r.full.Store(err)
		r.stopped.Store()
		go in.Engine().WithTurn(func() { r.halt(err) })
	})
}

func noMemory(msg string) *OpError {
	return &OpError{Code: "ENOMEM", Errno: syscall.ENOMEM, Message: msg}
}
