// Package trace describes what scripts do on the wire: events, who observes them, and observers
// that write them down.
package trace

import (
	"io"
	"time"
)

// Event is one operation on a socket, reported when it has ended. What it points to may be kept and
// must not be changed, but for Data.
type Event struct {
	Time     time.Time     // when it began
	Duration time.Duration // until it ended, waiting included
	Waited   time.Duration // of that, how long the thread was without the turn: see Observer

	Thread   string // the Lua thread: "main", "thread-1", or as the script has named it
	ThreadID int    // its number, which does not change: 0 for a run's first
	Where    string // the script's line: "server.lua:12"

	Layer  string // "socket"; "tls" for what goes over that, one layer above; "name" for look-ups
	Op     string // see Observer
	Socket *Socket
	New    *Socket // the one that it made: accept, and dup's copy
	FD     int     // the descriptor, the new one if it made one; -1 for none

	// Address is what it was about as the script gave it, a sender's for what was received from
	// somewhere, or "": a bind to port 0 has it in Address as 0, and in Socket.Local as what it is.
	Address string

	Size  int64  // how much was asked for: recv's size, how long send's data are, listen's backlog
	Flags int    // MSG_ flags; shutdown's how
	Data  []byte // the bytes moved, or setsockopt's value; valid during the call only
	N     int64  // sendfrom and relay, without Data: how many bytes moved, each told of before
	Err   error  // how it failed; nil when it did not
	Code  string // Err's, as scripts see it: "ECONNREFUSED"; or ""

	Level, Option int  // setsockopt's
	Carried       bool // the bytes are those of a layer above, which are told by themselves, too

	By     string   // who closed, for close: "script", "collector", "end" (the interpreter's)
	Found  []string // what a lookup found
	Detail string   // a handshake's: "TLSv1.3 server_name=localhost"
}

// Socket is a socket, or a connection of the host's that has none, as it was when an operation on it
// had ended.
type Socket struct {
	Run     *Run   // the interpreter that it is of, for who observes several
	Number  uint64 // from 1 on, in the order they came to be; never used again in one interpreter
	Network string // as in package net: "tcp", "udp", "unix", "unixgram", "unixpacket"; else ""
	Family  string // "AF_INET", or a number where it has no name here; "" for none
	Type    string // "SOCK_STREAM", likewise
	Local   string // its own address, with the port that it got; "" while it has none
	Peer    string // whom it is connected to, or ""
}

// Run stands for an interpreter: it says nothing but which sockets are of the same one.
type Run struct{ _ byte }

// Observer is told of operations as they end. Observe is called by the goroutine that did
// the operation, with the interpreter's turn: it must return soon, and must not call the
// interpreter.
//
// It is told of the operations below, whichever of Lua's functions made them; sendall, for
// one, is "send" as many times as the system was asked. It is also told of those that
// failed or were not allowed, and of those on what was closed before, whose FD is -1.
//
//   - "socket", "socketpair" (twice, each end once), "dup" (fromfd, too), "detach", "close"
//   - "bind", "listen", "accept", "connect", "shutdown", "setsockopt"
//   - "send" (sendto and sendfile, too), "recv" (recvfrom, too), "sendmsg" and "recvmsg" (send_fds
//     and recv_fds, too)
//   - "relay", twice when a relay has ended, and "sendfrom": the sum N of what was told before as the
//     recv and send that it was made of
//   - "lookup": the name that is asked for its addresses, or the address for its names; FD is -1
//
// Of TLS it sees what went over the wire, encrypted (Layer is "socket"), and what the script sent
// and received, as "send" and "recv" of Layer "tls", beside "handshake". Connections and listeners
// of the host's that have no descriptor report accept, send, recv, shutdown, relay, and close where the
// script does that.
//
// Waited is what the thread spent without the turn: until the descriptor was ready, a name server
// had answered, or another thread was done with the socket; and until the turn was its own again.
//
// It does not see calls that only ask (getsockopt, getsockname, select), options that are set
// unasked (SO_REUSEADDR of create_server), nor pipes and what process.fdopen opened. What is closed
// since nobody refers to it any more, or since the interpreter ends, has no thread and no line.
type Observer interface{ Observe(Event) }

// Beginner is an Observer that hears also when operations begin. Begin gets what is known of one
// before anything is asked or done. The function that it returns, unless that is nil, is called
// once, when the operation is over: after the events that it is told as, which may be one, several
// (see Observer) or none (an operation that is to be gone on with). Between the two the thread does
// nothing else that is observed, but for look-ups and for what a relay or an operation of a layer
// above is made of.
type Beginner interface {
	Observer
	Begin(Event) (over func())
}

// KeyLogger is an Observer that wants the secrets of TLS connections, too, with which to decrypt what
// it is told of them. KeyLog is asked once for each kind of them, and what it returns is like
// Config.TLSKeyLog; nil is not wanted.
type KeyLogger interface {
	Observer
	KeyLog() io.Writer
}

// Multi returns an observer that tells several ones, in this order. A Beginner among them hears of
// beginnings, and a KeyLogger has secrets.
func Multi(observers ...Observer) Observer { return multi(observers) }

type multi []Observer

func (m multi) Observe(e Event) {
	for _, o := range m {
		o.Observe(e)
	}
}

func (m multi) KeyLog() io.Writer {
	var logs []io.Writer
	for _, o := range m {
		if k, ok := o.(KeyLogger); ok {
			if w := k.KeyLog(); w != nil {
				logs = append(logs, w)
			}
		}
	}
	if len(logs) == 0 {
		return nil
	}
	return io.MultiWriter(logs...)
}

func (m multi) Begin(e Event) func() {
	var overs []func()
	for _, o := range m {
		if b, ok := o.(Beginner); ok {
			if over := b.Begin(e); over != nil {
				overs = append(overs, over)
			}
		}
	}
	if len(overs) == 0 {
		return nil
	}
	return func() {
		for _, over := range overs {
			over()
		}
	}
}
