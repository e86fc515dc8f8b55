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
	steps    Stepper  // nil for one of a goroutine of the host's
	on       *carrier // what it waits on, or runs; nil while nothing of it is on Go's stack
	parked   bool
	token    bool          // was woken while it did not wait
	away     bool          // between Leave and Return
	place    int32         // among the timers; -1 when it is not there
	side     *side         // whom it waits for; see Desc
	deadline time.Duration // since the scheduler's beginning
	since    time.Duration // when it began to wait, by the scheduler's last look at the clock

	behind *Task         // who waits on that side behind it
	wake   chan struct{} // what a goroutine of the host's waits on; made when first needed
}

// Stepper is what a Task runs: a step, to its end or until it waits.
type Stepper interface{ Step() (over bool) }

// body is a Stepper that has one step.
type body func()

func (b body) Step() (over bool) {
	b()
	return true
}

// Init makes t a task that runs on the goroutine that calls its methods.
func (t *Task) Init(sc *Scheduler) { t.sc, t.place = sc, -1 }

// OnStack reports whether t has a stack of Go's: it has none between two steps.
func (t *Task) OnStack() bool { return t.steps == nil || t.on != nil }

// carrier is a coroutine that runs tasks, one after the other. A task that waits in the midst of a
// step keeps it until it can go on, and others are run by another.
type carrier struct {
	first  *Task   // what it is to begin with
	runner *runner // who resumed it
	next   func() (struct{}, bool)
	stop   func()
	yield  func(struct{}) bool
}

// maxIdle is how many coroutines are kept that have nothing to do.
const maxIdle = 64

// carrier returns a coroutine that has nothing to do. It is for the runner: one that a
// goroutine makes which is bound to its thread of the system could be resumed nowhere else.
func (sc *Scheduler) carrier() *carrier {
	if n := len(sc.idle); n > 0 {
		c := sc.idle[n-1]
		sc.idle = sc.idle[:n-1]
		return c
	}
	c := &carrier{}
	c.next, c.stop = iter.Pull(func(yield func(struct{}) bool) {
		c.yield = yield
		for sc.serve(c) && yield(struct{}{}) {
		}
	})
	return c
}

// serve runs tasks on c, until there is nothing to run, another carrier has to go on, or the runner
// has been replaced. It reports whether c is kept among the idle ones.
func (sc *Scheduler) serve(c *carrier) bool {
	for {
		t := c.first
		if c.first = nil; t == nil {
			t = sc.task(c.runner)
		}
		if t == nil || t.on != nil {
			sc.goOn = t
			break
		}
		c.run(t)
	}
	if len(sc.idle) == maxIdle {
		return false
	}
	sc.idle = append(sc.idle, c)
	return true
}

// run runs a step of t's.
func (c *carrier) run(t *Task) {
	over := true // also when it ends its goroutine
	defer func() {
		if t.on = nil; over {
			t.sc.alive--
		}
	}()
	t.on = c
	t.sc.onRunner = true
	over = t.steps.Step()
}

// Go begins t, which runs fn when its turn comes.
func (t *Task) Go(fn func()) { t.Steps(body(fn)) }

// Steps begins t, which runs a step when its turn comes, and another each time that it has been woken
// after Suspend, until one reports that it was the last.
func (t *Task) Steps(steps Stepper) {
	t.steps = steps
	t.sc.alive++
	t.sc.push(t)
	t.sc.attendance()
}

// Suspend is Park for a task whose step returns then. It reports false when Park would not wait.
func (t *Task) Suspend(deadline time.Time) bool {
	if t.token {
		return false
	}
	t.await(deadline)
	return true
}

// SetDeadline keeps a deadline, or none, for Deadline to return: one that Suspend was given is kept
// anyway.
func (t *Task) SetDeadline(deadline time.Time) {
	if t.deadline = none; !deadline.IsZero() {
		t.deadline = deadline.Sub(t.sc.beginning)
	}
}

// Deadline returns what Suspend or SetDeadline was given last.
func (t *Task) Deadline() time.Time {
	if t.deadline == none {
		return time.Time{}
	}
	return t.sc.beginning.Add(t.deadline)
}

// SuspendReady is Yield for a task whose step returns then.
func (t *Task) SuspendReady() {
	t.sc.look = true
	t.sc.push(t)
}

func (t *Task) await(deadline time.Time) {
	if t.SetDeadline(deadline); t.deadline != none {
		t.sc.timers.add(t)
	}
	t.parked, t.since = true, t.sc.looked
}

// Park waits until Unpark, or the deadline if there is one. It may return early: callers look
// whether what they wait for has come.
func (t *Task) Park(deadline time.Time) {
	if t.token {
		t.token = false
		return
	}
	t.await(deadline)
	if t.on != nil {
		t.on.yield(struct{}{})
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
	t.since = sc.now()
	sc.alive++
	sc.attendance()
	sc.Give()
	<-t.wake
	sc.Take()
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
	if t.on == nil {
		sc.Give()
		runtime.Gosched()
		sc.Take()
		return
	}
	sc.look = true
	sc.push(t)
	t.on.yield(struct{}{})
}

// Leave gives up the turn until Return, without the task's giving up its goroutine: for what
// blocks that. Others go on meanwhile.
func (t *Task) Leave() {
	t.away, t.since = true, t.sc.looked
	t.sc.away++
	t.sc.Leave()
}

// Return takes the turn again after Leave.
func (t *Task) Return() {
	t.sc.Take()
	t.sc.away--
	t.away = false
}
