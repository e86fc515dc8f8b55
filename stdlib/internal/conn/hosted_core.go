//go:build unix

package conn

import (
	"fmt"
	"io"
	"net"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/sys"
)

// hostCore makes the calls of a connection of the host's. A net.Conn does not tell when it is ready, and
// some know no deadlines; giving up a Write half-way spoils a TLS connection. So
// a Read goes on when the thread that wanted it gives up, and what it reads is for the
// next one. At most one is under way.
type hostCore struct {
	conn    net.Conn
	closing chan struct{} // closed by close
	once    sync.Once
	err     error
	fetch   *fetch // under way, or not all taken; nil when there is none
	writing interp.Mutex
}

func (c *hostCore) close() error {
	c.once.Do(func() {
		close(c.closing)
		c.err = interp.Guard(c.conn.Close)
	})
	return c.err
}

func (c *hostCore) abandon() {}

// fetch is a Read.
type fetch struct {
	done chan struct{}
	data []byte
	err  error
}

// maxFetch is how much is read at a time at most, maxNothing how often a Read may
// return nothing and no error.
const (
	maxFetch   = 64 << 10
	maxNothing = 100
)

func (c *hostCore) begin(n int) *fetch {
	f := &fetch{done: make(chan struct{})}
	conn := c.conn
	interp.Aside(func() (err error) {
		for range maxNothing {
			if f.data, err = interp.ReadOnce(conn, min(n, maxFetch)); err != nil || len(f.data) > 0 {
				return err
			}
		}
		return io.ErrNoProgress
	}, func(err error) {
		f.err = err
		close(f.done)
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
	return len(c.fetch.data)
}

// patience is how long a call that shall not wait waits for a Read to say that
// there is something.
const patience = time.Millisecond

// read receives up to n bytes; "" at the end.
func (c *hostCore) read(s *interp.State, n int, lim sys.Limit, peek bool) (string, error) {
	if lim.Nonblock {
		lim.Deadline = time.Now().Add(patience)
	}
	for {
		if c.fetch == nil {
			c.fetch = c.begin(n)
		}
		if !ended(c.fetch.done) {
			err := await(s.Thread(), lim.Deadline, c.fetch.done, c.closing)
			if err == interp.ErrTimeout && lim.Nonblock {
				err = unix.EAGAIN
			}
			if err != nil {
				return "", err
			}
		}
		if c.fetch != nil && ended(c.fetch.done) { // else another thread has had it
			if peek && len(c.fetch.data) > 0 {
				return string(c.fetch.data[:min(n, len(c.fetch.data))]), nil
			}
			return c.take(n)
		}
	}
}

// take takes up to n bytes of a Read that has ended, or its error.
func (c *hostCore) take(n int) (string, error) {
	f := c.fetch
	if len(f.data) == 0 {
		c.fetch = nil
		if f.err == io.EOF {
			return "", nil
		}
		return "", f.err
	}
	n = min(n, len(f.data))
	data := string(f.data[:n])
	if f.data = f.data[n:]; len(f.data) == 0 && f.err == nil {
		c.fetch = nil
	}
	return data, nil
}

// write sends data, and returns how much went.
func (c *hostCore) write(s *interp.State, data string, lim sys.Limit) (int, error) {
	t := s.Thread()
	if err := c.writing.Lock(t, lim.Deadline); err != nil {
		return 0, err
	}
	defer c.writing.Unlock() // also when the Write ends the goroutine
	if err := t.CheckCancel(); err != nil {
		return 0, err
	}
	w := &hostWrite{conn: c.conn, data: unsafe.Slice(unsafe.StringData(data), len(data))}
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

// await waits without the turn until done is closed, which is no error; else until the
// deadline, until closing is closed, or until the thread is interrupted.
func await(t *interp.Thread, deadline time.Time, done, closing <-chan struct{}) error {
	w := &awaiting{done: done, closing: closing, woken: make(chan struct{}, 1)}
	if !deadline.IsZero() {
		timer := time.NewTimer(time.Until(deadline))
		defer timer.Stop()
		w.timer = timer.C
	}
	for {
		if err := t.CheckCancel(); err != nil {
			return err
		}
		t.Wait(w)
		switch {
		case closing != nil && ended(closing):
			return unix.EBADF
		case ended(done):
			return nil
		case w.late:
			return interp.ErrTimeout
		}
	}
}

type awaiting struct {
	done, closing <-chan struct{}
	woken         chan struct{}
	timer         <-chan time.Time
	late          bool
}

func (w *awaiting) Wait() {
	select {
	case <-w.done:
	case <-w.closing:
	case <-w.woken:
	case <-w.timer:
		w.late = true
	}
}

func (w *awaiting) Interrupt() {
	select {
	case w.woken <- struct{}{}:
	default:
	}
}
