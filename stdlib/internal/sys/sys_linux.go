package sys

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

const nonblockCloexec = unix.SOCK_NONBLOCK | unix.SOCK_CLOEXEC

func socket(family, typ, proto int) (int, error) {
	return unix.Socket(family, typ|nonblockCloexec, proto)
}

func socketpair(family, typ, proto int) ([2]int, error) {
	return unix.Socketpair(family, typ|nonblockCloexec, proto)
}

func accept(fd int) (int, unix.Sockaddr, error) {
	var from unix.RawSockaddrAny
	size := uint32(unix.SizeofSockaddrAny)
	n, _, e := unix.Syscall6(unix.SYS_ACCEPT4, uintptr(fd), uintptr(unsafe.Pointer(&from)), uintptr(unsafe.Pointer(&size)), nonblockCloexec, 0, 0)
	if e != 0 {
		return -1, nil, e
	}
	sa := internetAddress(&from)
	switch {
	case sa != nil:
	case from.Addr.Family == unix.AF_UNIX:
		sa = unixSockaddr((*unix.RawSockaddrUnix)(unsafe.Pointer(&from)), size)
	default:
		sa, _ = peername(int(n)) // none, when it has gone again
	}
	return int(n), sa, nil
}

func dup(fd int) (int, error) { return unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0) }

// replace has the descriptor to mean what from does.
func replace(from, to int) error { return unix.Dup3(from, to, unix.O_CLOEXEC) }

// FamilyOf, TypeOf and ProtoOf read off a descriptor what socket it is.
func FamilyOf(fd int) (int, error) { return unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DOMAIN) }

func ProtoOf(fd int) int {
	p, _ := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PROTOCOL)
	return p
}

const msgCloexec = unix.MSG_CMSG_CLOEXEC

// msgErrqueue asks for the socket's queue of errors.
const msgErrqueue = unix.MSG_ERRQUEUE

// msgFastopen has what is sent connect the socket first.
const msgFastopen = unix.MSG_FASTOPEN
