//go:build unix && !linux

package sys

import "golang.org/x/sys/unix"

func pollCreate() (int, error) {
	fd, err := unix.Kqueue()
	if err == nil {
		unix.CloseOnExec(fd)
	}
	return fd, err
}

// kqueue knows no exceptional condition apart from the two: it never comes.
func pollSet(kq, fd, old, events int) error {
	var changes []unix.Kevent_t
	for _, w := range []struct{ bit, filter int }{{Readable, unix.EVFILT_READ}, {Writable, unix.EVFILT_WRITE}} {
		if (old^events)&w.bit == 0 {
			continue
		}
		flags := unix.EV_ADD
		if events&w.bit == 0 {
			flags = unix.EV_DELETE
		}
		var k unix.Kevent_t
		unix.SetKevent(&k, fd, w.filter, flags)
		changes = append(changes, k)
	}
	if len(changes) == 0 {
		return nil
	}
	_, err := unix.Kevent(kq, changes, nil, nil)
	return err
}

func pollNow(kq int) (map[int]int, error) {
	var events [256]unix.Kevent_t
	n, err := unix.Kevent(kq, nil, events[:], &unix.Timespec{})
	if err != nil {
		return nil, err
	}
	ready := make(map[int]int, n)
	for i := range events[:n] {
		bit := Readable
		if int(events[i].Filter) == unix.EVFILT_WRITE {
			bit = Writable
		}
		ready[int(events[i].Ident)] |= bit
	}
	return ready, nil
}
