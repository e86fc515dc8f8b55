package interp

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// valueError is a conversion that failed somewhere inside a value. Its text begins
// with the path to that, which the caller puts after the value's name:
// ".peers[2].conn: a thread has no form in Go".
type valueError struct {
	path string
	err  error
}

func (e *valueError) Error() string { return e.path + ": " + e.err.Error() }
func (e *valueError) Unwrap() error { return e.err }

// inside says that err is about what is found in a value by one more step.
func inside(step string, err error) error {
	if e, ok := err.(*valueError); ok {
		return &valueError{step + e.path, e.err}
	}
	return &valueError{step, err}
}

func badValue(format string, args ...any) error {
	return &valueError{err: fmt.Errorf(format, args...)}
}

// trimmed is an error about a value that has no name.
func trimmed(err error) error {
	e, ok := err.(*valueError)
	switch {
	case !ok:
		return err
	case e.path == "":
		return e.err
	}
	return &valueError{strings.TrimPrefix(e.path, "."), e.err}
}

// step is how Lua writes the way from a table to what it has under key.
func step(key lua.LValue) string {
	name, ok := key.(lua.LString)
	switch {
	case !ok:
		return "[" + key.String() + "]"
	case isName(string(name)):
		return "." + string(name)
	}
	return fmt.Sprintf("[%q]", string(name))
}

func isName(s string) bool {
	for i, c := range s {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
