//go:build unix

package interp

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// ErrnoName returns "ECONNREFUSED" for an errno, and "E123" for one without a
// name. EAGAIN and EOPNOTSUPP are used where a value has two names.
func ErrnoName(e syscall.Errno) string {
	switch e {
	case unix.EAGAIN:
		return "EAGAIN"
	case unix.EOPNOTSUPP:
		return "EOPNOTSUPP"
	}
	if name := unix.ErrnoName(e); name != "" {
		return name
	}
	return "E" + itoa(int(e))
}
