package interp

import (
	"cmp"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Go gives every goroutine that computes ten milliseconds, one after the other. Beside a
// hundred scripts that compute without end one that only answers would wait a second for
// each step. So those of the interpreters under watch (see memory.go) that compute on and
// on queue up: of them as many go on at a time as there are processors less one, for a
// tick, and whoever waits now and then finds a processor free. Who has had fewest ticks
// since its last wait comes first: the one that only answers may be held up with the turn.
//
// The watch itself is one of those that wait for a processor. So that it is not too late
// for all that begin, who begins while others queue up, and has not shown yet that it
// waits, too, queues up first.
type crowd struct {
	mu    sync.Mutex
	queue []*place
	tight atomic.Bool // more want to compute than there is room for
}

// enter is called with the turn when a run begins.
func (c *crowd) enter(r *run) {
	if in := r.in; c.tight.Load() && (in.worked.Load() == 0 || in.ticks.Load() > 0) {
		in.toQueue.Store(true)
		r.stopped.ask()
	}
}

// place is where a run waits for its next tick.
type place struct {
	r     *run
	goOn  chan struct{}
	ticks int32 // that its interpreter has had before
}

// wait waits for the next tick. The run's thread keeps its interpreter's turn, as it
// does when it computes.
func (c *crowd) wait(r *run) {
	p := &place{r, make(chan struct{}), r.in.ticks.Add(1)}
	c.mu.Lock()
	c.queue = append(c.queue, p)
	c.mu.Unlock()
	r.in.queued.Store(true)
	<-p.goOn
	r.in.queued.Store(false)
}

// admit lets n go on, and all that are stopped, whose threads
// have to end.
func (c *crowd) admit(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	slices.SortStableFunc(c.queue, func(p, q *place) int { return cmp.Compare(p.ticks, q.ticks) })
	rest := c.queue[:0]
	for _, p := range c.queue {
		if p.r.stopped.Load() || n > 0 {
			n--
			close(p.goOn)
		} else {
			rest = append(rest, p)
		}
	}
	clear(c.queue[len(rest):])
	c.queue = rest
}

func (c *crowd) size() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.queue)
}

// direct is called every tick.
func (c *crowd) direct(all []*Interpreter) {
	room := max(1, runtime.GOMAXPROCS(0)-1)
	var computing []*Interpreter
	late := 0 // were told, and have not come: they are in a function that takes long
	for _, in := range all {
		if in.computes() {
			computing = append(computing, in)
			if in.toQueue.Load() {
				late++
			}
		}
	}
	tight := len(computing)+c.size() > room
	c.tight.Store(tight)
	if !tight {
		c.admit(room)
		return
	}
	for _, in := range computing {
		in.toQueue.Store(true)
		in.runs.each(func(r *run) { r.stopped.ask() })
	}
	c.admit(max(1, room-late))
}

// computes reports whether it has done so since the last tick, without a wait.
func (in *Interpreter) computes() bool {
	before := in.workedBefore
	in.workedBefore = in.worked.Load()
	if in.queued.Load() {
		return false
	}
	if in.workedBefore != before {
		in.ticks.Store(0)
		return false
	}
	if in.turn.TryTake() {
		in.turn.Give()
		return false
	}
	return true
}
