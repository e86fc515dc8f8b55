//go:build unix

package sys

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp/chaos"
)

// late is a datagram that was to go, and goes after the next one: or when there is none for a while, as no
// network keeps one for ever.
type late struct {
	packet
	timer *time.Timer
}

// lateness is how long a datagram waits for another to go first.
const lateness = 20 * time.Millisecond

// sendDatagram sends a datagram, twice, later or not at all. Unix sockets lose nothing, and keep order.
func (d *Disturbance) sendDatagram(f *FD, fd int, k *packet, h chaos.Hit) (n int, err error) {
	ip := f.Type == unix.SOCK_DGRAM && f.Family != unix.AF_UNIX
	switch {
	case ip && h.Is(chaos.Drop):
		return k.size(), nil
	case ip && h.Is(chaos.Reorder) && d.late == nil && len(k.oob) == 0:
		d.keep(f, k)
		return k.size(), nil
	}
	if n, err = f.give(fd, k); err != nil {
		return n, err
	}
	if ip && h.Is(chaos.Dup) && len(k.oob) == 0 {
		_, _ = f.give(fd, k) // which may get lost
	}
	d.sendLate(f, fd)
	return n, nil
}

// keep keeps a datagram for later.
func (d *Disturbance) keep(f *FD, k *packet) {
	l := &late{packet: *k}
	l.p, l.pieces = slices.Clone(k.p), nil
	if k.kind == aMessage {
		l.kind, l.p = plain, slices.Concat(k.pieces...)
	}
	d.late = l
	l.timer = time.AfterFunc(lateness, func() { d.sendLast(f) })
}

// sendLate sends what was kept.
func (d *Disturbance) sendLate(f *FD, fd int) {
	if d.late == nil {
		return
	}
	d.late.timer.Stop()
	_, _ = f.give(fd, &d.late.packet)
	d.late = nil
}

// sendLast is sendLate when no other went first.
func (d *Disturbance) sendLast(f *FD) {
	if d == nil {
		return
	}
	f.num.hold(func(fd int) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.sendLate(f, fd)
	})
}
