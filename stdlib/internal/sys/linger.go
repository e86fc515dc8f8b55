//go:build unix

package sys

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
)

// With SO_LINGER close(2) waits until what was sent has arrived, whatever the descriptor's mode. So it is
// made on a goroutine of its own, for which only the thread waits that closes.

// lingers reports whether close(2) would wait. The system is asked only where that can be.
func (f *FD) lingers() bool {
	return (f.linger || f.kin != nil || f.shared.Load()) && lingers(f.fd)
}

func lingers(fd int) bool {
	l, err := getsockopt(fd, unix.SOL_SOCKET, unix.SO_LINGER, unix.SizeofLinger)
	return err == nil && len(l) == unix.SizeofLinger &&
		binary.NativeEndian.Uint32([]byte(l[:4])) != 0 && binary.NativeEndian.Uint32([]byte(l[4:])) != 0
}

// closeLingering waits until closing, which takes its time, is over; a thread that is interrupted leaves it to
// end by itself.
func (n *Net) closeLingering(s *interp.State, closing func() error) error {
	over, failed, t, in := false, error(nil), s.Thread(), n.in
	go func() {
		err := closing()
		in.WithTurn(func() { failed, over = err, true; t.Unpark() })
	}()
	if err := t.Await(func() bool { return over }, time.Time{}); err != nil {
		return err
	}
	return failed
}

// discard closes what nobody waits for any more: the interpreter's end and the collector have others to close.
func discard(fd int) { (&opened{fd: fd}).discard() }

func (n *opened) discard() {
	waits := false
	n.hold(func(fd int) { waits = lingers(fd) })
	if waits {
		go n.close()
		return
	}
	_ = n.close()
}
