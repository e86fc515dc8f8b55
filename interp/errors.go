package interp

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"syscall"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/policy"
)

// About returns err as an error object whose address is address, a path perhaps, unless
// err names one already. It returns nil for nil. EAGAIN, EINPROGRESS and EALREADY are
// answers and no failures: About returns them as they are.
func About(err error, address string) error {
	switch err {
	case nil, errStopped, syscall.EAGAIN, syscall.EINPROGRESS, syscall.EALREADY:
		return err
	}
	e := *AsOpError(err)
	if e.Address == "" {
		e.Address = address
	}
	return &e
}

// AsOpError describes any Go error as an error object: its code is the name of the errno inside, as the
// platform has it (with EAGAIN and EOPNOTSUPP for the values that have two), ETIMEDOUT for a
// deadline, ECANCELED, EACCES for a *policy.Denied or fs.ErrPermission, ENOENT for fs.ErrNotExist, EBADF for
// os.ErrClosed and net.ErrClosed, EOF for io.EOF and io.ErrUnexpectedEOF, else EOTHER. An *OpError stays what it
// is, even inside of others.
func AsOpError(err error) *OpError {
	if e, ok := err.(*OpError); ok {
		return e
	}
	var inner *OpError
	if errors.As(err, &inner) {
		e := *inner
		e.Err = err
		return &e
	}
	var errno syscall.Errno
	var denied *policy.Denied
	var panicked *PanicError
	switch {
	case errors.As(err, &panicked):
		return &OpError{Code: "EOTHER", Message: panicked.words(), Err: err}
	case errors.As(err, &denied):
		return &OpError{Code: "EACCES", Errno: syscall.EACCES, Message: denied.Error(), Err: err}
	case errors.Is(err, errStopped): // as observers are told it; scripts cannot catch it
		return &OpError{Code: "ECANCELED", Errno: syscall.ECANCELED, Message: "stopped", Err: err}
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return &OpError{Code: "ETIMEDOUT", Errno: syscall.ETIMEDOUT, Message: "timed out", Err: err}
	case errors.As(err, &errno):
		e := &OpError{Code: ErrnoName(errno), Errno: errno, Message: errno.Error()}
		if err != error(errno) {
			e.Err = err
		}
		if errno == syscall.ETIMEDOUT {
			e.Message = "timed out"
		}
		return e
	case errors.Is(err, os.ErrClosed), errors.Is(err, net.ErrClosed):
		return &OpError{Code: "EBADF", Errno: syscall.EBADF, Message: "closed", Err: err}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &OpError{Code: "EOF", Message: "ended early", Err: err}
	case errors.Is(err, fs.ErrPermission):
		return &OpError{Code: "EACCES", Errno: syscall.EACCES, Message: err.Error(), Err: err}
	case errors.Is(err, fs.ErrNotExist): // of an fs.FS
		return &OpError{Code: "ENOENT", Errno: syscall.ENOENT, Message: syscall.ENOENT.Error(), Err: err}
	case errors.Is(err, context.Canceled):
		return &OpError{Code: "ECANCELED", Errno: syscall.ECANCELED, Message: "cancelled", Err: err}
	}
	return &OpError{Code: "EOTHER", Message: err.Error(), Err: err}
}

// hostError describes an error of the host's: its text stays, but for errors that are
// nothing but what AsOpError has words for.
func hostError(err error) *OpError {
	e := *AsOpError(err)
	e.Err = err
	var p *PanicError
	switch err.(type) {
	case *OpError, *policy.Denied, syscall.Errno, *Error:
		return &e
	}
	if err == os.ErrDeadlineExceeded || err == context.DeadlineExceeded || err == context.Canceled || errors.As(err, &p) {
		return &e
	}
	e.Op, e.Address, e.Message = "", "", err.Error() // of an error inside, they are in the text
	return &e
}

// Raise raises err as an error object, which AsOpError makes of it; it does not return, and has a result
// so that one can write return s.Raise(err). The name of the running function and the script's line are filled in.
func (s *State) Raise(err error) int {
	if s.thread.light.left {
		return -1
	}
	e := *AsOpError(err)
	at, f := s.calledFrom()
	if e.Op == "" {
		if f == nil {
			f = s.current()
		}
		if f != nil {
			e.Op = f.Name
		}
	}
	e.Where = cmp.Or(e.Where, at)
	s.Error(s.errorObject(&e), 0)
	return 0
}

// errorObject returns e as Lua sees it. What it is about may be any text of the script's, of
// which no more than 64 KB are repeated.
func (s *State) errorObject(e *OpError) *lua.LUserData {
	if len(e.Message)+len(e.Address) > maxTold {
		short := *e
		short.Message, short.Address = told(e.Message), told(e.Address)
		e = &short
	}
	return s.in.newObject(errorType, e)
}

var errorType = &Type{
	Name: "error",
	Doc:  "what a failed call raises",
	Fields: []Field{
		{Name: "op", Type: "string", Doc: "the function that was called: \"connect\""},
		{Name: "code", Type: "string", Doc: "what kind of failure it is: \"ECONNREFUSED\""},
		{Name: "errno", Type: "integer?", Doc: "its number, or nil"},
		{Name: "message", Type: "string", Doc: "what happened, in words"},
		{Name: "address", Type: "string?", Doc: "the address or path that it is about, or nil"},
		{Name: "timeout", Type: "boolean", Doc: "whether the code is ETIMEDOUT"},
		{Name: "where", Type: "string", Doc: "the script's line: \"script.lua:12\""},
		{Name: "sent", Type: "integer?", Doc: "of what sends: how many bytes went; else nil"},
		{Name: "received", Type: "integer?", Doc: "of relay: how many bytes came back; else nil"},
		{Name: "partial", Type: "string?", Doc: "of what reads a piece that ended early: what there was of it; else nil"},
	},
	Index: func(s *State, self any, key string) lua.LValue {
		e := self.(*OpError)
		switch key {
		case "op":
			return lua.LString(e.Op)
		case "code":
			return lua.LString(e.Code)
		case "errno":
			if e.Errno != 0 {
				return lua.LNumber(e.Errno)
			}
		case "message":
			return lua.LString(e.Message)
		case "address":
			if e.Address != "" {
				return lua.LString(e.Address)
			}
		case "timeout":
			return lua.LBool(e.Timeout())
		case "where":
			return lua.LString(e.Where)
		default:
			if v, ok := e.Extra[key]; ok {
				return v
			}
			if key != "sent" && key != "received" && key != "partial" {
				return nil
			}
		}
		return lua.LNil
	},
	String: func(self any) string { return self.(*OpError).Error() },
	Len:    func(self any) int { return len(self.(*OpError).Error()) },
	Text:   true,
	Strict: true,
}
