package turn

import (
	"context"
	"sync"
	"time"
)

// Scheduler is an interpreter's. Its fields belong to who has the turn, where nothing else
// is said.
type Scheduler struct {
	line
	beginning time.Time
	queue     ring
	timers    timers
	idle      []*carrier
	alive     int     // tasks on coroutines, and those that wait on goroutines of their own
	runner    *runner // nil while there is nothing to run
	onRunner  bool    // who has the turn is a task that the runner resumed
	goOn      *Task   // what the runner is to go on with next
	running   *sync.WaitGroup

	// Idle, if it is set, is called before a wait that no deadline and no descriptor ends: what tasks
	// wait for then is each other, or other goroutines. It may have tasks go on.
	Idle func()

	ran    computed
	queued int // tasks that wait for descriptors
	away   int // tasks between Leave and Return

	look       bool          // for descriptors and deadlines, before the next task
	looked     time.Duration // when that was last done
	dispatched int           // tasks since then

	poller  poller
	changed bool          // the poller has to wait otherwise than before
	polling bool          // the runner waits; guarded by mu
	until   time.Duration // for so long; guarded by mu
	kicked  bool          // it was told to come; guarded by mu
}

// runner is the goroutine that resumes tasks. When what it resumed gives up the turn and not
// the goroutine, another takes its place, and it ends once it is back.
type runner struct{ _ byte } // not empty: all such have one address

// goPoller has Go's runtime open what it waits by, as it does for the first timer. Where no
// descriptor is left by then, it ends the process: scripts shall not come to that.
var goPoller = sync.OnceFunc(func() { time.AfterFunc(time.Hour, func() {}).Stop() })

// New makes a Scheduler, which starts goroutines when it needs them: they are counted in
// running, and end when there are no tasks.
func New(running *sync.WaitGroup) *Scheduler {
	goPoller()
	sc := &Scheduler{beginning: time.Now(), running: running}
	sc.poller.init()
	return sc
}

func (sc *Scheduler) now() time.Duration { return time.Since(sc.beginning) }

// Take takes the turn, for goroutines that are no task.
func (sc *Scheduler) Take() { sc.take() }

// TryTake takes the turn if nobody has it.
func (sc *Scheduler) TryTake() bool { return sc.try() }

// TakeContext is Take that gives up when ctx ends, with its error.
func (sc *Scheduler) TakeContext(ctx context.Context) error { return sc.takeContext(ctx) }

// Give gives up the turn. Who leaves something to do makes sure that the runner comes, be
// it that somebody else has the turn before that.
func (sc *Scheduler) Give() {
	sc.mu.Lock()
	if sc.polling && !sc.kicked && (sc.queue.len() > 0 || sc.timers.earliest() < sc.until || sc.alive == 0 || sc.changed) {
		sc.kicked = true
		sc.poller.kick() // with mu, since the poller is there until the runner has come back
	}
	sc.mu.Unlock()
	sc.release()
}

// Leave is Give for who goes on running on the same goroutine without the turn, or takes
// it away from another that does: if that is what the runner resumed, another runner takes
// over.
func (sc *Scheduler) Leave() {
	if sc.onRunner {
		sc.onRunner = false
		sc.start()
	}
	sc.Give()
}

// Close closes what waiting took, once there are no tasks any more. It is for who has the
// turn.
func (sc *Scheduler) Close() { sc.poller.close() }

// attendance makes sure that there is a runner.
func (sc *Scheduler) attendance() {
	if sc.runner == nil {
		sc.start()
	}
}

func (sc *Scheduler) start() {
	r := &runner{}
	sc.runner, sc.looked = r, sc.now()
	sc.running.Add(1)
	go func() {
		defer sc.running.Done()
		sc.Take()
		sc.run(r)
	}()
}

// ready has a task that waits go on.
func (sc *Scheduler) ready(t *Task) {
	t.parked = false
	sc.timers.remove(t)
	if t.steps != nil {
		sc.push(t)
	} else {
		t.wake <- struct{}{}
	}
}

func (sc *Scheduler) push(t *Task) { sc.queue.push(t) }

// run resumes coroutines, until there are no tasks or another runner has taken over. It is called
// with the turn, and gives it up.
func (sc *Scheduler) run(r *runner) {
	returned := false
	defer func() {
		if !returned && sc.runner == r {
			sc.onRunner = false
			sc.start() // a task has ended the goroutine: runtime.Goexit
		}
		sc.Give()
	}()
	for sc.runner == r {
		t := sc.goOn
		if sc.goOn = nil; t == nil {
			t = sc.task(r)
		}
		if t == nil {
			if sc.runner == r {
				sc.rest()
			}
			break
		}
		c := t.on
		if c == nil {
			c = sc.carrier()
			c.first = t
		}
		c.runner, sc.onRunner = r, true
		c.next()
		if sc.runner == r {
			sc.onRunner = false
		}
	}
	returned = true
}

// task returns the next task that can go on, waiting until there is one; nil when there are none any more,
// or r has been replaced.
func (sc *Scheduler) task(r *runner) *Task {
	for sc.runner == r {
		sc.onRunner = false
		if sc.wanted.Load() > 0 {
			sc.Give()
			sc.Take()
		}
		sc.pollNow()
		if t := sc.queue.pop(); t != nil {
			return t
		}
		if sc.alive == 0 {
			break
		}
		if len(sc.timers) == 0 && sc.queued == 0 && sc.away == 0 && sc.Idle != nil {
			if sc.Idle(); sc.queue.len() > 0 {
				continue
			}
		}
		sc.poll()
	}
	return nil
}

// rest ends the coroutines that are left when there are no tasks, and the runner with
// them.
func (sc *Scheduler) rest() {
	for _, c := range sc.idle {
		c.stop()
	}
	sc.idle, sc.runner = nil, nil
}

const (
	// lookEvery and lookAfter say how long tasks may go on, each after the other, before
	// the runner looks for those that others wait for. The clock is read once in clockEvery.
	lookEvery  = 512
	lookAfter  = time.Millisecond
	clockEvery = 64
)

// pollNow looks what has come meanwhile, now and then.
func (sc *Scheduler) pollNow() {
	sc.dispatched++
	if sc.queue.len() == 0 || !sc.look && sc.dispatched%clockEvery != 0 {
		return
	}
	alone := sc.look && sc.queue.len() == 1 // who yields, and nobody else can go on before something comes
	sc.look = false
	now := sc.now()
	if !alone && sc.dispatched < lookEvery && now-sc.looked < lookAfter {
		return
	}
	sc.looked, sc.dispatched = now, 0
	sc.poller.begin()
	sc.poller.wait(0)
	sc.poller.deliver()
	sc.expire(now)
}

// poll waits without the turn until something has come.
func (sc *Scheduler) poll() {
	sc.mu.Lock()
	sc.polling, sc.kicked, sc.until = true, false, sc.timers.earliest()
	sc.mu.Unlock()
	sc.changed = false
	now := sc.now()
	sc.ran.add(sc.looked, now)
	sc.poller.begin()
	sc.release()
	wait := none
	if sc.until != none {
		wait = max(sc.until-now, 0)
	}
	sc.poller.wait(wait)
	sc.take()
	sc.mu.Lock()
	sc.polling = false
	sc.mu.Unlock()
	sc.looked, sc.dispatched = sc.now(), 0
	sc.poller.deliver()
	sc.expire(sc.looked)
}

// expire has those go on whose deadline has passed.
func (sc *Scheduler) expire(now time.Duration) {
	for sc.timers.earliest() <= now {
		sc.ready(sc.timers[0])
	}
}

// ring is a queue of tasks.
type ring struct {
	tasks []*Task // a power of two
	head  int
	n     int
}

func (r *ring) len() int { return r.n }

func (r *ring) push(t *Task) {
	if r.n == len(r.tasks) {
		grown := make([]*Task, max(8, 2*r.n))
		for i := range r.n {
			grown[i] = r.tasks[(r.head+i)&(len(r.tasks)-1)]
		}
		r.tasks, r.head = grown, 0
	}
	r.tasks[(r.head+r.n)&(len(r.tasks)-1)] = t
	r.n++
}

func (r *ring) pop() *Task {
	if r.n == 0 {
		return nil
	}
	t := r.tasks[r.head]
	r.tasks[r.head] = nil
	r.head = (r.head + 1) & (len(r.tasks) - 1)
	r.n--
	return t
}
