//go:build unix

package conn

import (
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/sys"
)

// Relay copies both ways between two connections until both have ended, and
// returns the bytes that went from a to b and from b to a, also when it fails. What
// was read ahead goes first. The end of one direction is passed on; a connection's
// timeout is how long it may be idle.
func Relay(s *interp.State, a, b *Conn) (ab, ba int64, err error) {
	x, err := a.end(s)
	if err != nil {
		return 0, 0, err
	}
	y, err := b.end(s)
	if err != nil {
		return 0, 0, done(s, x, err)
	}
	ahead, err := passOn(s, a, b)
	back := 0
	if err == nil {
		back, err = passOn(s, b, a)
	}
	if err == nil {
		ab, ba, err = sys.Relay(s, x, y)
	}
	return ab + int64(ahead), ba + int64(back), done(s, y, done(s, x, err))
}

// end is the connection as a relay sees it.
func (c *Conn) end(s *interp.State) (sys.End, error) {
	if c.Shut() {
		return sys.End{}, c.About(unix.EBADF)
	}
	end, err := c.t.End(s)
	return end, c.About(err)
}

func done(s *interp.State, e sys.End, err error) error {
	if e.Done == nil {
		return err
	}
	return e.Done(s, err)
}

// passOn sends to one connection what was read ahead from the other.
func passOn(s *interp.State, from, to *Conn) (int, error) {
	w := sending{c: to, data: from.Take(len(from.b)), lim: to.Limit()}
	w.lim.Nonblock = false
	err := w.run(s)
	return w.sent, err
}
