package turn

import (
	"iter"
	"runtime"
	"time"
)

// Task is a thread that takes turns. Init makes it one. All methods are for who has the turn,
// and those that wait for the task itself.
type Task struct {
	sc       *Scheduler
	carrier  *carrier      // what it runs on; nil for one that runs on a goroutine of its host's
	body     func()        // until it begins
	wake     chan struct{} // what a goroutine of the host's waits on; made when first needed
	parked   bool
	token    bool          // was woken while it did not wait
	side     *side         // whom it waits for; see Desc
	behind   *Task         // who waits there behind it
	deadline time.Duration // since the scheduler's beginning
	place    int           // among the timers; -1 when it is not there
}

// Init makes t a task that runs on the goroutine that calls its methods.
func (t *Task) Init(sc *Scheduler) { t.sc, t.place = sc, -1 }

// carrier is a coroutine, on which one task runs after the other.
type carrier struct {
	task  *Task
	next  func() (struct{}, bool)
	stop  func()
	yield func(struct{}) bool
}

// maxIdle is how many coroutines are kept that have nothing to do.
const maxIdle = 64

// begin puts t on a coroutine. It is for the runner: one that a goroutine makes which is
// bound to its thread of the system could be resumed nowhere else.
func (sc *Scheduler) begin(t *Task) {
	if n := len(sc.idle); n > 0 {
		t.carrier, sc.idle = sc.idle[n-1], sc.idle[:n-1]
		t.carrier.task = t
		return
	}
	c := &carrier{task: t}
	t.carrier = c
	c.next, c.stop = iter.Pull(func(yield func(struct{}) bool) {
		c.yield = yield
		for c.run(sc) && yield(struct{}{}) {
		}
	})
}

// run runs the task that c carries to its end, and reports whether c is to be used again.
func (c *carrier) run(sc *Scheduler) bool {
	defer sc.ended()
	c.task.body()
	c.task = nil
	if len(sc.idle) == maxIdle {
		return false
	}
	sc.idle = append(sc.idle, c)
	return true
}

// Go begins t, which runs body when its turn comes.
func (t *Task) Go(body func()) {
	t.body = body
	t.sc.alive++
	t.sc.push(t)
	t.sc.attendance()
}

// Park waits until Unpark, or the deadline if there is one. It may return early: callers look
// whether what they wait for has come.
func (t *Task) Park(deadline time.Time) {
	if t.token {
		t.token = false
		return
	}
	sc := t.sc
	if !deadline.IsZero() {
		sc.timers.add(t, deadline.Sub(sc.beginning))
	}
	t.parked = true
	if t.carrier != nil {
		t.carrier.yield(struct{}{})
	} else {
		t.parkGoroutine()
	}
	t.token = false
}

// parkGoroutine is Park for a goroutine of the host's. The runner has to watch over what it
// waits for.
func (t *Task) parkGoroutine() {
	if t.wake == nil {
		t.wake = make(chan struct{}, 1)
	}
	sc := t.sc
	sc.alive++
	sc.attendance()
	sc.Unlock()
	<-t.wake
	sc.Lock()
	sc.alive--
}

// Unpark ends t's present or next Park.
func (t *Task) Unpark() {
	if t.parked {
		t.sc.ready(t)
	} else {
		t.token = true
	}
}

// Yield lets others have their turn that can go on.
func (t *Task) Yield() {
	sc := t.sc
	if t.carrier == nil {
		sc.Unlock()
		runtime.Gosched()
		sc.Lock()
		return
	}
	sc.look = true
	sc.push(t)
	t.carrier.yield(struct{}{})
}

// Leave gives up the turn until Return, without the task's giving up its goroutine: for what
// blocks that. Others go on meanwhile.
func (t *Task) Leave() { t.sc.Leave() }

// Return takes the turn again after Leave.
func (t *Task) Return() { t.sc.Lock() }
