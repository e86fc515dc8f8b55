package interp

import (
	"errors"
	"io"
	"sync"
	"time"
)

// output is the interpreter's standard output or error. Each write goes out at
// once: somebody may be waiting for that line at the other end of a pipe.
type output struct {
	mu sync.Mutex
	w  io.Writer
}

func newOutput(w io.Writer) *output {
	if w == nil {
		w = io.Discard
	}
	return &output{w: w}
}

// Write may be called by any goroutine; it keeps writes whole.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.w.Write(p)
}

// write writes text for a script, without the lock: the other end may be slow.
func (o *output) write(s *State, text string) error {
	if o.w == io.Discard {
		return nil
	}
	w := &writing{o: o, text: text}
	s.thread.Wait(w)
	return w.err
}

type writing struct {
	o    *output
	text string
	err  error
}

func (w *writing) Wait()      { _, w.err = io.WriteString(w.o, w.text) }
func (w *writing) Interrupt() {} // a write cannot be taken back

// input is the interpreter's standard input. Reading it must not stop the other
// threads, and may have to be given up: so one goroutine of its own reads a
// piece at a time, when there is need for one, and what it read is kept.
type input struct {
	r       io.Reader
	buf     []byte // read, and not yet taken
	err     error
	reading bool
	waiting []*Thread
}

func newInput(r io.Reader) *input {
	if r == nil {
		return &input{err: io.EOF}
	}
	return &input{r: r}
}

// Read waits for input, and takes up to len(p) bytes of it; io.EOF at the end.
func (i *input) Read(s *State, p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	t := s.thread
	i.waiting = append(i.waiting, t)
	err := t.WaitUntil(time.Time{}, func() bool {
		if len(i.buf) > 0 || i.err != nil {
			return true
		}
		i.fetch(s.in)
		return false
	})
	for k, w := range i.waiting {
		if w == t {
			i.waiting = append(i.waiting[:k], i.waiting[k+1:]...)
			break
		}
	}
	if err != nil {
		return 0, err
	}
	if len(i.buf) == 0 {
		err := i.err
		if !errors.Is(err, io.EOF) {
			i.err = nil // told once
		}
		return 0, err
	}
	n := copy(p, i.buf)
	i.buf = i.buf[n:]
	return n, nil
}

func (i *input) fetch(in *Interpreter) {
	if i.reading {
		return
	}
	i.reading = true
	go func() { // not waited for by Close: nothing can end another's Read
		p := make([]byte, 4096)
		n, err := i.r.Read(p)
		in.mu.Lock()
		defer in.mu.Unlock()
		i.reading = false
		i.buf = append(i.buf, p[:n]...)
		if err != nil {
			i.err = err
		}
		for _, t := range i.waiting {
			t.Unpark()
		}
	}()
}

// readAll reads all there is to come, for dofile() and loadfile().
func (i *input) readAll(s *State) (string, error) {
	var all []byte
	p := make([]byte, 4096)
	for {
		n, err := i.Read(s, p)
		all = append(all, p[:n]...)
		if err == io.EOF {
			return string(all), nil
		}
		if err != nil {
			return "", err
		}
	}
}

