//go:build unix

package conn

import (
	"wirelua/interp"
	"wirelua/stdlib/internal/sys"
)

// Relay copies both ways between two connections until both have ended, and
// returns the bytes that went from a to b and from b to a, also when it fails. What
// was read ahead goes first. The end of one direction is passed on; a connection's
// timeout is how long it may be idle.
func Relay(s *interp.State, a, b Transport) (ab, ba int64, err error) {
	x, err := a.End(s)
	if err != nil {
		return 0, 0, err
	}
	y, err := b.End(s)
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

func done(s *interp.State, e sys.End, err error) error {
	if e.Done == nil {
		return err
	}
	return e.Done(s, err)
}

// passOn sends to one connection what was read ahead from the other.
func passOn(s *interp.State, from, to Transport) (int, error) {
	b := from.ReadAhead()
	if b.Buffered() == 0 {
		return 0, nil // sending nothing might wait: a net.Pipe does
	}
	lim := to.Limit()
	lim.Nonblock = false
	return to.SendAll(s, b.Take(b.Buffered()), 0, lim)
}
