//go:build unix

package sys

import (
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/trace"
)

// SendFile sends count bytes of the regular file open as descriptor in from
// offset on, fewer when it is shorter: sendfile(2). It returns how many went,
// also when it fails.
func (f *FD) SendFile(s *interp.State, in int, offset, count int64, lim Limit) (sent int64, err error) {
	start := f.net.Now()
	for sent < count {
		n := 0
		err = f.do(s, true, lim, callFunc(func(fd int) (err error) {
			copy := sendfile
			if f.shared.Load() {
				copy = copyfile
			}
			n, err = copy(fd, in, &offset, int(min(count-sent, 1<<20)))
			return err
		}))
		sent += int64(max(n, 0))
		if err != nil || n == 0 {
			break
		}
	}
	f.net.Report(s, start, trace.Event{Op: "sendfile", FD: f.fd, N: sent, Err: err})
	return sent, err
}

// copyfile is sendfile for a descriptor that blocks: that call knows no
// MSG_DONTWAIT.
func copyfile(out, in int, offset *int64, count int) (int, error) {
	b, pool := buffer(65536)
	defer pool.Put(b)
	n, err := unix.Pread(in, (*b)[:min(count, len(*b))], *offset)
	if err != nil || n == 0 {
		return n, err
	}
	n, err = sendNow(out, (*b)[:n], 0, nil)
	*offset += int64(max(n, 0))
	return max(n, 0), err
}

// TryWrite writes what there is room for within a moment. It may be called
// without the lock, by the collector.
func (f *FD) TryWrite(p []byte) {
	if len(p) > 0 && !f.shared.Load() {
		f.file.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		f.file.Write(p)
	}
}
