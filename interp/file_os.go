package interp

import (
	"errors"
	"io"
	"os"
	"time"
)

// NewOSStream returns the Stream of an open file, which it owns from then on.
//
// A regular file is read and written at once: nobody has to wait for long. A pipe, FIFO
// or terminal on Go's poller lets other threads run and is a Timeouter; os.Pipe and
// os.Open put such files there. Any other file (a device; a pipe made by somebody
// else and in blocking mode) lets other threads run, too, but a write to it cannot be
// interrupted, and a read that was goes on unseen until something comes.
func NewOSStream(f *os.File) Stream { return newOSStream(f, false) }

// newOSStream leaves a file of the host's open, and its mode as it is.
func newOSStream(f *os.File, host bool) Stream {
	info, err := f.Stat()
	if err == nil && (info.Mode().IsRegular() || info.IsDir()) {
		return &osFile{f, host}
	}
	if f.SetDeadline(time.Time{}) == nil {
		return &osPipe{f: f, host: host}
	}
	if !host {
		setBlocking(f)
	}
	return &osDevice{newInput(f), f, host}
}

// osFile is a regular file. It is used holding the lock.
type osFile struct {
	f    *os.File
	host bool
}

func (o *osFile) Read(_ *State, p []byte) (int, error)  { return o.f.Read(p) }
func (o *osFile) Write(_ *State, p []byte) (int, error) { return o.f.Write(p) }
func (o *osFile) Fileno() int                           { return fileno(o.f) }
func (o *osFile) Seek(_ *State, offset int64, whence int) (int64, error) {
	return o.f.Seek(offset, whence)
}

// remaining returns how many bytes there are from the position on; 0 if unknown.
func (o *osFile) remaining() int {
	info, err := o.f.Stat()
	at, err2 := o.f.Seek(0, io.SeekCurrent)
	if err != nil || err2 != nil {
		return 0
	}
	return int(max(0, min(info.Size()-at, maxString)))
}

func (o *osFile) Close(*State) error { return closeOS(o.f, o.host) }

func (o *osFile) Abandon(rest []byte) {
	_, _ = o.f.Write(rest) // nobody is left to be told
	_ = closeOS(o.f, o.host)
}

func closeOS(f *os.File, host bool) error {
	if host {
		return nil
	}
	return f.Close()
}

// osDevice is a file whose calls block a thread of the system's.
type osDevice struct {
	*input
	f    *os.File
	host bool
}

func (o *osDevice) Fileno() int { return fileno(o.f) }

func (o *osDevice) Write(s *State, p []byte) (int, error) {
	if err := s.thread.CheckCancel(); err != nil {
		return 0, err
	}
	w := &writing{w: o.f, p: p}
	s.thread.Wait(w)
	return w.n, w.err
}

func (o *osDevice) Close(s *State) error {
	o.input.Close(s)
	return closeOS(o.f, o.host)
}

func (o *osDevice) Abandon(rest []byte) {
	if len(rest) > 0 {
		_, _ = o.f.Write(rest)
	}
	_ = closeOS(o.f, o.host)
}

// osPipe is a file on Go's poller. A wait is ended by setting a deadline that
// has passed.
type osPipe struct {
	f    *os.File
	host bool

	timeout  time.Duration
	limited  bool
	rd, wr   pipeWait // one reads and one writes at a time, says Stream
	rdd, wrd bool     // whether a deadline is set
}

// pipeWait is one read or write under way.
type pipeWait struct {
	o   *osPipe
	out bool
	p   []byte
	n   int
	err error
}

func (w *pipeWait) Wait() {
	if w.out {
		w.n, w.err = w.o.f.Write(w.p)
	} else {
		w.n, w.err = w.o.f.Read(w.p)
	}
}

func (w *pipeWait) Interrupt() { w.setDeadline(time.Unix(1, 0)) }

func (w *pipeWait) setDeadline(t time.Time) {
	set, to := &w.o.rdd, w.o.f.SetReadDeadline
	if w.out {
		set, to = &w.o.wrd, w.o.f.SetWriteDeadline
	}
	if *set || !t.IsZero() {
		_ = to(t)
		*set = !t.IsZero()
	}
}

// run waits until the call has been made, the time is over, or the thread is
// interrupted. It leaves no deadline that has passed.
func (w *pipeWait) run(s *State, p []byte) (n int, err error) {
	o := w.o
	var deadline time.Time
	if o.limited {
		if o.timeout == 0 {
			return tryIO(o.f, w.out, p)
		}
		deadline = time.Now().Add(o.timeout)
	}
	defer w.setDeadline(time.Time{})
	for {
		if err := s.thread.CheckCancel(); err != nil {
			return n, err
		}
		w.setDeadline(deadline)
		w.p = p[n:]
		s.thread.Wait(w)
		w.p = nil
		n += w.n
		switch {
		case !errors.Is(w.err, os.ErrDeadlineExceeded):
			return n, w.err
		case n > 0 && !w.out:
			return n, nil
		case !deadline.IsZero() && !time.Now().Before(deadline):
			return n, ErrTimeout
		}
	}
}

func (o *osPipe) Read(s *State, p []byte) (int, error) {
	o.rd.o = o
	return o.rd.run(s, p)
}

func (o *osPipe) Write(s *State, p []byte) (int, error) {
	o.wr.o, o.wr.out = o, true
	return o.wr.run(s, p)
}

func (o *osPipe) Fileno() int                          { return fileno(o.f) }
func (o *osPipe) Close(*State) error                   { return closeOS(o.f, o.host) }
func (o *osPipe) Timeout() (time.Duration, bool)       { return o.timeout, o.limited }
func (o *osPipe) SetTimeout(d time.Duration, lim bool) { o.timeout, o.limited = d, lim }

// patience is how long an abandoned pipe may take to be read.
const patience = 100 * time.Millisecond

func (o *osPipe) Abandon(rest []byte) {
	if len(rest) > 0 {
		_ = o.f.SetWriteDeadline(time.Now().Add(patience))
		_, _ = o.f.Write(rest)
	}
	_ = closeOS(o.f, o.host)
}

var (
	_ Seeker    = (*osFile)(nil)
	_ Timeouter = (*osPipe)(nil)
	_ Abandoner = (*osPipe)(nil)
)
