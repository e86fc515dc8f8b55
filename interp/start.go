package interp

import (
	"context"

	"wirelua/interp/dump"
)

// Run is a program that runs by itself: what Start began, with all threads that it started. Any goroutine may call its methods.
type Run struct {
	call   calling
	cancel context.CancelFunc
	run    *run
	main   *mainTask
}

// Start begins to run a program, as Interpreter.Run does, and does not wait for it. It ends when its chunk and the threads
// that are no daemons have; with it end the daemons it started, too. When ctx ends it is stopped. A
// failure is Wait's to tell; Start's own is ErrClosed, or the context's.
//
//	run, err := in.Start(ctx, prog)
//	...
//	run.Stop()
//	_, err = run.Wait()
func (in *Interpreter) Start(ctx context.Context, prog *Program, args ...any) (*Run, error) {
	if ctx == nil {
		ctx = context.Background()
	}
	ctx, cancel := context.WithCancel(ctx)
	t, err := in.admit(ctx)
	if err != nil {
		cancel()
		return nil, err
	}
	defer in.turn.Give()
	t.run.whole, t.nesting, t.within = true, nesting{}, 0 // nobody waits for it
	r := &Run{call: calling{what: "Run", name: prog.name, chunk: prog, args: args}, cancel: cancel, run: t.run}
	r.main = t.goMain(ctx, &r.call, cancel)
	return r, nil
}

// Wait waits until the run has ended, and returns what Interpreter.Run does. After Stop the error is
// context.Canceled. A host function that the run has called must not wait for it.
func (r *Run) Wait() ([]any, error) {
	<-r.main.done
	if r.main.err != nil {
		return nil, r.main.err
	}
	return r.call.out, nil
}

// Stop stops the run, waiting or computing alike. It does not wait until that has ended, which Wait does.
func (r *Run) Stop() { r.cancel() }

// Threads returns what each thread of the run does, as Interpreter.Threads does of all; none once it has ended.
func (r *Run) Threads() []dump.Thread {
	return r.run.in.threadsOf(func() []*run { return []*run{r.run} })
}
