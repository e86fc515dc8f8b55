package main

import (
	"context"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
)

// signalled is the error of a script that a signal ended.
type signalled syscall.Signal

func (s signalled) Error() string { return syscall.Signal(s).String() }

// interruptible returns a context that ends with Ctrl-C or SIGTERM. When the signal
// comes a second time it does what it always does: it kills the process at once.
// One that deliver, which may be set later, reports a script or the prompt to handle is
// left to them. Also returned are the signals that it does so with.
//
// A closed standard output needs nothing here. Go lets a program that writes to it
// die of SIGPIPE, as all programs do that are part of a pipeline.
func interruptible(parent context.Context, deliver *atomic.Pointer[func(os.Signal) bool]) (context.Context, context.CancelCauseFunc, []os.Signal) {
	ctx, cancel := context.WithCancelCause(parent)
	c := make(chan os.Signal, 16)
	var sigs []os.Signal
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		if !signal.Ignored(sig) { // as it is for what a shell script starts with &
			signal.Notify(c, sig)
			sigs = append(sigs, sig)
		}
	}
	go func() {
		for sig := range c {
			if d := deliver.Load(); d != nil && (*d)(sig) {
				continue
			}
			signal.Stop(c)
			cancel(signalled(sig.(syscall.Signal)))
			return
		}
	}()
	return ctx, cancel, sigs
}
