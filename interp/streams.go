package interp

import (
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"
)

// output is the interpreter's standard output or error, and the Stream of its
// File.
type output struct {
	mu   *sync.Mutex // shared with the other output if both are one writer
	w    io.Writer
	file *File // by which scripts write, so that print and io.write keep their order
}

func newOutput(w io.Writer) *output {
	if w == nil {
		w = io.Discard
	}
	o := &output{mu: new(sync.Mutex), w: w}
	// Each write goes out at once: somebody may be waiting for that line at the
	// other end of a pipe.
	o.file = NewFile(outputStream{o}, FileOptions{Writable: true, Answers: true, Buffering: BufferNone})
	o.file.standard = true
	return o
}

// sameWriter reports whether two streams are one, which then must not be written
// by two goroutines at once.
func sameWriter(a, b io.Writer) (same bool) {
	defer func() { _ = recover() }() // some types cannot be compared
	return a != nil && a == b
}

// Write may be called by any goroutine; it keeps writes whole, and takes the host's
// writer at its word only as far as that makes sense.
func (o *output) Write(p []byte) (n int, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	err = Guard(func() (err error) {
		n, err = o.w.Write(p)
		return err
	})
	switch {
	case n < 0 || n > len(p):
		return 0, fmt.Errorf("the host's writer took %d of %d bytes", n, len(p))
	case n < len(p) && err == nil:
		err = io.ErrShortWrite
	}
	return n, err
}

// write writes text for a script.
func (o *output) write(s *State, text string) error {
	_, err := o.file.Write(s, text)
	return err
}

// finish writes what a script has buffered, when there is no thread to do it.
func (o *output) finish() {
	if rest := o.file.t.wbuf; len(rest) > 0 {
		o.file.t.wbuf = nil
		_, _ = o.Write(rest)
	}
}

type outputStream struct{ *output }

func (o outputStream) Read(*State, []byte) (int, error) { return 0, syscall.EBADF }
func (o outputStream) Close(*State) error               { return nil }
func (o outputStream) Fileno() int                      { return fileno(o.w) }

// Write writes without the turn: the other end may be slow.
func (o outputStream) Write(s *State, p []byte) (n int, err error) {
	if err := s.thread.run.spend(len(p)); err != nil {
		return 0, err
	}
	if o.w == io.Discard {
		return len(p), nil
	}
	s.thread.Outside(func() { n, err = o.output.Write(p) }, nil) // which cannot be taken back
	return n, err
}

// fileno returns the descriptor of what is an *os.File, or wraps one that it can do
// without; else -1.
func fileno(v any) int {
	f, ok := v.(syscall.Conn)
	if !ok {
		return -1
	}
	fd := -1
	_ = Guard(func() error {
		raw, err := f.SyscallConn() // not Fd, which makes the descriptor block
		if err != nil {
			return err
		}
		return raw.Control(func(n uintptr) { fd = int(n) })
	})
	return fd
}

// newStdin returns the File of the interpreter's standard input.
func newStdin(r io.Reader) *File {
	var stream Stream = newInput(r)
	if f, ok := r.(*os.File); ok && f != nil {
		stream = newOSStream(f, true)
	}
	f := NewFile(stream, FileOptions{Readable: true, Answers: true})
	f.standard = true
	return f
}

// input is a Stream over any reader. Reading must not stop the other threads,
// and may have to be given up, which an io.Reader knows nothing of: so one
// goroutine of its own reads a piece at a time, when there is need for one, and
// what it read is kept.
type input struct {
	r       io.Reader
	buf     []byte // read, and not yet taken
	err     error
	reading bool
	closed  bool
	waiting WaitList
}

func newInput(r io.Reader) *input { return &input{r: r} }

func (i *input) Write(*State, []byte) (int, error) { return 0, syscall.EBADF }

// Buffered is for select: the descriptor has no more to say about these bytes.
func (i *input) Buffered() int { return len(i.buf) }

// Close ends a Read under way. It does not close the reader.
func (i *input) Close(*State) error {
	i.closed = true
	i.waiting.WakeAll()
	return nil
}

// Read waits for input, and takes up to len(p) bytes of it; io.EOF at the end.
func (i *input) Read(s *State, p []byte) (int, error) {
	if i.r == nil {
		return 0, io.EOF
	}
	err := i.waiting.Await(s.thread, func() bool {
		if len(i.buf) > 0 || i.err != nil || i.closed {
			return true
		}
		i.fetch(s.in)
		return false
	}, time.Time{})
	switch {
	case err != nil:
		return 0, err
	case len(i.buf) > 0:
		n := copy(p, i.buf)
		i.buf = i.buf[n:]
		return n, nil
	case i.err != nil:
		err := i.err
		i.err = nil // told once: a terminal goes on after its end
		return 0, err
	}
	return 0, os.ErrClosed
}

func (i *input) fetch(in *Interpreter) {
	if i.reading {
		return
	}
	i.reading = true
	var data []byte
	Aside(func() (err error) { // not waited for by Close: nothing can end another's Read
		data, err = ReadOnce(i.r, 16<<10)
		return err
	}, func(err error) {
		in.turn.Lock()
		defer in.turn.Unlock()
		i.reading = false
		i.buf = append(i.buf, data...)
		if err != nil {
			i.err = err
		}
		i.waiting.WakeAll()
	})
}

// ReadOnce calls Read of a reader of the host's, with room for n bytes, and returns
// what was read. A panic is an error, and so is to have read more than there is room
// for. It is for modules; it waits as long as Read does.
func ReadOnce(r io.Reader, n int) ([]byte, error) {
	p, got := make([]byte, n), 0
	err := Guard(func() (err error) {
		got, err = r.Read(p)
		return err
	})
	if got < 0 || got > n {
		return nil, fmt.Errorf("the host's reader returned %d bytes, asked for %d", got, n)
	}
	return p[:got], err
}
