package interp

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/turn"
)

// Thread is one Lua thread. It runs Lua while it has its interpreter's turn, and gives
// the turn up whenever it waits. Only goroutines that have the turn may call its
// methods; every Go function called by Lua has it.
//
// A function waits by its own thread, State.Thread: by Wait, Block and Sleep, and by what takes a Thread (Mutex,
// WaitList, Desc). Cancel, Join, NewThread and Start are for who deals with several. Park, Unpark, Outside, Yield and
// CheckCancel are what these are made of; Stay, Anew and Resumed belong to Function.Restarts.
type Thread struct {
	// What each wait needs comes first, see State: a line of the cache, and the one that task begins with.
	in      *Interpreter
	run     *run
	top     *State // the stack it runs on; the others are below that
	light   light
	nesting       // what it is called by, if that is a host function
	cancel  bool  // a Cancel waits to be delivered
	ready   uint8 // counts calls of GiveWay
	daemon  bool
	deep    bool // a main thread, whose calls may nest deeper than others'
	started bool
	ended   bool
	task    turn.Task

	// Name is "main", "thread-1"...; scripts may set it.
	Name string

	// Object is the thread as scripts see it, made and kept here by whichever
	// module shows threads to them, so that one thread is one object; or nil.
	Object *lua.LUserData

	early    func() // ends what it waits in outside the turn; nil when it does not
	joiners  WaitList
	standing               // on the list of those who wait for the same
	part     *State        // what it is a part of, if it is; see Beside
	within   uint64        // the call of a host function in turn that it was called by; see turns
	requires *loading      // the module whose loading by another thread it waits for
	results  *[]lua.LValue // once ended, if there are any
	failure  *Error        // once ended, when the function raised
	waits    *waits        // while they are measured
	id       int
	place    int // among those of its run
}

// run is what one RunFile, RunString or Call started: its own thread and those
// started from it. They stop together when its context ends or os.exit is called.
type run struct {
	stopped        stopFlag
	full           atomic.Pointer[OpError] // stopped for want of memory
	before, behind *run                    // among those that have threads; guarded by runs.mu
	course
}

// course is what of a run belongs to who has the turn.
type course struct {
	in      *Interpreter
	cause   error // why it was stopped
	live    int   // non-daemon threads beside the first
	waiting *Thread
	whole   bool // daemons end with it
	typed   bool // somebody typed it, at a prompt
	known   bool // to others that may remember it, or its threads, when it is over
	threads threads
	first   Thread // its own, one thing with it, since most are calls that end at once

	base   context.Context // the caller's, for its values
	limit  context.Context // ends when Limits.Time is over; nil without limit
	over   func()
	exit   func(code int) // what else os.exit does; or nil
	output int            // bytes written so far
	hooks  int            // of its threads and coroutines
	folder codeFolder     // where require looks, and what it may read
}

// threads are those of a run that are alive.
type threads struct {
	all  []*Thread
	main [1]*Thread // where all is, while there is one
}

func (ts *threads) add(t *Thread) {
	if ts.all == nil {
		ts.all = ts.main[:0]
	}
	t.place = len(ts.all)
	ts.all = append(ts.all, t)
}

func (ts *threads) remove(t *Thread) {
	if t.place >= len(ts.all) || ts.all[t.place] != t {
		return
	}
	last := len(ts.all) - 1
	ts.all[t.place] = ts.all[last]
	ts.all[t.place].place = t.place
	ts.all[last] = nil
	ts.all = ts.all[:last]
}

func (ts *threads) len() int { return len(ts.all) }

// runs are an interpreter's runs that have threads. They have a mutex of their
// own, since whoever stops them cannot wait for the turn: a script that computes
// gives it up only once it is stopped.
type runs struct {
	mu      sync.Mutex
	first   *run
	stopped bool
}

// add enters a run. After stop, it is stopped from the beginning.
func (rs *runs) add(r *run) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if r.before == nil && rs.first != r {
		r.behind = rs.first
		if r.behind != nil {
			r.behind.before = r
		}
		rs.first = r
	}
	if rs.stopped {
		r.stopped.Store()
	}
}

func (rs *runs) remove(r *run) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	switch {
	case r.before != nil:
		r.before.behind = r.behind
	case rs.first == r:
		rs.first = r.behind
	}
	if r.behind != nil {
		r.behind.before = r.before
	}
	r.before, r.behind = nil, nil
}

func (rs *runs) all() (all []*run) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for r := rs.first; r != nil; r = r.behind {
		all = append(all, r)
	}
	return all
}

// each calls fn for all runs.
func (rs *runs) each(fn func(*run)) {
	for _, r := range rs.all() {
		fn(r)
	}
}

// over reports whether stop was called.
func (rs *runs) over() bool {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return rs.stopped
}

// stop makes all that compute stop, and reports whether it was the first to.
func (rs *runs) stop() bool {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.stopped {
		return false
	}
	rs.stopped = true
	for r := rs.first; r != nil; r = r.behind {
		r.stopped.Store()
	}
	return true
}

// CheckCancel is called before each wait, and after one that ended with nothing
// to show. It returns nil, or the reason to give up: the run was stopped, or
// the thread cancelled (code ECANCELED, once).
func (t *Thread) CheckCancel() error {
	if t.run.stopped.Load() {
		return errStopped
	}
	if t.cancel {
		t.cancel = false
		return syscall.ECANCELED
	}
	return nil
}

// Cancel makes the thread's present or next wait fail with code ECANCELED, once.
func (t *Thread) Cancel() {
	if t.ended {
		return
	}
	t.cancel = true
	t.interrupt()
}

func (t *Thread) interrupt() {
	if end := t.early; end != nil {
		_ = Guard(func() error { end(); return nil }) // whoever calls has nothing to do with it
	} else {
		t.task.Unpark()
	}
}

// ID returns the thread's number: 0 for a run's first, then 1, 2...
func (t *Thread) ID() int { return t.id }

// Stopped reports whether the thread's run was stopped. Such a thread runs no more Lua,
// and what is handed to it is lost.
func (t *Thread) Stopped() bool { return t.run.stopped.Load() }

// Alive reports whether the thread was started and has not ended.
func (t *Thread) Alive() bool { return t.started && !t.ended }

// Started reports whether the thread was started.
func (t *Thread) Started() bool { return t.started }

// Join waits until t has ended, and returns its function's results or its
// failure. err is ErrTimeout at the deadline, or the reason self was interrupted.
func (t *Thread) Join(self *Thread, deadline time.Time) (results []lua.LValue, failure *Error, err error) {
	t.joiners.Of = t
	err = t.joiners.Await(self, func() bool { return t.ended }, deadline)
	if t.results != nil {
		results = *t.results
	}
	return results, t.failure, err
}

// Awaited makes a thread what others wait for, in Join.
func (t *Thread) Awaited() string { return "join " + t.Name }

// CountThreads returns how many threads are alive, main ones included. The caller
// must have the turn.
func (in *Engine) CountThreads() int {
	n := 0
	for _, r := range in.runs.all() {
		n += r.threads.len()
	}
	return n
}

func (in *Interpreter) newThread(r *run) *Thread {
	r.known = true
	t := new(Thread)
	t.init(r)
	return t
}

func (t *Thread) init(r *run) {
	t.in, t.run = r.in, r
	t.task.Init(r.in.turn)
}

// NewThread makes a thread of s's run, not yet started. A daemon is not waited
// for when the run ends.
func (s *State) NewThread(daemon bool) *Thread { return s.thread.NewThread(daemon) }

// NewThread makes another thread of t's run, not yet started; t itself may have
// ended. It is for what happens outside of any thread: the caller must have the turn.
func (t *Thread) NewThread(daemon bool) *Thread {
	n := t.in.newThread(t.run)
	n.daemon = daemon
	t.in.lastID++
	n.id = t.in.lastID
	n.Name = "thread-" + strconv.Itoa(n.id)
	return n
}

// Start makes the thread run fn(args...), once: it does not wait, and fn begins when the caller
// has given up the turn. It returns an *OpError with the code EAGAIN when the interpreter's limit of threads is reached,
// and another error when its run was stopped or the interpreter is closed.
func (t *Thread) Start(fn lua.LValue, args ...lua.LValue) error {
	in := t.in
	if max := in.config.Limits.Threads; max > 0 && in.threads >= max {
		return &OpError{Code: "EAGAIN", Errno: syscall.EAGAIN,
			Message: fmt.Sprintf("no more than %d threads allowed (Limits.Threads)", max)}
	}
	if t.run.stopped.Load() || in.closed {
		return errStopped
	}
	in.runs.add(t.run) // again, perhaps, when all its threads had ended
	t.started = true
	in.threads++
	if !t.daemon {
		t.run.live++
	}
	t.run.threads.add(t)
	if f, ok := fn.(*lua.LFunction); ok && !f.IsG && in.config.Observer == nil {
		t.begin(f, args)
	} else {
		t.task.Go(func() { t.main(fn, args) })
	}
	return nil
}

func (t *Thread) main(fn lua.LValue, args []lua.LValue) {
	defer t.goexit()
	s := t.in.borrow(t, nil)
	_, failure := s.invoke(fn, args)
	t.end(s, failure)
}

// end ends a thread, whose results are all that is on s, unless it failed.
func (t *Thread) end(s *State, failure *Error) {
	if t.task.Queued() {
		t.task.Dequeue()
	}
	if failure == nil {
		if results := s.values(1); results != nil {
			t.results = &results
		}
	}
	s.giveBack(failure == nil)
	t.failure = failure
	t.finish()
	if failure != nil && !failure.stopped() {
		t.in.report(t, failure)
	}
}

// goexit ends a thread whose goroutine a host function ended.
func (t *Thread) goexit() {
	if !t.ended {
		t.failure = &Error{Message: errGoexit.Error(), cause: errGoexit, value: lua.LString(errGoexit.Error())}
		t.finish()
	}
}

func (t *Thread) finish() {
	t.ended = true
	t.in.worked.Add(1)
	t.in.threads--
	t.run.threads.remove(t)
	if !t.daemon {
		t.run.live--
	}
	if r := t.run; r.waiting != nil && (r.live == 0 || r.stopped.Load()) {
		r.waiting.Unpark()
	} else if r.threads.len() == 0 {
		r.leave()
	}
	t.joiners.WakeAll()
}

// report tells the host what ended a thread, or prints it, as an uncaught error in the main chunk is
// printed by the command; nobody may ever join the thread.
func (in *Interpreter) report(t *Thread, e *Error) {
	if tell := in.config.OnThreadError; tell != nil {
		t.Outside(func() { _ = Guard(func() error { tell(e); return nil }) }, nil)
		return
	}
	text := t.Name + ": " + e.Message + "\n"
	if in.explain != nil {
		text += in.explain(e)
	}
	text += e.Traceback + "\n"
	if t.run.spend(len(text)) == nil {
		_, _ = in.stderr.Write([]byte(text)) // nobody is left to hear of a failure
	}
}

// halt stops everything in r: computing threads at their next instruction,
// waiting ones by interrupting their wait. The first cause given holds. The
// caller must have the turn.
func (r *run) halt(cause error) {
	if r.cause == nil {
		r.cause = cause
	}
	r.stopped.Store()
	for _, t := range slices.Clone(r.threads.all) {
		t.interrupt()
	}
}
