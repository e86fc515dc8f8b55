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

// die ends the process by the signal, but for Ctrl-C and SIGTERM, which its status tells of.
func (s signalled) die() {
	if sig := syscall.Signal(s); sig != syscall.SIGINT && sig != syscall.SIGTERM {
		die(sig)
	}
}

// heard are the signals that come to the command.
type heard struct {
	c     chan os.Signal
	sigs  []os.Signal
	asked chan struct{} // closed once the system was asked for them all
}

// interruptible returns a context that ends with Ctrl-C, SIGTERM or another of the signals that end a
// process. When Ctrl-C comes a second time it does what it always does: it kills the process at once.
// A signal that deliver, which may be set later, reports a script or the prompt to handle is
// left to them. farewell is called before the context ends by one. Also returned are the signals that it does so with.
//
// Go asks the system for each on a thread of its own, which takes a quarter of a millisecond for all of them. Meanwhile
// the interpreter is made; no script runs before they are asked for.
//
// A closed standard output needs nothing here. Go lets a program that writes to it
// die of SIGPIPE, as all programs do that are part of a pipeline.
func interruptible(parent context.Context, deliver *atomic.Pointer[func(os.Signal) bool], farewell func(os.Signal)) (context.Context, context.CancelCauseFunc, heard) {
	ctx, cancel := context.WithCancelCause(parent)
	c := make(chan os.Signal, 16)
	h := heard{c: c, asked: make(chan struct{})}
	for _, sig := range append([]os.Signal{os.Interrupt, syscall.SIGTERM}, deadlySignals...) {
		if !signal.Ignored(sig) { // as it is for what a shell script starts with &
			h.sigs = append(h.sigs, sig)
		}
	}
	go func() {
		signal.Notify(c, h.sigs...)
		close(h.asked)
		for sig := range c {
			if d := deliver.Load(); d != nil && (*d)(sig) {
				continue
			}
			signal.Stop(c)
			farewell(sig)
			cancel(signalled(sig.(syscall.Signal)))
			return
		}
	}()
	return ctx, cancel, h
}
