//go:build unix

package sys

import (
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp/chaos"
	"wirelua/stdlib/internal/addr"
)

// Disturb returns what is done to a connection or listener of the host's that has no descriptor, by what
// kind it is and whom it is connected to; nil when nothing is. Each call on it is preceded by Before
// or BeforeAccept, and followed by After.
func (n *Net) Disturb(kind string, peer *addr.Addr) *Disturbance {
	d := n.disturbance()
	if d != nil {
		d.begin(n.names.number("host "+kind+" "+place(peer)), d.means(peer, ""))
	}
	return d
}

// Before says how many of n bytes a call may move, or until when it has to wait, if that is not zero, and be
// asked about again. The error is ECONNRESET when the connection is to be reset, EPIPE after that.
func (d *Disturbance) Before(write bool, n int) (few int, until time.Time, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case !d.meant:
		return n, time.Time{}, nil
	case d.dead:
		return 0, time.Time{}, unix.EPIPE
	}
	h, err := d.decide(write, callDelay, func() error { return nil })
	if err != nil {
		return 0, d.side(write).until, nil
	}
	if h.Is(chaos.Reset) {
		d.dead = true
		return 0, time.Time{}, unix.ECONNRESET
	}
	kind := chaos.ShortRead
	if write {
		kind = chaos.ShortWrite
	}
	return d.part(h, kind, n), time.Time{}, nil
}

// BeforeAccept says until when an accept has to wait, if that is not zero, and be asked about again.
func (d *Disturbance) BeforeAccept() (until time.Time, err error) {
	if d == nil || !d.meant {
		return time.Time{}, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := d.decide(false, acceptDelay, func() error { return nil }); err != nil {
		return d.side(false).until, nil
	}
	return time.Time{}, nil
}

// After notes that a call was made, which has moved n bytes.
func (d *Disturbance) After(write bool, n int) {
	if d == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done(write, n, nil)
}

// Dead reports whether it has been reset.
func (d *Disturbance) Dead() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.dead
}
