//go:build unix

package conn

import (
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/sys"
)

// admit waits until a call may be made that a Disturbance puts off: before says until when. One
// that must not wait is answered EAGAIN.
func (c *core) admit(s *interp.State, lim sys.Limit, before func() (time.Time, error)) error {
	for {
		until, err := before()
		switch {
		case err != nil || until.IsZero():
			return err
		case lim.Nonblock:
			return unix.EAGAIN
		}
		if err := c.waiting.Pause(s.Thread(), until, lim.Deadline); err != nil {
			return err
		}
		if ended(c.closing) {
			return unix.EBADF
		}
	}
}

// readDisturbed is read for a connection that is disturbed.
func (c *hostCore) readDisturbed(s *interp.State, n int, lim sys.Limit, take func(n int) error) error {
	for !c.chaos.Dead() {
		if err := c.arrive(s, n, lim); err != nil {
			return err
		}
		few := 0
		err := c.admit(s, lim, func() (until time.Time, err error) {
			few, until, err = c.chaos.Before(false, min(n, c.unread()))
			return until, err
		})
		switch {
		case err != nil:
			return c.broken(err)
		case c.fetch == nil || !ended(c.fetch.done): // another thread has had it meanwhile
			continue
		}
		before := c.unread()
		err = take(few)
		c.chaos.After(false, before-c.unread())
		return err
	}
	return nil // the end
}

// writeDisturbed is write for a connection that is disturbed.
func (c *hostCore) writeDisturbed(s *interp.State, data []byte, lim sys.Limit) (n int, err error) {
	few := 0
	err = c.admit(s, lim, func() (until time.Time, err error) {
		few, until, err = c.chaos.Before(true, len(data))
		return until, err
	})
	if err != nil {
		return 0, c.broken(err)
	}
	n, err = c.writeAll(s, data[:few], lim)
	c.chaos.After(true, n)
	return n, err
}

// broken closes the connection when it is to be reset.
func (c *hostCore) broken(err error) error {
	if err == unix.ECONNRESET {
		interp.Aside(c.conn.Close, func(error) {})
	}
	return err
}
