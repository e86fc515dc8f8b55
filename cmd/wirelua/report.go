package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"wirelua/interp"
	"wirelua/interp/dump"
	"wirelua/interp/policy"
)

// reporter tells what the script's threads wait in.
type reporter struct {
	in atomic.Pointer[interp.Interpreter] // nil until there is one
}

// patience is how long a thread is waited for that is in a call which takes long, and has the turn.
const patience = 300 * time.Millisecond

// threads returns a dump; nil when there is no script, or it gives none.
func (r *reporter) threads() []dump.Thread {
	in := r.in.Load()
	if in == nil {
		return nil
	}
	answer := make(chan []dump.Thread, 1)
	go func() { answer <- in.Threads() }()
	select {
	case all := <-answer:
		return all
	case <-time.After(patience):
		return nil
	}
}

// take returns a taker of signals that, when nobody else takes it, answers SIGQUIT (Ctrl-\) by a report:
// the script goes on.
func (r *reporter) take(others func(os.Signal) bool) func(os.Signal) bool {
	return func(sig os.Signal) bool {
		if others(sig) {
			return true
		}
		if sig != syscall.SIGQUIT {
			return false
		}
		go r.tell() // which may be held up, and Ctrl-C shall not be
		return true
	}
}

func (r *reporter) tell() {
	w := r.in.Load().Engine().Stderr()
	if all := r.threads(); all == nil {
		fmt.Fprintln(w, "wirelua: no report: nothing runs, or a call that takes long")
	} else {
		fmt.Fprintf(w, "wirelua: what %s:\n%s", doing(all), dump.Text(all))
	}
}

// farewell says in a few lines, on a terminal, what Ctrl-C is about to end.
func (r *reporter) farewell(sig os.Signal) {
	if sig != os.Interrupt || !isTerminal(os.Stderr) {
		return
	}
	if all := r.threads(); all != nil {
		fmt.Fprintf(r.in.Load().Engine().Stderr(), "\nwirelua: interrupted; what %s:\n%s", doing(all), dump.Grouped(all))
	}
}

func doing(all []dump.Thread) string {
	if len(all) == 1 {
		return "the thread does"
	}
	return fmt.Sprintf("the %d threads do", len(all))
}

// reports are those that the command line wants at the script's end.
type reports struct{ leaks bool }

// errLeaks is the error of a script that left something open, and succeeded but for that.
var errLeaks = errors.New("leaks")

// atEnd writes them, and returns what the script ended with: err, or that it leaked.
func (r reports) atEnd(in *interp.Interpreter, err error) error {
	if again := (changed{}); !r.leaks || errors.As(err, &again) { // what a change found open is no leak
		return err
	}
	all := in.Leaks()
	if len(all) == 0 {
		return err
	}
	fmt.Fprintf(os.Stderr, "wirelua: left open, by the lines that made them:\n%s", dump.LeakText(all))
	return cmp.Or(err, errLeaks)
}

// tellRefused prints which flags the script would have needed, when it was told so by answers only, such
// as nil for a variable. What it failed with says so itself.
func tellRefused(in *interp.Interpreter, err error) {
	var p policy.Policy
	some := false
	for _, d := range in.Refused() {
		if err == nil || !strings.Contains(err.Error(), d.Error()) {
			p.Allow(d)
			some = true
		}
	}
	if some {
		fmt.Fprintf(os.Stderr, "wirelua: denied: %s\n", p.Flags())
	}
}
