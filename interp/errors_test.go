package interp_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"

	"wirelua/interp"
)

// About says what an error is about where that is not known yet, and changes neither the error it
// is given nor one that is an answer.
func TestAbout(t *testing.T) {
	for _, err := range []error{nil, syscall.EAGAIN, syscall.EINPROGRESS, syscall.EALREADY} {
		if got := interp.About(err, "here"); got != err {
			t.Errorf("%v became %v", err, got)
		}
	}
	known := &interp.OpError{Code: "EACCES", Message: "not allowed", Address: "there"}
	unknown := &interp.OpError{Code: "EACCES", Message: "not allowed"}
	for err, want := range map[error]string{
		syscall.ECONNREFUSED:               "here: connection refused",
		known:                              "there: not allowed",
		fmt.Errorf("wrapped: %w", known):   "there: not allowed",
		fmt.Errorf("wrapped: %w", unknown): "here: not allowed",
		interp.ErrTimeout:                  "here: timed out",
		io.ErrUnexpectedEOF:                "here: ended early",
	} {
		got := interp.About(err, "here")
		if text := got.Error(); text != " "+want {
			t.Errorf("%v became %q, want %q", err, text, want)
		}
		if _, copied := err.(*interp.OpError); !copied && !errors.Is(got, err) {
			t.Errorf("%v is lost in %v", err, got)
		}
	}
	for err, code := range map[error]string{
		io.EOF: "EOF", fmt.Errorf("reading: %w", io.ErrUnexpectedEOF): "EOF", errors.New("x"): "EOTHER", net.ErrClosed: "EBADF",
	} {
		if e := interp.AsOpError(err); e.Code != code || !errors.Is(e, err) {
			t.Errorf("%v has the code %q, want %q", err, e.Code, code)
		}
	}
	if unknown.Address != "" {
		t.Error("the error given was changed")
	}
}
