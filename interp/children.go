package interp

import "io"

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

// Host reports whether the file is one of the host's, io.stdin and its like, which
// a script uses but did not open.
func (f *File) Host() bool { return f.standard }

// FlushOutput writes what the script has buffered on the standard streams, so that
// it stands before what a program writes there. It may wait.
func (s *State) FlushOutput() { s.in.io.flush(s) }
