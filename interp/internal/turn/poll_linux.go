package turn

import (
	"os"
	"runtime"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Descriptors is how many a Scheduler opens to wait for others.
const Descriptors = 2

// tellsUrgent says whether Desc.urgent is known.
const tellsUrgent = true

// poller waits by epoll(7), edge-triggered: one system call for each descriptor in all, and
// one for all that came.
type poller struct {
	alarm
	table   table
	ep      *epoll // nil until there is a descriptor
	waiting *epoll // what the runner waits on
	events  []unix.EpollEvent
	got     int
}

// epoll is what is open.
type epoll struct {
	fd     int
	kicked int      // an eventfd(2)
	coarse bool     // the system has no epoll_pwait2(2), so that milliseconds must do
	file   *os.File // of another descriptor of it, for Go's runtime; made when first needed
	raw    syscall.RawConn
}

// begin is called before each wait, with the turn.
func (p *poller) begin() { p.waiting = p.ep }

// add begins with a descriptor.
func (p *poller) add(sc *Scheduler, d *Desc) error {
	if p.ep == nil {
		e, err := openEpoll()
		if err != nil {
			return err
		}
		p.ep, p.events = e, make([]unix.EpollEvent, 512)
		runtime.AddCleanup(sc, (*epoll).close, e)
		sc.changed = true // the runner may wait for the alarm alone
	}
	event := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLRDHUP | unix.EPOLLPRI | unix.EPOLLET&0xffffffff, Fd: d.fd}
	err := unix.EpollCtl(p.ep.fd, unix.EPOLL_CTL_ADD, d.Number(), &event)
	if err == unix.EEXIST { // a number that came back while a copy of what it was is open
		err = unix.EpollCtl(p.ep.fd, unix.EPOLL_CTL_MOD, d.Number(), &event)
	}
	if err == nil {
		p.table.add(d)
	}
	return err
}

func (p *poller) remove(d *Desc, copied bool) {
	if copied {
		_ = unix.EpollCtl(p.ep.fd, unix.EPOLL_CTL_DEL, d.Number(), nil) // what it tells still, is told of nobody
	}
	p.table.remove(d)
}

func (p *poller) each(fn func(*Desc)) { p.table.each(fn) }

func (p *poller) close() {
	if p.ep != nil {
		p.ep.close()
	}
}

func (p *poller) kick() {
	p.alarm.kick()
	if p.ep != nil {
		one := [8]byte{1}
		_, _ = unix.Write(p.ep.kicked, one[:])
	}
}

func (p *poller) wait(d time.Duration) {
	e := p.waiting
	p.got = 0
	switch {
	case e == nil:
		p.alarm.wait(d)
	case d == 0:
		p.got = e.now(p.events)
	case blocked.Add(1) > maxBlocked:
		blocked.Add(-1)
		p.got = e.aside(p.events, d)
	default:
		p.got = e.wait(p.events, d)
		blocked.Add(-1)
	}
}

func (p *poller) deliver() {
	for i := range p.events[:p.got] {
		ev := &p.events[i]
		if d := p.table.find(int(ev.Fd)); d != nil { // else it was kicked
			const end = unix.EPOLLRDHUP | unix.EPOLLHUP | unix.EPOLLERR
			d.tell(ev.Events&(unix.EPOLLIN|unix.EPOLLPRI) != 0, ev.Events&unix.EPOLLOUT != 0, ev.Events&end != 0, ev.Events&unix.EPOLLPRI != 0)
		}
	}
	p.got = 0
}

func openEpoll() (*epoll, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	kicked, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	// Edge-triggered: each write is told once, and nobody has to read.
	event := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLET&0xffffffff, Fd: -1}
	if err := unix.EpollCtl(fd, unix.EPOLL_CTL_ADD, kicked, &event); err != nil {
		unix.Close(fd)
		unix.Close(kicked)
		return nil, err
	}
	return &epoll{fd: fd, kicked: kicked}, nil
}

func (e *epoll) close() {
	if e.fd < 0 {
		return
	}
	if e.file != nil {
		e.file.Close()
	}
	unix.Close(e.fd)
	unix.Close(e.kicked)
	e.fd = -1
}

// now makes the call that does not wait.
func (e *epoll) now(events []unix.EpollEvent) int {
	n, _, _ := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(e.fd), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), 0, 0, 0)
	return max(int(n), 0)
}

// wait makes the call that waits, at most for d. A signal may end it.
func (e *epoll) wait(events []unix.EpollEvent, d time.Duration) int {
	var limit *timespec
	if d != none {
		limit = &timespec{int64(d / time.Second), int64(d % time.Second)}
	}
	if !e.coarse {
		n, _, err := unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(e.fd), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), uintptr(unsafe.Pointer(limit)), 0, 0)
		switch err {
		case 0:
			return int(n)
		case unix.EINTR:
			return 0
		}
		e.coarse = true
	}
	millis := -1
	if d != none {
		millis = int(min((d+time.Millisecond-1)/time.Millisecond, 1<<30))
	}
	n, _ := unix.EpollWait(e.fd, events, millis)
	return max(n, 0)
}

// timespec is the one of epoll_pwait2(2), which is the same on all machines.
type timespec struct{ sec, nsec int64 }

// aside is wait by means of Go's runtime.
func (e *epoll) aside(events []unix.EpollEvent, d time.Duration) (n int) {
	if e.file == nil && !e.openFile() {
		return e.wait(events, d)
	}
	deadline := time.Time{}
	if d != none {
		deadline = time.Now().Add(d)
	}
	_ = e.file.SetReadDeadline(deadline)
	_ = e.raw.Read(func(uintptr) bool {
		n = e.now(events)
		return n > 0
	})
	return n
}

func (e *epoll) openFile() bool {
	fd, err := unix.FcntlInt(uintptr(e.fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return false
	}
	_ = unix.SetNonblock(fd, true)
	f := os.NewFile(uintptr(fd), "epoll")
	raw, err := f.SyscallConn()
	if err != nil || f.SetReadDeadline(time.Time{}) != nil {
		f.Close()
		return false
	}
	e.file, e.raw = f, raw
	return true
}
