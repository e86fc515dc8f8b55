// Package trace describes what scripts do on the wire.
package trace

import "time"

// Event is one socket operation, reported when it has ended.
type Event struct {
	Time     time.Time     // when it began
	Duration time.Duration // until it ended, waiting included
	Thread   string        // the Lua thread: "main", "thread-1"
	Where    string        // the script's line: "server.lua:12"
	Op       string        // see Observer
	FD       int           // the descriptor, the new one if it made one; -1 for none
	Address  string        // the address it was about, or ""
	Data     []byte        // the bytes moved, or setsockopt's value; valid during the call only
	N        int64         // sendfile and relay, without Data: how many bytes moved
	Err      error         // how it failed; nil when it did not

	Level, Option int // setsockopt's
}

// Observer sees operations as they end. It is called by the goroutine that did
// the operation, with the interpreter's turn: it must return soon, and must
// not call the interpreter.
//
// It sees these, those that failed or were not allowed included, and those on what is closed
// already (FD is -1), whichever function of
// Lua's made them (sendall is as many times "send" as the system was asked):
//
//   - "socket", "socketpair" (twice, each end once), "dup" (fromfd, too), "detach", "close"
//   - "bind", "listen", "accept", "connect", "shutdown", "setsockopt"
//   - "send" (sendto, too), "recv" (recvfrom, too), "sendmsg" and "recvmsg" (send_fds and
//     recv_fds, too), "sendfile" with N
//   - "relay", twice when a relay has ended: what N bytes were read from. They are the
//     plain ones of a TLS connection
//
// Of TLS it sees what went over the wire, encrypted. Connections and listeners of the host's
// that have no descriptor report accept, send, recv, shutdown, close and relay.
//
// It does not see calls that only ask (getsockopt, getsockname, select), look-ups of
// names, options that are set unasked (SO_REUSEADDR of create_server), pipes and what
// process.fdopen opened, nor what is closed because nobody refers to it any more or
// because the interpreter ends.
type Observer interface{ Observe(Event) }
