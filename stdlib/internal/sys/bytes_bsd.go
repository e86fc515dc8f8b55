//go:build unix && !linux

package sys

import "golang.org/x/sys/unix"

// These are the calls that move bytes and differ between systems. Only in and out
// are to call them.

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
