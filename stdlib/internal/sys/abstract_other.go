//go:build unix && !linux

package sys

import "golang.org/x/sys/unix"

// These systems know no abstract names.

func sockname(fd int) (unix.Sockaddr, error) { return unix.Getsockname(fd) }
func peername(fd int) (unix.Sockaddr, error) { return unix.Getpeername(fd) }

func recvfromUnix(fd int, p []byte, flags int) (int, unix.Sockaddr, error) {
	return unix.Recvfrom(fd, p, flags)
}

func recvmsgUnix(fd int, p, oob []byte, flags int) (n, oobn, rflags int, sa unix.Sockaddr, err error) {
	return unix.Recvmsg(fd, p, oob, flags)
}

func bind(fd int, sa unix.Sockaddr) error    { return unix.Bind(fd, sa) }
func connect(fd int, sa unix.Sockaddr) error { return unix.Connect(fd, sa) }

func sendmsg(fd int, p, oob []byte, to unix.Sockaddr, flags int) (int, error) {
	return unix.SendmsgN(fd, p, oob, to, flags)
}

func sendmsgPieces(fd int, pieces [][]byte, oob []byte, to unix.Sockaddr, flags int) (int, error) {
	return unix.SendmsgBuffers(fd, pieces, oob, to, flags)
}
