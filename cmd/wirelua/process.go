package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// signalled is the error of a script that a signal ended.
type signalled syscall.Signal

func (s signalled) Error() string { return syscall.Signal(s).String() }

// interruptible returns a context that ends with Ctrl-C or SIGTERM. When the signal
// comes a second time it does what it always does: it kills the process at once.
//
// A closed standard output needs nothing here. Go lets a program that writes to it
// die of SIGPIPE, as all programs do that are part of a pipeline.
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
	return ctx, cancel
}
