package file

import (
	"errors"
	"io"
	"os"
	"syscall"
	"time"

	"wirelua/interp"
	"wirelua/interp/internal/osfile"
)

// OS returns the Stream of an open file, which it owns from then on.
//
// A regular file is read and written at once: nobody has to wait for long. A pipe, FIFO
// or terminal on Go's poller lets other threads run and is a Timeouter; os.Pipe and
// os.Open put such files there. Any other file (a device; a pipe made by somebody
// else and in blocking mode) lets other threads run, too, but a write to it cannot be
// interrupted, and a read that was goes on unseen until something comes.
func OS(f *os.File) Stream { return newOSStream(f, false) }

// newOSStream leaves a file of the host's open, and its mode as it is.
func newOSStream(f *os.File, host bool) Stream {
	info, err := f.Stat()
	if err == nil && (info.Mode().IsRegular() || info.IsDir()) {
		if host {
			return &hostFile{osFile: osFile{f, host}, begin: -1}
		}
		return &osFile{f, host}
	}
	if f.SetDeadline(time.Time{}) == nil {
		return &osPipe{f: f, host: host}
	}
	if !host {
		osfile.SetBlocking(f)
	}
	return &osDevice{interp.NewInput(f), f, host}
}

// osFile is a regular file. It is used with the turn.
type osFile struct {
	f    *os.File
	host bool
}

func (o *osFile) Read(_ *interp.State, p []byte) (int, error) { return o.f.Read(p) }
func (o *osFile) Fileno() int                                 { return fileno(o.f) }
func (o *osFile) Seek(_ *interp.State, offset int64, whence int) (int64, error) {
	return o.f.Seek(offset, whence)
}

// Write writes a piece at a time.
func (o *osFile) Write(s *interp.State, p []byte) (n int, err error) {
	for len(p) > 0 && err == nil {
		if err := s.CheckStop(); err != nil {
			return n, err
		}
		k := 0
		k, err = o.f.Write(p[:min(len(p), maxPiece)])
		n, p = n+k, p[k:]
	}
	return n, err
}

// remaining returns how many bytes there are from the position on; 0 if unknown.
func (o *osFile) remaining() int {
	info, err := o.f.Stat()
	at, err2 := o.f.Seek(0, io.SeekCurrent)
	if err != nil || err2 != nil {
		return 0
	}
	return int(max(0, min(info.Size()-at, interp.MaxString)))
}

func (o *osFile) Close(*interp.State) error { return closeOS(o.f, o.host) }

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

// hostFile is a regular file that the host reads as well: standard input. It begins, for the script,
// where the host left off, and whenever the host has moved it that is another beginning: what
// the host has read is not the script's to see.
type hostFile struct {
	osFile
	begin int64 // where it does, -1 until it is used
	at    int64 // where the script left off
}

// find notes where the file stands.
func (h *hostFile) find() error {
	at, err := h.f.Seek(0, io.SeekCurrent)
	if err == nil && (at != h.at || h.begin < 0) {
		h.begin, h.at = at, at
	}
	return err
}

func (h *hostFile) Read(s *interp.State, p []byte) (int, error) {
	if err := h.find(); err != nil {
		return 0, err
	}
	n, err := h.osFile.Read(s, p)
	h.at += int64(n)
	return n, err
}

// Seek is that of a file which begins where the script's part does.
func (h *hostFile) Seek(s *interp.State, offset int64, whence int) (int64, error) {
	if err := h.find(); err != nil {
		return 0, err
	}
	info, err := h.f.Stat()
	if err != nil {
		return 0, err
	}
	to := offset + map[int]int64{io.SeekStart: h.begin, io.SeekCurrent: h.at, io.SeekEnd: info.Size()}[whence]
	if to < h.begin {
		return 0, syscall.EINVAL
	}
	at, err := h.osFile.Seek(s, to, io.SeekStart)
	if err == nil {
		h.at = at
	}
	return at - h.begin, err
}

// osDevice is a file whose calls block a thread of the system's.
type osDevice struct {
	*interp.Input
	f    *os.File
	host bool
}

func (o *osDevice) Fileno() int { return fileno(o.f) }

func (o *osDevice) Write(s *interp.State, p []byte) (n int, err error) {
	if err := s.Thread().CheckCancel(); err != nil {
		return 0, err
	}
	s.Thread().Outside(func() { n, err = o.f.Write(p) }, nil)
	return n, err
}

func (o *osDevice) Close(s *interp.State) error {
	o.Input.Close(s)
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

func (w *pipeWait) call() {
	if w.out {
		w.n, w.err = w.o.f.Write(w.p)
	} else {
		w.n, w.err = w.o.f.Read(w.p)
	}
}

func (w *pipeWait) interrupt() { w.setDeadline(time.Unix(1, 0)) }

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
func (w *pipeWait) run(s *interp.State, p []byte) (n int, err error) {
	o := w.o
	var deadline time.Time
	if o.limited {
		if o.timeout == 0 {
			return osfile.Try(o.f, w.out, p)
		}
		deadline = time.Now().Add(o.timeout)
	}
	defer w.setDeadline(time.Time{})
	for {
		if err := s.Thread().CheckCancel(); err != nil {
			return n, err
		}
		w.setDeadline(deadline)
		w.p = p[n:]
		s.Thread().Outside(w.call, w.interrupt)
		w.p = nil
		n += w.n
		switch {
		case !errors.Is(w.err, os.ErrDeadlineExceeded):
			return n, w.err
		case n > 0 && !w.out:
			return n, nil
		case !deadline.IsZero() && !time.Now().Before(deadline):
			return n, interp.ErrTimeout
		}
	}
}

func (o *osPipe) Read(s *interp.State, p []byte) (int, error) {
	o.rd.o = o
	return o.rd.run(s, p)
}

func (o *osPipe) Write(s *interp.State, p []byte) (int, error) {
	o.wr.o, o.wr.out = o, true
	return o.wr.run(s, p)
}

func (o *osPipe) Fileno() int                          { return fileno(o.f) }
func (o *osPipe) Close(*interp.State) error            { return closeOS(o.f, o.host) }
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
	_ Seeker    = (*hostFile)(nil)
	_ Timeouter = (*osPipe)(nil)
	_ Abandoner = (*osPipe)(nil)
)
