package interp

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// Streams are what print, dofile and loadfile use. A module that buffers sets its own, with
// SetStreams; without one, print writes to Config.Stdout and the others read Config.Stdin.
// The methods are called with the turn, and may wait.
type Streams interface {
	// Print writes text to standard output.
	Print(s *State, text string) error

	// ReadAll reads standard input to its end, or MaxSource bytes and at least one more, which
	// is too much for a chunk.
	ReadAll(s *State) (string, error)

	// Flush writes what is buffered: at the end of a run, and before programs run. Nobody asked
	// for it, so that nobody is told when it fails.
	Flush(s *State)
}

// SetStreams has print, dofile and loadfile use streams. It is for modules that show the
// interpreter's streams to scripts, which are opened early (Module.Early), so that no script
// has used others before.
func (in *Engine) SetStreams(streams Streams) { in.streams = streams }

// FlushOutput writes what the script has buffered on the standard streams, so that
// it stands before what a program writes there. It may wait.
func (s *State) FlushOutput() { s.in.streams.Flush(s) }

// Stdout returns the interpreter's standard output. Any goroutine may call it.
func (in *Engine) Stdout() *Output { return in.stdout }

// Stderr returns the interpreter's standard error. Any goroutine may call it.
func (in *Engine) Stderr() *Output { return in.stderr }

// plainStreams are the host's, unbuffered.
type plainStreams struct {
	host  io.Reader
	stdin *Input // made when it is first read
}

func (p *plainStreams) Print(s *State, text string) error {
	_, err := s.in.stdout.WriteFor(s, []byte(text))
	return err
}

func (p *plainStreams) ReadAll(s *State) (string, error) {
	if p.stdin == nil {
		p.stdin = NewInput(p.host)
	}
	return s.readSource(p.stdin.Read, 0)
}

func (p *plainStreams) Flush(*State) {}

// Output is an interpreter's standard output or error.
type Output struct {
	mu *sync.Mutex // shared with the other output if both are one writer
	w  io.Writer
}

func newOutput(w io.Writer) *Output {
	if w == nil {
		w = io.Discard
	}
	return &Output{mu: new(sync.Mutex), w: w}
}

// sameWriter reports whether two streams are one, which then must not be written
// by two goroutines at once.
func sameWriter(a, b io.Writer) (same bool) {
	defer func() { _ = recover() }() // some types cannot be compared
	return a != nil && a == b
}

// Host returns the host's writer, Config.Stdout or Stderr; io.Discard when it gave none.
func (o *Output) Host() io.Writer { return o.w }

// Write may be called by any goroutine; it keeps writes whole, and takes the host's
// writer at its word only as far as that makes sense. It waits as long as that does.
func (o *Output) Write(p []byte) (n int, err error) {
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

// WriteFor is Write for a script: it counts what Limits.Output bounds, and writes without
// the turn, since the other end may be slow.
func (o *Output) WriteFor(s *State, p []byte) (n int, err error) {
	if err := s.thread.run.spend(len(p)); err != nil {
		return 0, err
	}
	if o.w == io.Discard {
		return len(p), nil
	}
	s.thread.Outside(func() { n, err = o.Write(p) }, nil) // which cannot be taken back
	return n, err
}

// Input reads any reader of the host's for scripts. Reading must not stop the other threads,
// and may have to be given up, which an io.Reader knows nothing of: so one
// goroutine of its own reads a piece at a time, when there is need for one, and
// what it read is kept. Its methods are for who has the turn.
type Input struct {
	r       io.Reader
	buf     []byte // read, and not yet taken
	err     error
	reading bool
	closed  bool
	waiting WaitList
	watches Watches
}

// NewInput makes an Input of r; nil is an empty one.
func NewInput(r io.Reader) *Input { return &Input{r: r} }

// Buffered is for select: the descriptor has no more to say about these bytes.
func (i *Input) Buffered() int { return len(i.buf) }

// Watched are who is told when Buffered may be more than 0 that was not.
func (i *Input) Watched() *Watches { return &i.watches }

// Close ends a Read under way. It does not close the reader.
func (i *Input) Close(*State) error {
	i.closed = true
	i.waiting.WakeAll()
	return nil
}

// Read waits for input, and takes up to len(p) bytes of it; io.EOF at the end.
func (i *Input) Read(s *State, p []byte) (int, error) {
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

func (i *Input) fetch(in *Interpreter) {
	if i.reading {
		return
	}
	i.reading = true
	var data []byte
	Aside(func() (err error) { // not waited for by Close: nothing can end another's Read
		data, err = readOnce(i.r, 16<<10)
		return err
	}, func(err error) {
		in.turn.Take()
		defer in.turn.Give()
		i.reading = false
		i.buf = append(i.buf, data...)
		if err != nil {
			i.err = err
		}
		i.waiting.WakeAll()
		i.watches.Tell()
	})
}

// readOnce is ReadInto, with room for n bytes.
func readOnce(r io.Reader, n int) ([]byte, error) {
	p := make([]byte, n)
	n, err := ReadInto(r, p)
	return p[:n], err
}

// ReadInto calls r.Read once, with room for p, and returns how much it read. r is a reader of the host's: if it panics, or
// says that it read more than there is room for, that is an error. It is for modules, and waits as long as Read does:
// call it by Thread.Wait.
func ReadInto(r io.Reader, p []byte) (n int, err error) {
	err = Guard(func() (err error) {
		n, err = r.Read(p)
		return err
	})
	if n < 0 || n > len(p) {
		return 0, fmt.Errorf("the host's reader returned %d bytes, asked for %d", n, len(p))
	}
	return n, err
}
