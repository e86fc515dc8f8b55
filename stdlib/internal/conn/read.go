//go:build unix

package conn

import (
	"bytes"
	"strconv"
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/trace"
	"wirelua/stdlib/internal/sys"
)

// Buffer holds what was read ahead. The zero value is empty.
type Buffer struct {
	b     []byte
	taken int // how many bytes were ever taken: where b begins
}

// Take removes up to n bytes and returns them.
func (b *Buffer) Take(n int) string {
	n = min(n, len(b.b))
	data := string(b.b[:n])
	b.drop(n)
	return data
}

func (b *Buffer) drop(n int) {
	b.taken += n
	if b.b = b.b[n:]; len(b.b) == 0 {
		b.b = nil // an idle connection holds no memory for it
	}
}

// Unread puts bytes before those that were read ahead.
func (b *Buffer) Unread(p []byte) {
	b.b = append(append(make([]byte, 0, len(p)+len(b.b)), p...), b.b...)
	b.taken -= len(p)
}

// Add puts bytes behind those that were read ahead.
func (b *Buffer) Add(p []byte) { b.b = append(b.b, p...) }

// Ahead returns how many bytes were read ahead.
func (b *Buffer) Ahead() int { return len(b.b) }

// reading is a call that receives.
type reading struct {
	c    *Conn
	lim  sys.Limit
	file bool // for a file, which goes on when the script has closed the connection
}

// recv receives from the transport, when what was read ahead is not enough. One thread at a time
// does: those behind it would stay with the transport when it has read ahead what they wait for. ok
// is false for who waited for another thread that did read ahead, and has to look again.
func (r *reading) recv(s *interp.State, n, flags int) (data string, ok bool, err error) {
	c := r.c
	if !r.lim.Nonblock && flags&unix.MSG_DONTWAIT == 0 {
		before := c.taken + len(c.b)
		if err := c.reader.Lock(s.Thread(), r.lim.Deadline); err != nil {
			return "", false, c.About(err)
		}
		defer c.reader.Unlock()
		if c.taken+len(c.b) != before {
			return "", false, nil
		}
	}
	if c.closed && !r.file {
		return "", false, c.About(closed(s, c.t, "recv"))
	}
	data, err = c.t.Recv(s, n, flags, r.lim)
	return data, err == nil, c.About(err)
}

// chunk is how much is read ahead at a time.
const chunk = 4096

// fill reads more, and ahead, or another thread has; more is false at the end.
func (r *reading) fill(s *interp.State, want int) (more bool, err error) {
	return r.add(s, max(want, chunk))
}

// add reads up to n bytes more, or another thread has; more is false at the end.
func (r *reading) add(s *interp.State, n int) (more bool, err error) {
	data, ok, err := r.recv(s, n, 0)
	if data != "" {
		r.c.b = append(r.c.b, data...)
		tell(r.c.t)
	}
	return data != "" || !ok, err
}

// receive returns up to n bytes: those read ahead, or what the transport gives. With MSG_WAITALL
// it waits for all of them, as the system's call, which never waits, cannot.
func (r *reading) receive(s *interp.State, n, flags int) (data string, err error) {
	c := r.c
	if sys.OutOfBand(flags) {
		data, _, err = r.recv(s, n, flags)
		return data, err
	}
	if flags&^unix.MSG_PEEK == unix.MSG_WAITALL && !r.lim.Nonblock && c.t.Traits().Type == unix.SOCK_STREAM {
		s.Thread().Stay() // what there is when it fails is returned
		more, get := true, r.add
		if flags&unix.MSG_PEEK != 0 {
			get = r.fill // it stays to be read in any case
		}
		for more && err == nil && len(c.b) < n {
			more, err = get(s, min(n-len(c.b), 1<<18))
		}
		if len(c.b) == 0 {
			return "", err
		}
	}
	for ok := false; len(c.b) == 0; {
		if data, ok, err = r.recv(s, n, flags); ok || err != nil {
			return data, err
		}
	}
	return c.readAhead(n, flags), nil
}

// readAhead hands out up to n bytes of what was read ahead.
func (c *Conn) readAhead(n, flags int) string {
	if flags&unix.MSG_PEEK != 0 {
		return string(c.b[:min(n, len(c.b))])
	}
	return c.Take(n)
}

// collect reads ahead until x is there, and takes it; ok is false at the end of the stream. What
// there is of x is left in the buffer then, and so it is when collect fails.
func (r *reading) collect(s *interp.State, x *piece) (data string, ok bool, err error) {
	for {
		size, ok, err := x.find(&r.c.Buffer)
		if ok || err != nil {
			return r.c.Take(size), ok, err
		}
		if more, err := r.fill(s, min(x.n-len(r.c.b), 1<<18)); err != nil || !more {
			return "", false, err
		}
	}
}

// piece is what a call reads ahead for: n bytes, or all up to and including a delimiter. It is all
// that the call knows from one wait to the next.
type piece struct {
	n         int
	delimiter string
	max       int // with a delimiter: how long it may be; negative is any length
	seen      int // up to where, counting from the first byte ever taken, no delimiter begins
}

// find reports whether the piece is in the buffer, and how long it is. Others may have taken from
// the buffer since it was last asked. A piece longer than max is an EMSGSIZE.
func (x *piece) find(b *Buffer) (size int, ok bool, err error) {
	if x.delimiter == "" {
		return x.n, len(b.b) >= x.n, nil
	}
	from := max(x.seen-b.taken, 0)
	size = len(b.b)
	if i := bytes.Index(b.b[from:], []byte(x.delimiter)); i >= 0 {
		size, ok = from+i+len(x.delimiter), true
	}
	if x.max >= 0 && size > x.max {
		return 0, false, tooLong(x.max)
	}
	x.seen = b.taken + max(len(b.b)-len(x.delimiter)+1, 0)
	return size, ok, nil
}

func tooLong(max int) error {
	return &interp.OpError{Code: "EMSGSIZE", Errno: unix.EMSGSIZE,
		Message: "no end within " + strconv.Itoa(max) + " bytes"}
}

// early is the error for a stream that ended within something.
func early(b *Buffer) error {
	partial := b.Take(len(b.b))
	return &interp.OpError{Code: "EOF",
		Message: "connection closed after " + strconv.Itoa(len(partial)) + " bytes",
		Extra:   map[string]lua.LValue{"partial": lua.LString(partial)}}
}

// line takes a line without its ending; ok is false at the end.
func (r *reading) line(s *interp.State, max int) (line string, ok bool, err error) {
	line, ok, err = r.collect(s, &piece{delimiter: "\n", max: max})
	if err != nil {
		return "", false, err
	}
	if !ok {
		rest := r.c.Take(len(r.c.b))
		return rest, rest != "", nil
	}
	line = line[:len(line)-1]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line, true, nil
}

// closed is an operation on what the script has closed, of which the observer hears.
func closed(s *interp.State, t Endpoint, op string) error {
	e := trace.Event{Op: op, Socket: describe(s, t)}
	return sys.NetOf(s.Interp()).Elsewhere(s, e, func(*trace.Event) error { return unix.EBADF })
}

// Expect reads ahead until found, which is asked whenever more has come, reports how long what is
// looked for is, from the first byte on, and takes that. deadline, if it is not zero, takes the place of the
// connection's timeout. An error says in Extra's "partial" what came; after a timeout it is there still.
func (c *Conn) Expect(s *interp.State, deadline time.Time, found func(data string) (n int, ok bool)) error {
	mustBeOpen(s, c, "recv")
	r := c.reading(s, 0)
	if !deadline.IsZero() {
		r.lim = sys.Limit{Deadline: deadline}
	}
	for {
		data := string(c.b)
		if n, ok := found(data); ok {
			c.Take(n)
			return nil
		}
		more, err := r.fill(s, chunk)
		switch {
		case err != nil:
			e := *interp.AsOpError(err)
			e.Extra = map[string]lua.LValue{"partial": lua.LString(data)}
			return &e
		case !more:
			return early(&c.Buffer)
		}
	}
}
