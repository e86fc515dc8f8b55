//go:build !unix

package interp

import "syscall"

// ErrnoName returns "E123" for an errno: this platform's have no POSIX names.
func ErrnoName(e syscall.Errno) string { return "E" + itoa(int(e)) }
