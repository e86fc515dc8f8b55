//go:build unix

package sys

import "golang.org/x/sys/unix"

// PollNow adds to ready which of the wanted descriptors are ready now: poll(2)
// without waiting. As select(2) has it, errors count as readable and writable, since a
// call made then will not wait, and a hang-up as readable; regular files always are both.
func PollNow(wanted, ready map[int]int) error {
	fds := make([]unix.PollFd, 0, len(wanted))
	for fd, events := range wanted {
		p := unix.PollFd{Fd: int32(fd)}
		if events&Readable != 0 {
			p.Events |= unix.POLLIN
		}
		if events&Writable != 0 {
			p.Events |= unix.POLLOUT
		}
		if events&Exceptional != 0 {
			p.Events |= unix.POLLPRI
		}
		fds = append(fds, p)
	}
	if _, err := unix.Poll(fds, 0); err != nil && err != unix.EINTR {
		return err
	}
	for _, p := range fds {
		r := 0
		if p.Revents&unix.POLLNVAL != 0 {
			return unix.EBADF
		}
		if p.Revents&(unix.POLLIN|unix.POLLHUP|unix.POLLERR) != 0 {
			r |= Readable
		}
		if p.Revents&(unix.POLLOUT|unix.POLLERR) != 0 {
			r |= Writable
		}
		if p.Revents&unix.POLLPRI != 0 {
			r |= Exceptional
		}
		if r &= wanted[int(p.Fd)]; r != 0 {
			ready[int(p.Fd)] |= r
		}
	}
	return nil
}
