// Command wirelua runs Lua scripts that use sockets. See wirelua --help.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"wirelua/interp"
	"wirelua/interp/dump"
	"wirelua/stdlib"
)

// Exit statuses, beside 0, a script's own, and 128 plus a signal's number.
const (
	statusFailed   = 1
	statusUsage    = 2
	statusTimedOut = 124
)

func main() { os.Exit(command(os.Args[1:])) }

// command does what the arguments say and returns the exit status.
func command(args []string) int {
	o, err := optionsOf(args)
	switch {
	case err != nil:
		fmt.Fprintf(os.Stderr, "wirelua: %v\nwirelua: hint: %s\n", err, usageHint(err))
		return statusUsage
	case o.help:
		fmt.Print(o.usage())
		return 0
	case o.version:
		fmt.Println(version())
		return 0
	case o.docs.asked():
		return o.docs.show()
	case o.examples.asked():
		return o.examples.show()
	case o.check:
		return check(o.files)
	case o.bundling.out != "":
		return o.bundling.make()
	}
	err = run(o)
	code := status(err, o.loaded)
	o.fence.report(os.Stderr)
	if sig := signalled(0); errors.As(err, &sig) {
		sig.die()
	}
	return code
}

// optionsOf returns what the arguments say; a bundle has no flags.
func optionsOf(args []string) (*options, error) {
	b, err := carried()
	switch {
	case err != nil:
		return nil, fmt.Errorf("this executable is a bundle that cannot be read: %w", err)
	case b != nil:
		return b.options(args), nil
	}
	return parse(args)
}

// session is the running of a script, by --watch again and again.
type session struct {
	o       *options
	report  *reporter
	deliver atomic.Pointer[func(os.Signal) bool]
	signals heard
	secrets io.Writer
	seen    seers
	stuck   bool // the script does not stop
}

// run runs the script: from its arguments to the error that ended it.
func run(o *options) (err error) {
	interp.CollectLess()
	s := &session{o: o, report: &reporter{}}
	ctx, cancel, signals := interruptible(context.Background(), &s.deliver, s.report.farewell)
	s.signals = signals
	defer cancel(nil)
	if o.watcher == nil {
		defer s.limit(cancel)()
	}
	if o.examples.run.set {
		script, remove, err := o.examples.prepare()
		if err != nil {
			return err
		}
		defer remove()
		o.name = script
	}
	chunks, err := o.chunks(ctx)
	if err != nil {
		return err
	}
	if s.secrets, err = keyLog(o.fence.policy); err != nil {
		return err
	}
	if s.seen, err = o.wire.open(); err != nil {
		return err
	}
	defer func() {
		if e := s.seen.end(); err == nil {
			err = e
		}
	}()
	if o.watcher != nil {
		return s.watch(ctx)
	}
	return s.run(ctx, chunks)
}

// limit has --timeout end a run, unless what it returns is called before.
func (s *session) limit(cancel context.CancelCauseFunc) (stop func()) {
	after := s.o.timeout
	if after == 0 {
		return func() {}
	}
	late := time.AfterFunc(after, func() { cancel(timeLimit{after, dump.Text(s.report.threads())}) })
	return func() { late.Stop() }
}

// run runs what was read, in an interpreter of its own.
func (s *session) run(ctx context.Context, chunks []interp.Chunk) (err error) {
	o := s.o
	o.loaded = chunks
	config := interp.Config{
		Before: o.before, FS: o.bundle.code(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Policy: o.fence.policy, Audit: o.fence.noted, Remedy: remedy,
		Chaos: o.chaos.Spec, FindDeadlocks: !o.interactive, Leaks: o.report.leaks, Modules: stdlib.Modules(), TLSKeyLog: s.secrets, Observer: s.seen.observer(),
	}
	if o.wire.pcap == "-" {
		config.Stdout = os.Stderr
	}
	if o.interactive || len(o.execute) > 0 {
		config.Globals = []string{"proto"}
	}
	var p *prompt
	if o.interactive {
		p = newPrompt(o, chunks)
		p.attach(&config)
	}
	o.watcher.configure(&config)
	in, err := interp.New(config)
	if err != nil {
		return err
	}
	in.Engine().Prompt().Explain(func(e *interp.Error) string { return o.loaded.about(e) })
	s.report.in.Store(in)
	o.watcher.begin(in)
	take := s.report.take(stdlib.DeliverSignals(in, s.signals.c, s.signals.sigs...))
	runAll := func() error { return in.RunChunks(ctx, o.name, o.args, chunks...) }
	if p != nil {
		take = p.deliver(take)
		runAll = func() error { return p.Run(ctx, in) }
	}
	<-s.signals.asked
	s.deliver.Store(&take)
	err = within(ctx, grace, runAll)
	s.stuck = err == errStuck
	if ctx.Err() != nil {
		err = context.Cause(ctx) // what came first, whatever the script made of it
	}
	o.watcher.ending(err)
	if !s.stuck {
		err = o.report.atEnd(in, err)
		tellRefused(in, err)
		closing, end := context.WithCancel(ctx)
		end()
		within(closing, grace, in.Close)
	}
	var sig signalled
	if errors.As(context.Cause(ctx), &sig) {
		err = sig // it came before the script ended, but this was seen first
	}
	return err
}

// grace is how long a script that was told to stop may take. It takes longer
// only while the system holds it up, in a write to a pipe that nobody reads,
// say; then the process ends all the same.
const grace = 2 * time.Second

// errStuck is what within returns when it gave up waiting.
var errStuck = errors.New("still running")

// within calls fn and returns its result; once ctx has ended, it waits for that
// no longer than grace.
func within(ctx context.Context, grace time.Duration, fn func() error) error {
	result := make(chan error, 1)
	go func() { result <- fn() }()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-result:
		return err
	case <-time.After(grace):
		return errStuck
	}
}

// status reports err, if there is something to say about it, and returns the
// exit status that it means. What was loaded has the line that it is about.
func status(err error, loaded sources) int {
	var exit *interp.ExitError
	var sig signalled
	var limit timeLimit
	var failure *interp.Error
	switch {
	case err == nil:
		return 0
	case err == errLeaks:
		return statusFailed
	case errors.As(err, &exit):
		return exit.Code
	case errors.As(err, &sig):
		return 128 + int(sig)
	case errors.As(err, &limit):
		fmt.Fprintf(os.Stderr, "wirelua: %v\n%s", limit, limit.threads)
		return statusTimedOut
	}
	fmt.Fprintf(os.Stderr, "wirelua: %v\n%s", err, loaded.about(err))
	if errors.As(err, &failure) && failure.Traceback != "" {
		fmt.Fprintln(os.Stderr, failure.Traceback)
	}
	return statusFailed
}

// timeLimit is the error of a script that --timeout ended.
type timeLimit struct {
	after   time.Duration
	threads string // what they did then
}

func (t timeLimit) Error() string { return "timed out: still running after " + t.after.String() }
