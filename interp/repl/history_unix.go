//go:build unix

package repl

import (
	"os"

	"golang.org/x/sys/unix"
)

// openLocked opens a file to append to it, once nobody else has it open so.
func openLocked(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND|unix.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, err
	}
	locked := os.ErrInvalid
	if raw, err := f.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { locked = unix.Flock(int(fd), unix.LOCK_EX) })
	}
	if err := locked; err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
