package main

import (
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"wirelua/interp"
	"wirelua/interp/dump"
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
	w := r.in.Load().Stderr()
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
		fmt.Fprintf(r.in.Load().Stderr(), "\nwirelua: interrupted; what %s:\n%s", doing(all), dump.Grouped(all))
	}
}

func doing(all []dump.Thread) string {
	if len(all) == 1 {
		return "the thread does"
	}
	return fmt.Sprintf("the %d threads do", len(all))
}
