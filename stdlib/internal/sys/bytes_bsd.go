//go:build unix && !linux

package sys

import "golang.org/x/sys/unix"

// These are the calls that move bytes and differ between systems. Only in and out
// are to call them.

// recvPlain is recv(2), without an address.
func recvPlain(fd int, p []byte, flags int) (int, error) {
	if flags == 0 {
		// read(2) is recv(2) without flags, and has no address to make room for.
		if n, err := unix.Read(fd, p); err != unix.ENOTSOCK && err != unix.EISDIR {
			return n, err
		}
	}
	n, _, err := unix.Recvfrom(fd, p, flags)
	return n, err
}

// sendPlain is send(2).
func sendPlain(fd int, p []byte, flags int) (int, error) {
	if flags == unix.MSG_NOSIGNAL && len(p) > 0 && fd > 2 {
		if n, err := unix.Write(fd, p); err != unix.EDESTADDRREQ { // send(2) without its extras, and cheaper
			return n, err
		}
	}
	return sendmsg(fd, p, nil, nil, flags)
}

func recvfrom(fd int, p []byte, flags, _ int) (int, unix.Sockaddr, error) {
	return unix.Recvfrom(fd, p, flags)
}

func recvfromUnix(fd int, p []byte, flags int) (int, unix.Sockaddr, error) {
	return unix.Recvfrom(fd, p, flags)
}

func recvmsgUnix(fd int, p, oob []byte, flags int) (n, oobn, rflags int, sa unix.Sockaddr, err error) {
	return unix.Recvmsg(fd, p, oob, flags)
}

func sendmsg(fd int, p, oob []byte, to unix.Sockaddr, flags int) (int, error) {
	return unix.SendmsgN(fd, p, oob, to, flags)
}

func sendmsgPieces(fd int, pieces [][]byte, oob []byte, to unix.Sockaddr, flags int) (int, error) {
	return unix.SendmsgBuffers(fd, pieces, oob, to, flags)
}

// lowWater is how much a socket takes without waiting when it is writable at all.
const lowWater = 1024

// sendNow is send without waiting on a descriptor that may block. Not all of
// these systems heed MSG_DONTWAIT where it is about sending.
func sendNow(fd int, p []byte, flags int, to unix.Sockaddr) (int, error) {
	if err := pollOne(fd, unix.POLLOUT); err != nil {
		return 0, err
	}
	if to == nil {
		if typ, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE); err == nil && typ == unix.SOCK_STREAM {
			p = p[:min(len(p), lowWater)]
		}
	}
	return send(fd, p, flags|unix.MSG_DONTWAIT, to)
}

// readNow and writeNow are for pipes that may block.
func readNow(fd int, p []byte) (int, error)  { return readLooking(fd, p) }
func writeNow(fd int, p []byte) (int, error) { return writeLooking(fd, p) }

// splice: there is none.
func splice(_, _, _ int) (int, error) { return 0, unix.ENOSYS }

// sendfile is left to who asks for it: these systems' calls differ in how they tell a
// partial success.
func sendfile(_, _ int, _ *int64, _ int) (int, error) { return 0, unix.ENOSYS }
