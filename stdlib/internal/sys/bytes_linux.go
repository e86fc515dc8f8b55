package sys

import (
	"slices"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// These are the calls that move bytes and differ between systems. Only in and out
// are to call them.

func recvfromUnix(fd int, p []byte, flags int) (int, unix.Sockaddr, error) {
	n, _, _, sa, err := recvmsgUnix(fd, p, nil, flags)
	return n, sa, err
}

func recvmsgUnix(fd int, p, oob []byte, flags int) (n, oobn, rflags int, sa unix.Sockaddr, err error) {
	var raw unix.RawSockaddrUnix
	iov := unix.Iovec{Base: unsafe.SliceData(p)}
	iov.SetLen(len(p))
	msg := unix.Msghdr{Name: (*byte)(unsafe.Pointer(&raw)), Namelen: uint32(unsafe.Sizeof(raw)), Iov: &iov}
	msg.SetIovlen(1)
	if len(oob) > 0 {
		msg.Control = &oob[0]
		msg.SetControllen(len(oob))
	}
	got, _, e := unix.Syscall(unix.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(&msg)), uintptr(flags))
	if e != 0 {
		return 0, 0, 0, nil, e
	}
	return int(got), int(msg.Controllen), int(msg.Flags), unixSockaddr(&raw, msg.Namelen), nil
}

func sendmsg(fd int, p, oob []byte, to unix.Sockaddr, flags int) (int, error) {
	if u := longest(to); u != nil {
		return syscall.SendmsgN(fd, p, oob, u, flags)
	}
	return unix.SendmsgN(fd, p, oob, to, flags)
}

func sendmsgPieces(fd int, pieces [][]byte, oob []byte, to unix.Sockaddr, flags int) (int, error) {
	if longest(to) != nil {
		return sendmsg(fd, slices.Concat(pieces...), oob, to, flags)
	}
	return unix.SendmsgBuffers(fd, pieces, oob, to, flags)
}

// sendNow is send without waiting on a descriptor that may block.
func sendNow(fd int, p []byte, flags int, to unix.Sockaddr) (int, error) {
	return send(fd, p, flags|unix.MSG_DONTWAIT, to)
}

// readNow and writeNow are for pipes that may block.
func readNow(fd int, p []byte) (int, error) {
	n, err := unix.Preadv2(fd, [][]byte{p}, -1, unix.RWF_NOWAIT)
	if err == unix.EOPNOTSUPP || err == unix.ENOSYS {
		return readLooking(fd, p)
	}
	return n, err
}

func writeNow(fd int, p []byte) (int, error) {
	n, err := unix.Pwritev2(fd, [][]byte{p}, -1, unix.RWF_NOWAIT)
	if err == unix.EOPNOTSUPP || err == unix.ENOSYS {
		return writeLooking(fd, p)
	}
	return n, err
}

// splice moves bytes from or to a pipe without them ever leaving the kernel.
func splice(from, to, count int) (int, error) {
	n, err := unix.Splice(from, nil, to, nil, count, unix.SPLICE_F_MOVE|unix.SPLICE_F_NONBLOCK)
	return int(n), err
}

func sendfile(out, in int, offset *int64, count int) (int, error) {
	return unix.Sendfile(out, in, offset, count)
}
