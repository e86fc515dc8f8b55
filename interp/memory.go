package interp

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync"
	"syscall"
	"time"
)

// Go counts memory by process, not by goroutine, and ends the process when there is
// none left. So while runs that have Limits.Memory are under way somebody looks at
// the process's heap every few milliseconds, and stops those of them that are computing
// when it has got too large: memory is taken by who is at work. It is a net to
// catch what would bring the host down, and no account of who uses how much.

// memoryTick is how often the heap is looked at: some 300 ns each. memoryPause is how
// long a run that was stopped is given to end before others are blamed.
const (
	memoryTick  = 5 * time.Millisecond
	memoryPause = 20 // ticks
)

// memory is the one watch over the process's heap.
var memory memoryWatch

type memoryWatch struct {
	mu       sync.Mutex
	runs     map[*run]int // and how many bytes they are stopped at
	watching bool
}

// add begins to watch a run. Runs are many, and most have no limit.
func (w *memoryWatch) add(r *run, limit int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.runs == nil {
		w.runs = map[*run]int{}
	}
	w.runs[r] = limit
	if !w.watching {
		w.watching = true
		go w.watch()
	}
}

func (w *memoryWatch) remove(r *run) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.runs, r)
}

// watch ends when there is no run left to be watched.
func (w *memoryWatch) watch() {
	tick := time.NewTicker(memoryTick)
	defer tick.Stop()
	pause := 0
	var collected chan struct{} // a collection under way: half of a heap may be garbage
	for w.wanted() {
		select {
		case <-tick.C:
			used := heap()
			switch {
			case pause > 0:
				pause--
			case w.stop(used / 2): // there is no time for looking
				pause = memoryPause
			case collected == nil && len(w.computing(used)) > 0:
				collected = make(chan struct{})
				go func(done chan struct{}) { runtime.GC(); close(done) }(collected)
			}
		case <-collected:
			collected = nil
			if w.stop(heap()) {
				pause = memoryPause
			}
		}
	}
}

func (w *memoryWatch) wanted() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.watching = len(w.runs) > 0
	return w.watching
}

// computing returns the runs that used bytes are too many for, and that are computing.
func (w *memoryWatch) computing(used int) (all []*run) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for r, limit := range w.runs {
		if used > limit && !r.in.mu.TryLock() {
			all = append(all, r)
		} else if used > limit {
			r.in.mu.Unlock()
		}
	}
	return all
}

// stop stops those, and reports whether there were any.
func (w *memoryWatch) stop(used int) bool {
	all := w.computing(used)
	for _, r := range all {
		r.full.Store(true)
		r.stopped.Store(true) // at once: it holds the lock until it sees this
		go r.in.Locked(func() { r.halt(r.outOfMemory()) })
	}
	return len(all) > 0
}

func (r *run) outOfMemory() error {
	return &OpError{Code: "ENOMEM", Errno: syscall.ENOMEM,
		Message: fmt.Sprintf("not enough memory: the process had more than %d bytes in use (Limits.Memory)", r.in.config.Limits.Memory)}
}

// heap returns how many bytes the process has in use, garbage included that has not
// been found yet.
func heap() int {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return int(sample[0].Value.Uint64())
}
