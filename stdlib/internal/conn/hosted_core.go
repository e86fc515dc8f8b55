//go:build unix

package conn

import (
	"fmt"
	"io"
	"net"
	"sync"
	"time"
	"weak"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/sys"
)

// core is what the cores of connections and listeners of the host's have in common: their end, and
// those who wait for that, or for what is done meanwhile without the turn.
type core struct {
	in      weak.Pointer[interp.Engine] // a Read under way shall not keep it
	closing chan struct{}               // closed by end
	once    sync.Once
	err     error
	waiting interp.WaitList
	chaos   *sys.Disturbance // nil: it is not disturbed
}

func newCore(in *interp.Engine) core {
	return core{in: weak.Make(in), closing: make(chan struct{})}
}

// end closes what the core is of, once. It may be called by any goroutine, with the turn or without.
func (c *core) end(closeIt func() error) error {
	c.once.Do(func() {
		close(c.closing)
		go c.wake()
		c.err = interp.Guard(closeIt)
	})
	return c.err
}

// finish closes done, and wakes who waits for that. The turn is needed: whoever calls has not got it.
func (c *core) finish(done chan struct{}) {
	close(done)
	c.wake()
}

func (c *core) wake() {
	if in := c.in.Value(); in != nil {
		in.WithTurn(c.waiting.WakeAll)
	}
}

// await waits until finish has closed done, which is no error; else until the deadline, until the
// end, which is EBADF, or until the thread is interrupted.
func (c *core) await(t *interp.Thread, deadline time.Time, done <-chan struct{}) error {
	err := c.waiting.Await(t, func() bool { return ended(done) || ended(c.closing) }, deadline)
	if err == nil && ended(c.closing) {
		return unix.EBADF
	}
	return err
}

// awaitEnd waits until finish has closed done, though the core has ended.
func (c *core) awaitEnd(t *interp.Thread, done <-chan struct{}) error {
	return c.waiting.Await(t, func() bool { return ended(done) }, time.Time{})
}

// hostCore makes the calls of a connection of the host's. A net.Conn does not tell when it is ready, and
// some know no deadlines; giving up a Write half-way spoils a TLS connection. So
// a Read goes on when the thread that wanted it gives up, and what it reads is for the
// next one. At most one is under way.
type hostCore struct {
	core
	conn    net.Conn
	fetch   *fetch // under way, or not all taken; nil when there is none
	readers int    // that wait for it, a pump among them
	writing interp.Mutex
	pump    *pump // has writing; nil when there is none
}

func (c *hostCore) close() error { return c.end(c.conn.Close) }

func (c *hostCore) abandon() {}

// fetch is a Read, and what it has read.
type fetch struct {
	done  chan struct{}
	piece sys.Piece
	err   error
}

// maxNothing is how often a Read may return nothing and no error.
const maxNothing = 100

func (c *hostCore) begin(n int) *fetch {
	f := &fetch{done: make(chan struct{})}
	conn, room := c.conn, f.piece.Room(n)
	interp.Aside(func() error {
		got, err := readSome(conn, room)
		f.piece.Came(got)
		return err
	}, func(err error) {
		f.err = err
		c.finish(f.done)
	})
	return f
}

func ended(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

func (c *hostCore) unread() int {
	if c.fetch == nil || !ended(c.fetch.done) {
		return 0
	}
	return len(c.fetch.piece.Bytes())
}

// patience is how long a call that shall not wait waits for a Read to say that
// there is something.
const patience = time.Millisecond

// read has take called once a Read for up to n bytes has ended, of which take then takes something: up to
// the number that it is given.
func (c *hostCore) read(s *interp.State, n int, lim sys.Limit, take func(n int) error) error {
	if c.chaos != nil {
		return c.readDisturbed(s, n, lim, take)
	}
	if err := c.arrive(s, n, lim); err != nil {
		return err
	}
	return take(n)
}

// arrive waits until a Read for up to n bytes has ended of which nobody has taken all.
func (c *hostCore) arrive(s *interp.State, n int, lim sys.Limit) error {
	if lim.Nonblock {
		lim.Deadline = time.Now().Add(patience)
	}
	for {
		if c.fetch == nil {
			c.fetch = c.begin(n)
		}
		if !ended(c.fetch.done) {
			err := c.fetched(s.Thread(), lim)
			if err == interp.ErrTimeout && lim.Nonblock {
				err = unix.EAGAIN
			}
			if err != nil {
				return err
			}
		}
		if c.fetch != nil && ended(c.fetch.done) { // else another thread has had it
			return nil
		}
	}
}

// fetched waits for the Read under way.
func (c *hostCore) fetched(t *interp.Thread, lim sys.Limit) error {
	c.readers++
	defer func() { c.readers-- }()
	return c.await(t, lim.Deadline, c.fetch.done)
}

// take takes up to n bytes of a Read that has ended, or its error; "" is the end. With peek they
// stay to be taken.
func (c *hostCore) take(n int, peek bool) (string, error) {
	b := c.fetch.piece.Bytes()
	n = min(n, len(b))
	data := string(b[:n])
	if n > 0 && peek {
		return data, nil
	}
	return data, c.took(n)
}

// takePiece is take into x, which is empty and stays so at the end.
func (c *hostCore) takePiece(x *sys.Piece, n int) error {
	f := c.fetch
	if b := f.piece.Bytes(); len(b) > n {
		n = copy(x.Room(n), b)
		x.Came(n)
		return c.took(n)
	} else if len(b) > 0 {
		*x, f.piece = f.piece, sys.Piece{}
	}
	if len(x.Bytes()) > 0 && f.err != nil {
		return nil // it is for the next
	}
	return c.took(0)
}

// took notes that n bytes of a Read were taken; when there were none its error is.
func (c *hostCore) took(n int) error {
	f := c.fetch
	if n > 0 {
		f.piece.Went(n)
	}
	if n > 0 && (f.err != nil || len(f.piece.Bytes()) > 0) {
		return nil
	}
	if c.fetch = nil; f.err != io.EOF {
		return f.err
	}
	return nil
}

// write sends data, or when it is disturbed some of it, and returns how much went.
func (c *hostCore) write(s *interp.State, data []byte, lim sys.Limit) (int, error) {
	if c.chaos != nil {
		return c.writeDisturbed(s, data, lim)
	}
	return c.writeAll(s, data, lim)
}

func (c *hostCore) writeAll(s *interp.State, data []byte, lim sys.Limit) (int, error) {
	t := s.Thread()
	if c.pump != nil {
		c.pump.giveWay()
	}
	if err := c.writing.Lock(t, lim.Deadline); err != nil {
		return 0, err
	}
	defer c.writing.Unlock() // also when the Write ends the goroutine
	if err := t.CheckCancel(); err != nil {
		return 0, err
	}
	w := &hostWrite{conn: c.conn, data: data}
	err := interp.Guard(func() error { return c.conn.SetWriteDeadline(lim.Deadline) })
	if err != nil && !lim.Deadline.IsZero() {
		timer := time.AfterFunc(time.Until(lim.Deadline), w.interrupt)
		defer timer.Stop()
	}
	t.Outside(w.call, w.interrupt)
	if !lim.Deadline.IsZero() || w.err != nil { // the host may get the connection back
		_ = interp.Guard(func() error { return c.conn.SetWriteDeadline(time.Time{}) })
	}
	err = c.whyNot(t, lim, w.err)
	if err == w.err && w.n > 0 {
		err = nil // some went: the next call will tell
	}
	return w.n, err
}

// whyNot is the reason for err: calls are interrupted by a deadline in the past.
func (c *hostCore) whyNot(t *interp.Thread, lim sys.Limit, err error) error {
	if err == nil {
		return nil
	}
	if ended(c.closing) {
		return unix.EBADF
	}
	if !lim.Deadline.IsZero() && !time.Now().Before(lim.Deadline) {
		return interp.ErrTimeout
	}
	if reason := t.CheckCancel(); reason != nil {
		return reason
	}
	return err
}

// hostWrite is a Write under way.
type hostWrite struct {
	conn net.Conn
	data []byte
	n    int
	err  error
}

func (w *hostWrite) call() {
	w.err = interp.Guard(func() (err error) {
		w.n, err = w.conn.Write(w.data)
		return err
	})
	switch {
	case w.n < 0 || w.n > len(w.data):
		w.n, w.err = 0, fmt.Errorf("the host's connection took %d of %d bytes", w.n, len(w.data))
	case w.n < len(w.data) && w.err == nil:
		w.err = io.ErrShortWrite
	}
}

// interrupt ends the Write; on a connection that knows no deadlines, with the
// connection.
func (w *hostWrite) interrupt() {
	if interp.Guard(func() error { return w.conn.SetWriteDeadline(time.Unix(1, 0)) }) != nil {
		interp.Aside(w.conn.Close, func(error) {})
	}
}
