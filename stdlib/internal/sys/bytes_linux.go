package sys

import (
	"encoding/binary"
	"slices"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// These are the calls that move bytes and differ between systems. Only in and out
// are to call them.

// fewBytes is how many are moved by a call that Go's scheduler is not told of: that saves a tenth
// of a microsecond, and keeps a processor busy for as long as it takes to copy them.
const fewBytes = 4096

// recvPlain is recv(2), without an address, and never waits whatever the descriptor's mode. It is
// cheaper than read(2), which asks more of the kernel's layers.
func recvPlain(fd int, p []byte, flags int) (int, error) {
	return move(unix.SYS_RECVFROM, fd, p, flags)
}

// sendPlain is send(2), as recvPlain is recv(2).
func sendPlain(fd int, p []byte, flags int) (int, error) {
	return move(unix.SYS_SENDTO, fd, p, flags)
}

func move(trap uintptr, fd int, p []byte, flags int) (int, error) {
	var n uintptr
	var err unix.Errno
	if len(p) <= fewBytes {
		n, _, err = unix.RawSyscall6(trap, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), uintptr(flags|unix.MSG_DONTWAIT), 0, 0)
	} else {
		n, _, err = unix.Syscall6(trap, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), uintptr(flags|unix.MSG_DONTWAIT), 0, 0)
	}
	if err != 0 {
		return 0, err
	}
	return int(n), nil
}

// recvfrom is recvfrom(2) for a socket of a protocol.
func recvfrom(fd int, p []byte, flags, proto int) (int, unix.Sockaddr, error) {
	if proto == unix.IPPROTO_L2TP { // whose addresses look like AF_INET's
		return unix.Recvfrom(fd, p, flags)
	}
	var from unix.RawSockaddrAny
	size := uint32(unix.SizeofSockaddrAny)
	n, _, e := unix.Syscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), uintptr(flags),
		uintptr(unsafe.Pointer(&from)), uintptr(unsafe.Pointer(&size)))
	if e != 0 {
		return 0, nil, e
	}
	return int(n), internetAddress(&from), nil
}

// internetAddress is an address that the kernel wrote; nil for those of other families. x/sys/unix, which knows the others,
// asks for the socket's protocol with a system call for each.
func internetAddress(raw *unix.RawSockaddrAny) unix.Sockaddr {
	switch raw.Addr.Family {
	case unix.AF_INET:
		a := (*unix.RawSockaddrInet4)(unsafe.Pointer(raw))
		return &unix.SockaddrInet4{Port: portOf(&a.Port), Addr: a.Addr}
	case unix.AF_INET6:
		a := (*unix.RawSockaddrInet6)(unsafe.Pointer(raw))
		return &unix.SockaddrInet6{Port: portOf(&a.Port), ZoneId: a.Scope_id, Addr: a.Addr}
	}
	return nil
}

// portOf reads a port, which is big-endian whatever the machine.
func portOf(port *uint16) int {
	return int(binary.BigEndian.Uint16((*[2]byte)(unsafe.Pointer(port))[:]))
}

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
	if len(oob) > 0 && to == nil && len(slices.Concat(pieces...)) == 0 {
		return sendmsgBare(fd, oob, flags)
	}
	return unix.SendmsgBuffers(fd, pieces, oob, to, flags)
}

// sendmsgBare sends ancillary data alone, to which x/sys/unix would add a byte of its own: on a stream
// the system sends nothing then.
func sendmsgBare(fd int, oob []byte, flags int) (int, error) {
	msg := unix.Msghdr{Control: &oob[0]}
	msg.SetControllen(len(oob))
	n, _, e := unix.Syscall(unix.SYS_SENDMSG, uintptr(fd), uintptr(unsafe.Pointer(&msg)), uintptr(flags))
	if e != 0 {
		return 0, e
	}
	return int(n), nil
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
