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
	for {
		n := 0
		err := d.wait(d.src.FD, false, func(fd int) (err error) {
			n, err = d.src.FD.in(fd, &packet{kind: aPipe, fd: pipe[1], count: 1 << 20})
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
				m, err := d.dst.FD.out(fd, &packet{kind: aPipe, fd: pipe[0], count: left})
				left -= m
				return err
			})
			if err != nil {
				return err
			}
		}
		d.moved(n)
	}
}
