//go:build !unix

package errno

import "syscall"

const maxErrno = 0

// Other systems' error numbers have no such names.
func known(syscall.Errno) bool         { return false }
func each(func(string, syscall.Errno)) {}
