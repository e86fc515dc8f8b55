package interp

import (
	"context"
	"errors"
	"fmt"
)

// Close stops all that scripts left running, waits for it to end, and closes
// the sockets and files they left open. Calls under way return ErrClosed, and so
// do further ones; closing again does nothing. It waits for host functions that are
// under way: one that blocks and has no context to tell it of the end holds it
// up; see CloseContext. It must not be called from a function that Lua called, which it would wait for.
// The error is what modules panicked with, if any did.
func (in *Interpreter) Close() error {
	if !in.runs.stop() {
		return nil
	}
	return in.close(nil)
}

// CloseContext is Close that does not wait longer than ctx: for a host function that does not return. It
// returns the context's error then, when all else was stopped, and sockets and files are closed, unless that function
// keeps the turn, too; what is left ends when the function returns.
func (in *Interpreter) CloseContext(ctx context.Context) error {
	if !in.runs.stop() {
		return nil
	}
	ended := make(chan error, 1)
	go func() { ended <- in.close(ctx.Done()) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return fmt.Errorf("interp: Close: a host function is still under way: %w", endOf(ctx))
	}
}

// close is Close, after it was seen to be the first. Once late is closed it does not wait any more, but to
// give back what whatever still runs may need.
func (in *Interpreter) close(late <-chan struct{}) error {
	in.turn.Take()
	in.closed = true
	for _, r := range in.runs.all() {
		r.halt(ErrClosed)
	}
	in.turn.Give()
	over := make(chan struct{})
	if late == nil {
		in.wg.Wait()
		close(over)
	} else {
		go func() { in.wg.Wait(); close(over) }()
	}
	select {
	case <-over:
	case <-late:
	}
	err := in.closeModules()
	<-over
	in.Engine().WithTurn(in.turn.Close)
	memory.closed(in.config.Limits.Memory)
	return err
}

// closeModules has the modules close what scripts left open.
func (in *Interpreter) closeModules() (err error) {
	in.turn.Take()
	defer in.turn.Give()
	for i := len(in.onClose) - 1; i >= 0; i-- {
		fn := in.onClose[i]
		err = errors.Join(err, Guard(func() error { fn(); return nil }))
	}
	in.onClose = nil
	return err
}

// Shutdown ends the interpreter gently: from here on calls return ErrClosed, but for those that host functions
// make which a script has called, and those under way may go on until they return, or ctx ends. Then it is Close. Threads
// that a Call has left are no calls: they are stopped in the end. The error is the context's, if calls had to be stopped, and
// Close's. It must not be called from a function that Lua called.
//
//	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
//	defer cancel()
//	err := in.Shutdown(ctx)
func (in *Interpreter) Shutdown(ctx context.Context) error {
	err := in.drain(ctx)
	return errors.Join(err, in.Close())
}

// drain waits until there are no visits under way, and lets none in.
func (in *Interpreter) drain(ctx context.Context) error {
	if err := in.takeTurn(ctx); err != nil {
		return fmt.Errorf("interp: Shutdown: %w", err)
	}
	if in.drained == nil {
		in.drained = make(chan struct{})
	}
	drained := in.drained
	in.draining = true
	in.settle()
	in.turn.Give()
	select {
	case <-drained:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("interp: Shutdown: %w", endOf(ctx))
	}
}
