package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// signalled is the error of a script that a signal ended.
type signalled syscall.Signal

func (s signalled) Error() string { return syscall.Signal(s).String() }

// interruptible returns a context that ends with Ctrl-C, SIGTERM, or a closed
// standard output. The signal does what it always does when it comes a second time:
// it kills the process at once.
func interruptible(parent context.Context) (context.Context, context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(parent)
	c := make(chan os.Signal, 1)
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		if !signal.Ignored(sig) { // as it is for what a shell script starts with &
			signal.Notify(c, sig)
		}
	}
	go func() {
		sig := <-c
		signal.Stop(c)
		cancel(signalled(sig.(syscall.Signal)))
	}()
	// Nobody reads this one. It makes writing to a closed pipe fail with EPIPE
	// also for standard output, where Go would have the process die instead.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return ctx, cancel
}

// errOutputClosed ends a script whose output nobody reads any more. The exit
// status is that of the programs that SIGPIPE kills.
var errOutputClosed error = signalled(syscall.SIGPIPE)

// stdout is standard output, whose being closed ends the script.
type stdout struct {
	*os.File
	cancel context.CancelCauseFunc
}

func (w *stdout) Write(p []byte) (int, error) {
	n, err := w.File.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		w.cancel(errOutputClosed)
	}
	return n, err
}

// stderr is standard error, silent once standard output was closed: that ends the
// script quietly.
type stderr struct {
	*os.File
	ctx context.Context
}

func (w *stderr) Write(p []byte) (int, error) {
	if context.Cause(w.ctx) == errOutputClosed {
		return len(p), nil
	}
	return w.File.Write(p)
}
