// Package trace describes what scripts do on the wire.
package trace

import "time"

// Event is one socket operation, reported when it has ended.
type Event struct {
	Time     time.Time     // when it began
	Duration time.Duration // until it ended, waiting included
	Thread   string        // the Lua thread: "main", "thread-1"
	Where    string        // the script's line: "server.lua:12"
	Op       string        // the system call's name: "connect", "recvfrom"
	FD       int           // the descriptor
	Address  string        // the address it was about, or ""
	Data     []byte        // the bytes moved; valid during the call only
	Err      error         // how it failed; nil when it did not
}

// Observer sees operations as they end. It is called by the goroutine that did
// the operation, holding the interpreter's lock: it must return soon, and must
// not call the interpreter.
type Observer interface{ Observe(Event) }
