package sys

import "golang.org/x/sys/unix"

func pollCreate() (int, error) { return unix.EpollCreate1(unix.EPOLL_CLOEXEC) }

func pollSet(ep, fd, old, events int) error {
	var e unix.EpollEvent
	e.Fd = int32(fd)
	if events&Readable != 0 {
		e.Events |= unix.EPOLLIN | unix.EPOLLRDHUP
	}
	if events&Writable != 0 {
		e.Events |= unix.EPOLLOUT
	}
	if events&Exceptional != 0 {
		e.Events |= unix.EPOLLPRI
	}
	op := unix.EPOLL_CTL_MOD
	switch {
	case events == 0:
		op = unix.EPOLL_CTL_DEL
	case old == 0:
		op = unix.EPOLL_CTL_ADD
	}
	return unix.EpollCtl(ep, op, fd, &e)
}

// pollNow returns what is ready now. Hang-ups and errors count as readable and
// writable, as select(2) has it: a call made then will not wait.
func pollNow(ep int) (map[int]int, error) {
	var events [256]unix.EpollEvent
	n, err := unix.EpollWait(ep, events[:], 0)
	if err != nil {
		return nil, err
	}
	ready := make(map[int]int, n)
	for _, e := range events[:n] {
		r := 0
		if e.Events&(unix.EPOLLIN|unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
			r |= Readable
		}
		if e.Events&(unix.EPOLLOUT|unix.EPOLLERR|unix.EPOLLHUP) != 0 {
			r |= Writable
		}
		if e.Events&unix.EPOLLPRI != 0 {
			r |= Exceptional
		}
		ready[int(e.Fd)] = r
	}
	return ready, nil
}
