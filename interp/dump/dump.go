// Package dump is a thread dump: what each thread of an interpreter waits in, as
// interp.Interpreter.Threads and debug.threads tell it, and how that is written.
//
// It knows no interpreter: a dump is a value, and what is done with it takes no turn.
package dump

import (
	"fmt"
	"strings"
	"time"

	"wirelua/interp/trace"
)

// State is what a thread does.
type State uint8

const (
	Waiting State = iota // for something: see Thread.Op and Thread.For
	Ready                // it could go on, and has not had its turn yet
	Running              // it computes, or is in a function of the host's
)

// String is the word for it: "waiting", "ready" or "running".
func (s State) String() string { return [...]string{"waiting", "ready", "running"}[s] }

// Thread is what one thread did when the dump was made.
type Thread struct {
	Name   string // "main", "thread-1", or what the script has named it
	ID     int    // 0 for the first of a run
	Daemon bool   // the script's end does not wait for it
	State  State

	// Of a thread that waits:

	Op      string        // the function that it waits in, as the script calls it: "recv", "join"
	For     string        // that, and what it waits for, in words: "recv on #4 127.0.0.1:80 <- 127.0.0.1:41234", "lock held by thread-2"
	Socket  *trace.Socket // the socket, when it waits for one; else nil
	Write   bool          // it waits to send, or to be connected, and not to receive
	Waited  time.Duration // for how long, to some 20 ms
	Limited bool          // it gives up by itself: there is a time limit
	Mate    uint64        // the number of the socket that is the other end of Socket, for a socketpair; 0: not known

	// Stack are the calls that led to where it is, innermost first, as the lines of a traceback
	// have them: "server.lua:12: in function 'serve'".
	Stack []string
}

// Where returns the line of Lua where the thread is: "server.lua:12"; "" when there is none.
func (t *Thread) Where() string {
	for _, call := range t.Stack {
		if at, _, ok := strings.Cut(call, ": in "); ok && !strings.HasPrefix(at, "[Go]") {
			return at
		}
	}
	return ""
}

// String says what the thread does: "recv on #4 127.0.0.1:80 <- 127.0.0.1:41234 for 3.2s", "running".
func (t *Thread) String() string {
	if t.State != Waiting {
		return t.State.String()
	}
	if t.Waited < time.Millisecond {
		return t.For
	}
	return t.For + " for " + shown(t.Waited)
}

func shown(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%dms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// Text writes a dump as a report: each thread with what it waits in and its stack, and then the
// threads that wait at the two ends of one connection for each other.
func Text(threads []Thread) string {
	var b strings.Builder
	for i := range threads {
		t := &threads[i]
		fmt.Fprintf(&b, "%s: %s\n", t.Name, t)
		for _, call := range t.Stack {
			b.WriteString("\t" + call + "\n")
		}
	}
	all := Mutual(threads)
	for i, pair := range all {
		if i == maxLines {
			fmt.Fprintf(&b, "... and %d pairs more\n", len(all)-i)
			break
		}
		one, other := &threads[pair[0]], &threads[pair[1]]
		fmt.Fprintf(&b, "%s and %s wait for each other: %s and %s are the two ends of one connection\n",
			one.Name, other.Name, number(one), number(other))
	}
	return b.String()
}

// Ends returns the socket that a thread waits for with its addresses: "#4 127.0.0.1:80 <-
// 127.0.0.1:41234", the arrow pointing where the data go.
func (t *Thread) Ends() string {
	text := number(t)
	if s := t.Socket; s.Local != "" {
		text += " " + s.Local
	}
	switch peer := t.Socket.Peer; {
	case peer == "":
	case t.Write:
		text += " -> " + peer
	default:
		text += " <- " + peer
	}
	return text
}

func number(t *Thread) string { return fmt.Sprintf("#%d", t.Socket.Number) }
