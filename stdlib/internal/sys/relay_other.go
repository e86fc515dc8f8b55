//go:build unix && !linux

package sys

import "golang.org/x/sys/unix"

// splicePipes is how many descriptors splice needs for both directions.
const splicePipes = 0

func (d *direction) splice() error { return errNoSplice }

// sendfile is done by hand: these systems' calls differ in how they tell a
// partial success.
func sendfile(out, in int, offset *int64, count int) (int, error) {
	b, pool := buffer(65536)
	defer pool.Put(b)
	n, err := unix.Pread(in, (*b)[:min(count, len(*b))], *offset)
	if err != nil || n == 0 {
		return n, err
	}
	n, err = send(out, (*b)[:n], 0, nil)
	if n > 0 {
		*offset += int64(n)
	}
	return max(n, 0), err
}
