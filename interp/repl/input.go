package repl

import (
	"bytes"
	"io"
	"sync"
)

// input is what is typed, for the prompt and for scripts. One goroutine at a time
// reads it, when there is need for it, and what it read is kept: a script that was
// stopped in its reading would otherwise take the next line from the prompt.
type input struct {
	r   io.Reader
	raw bool // lines end in "\r"

	mu      sync.Mutex
	changed sync.Cond
	buf     []byte // read, and not yet taken
	err     error  // what comes after that
	reading bool
	asking  bool  // the prompt waits for a line: scripts wait until it has one
	over    error // nobody gets anything any more
}

func newInput(r io.Reader, raw bool) *input {
	i := &input{r: r, raw: raw}
	i.changed.L = &i.mu
	return i
}

// ask says whether the prompt waits for a line.
func (i *input) ask(asking bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.asking = asking
	i.changed.Broadcast()
}

// end ends all reading with err.
func (i *input) end(err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.over == nil {
		i.over = err
	}
	i.changed.Broadcast()
}

// read waits for input, and takes no more than a line of it: the next one may be for
// somebody else.
func (i *input) read(p []byte, prompt bool) (int, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for {
		switch {
		case i.over != nil:
			return 0, i.over
		case i.asking && !prompt:
		case len(i.buf) > 0:
			n := copy(p, firstLine(i.buf))
			i.buf = i.buf[n:]
			return n, nil
		case i.err != nil:
			err := i.err
			i.err = nil // told once: a terminal goes on after its end
			return 0, err
		default:
			i.fetch()
		}
		i.changed.Wait()
	}
}

func (i *input) fetch() {
	if i.reading {
		return
	}
	i.reading = true
	go func() {
		p := make([]byte, 4096)
		n, err := i.r.Read(p)
		i.mu.Lock()
		defer i.mu.Unlock()
		i.reading = false
		i.buf, i.err = append(i.buf, p[:n]...), err
		i.changed.Broadcast()
	}()
}

// firstLine returns the first line in b, with its end, if it has one.
func firstLine(b []byte) []byte {
	n := bytes.IndexAny(b, "\r\n") + 1
	switch {
	case n == 0:
		return b
	case b[n-1] == '\r' && n < len(b) && b[n] == '\n':
		n++
	}
	return b[:n]
}
