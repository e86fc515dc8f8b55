package interp

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"

	lua "github.com/yuin/gopher-lua"
)

var (
	_ error     = (*Error)(nil)
	_ error     = (*ExitError)(nil)
	_ net.Error = (*OpError)(nil)
)

// ErrClosed is what an Interpreter's methods return after Close.
var ErrClosed = errors.New("interp: interpreter is closed")

// ErrTimeout is what a wait returns whose deadline passed. Raised to Lua it is
// the code ETIMEDOUT; errors.Is(err, os.ErrDeadlineExceeded) holds for it.
var ErrTimeout = os.ErrDeadlineExceeded

// ErrDeadlock is in the error of a run whose threads would have waited for each other for ever; see
// Config.FindDeadlocks.
var ErrDeadlock = errors.New("deadlock: every thread waits for another")

// Interrupted reports whether err says that the thread's wait was ended from
// outside: its run was stopped, or another thread cancelled it. That is no failure of what
// it waited for.
func Interrupted(err error) bool { return err == errStopped || err == error(syscall.ECANCELED) }

// Error is how a script failed: a syntax error, or an error that nothing
// caught. It unwraps to what was raised, so that errors.Is finds a
// syscall.Errno, fs.ErrPermission, os.ErrDeadlineExceeded, the context's error,
// or the error a host's function returned; errors.As finds an *OpError with the
// details, or a *PanicError.
//
//	var failure *interp.Error
//	if errors.As(err, &failure) {
//		log.Print(failure.Message, "\n", failure.Traceback)
//	}
type Error struct {
	// Message says what and, where that is known, in which line:
	// "script.lua:3: connect 127.0.0.1:1: connection refused".
	Message string

	// Traceback is "stack traceback:" and the calls, innermost first; after a panic
	// Go's stack stands before that. It is "" for a syntax error. For a run that was
	// stopped, it is where the run's first thread was; for a deadlock what each thread waited in.
	Traceback string

	cause error
	value lua.LValue
	clean bool // the stack it was raised on may be used again
}

// Error returns Message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns what was raised, when it came from Go; else nil.
func (e *Error) Unwrap() error { return e.cause }

// Value returns what the script raised: a string, an error object, any value. One that
// is not a string, a number or a boolean may be touched only by who has the turn, and
// given only to the interpreter that it came from.
func (e *Error) Value() lua.LValue { return e.value }

func (e *Error) stopped() bool { return errors.Is(e.cause, errStopped) }

// ExitError is what RunFile, RunString and Call return when the script called os.exit
// with a status other than 0. The host decides what to make of the status. The
// interpreter can be used again.
type ExitError struct{ Code int }

// Error names the status.
func (e *ExitError) Error() string { return fmt.Sprintf("script exited with status %d", e.Code) }

// OpError is the error object of Lua: what a failed call raises. In Lua its
// fields are op, code, errno, message, address, timeout, where, and what Extra
// holds; tostring gives "connect 127.0.0.1:1: connection refused". A module sets Code and Message, and Address
// or Err where there is one; State.Raise adds Op and Where to a copy. Once it was raised it must not be changed.
type OpError struct {
	Op      string                // the function the script called: "connect"
	Code    string                // "ECONNREFUSED", "EAI_NONAME", "EOF"...
	Errno   syscall.Errno         // 0 when the code is no errno
	Message string                // "connection refused"
	Address string                // the address it was about, or ""
	Where   string                // "script.lua:12"
	Err     error                 // the cause, when it is more than Errno; or nil
	Extra   map[string]lua.LValue // further fields, by their names in Lua: strings, numbers and booleans
}

// Error returns what tostring gives: "connect 127.0.0.1:1: connection refused".
func (e *OpError) Error() string {
	var b strings.Builder
	if e.Op != "" {
		b.WriteString(e.Op)
	}
	if e.Address != "" {
		b.WriteString(" " + e.Address)
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	b.WriteString(e.Message)
	return b.String()
}

// Unwrap makes errors.Is find the errno and the cause.
func (e *OpError) Unwrap() []error {
	var errs []error
	if e.Errno != 0 {
		errs = append(errs, e.Errno)
	}
	if e.Err != nil {
		errs = append(errs, e.Err)
	}
	if e.Code == "ETIMEDOUT" && !errors.Is(e.Err, os.ErrDeadlineExceeded) {
		errs = append(errs, os.ErrDeadlineExceeded)
	}
	return errs
}

// Timeout reports whether the code is ETIMEDOUT.
func (e *OpError) Timeout() bool { return e.Code == "ETIMEDOUT" }

// Temporary is there so that an OpError is a net.Error: it is Timeout.
func (e *OpError) Temporary() bool { return e.Timeout() }
