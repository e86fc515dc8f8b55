package interp

import (
	"errors"
	"fmt"
	"syscall"
)

// What an interpreter holds open is counted by those who hold it: each says how many
// descriptors that are, whenever one more is about to be opened.

// CountDescriptors has fn asked how many descriptors a module holds open for scripts, whose
// sum Limits.Descriptors bounds. It is for modules; fn is called with the turn.
func (in *Engine) CountDescriptors(fn func() int) {
	in.descriptors = append(in.descriptors, fn)
}

// DescriptorRoom returns nil when n more descriptors may be opened, or else an *OpError with
// the code EMFILE that names the limit. It is for modules, and called with the turn,
// before they are opened; what is opened must be counted by then or before the turn is
// given up. See CountDescriptors.
func (in *Engine) DescriptorRoom(n int) error {
	limit := in.config.Limits.Descriptors
	if limit <= 0 {
		return nil
	}
	n += in.reading
	for _, count := range in.descriptors {
		n += count()
	}
	if n <= limit {
		return nil
	}
	return &OpError{Code: "EMFILE", Errno: syscall.EMFILE, Err: ErrLimit,
		Message: fmt.Sprintf("no more than %d descriptors allowed (Limits.Descriptors)", limit)}
}

// ErrLimit is in the errors that one of the host's Limits is the cause of.
var ErrLimit = errors.New("a limit of the host's")
