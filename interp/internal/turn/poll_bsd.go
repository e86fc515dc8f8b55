//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package turn

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// Descriptors is how many a Scheduler opens to wait for others.
const Descriptors = 3

// tellsUrgent says whether Desc.urgent is known.
const tellsUrgent = false

// poller waits by kqueue(2), with EV_CLEAR, which tells once of all that came.
type poller struct {
	alarm
	table   table
	kq      *kqueue // nil until there is a descriptor
	waiting *kqueue // what the runner waits on
	events  []unix.Kevent_t
	got     int
}

// kqueue is what is open.
type kqueue struct {
	fd   int
	r, w int // a pipe: what is written to w ends a wait
}

// begin is called before each wait, with the turn.
func (p *poller) begin() { p.waiting = p.kq }

// add begins with a descriptor. Some can only be read, or only written.
func (p *poller) add(sc *Scheduler, d *Desc) error {
	if p.kq == nil {
		k, err := openKqueue()
		if err != nil {
			return err
		}
		p.kq, p.events = k, make([]unix.Kevent_t, 512)
		runtime.AddCleanup(sc, (*kqueue).close, k)
		sc.changed = true // the runner may wait for the alarm alone
	}
	r := p.kq.watch(d.Number(), unix.EVFILT_READ)
	w := p.kq.watch(d.Number(), unix.EVFILT_WRITE)
	if r != nil && w != nil {
		return r
	}
	p.table.add(d)
	return nil
}

func (p *poller) remove(d *Desc, copied bool) { p.table.remove(d) } // closing it is enough: here copies are others

func (p *poller) each(fn func(*Desc)) { p.table.each(fn) }

func (p *poller) close() {
	if p.kq != nil {
		p.kq.close()
	}
}

func (p *poller) kick() {
	p.alarm.kick()
	if p.kq != nil {
		_, _ = unix.Write(p.kq.w, []byte{1})
	}
}

func (p *poller) wait(d time.Duration) {
	p.got = 0
	if k := p.waiting; k == nil {
		p.alarm.wait(d)
	} else {
		p.got = k.wait(p.events, d)
	}
}

func (p *poller) deliver() {
	for i := range p.events[:p.got] {
		ev := &p.events[i]
		if p.kq.r == int(ev.Ident) {
			var b [64]byte
			_, _ = unix.Read(p.kq.r, b[:])
		} else if d := p.table.find(int(ev.Ident)); d != nil {
			write := ev.Filter == unix.EVFILT_WRITE
			d.tell(!write, write, ev.Flags&(unix.EV_EOF|unix.EV_ERROR) != 0, false)
		}
	}
	p.got = 0
}

func openKqueue() (*kqueue, error) {
	fd, err := unix.Kqueue()
	if err != nil {
		return nil, err
	}
	unix.CloseOnExec(fd)
	var ends [2]int
	if err := unix.Pipe(ends[:]); err != nil {
		unix.Close(fd)
		return nil, err
	}
	for _, end := range ends {
		unix.CloseOnExec(end)
		_ = unix.SetNonblock(end, true)
	}
	k := &kqueue{fd: fd, r: ends[0], w: ends[1]}
	if err := k.watch(k.r, unix.EVFILT_READ); err != nil {
		k.close()
		return nil, err
	}
	return k, nil
}

func (k *kqueue) watch(fd, filter int) error {
	var change [1]unix.Kevent_t
	unix.SetKevent(&change[0], fd, filter, unix.EV_ADD|unix.EV_CLEAR)
	_, err := unix.Kevent(k.fd, change[:], nil, nil)
	return err
}

func (k *kqueue) close() {
	if k.fd < 0 {
		return
	}
	for _, fd := range []int{k.fd, k.r, k.w} {
		unix.Close(fd)
	}
	k.fd = -1
}

// wait waits at most for d. A signal may end it.
func (k *kqueue) wait(events []unix.Kevent_t, d time.Duration) int {
	var limit *unix.Timespec
	if d != none {
		ts := unix.NsecToTimespec(int64(d))
		limit = &ts
	}
	n, _ := unix.Kevent(k.fd, nil, events, limit)
	return max(n, 0)
}
