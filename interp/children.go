package interp

import (
	"io"
	"os"
	"syscall"
	"time"
)

// What follows is for modules that start programs.

// ChildEnv returns the environment of programs that a script starts: what the env
// door lets the script read. It is never nil, which would mean all. It may be
// called by any goroutine.
func (in *Interpreter) ChildEnv() []string { return in.childEnv() }

// Stdout and Stderr return the writers of the interpreter's standard output and
// error, for goroutines that copy what a program writes there. They may be used
// by any goroutine and keep writes whole.
func (in *Interpreter) Stdout() io.Writer { return in.stdout }
func (in *Interpreter) Stderr() io.Writer { return in.stderr }

// Foreground reports whether programs that a script starts stay in the process group of
// this one: there is a terminal, which only its foreground group may read, and whose
// Ctrl-C is for that. Otherwise they get a group of their own, so that ending them ends
// also what they have started. Any goroutine may call it.
func (in *Interpreter) Foreground() bool {
	f := fileOf(in.config.Stdin)
	if f == nil {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// SignalsFirst is called when a program has ended by a signal that nobody here sent, before a
// script hears of it. Ctrl-C is for all programs of a terminal: when one of them
// died of it, ours is under way, too, and what comes first must not be left to chance. It
// sleeps for 20 ms, and is for goroutines that wait for programs: they must not have the turn.
func SignalsFirst(sig syscall.Signal) {
	if sig == syscall.SIGINT || sig == syscall.SIGTERM || sig == syscall.SIGHUP {
		time.Sleep(20 * time.Millisecond)
	}
}

// Host reports whether the file is one of the host's, io.stdin and its like, which
// a script uses but did not open.
func (f *File) Host() bool { return f.standard }

// FlushOutput writes what the script has buffered on the standard streams, so that
// it stands before what a program writes there. It may wait.
func (s *State) FlushOutput() { s.in.io.flush(s) }
