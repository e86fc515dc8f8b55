package sys

import "golang.org/x/sys/unix"

// splicePipes is how many descriptors splice needs for both directions.
const splicePipes = 4

// splice copies through a pipe, without the bytes ever leaving the kernel.
func (d *direction) splice() error {
	var pipe [2]int
	if err := unix.Pipe2(pipe[:], unix.O_NONBLOCK|unix.O_CLOEXEC); err != nil {
		return errNoSplice
	}
	defer unix.Close(pipe[0])
	defer unix.Close(pipe[1])
	// Room for as much as one splice may move; where that is not allowed, the
	// usual 64 KB do.
	unix.FcntlInt(uintptr(pipe[0]), unix.F_SETPIPE_SZ, 1<<20)
	const flags = unix.SPLICE_F_MOVE | unix.SPLICE_F_NONBLOCK
	for {
		n := int64(0)
		err := d.wait(d.src.FD, false, func(fd int) (err error) {
			n, err = unix.Splice(fd, nil, pipe[1], nil, 1<<20, flags)
			return err
		})
		if err == unix.EINVAL && d.n == 0 {
			return errNoSplice
		}
		if err != nil || n == 0 {
			return err
		}
		for left := n; left > 0; {
			err := d.wait(d.dst.FD, true, func(fd int) error {
				m, err := unix.Splice(pipe[0], nil, fd, nil, int(left), flags)
				left -= max(m, 0)
				return err
			})
			if err != nil {
				return err
			}
		}
		d.moved(int(n))
	}
}

// Sendfile sends count bytes of a file from offset on: sendfile(2).
func sendfile(out, in int, offset *int64, count int) (int, error) {
	return unix.Sendfile(out, in, offset, count)
}
