package osfile

import (
	"os"

	"golang.org/x/sys/unix"
)

// hasWriter reports whether somebody has opened the FIFO f to write to it, and reads nothing: f may be
// for another program to read. A FIFO has data, or hangs up, only after somebody was there; of a
// writer who has done nothing yet tee(2) tells, which would wait for him, and not when there is none.
func hasWriter(f *os.File) (first []byte, ok bool) {
	var scratch [2]int
	raw, err := f.SyscallConn()
	if err != nil || unix.Pipe2(scratch[:], unix.O_CLOEXEC) != nil {
		return nil, true // the first read will tell
	}
	defer unix.Close(scratch[0])
	defer unix.Close(scratch[1])
	_ = raw.Control(func(fd uintptr) {
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, _ := unix.Poll(fds, 0)
		_, err = unix.Tee(int(fd), scratch[1], 1, unix.SPLICE_F_NONBLOCK)
		ok = n > 0 || err == unix.EAGAIN
	})
	return nil, ok
}
