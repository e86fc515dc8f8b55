//go:build unix

package sys

import (
	"time"

	"wirelua/interp"
)

// SendFile sends count bytes of the regular file open as descriptor in from
// offset on, fewer when it is shorter: sendfile(2). It returns how many went,
// also when it fails.
func (f *FD) SendFile(s *interp.State, in int, offset, count int64, lim Limit) (sent int64, err error) {
	start := time.Now()
	for sent < count {
		n := 0
		err = f.do(s, true, lim, callFunc(func(fd int) (err error) {
			n, err = sendfile(fd, in, &offset, int(min(count-sent, 1<<20)))
			return err
		}))
		sent += int64(max(n, 0))
		if err != nil || n == 0 {
			break
		}
	}
	f.observe(s, "sendfile", start, "", nil, err)
	return sent, err
}

// TryWrite writes what there is room for within a moment. It may be called
// without the lock, by the collector.
func (f *FD) TryWrite(p []byte) {
	if len(p) > 0 {
		f.file.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		f.file.Write(p)
	}
}
