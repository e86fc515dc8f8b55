//go:build unix && !linux

package sys

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// These systems, or some of them, cannot make a descriptor close-on-exec as it
// is made: the fork lock keeps a child from being started in between.

func prepared(fd int, err error) (int, error) {
	if err != nil {
		return -1, err
	}
	unix.CloseOnExec(fd)
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

func socket(family, typ, proto int) (int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	return prepared(unix.Socket(family, typ, proto))
}

func socketpair(family, typ, proto int) ([2]int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fds, err := unix.Socketpair(family, typ, proto)
	if err != nil {
		return fds, err
	}
	if _, err = prepared(fds[0], nil); err == nil {
		_, err = prepared(fds[1], nil)
	}
	return fds, err
}

func accept(fd int) (int, unix.Sockaddr, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	nfd, sa, err := unix.Accept(fd)
	nfd, err = prepared(nfd, err)
	return nfd, sa, err
}

func dup(fd int) (int, error) { return unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0) }

// replace has the descriptor to mean what from does.
func replace(from, to int) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	err := unix.Dup2(from, to)
	if err == nil {
		unix.CloseOnExec(to)
	}
	return err
}

// FamilyOf and ProtoOf read off a descriptor what socket it is.
func FamilyOf(fd int) (int, error) {
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return 0, err
	}
	switch sa.(type) {
	case *unix.SockaddrInet4:
		return unix.AF_INET, nil
	case *unix.SockaddrInet6:
		return unix.AF_INET6, nil
	}
	return unix.AF_UNIX, nil
}

func ProtoOf(int) int { return 0 }

const msgCloexec = 0

// msgErrqueue asks for the socket's queue of errors.
const msgErrqueue = 0

// msgFastopen has what is sent connect the socket first.
const msgFastopen = 0
