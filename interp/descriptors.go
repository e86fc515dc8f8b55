package interp

import (
	"errors"
	"fmt"
	"syscall"
)

// What an interpreter holds open is counted by those who hold it: each says how many
// descriptors that are, whenever one more is about to be opened.

// CountDescriptors has fn asked how many descriptors a module holds open for scripts, whose
// sum Limits.Descriptors bounds. It is for modules; fn is called holding the turn.
func (in *Interpreter) CountDescriptors(fn func() int) {
	in.descriptors = append(in.descriptors, fn)
}

// DescriptorRoom returns nil when n more descriptors may be opened, or else an *OpError with
// the code EMFILE that names the limit. It is for modules, and called holding the turn,
// before they are opened; what is opened must be counted by then or before the turn is
// given up. See CountDescriptors.
func (in *Interpreter) DescriptorRoom(n int) error {
	limit := in.config.Limits.Descriptors
	if limit <= 0 {
		return nil
	}
	for _, count := range in.descriptors {
		n += count()
	}
	if n <= limit {
		return nil
	}
	return &OpError{Code: "EMFILE", Errno: syscall.EMFILE, Err: errLimit,
		Message: fmt.Sprintf("no more than %d descriptors allowed (Limits.Descriptors)", limit)}
}

// errLimit is the cause of errors that a limit of the host's is, of which io tells
// in its words rather than in the system's.
var errLimit = errors.New("a limit of the host's")

// owner is a stream with a descriptor of its own.
type owner interface{ ownsDescriptor() bool }

func (o *osFile) ownsDescriptor() bool   { return !o.host }
func (o *osPipe) ownsDescriptor() bool   { return !o.host }
func (o *osDevice) ownsDescriptor() bool { return !o.host }

// descriptors counts what the io library holds open: files, those that are being opened,
// and what goes with the programs that it started.
func (l *ioLib) descriptors() int { return l.opening + l.files.descriptors() + l.shells.descriptors() }

// hold counts n descriptors that are about to be opened, until the function that it returns
// is called: then they are closed, or counted as files. In between the turn may be given up.
func (l *ioLib) hold(n int) (done func(), err error) {
	if err := l.in.DescriptorRoom(n); err != nil {
		return nil, err
	}
	l.opening += n
	return func() { l.opening -= n }, nil
}

// descriptors returns how many of the streams have a descriptor of their own.
func (o *openFiles) descriptors() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.own
}
