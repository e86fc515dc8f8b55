package interp

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"syscall"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// visit is what the host comes in for.
type visit interface {
	begin(*State) error // runs what is to be run, and leaves its results on the stack; a script's failure is an *Error
	end(*State) error   // reads them, once the threads have ended that are waited for
}

// enter runs v on a new main thread, with the turn, and, when wait is set, waits for the
// threads that it started.
//
// A main thread that waits for others, as a script does, is a task like these; one that is called
// for a moment runs on the caller's goroutine. So does one that a host function may have called:
// the goroutine's stack tells how deep they are nested.
func (in *Interpreter) enter(ctx context.Context, wait bool, v visit) error {
	if ctx == nil {
		ctx = context.Background()
	}
	t, err := in.admit(ctx)
	if err != nil {
		return err
	}
	if !wait || in.hosted > 0 {
		defer in.turn.Give()
		return t.runMain(ctx, wait, v)
	}
	m := t.goMain(ctx, v, func() {})
	in.turn.Give()
	<-m.done
	if m.err == errGoexit {
		runtime.Goexit() // as a host function has ended the other
	}
	return m.err
}

// admit takes the turn and makes a main thread for a visit; or it says why there is none. The turn is
// the caller's then.
func (in *Interpreter) admit(ctx context.Context) (*Thread, error) {
	if err := in.takeTurn(ctx); err != nil {
		return nil, err
	}
	n, overflow := nestingOf(ctx, in.hosted > 0)
	var err error
	switch {
	case in.closed || in.draining && n.depth == 0 && !in.calledByHost():
		err = ErrClosed
	case overflow != nil:
		err = overflow
	}
	if err != nil {
		in.turn.Give()
		return nil, err
	}
	in.wg.Add(1)
	in.visits++
	r := in.newRun()
	t := &r.first
	r.begin(in, ctx)
	t.init(r)
	t.Name, t.started, t.deep, t.nesting, t.within = "main", true, true, n, in.turns.caller()
	r.threads.add(t)
	return t, nil
}

// maxIdleRuns is how many runs are kept that are over: calls that are under way at once are few, since they
// take turns.
const maxIdleRuns = 8

// newRun returns a run, reusing one that is over and that nobody knows any more.
func (in *Interpreter) newRun() *run {
	n := len(in.idle) - 1
	if n < 0 {
		return new(run)
	}
	r := in.idle[n]
	in.idle[n] = nil
	in.idle = in.idle[:n]
	return r
}

// keepRun keeps a run that is over for another call, unless somebody may still know it: a lock who holds it, a
// coroutine where it ran, a deadline and the watch over memory whom to stop.
func (in *Interpreter) keepRun(r *run) {
	if r.known || r.limit != nil || r.stopped.Load() || r.threads.len() > 0 || in.config.Limits.Memory > 0 || len(in.idle) == maxIdleRuns {
		return
	}
	r.course = course{}
	in.idle = append(in.idle, r)
}

// mainTask is a main thread that is a task.
type mainTask struct {
	done chan struct{} // closed at its end
	err  error         // errGoexit, if a host function has ended the goroutine
}

func (t *Thread) goMain(ctx context.Context, v visit, ended func()) *mainTask {
	m := &mainTask{make(chan struct{}), errGoexit}
	t.task.Go(func() {
		defer ended()
		defer close(m.done)
		m.err = t.runMain(ctx, true, v)
	})
	return m
}

func (t *Thread) runMain(ctx context.Context, wait bool, v visit) error {
	in, r := t.in, t.run
	defer in.left()
	again, stop := false, r.stopAfter(ctx)
	defer func() {
		if stop() && again {
			in.keepRun(r)
		}
	}()
	defer r.ended(t) // also when a host function ends the goroutine
	s := in.borrow(t, nil)
	err := v.begin(s)
	failure, _ := err.(*Error)
	r.noteEnd(ctx)
	if wait || r.stopped.Load() {
		r.join(t, failure)
	}
	if err == nil && !r.stopped.Load() {
		err = v.end(s)
	}
	s.FlushOutput()
	if r.noteEnd(ctx); r.whole {
		r.endRest(t)
	}
	s.giveBack(failure == nil)
	r.ended(t)
	r.noteEnd(ctx)
	again = !wait && err == nil
	return r.outcome(err)
}

// left notes that a visit has ended.
func (in *Interpreter) left() {
	in.visits--
	in.settle()
	in.wg.Done()
}

// settle tells who waits for it that there are no visits.
func (in *Interpreter) settle() {
	if in.draining && in.visits == 0 && in.drained != nil {
		close(in.drained)
		in.drained = nil
	}
}

// takeTurn takes the turn, or gives up when ctx ends first: a script that computes
// keeps it.
func (in *Interpreter) takeTurn(ctx context.Context) error {
	if in.turn.TakeContext(ctx) != nil {
		cause := endOf(ctx)
		return &Error{Message: cause.Error(), cause: cause}
	}
	return nil
}

// begin makes r a run of the interpreter's.
func (r *run) begin(in *Interpreter, ctx context.Context) {
	r.in, r.base, r.folder = in, ctx, in.folder
	in.runs.add(r)
	if d := in.config.Limits.Time; d > 0 {
		limit, cancel := context.WithTimeout(context.Background(), d)
		stop := r.stopAfter(limit) // for as long as a thread is alive
		r.limit, r.over = limit, func() { stop(); cancel() }
	}
	if in.config.Limits.Memory > 0 {
		memory.add(in)
		memory.crowd.enter(r)
	}
	if ctx.Err() != nil {
		r.halt(endOf(ctx))
	}
}

// stopAfter has the run stopped when ctx ends. What it returns ends that.
func (r *run) stopAfter(ctx context.Context) func() bool {
	if ctx.Done() == nil {
		return neverEnds
	}
	return context.AfterFunc(ctx, func() {
		r.stopped.Store() // at once: a computing thread keeps the turn until it sees this
		r.in.turn.Take()
		defer r.in.turn.Give()
		r.halt(endOf(ctx))
	})
}

func neverEnds() bool { return true }

// join waits for the run's threads: those that are no daemons, or, once it
// is stopped, all.
func (r *run) join(t *Thread, failure *Error) {
	r.waiting = t
	for r.live > 0 || r.stopped.Load() && r.threads.len() > 1 {
		if failure != nil && !r.stopped.Load() {
			r.halt(failure) // as a Python program ends with its main thread's exception
		}
		t.Park(time.Time{})
	}
	r.waiting = nil
}

// ended takes the main thread off the run.
func (r *run) ended(t *Thread) {
	if t.ended {
		return
	}
	t.ended = true
	r.in.worked.Add(1)
	r.threads.remove(t)
	if r.threads.len() == 0 {
		r.leave()
	}
}

// leave ends a run without threads.
func (r *run) leave() {
	r.in.runs.remove(r)
	if r.in.config.Limits.Memory > 0 {
		memory.remove(r.in)
	}
	if r.over != nil {
		r.over()
	}
}

// noteEnd completes a stop whose cause the context's own goroutine, which waits
// for the turn, has not said yet.
func (r *run) noteEnd(ctx context.Context) {
	switch {
	case !r.stopped.Load() || r.cause != nil:
	case ctx.Err() != nil:
		r.halt(endOf(ctx))
	case r.limit != nil && r.limit.Err() == context.DeadlineExceeded:
		r.halt(endOf(r.limit))
	case r.full.Load() != nil:
		r.halt(r.full.Load())
	default:
		r.halt(ErrClosed)
	}
}

// outcome is what enter returns: why the run was stopped, or how it ended by itself.
func (r *run) outcome(err error) error {
	failure, _ := err.(*Error)
	if r.cause == nil || r.cause == errOver || failure != nil && r.cause == error(failure) {
		return err
	}
	if r.cause == ErrClosed {
		return ErrClosed
	}
	if exit, ok := r.cause.(*ExitError); ok {
		if exit.Code == 0 {
			return nil
		}
		return exit
	}
	e := &Error{Message: r.cause.Error(), cause: r.cause}
	if d, ok := r.cause.(*deadlock); ok {
		e.Traceback = d.report
	} else if failure != nil {
		e.Traceback = failure.Traceback // where it was stopped
	}
	return e
}

// errOver is why what was left of a run had to end.
var errOver = errors.New("the run is over")

// endRest ends what is left of a run that has ended: daemons.
func (r *run) endRest(t *Thread) {
	if r.threads.len() > 1 {
		r.halt(errOver)
		r.join(t, nil)
	}
}

// endOf is why ctx ended: its cause, which is its error, too.
func endOf(ctx context.Context) error {
	cause, err := context.Cause(ctx), ctx.Err()
	if errors.Is(cause, err) {
		return cause
	}
	return &ending{cause, err}
}

// ending is a context's cause of the host's own, which errors.Is finds, as well as the
// context's error.
type ending struct{ cause, err error }

func (e *ending) Error() string   { return e.cause.Error() }
func (e *ending) Unwrap() []error { return []error{e.cause, e.err} }

// spend counts n bytes of output, or says that they are too many.
func (r *run) spend(n int) error {
	limit := r.in.config.Limits.Output
	if limit > 0 && r.output+n > limit {
		return &OpError{Code: "EFBIG", Errno: syscall.EFBIG, Err: ErrLimit,
			Message: fmt.Sprintf("no more than %d bytes of output allowed (Limits.Output)", limit)}
	}
	r.output += n
	return nil
}

// Exit ends the run that s belongs to, as os.exit does; it does not return. What
// RunFile, RunString or Call returns is an *ExitError, or nil for code 0.
func (s *State) Exit(code int) {
	r := s.thread.run
	r.halt(&ExitError{Code: code})
	if r.exit != nil {
		r.exit(code)
	}
	s.Error(lua.LString("exit"), 0)
}
