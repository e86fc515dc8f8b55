package interp

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
)

// PanicError is what a function of the host's panicked with. To scripts it is an
// error as others are, in which Go's own words for a fault of the code do not
// appear; in Go errors.As finds it in the *Error, whose Traceback begins with what
// Error says and Stack.
type PanicError struct {
	Value any    // what panic was called with
	Stack string // of the goroutine, as runtime/debug.Stack formats it
}

func newPanicError(v any) *PanicError { return &PanicError{v, string(debug.Stack())} }

// Error says what the panic was, in Go's words.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns Value if that is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// report is what the host gets to read, before the traceback of the script.
func (e *PanicError) report() string { return e.Error() + "\n" + e.Stack }

// words are what a script is told.
func (e *PanicError) words() string {
	if goFault(e.Value) {
		return internalError
	}
	return e.Error()
}

const internalError = "internal error (the host is told more)"

// goFault reports whether a panic is Go's own: its words are about the code, which
// is no business of the script's.
func goFault(v any) bool {
	switch v := v.(type) {
	case runtime.Error, *reflect.ValueError:
		return true
	case string:
		return strings.HasPrefix(v, "reflect")
	}
	return false
}

// errGoexit is how a call fails that runtime.Goexit ended.
var errGoexit = errors.New("a function of the host's ended without returning")

// Guard calls fn and returns its error; a panic in fn becomes a *PanicError. Modules use
// it to call what the host supplied, where nothing else would catch the panic. It does
// not stop runtime.Goexit; see Aside.
func Guard(fn func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = newPanicError(v)
		}
	}()
	return fn()
}

// Aside calls fn on a new goroutine, and then calls done with its error on the same
// goroutine. A panic or runtime.Goexit in fn becomes an error. Aside itself does not
// wait.
func Aside(fn func() error, done func(error)) {
	go func() {
		err := errGoexit
		defer func() { done(err) }()
		err = Guard(fn)
	}()
}

// attempt is for what runs while an error is on its way: what that finds may be in
// ruins, and a panic there would have nobody to catch it. Then it returns what is
// said otherwise.
func attempt[T any](otherwise T, fn func() T) (out T) {
	defer func() {
		if recover() != nil {
			out = otherwise
		}
	}()
	return fn()
}
