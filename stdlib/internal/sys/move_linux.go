package sys

import "golang.org/x/sys/unix"

const canSplice = true

// splicePipe opens a pipe with room for as much as one call moves; where that is not allowed the
// usual 64 KB do.
func splicePipe() (r, w int, err error) {
	var pipe [2]int
	if err := unix.Pipe2(pipe[:], unix.O_NONBLOCK|unix.O_CLOEXEC); err != nil {
		return -1, -1, err
	}
	_, _ = unix.FcntlInt(uintptr(pipe[0]), unix.F_SETPIPE_SZ, MaxSpliced)
	return pipe[0], pipe[1], nil
}
