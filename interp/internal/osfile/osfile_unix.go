//go:build unix

package osfile

import (
	"io"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// openFlags keep open(2) from waiting; see Open.
const openFlags = unix.O_NONBLOCK | unix.O_NOCTTY

// SetBlocking makes calls on f wait: Go left it as openFlags have made it.
func SetBlocking(f *os.File) {
	if raw, err := f.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { _ = unix.SetNonblock(int(fd), false) })
	}
}

// Try reads or writes what goes without waiting; syscall.EAGAIN when nothing does.
func Try(f *os.File, write bool, p []byte) (n int, err error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return 0, err
	}
	rawErr := raw.Control(func(fd uintptr) {
		for {
			if write {
				n, err = unix.Write(int(fd), p)
			} else {
				n, err = unix.Read(int(fd), p)
			}
			if err != unix.EINTR {
				return
			}
		}
	})
	switch {
	case rawErr != nil:
		return 0, os.ErrClosed
	case err != nil:
		return 0, err
	case n == 0 && !write && len(p) > 0:
		return 0, io.EOF
	case n < len(p) && write:
		return n, syscall.EAGAIN
	}
	return n, nil
}

// noReader reports whether opening name failed since it is a FIFO that nobody
// reads yet.
func noReader(name string, err error) bool {
	errno, ok := err.(*fs.PathError)
	if !ok || errno.Err != unix.ENXIO {
		return false
	}
	info, statErr := os.Stat(name)
	return statErr == nil && info.Mode()&fs.ModeNamedPipe != 0
}
