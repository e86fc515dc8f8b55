//go:build unix

package errno

import (
	"syscall"

	"golang.org/x/sys/unix"

	"wirelua/interp"
)

// maxErrno is more than any Unix has; Linux reserves 4095 in its system calls.
const maxErrno = 4095

// synonyms are names of numbers that x/sys/unix calls otherwise.
var synonyms = map[string]syscall.Errno{
	"EAGAIN": unix.EAGAIN, "EWOULDBLOCK": unix.EWOULDBLOCK,
	"EOPNOTSUPP": unix.EOPNOTSUPP, "ENOTSUP": unix.ENOTSUP,
}

func known(n syscall.Errno) bool { return unix.ErrnoName(n) != "" }

// each calls f with every name and its number.
func each(f func(name string, n syscall.Errno)) {
	for n := syscall.Errno(1); n <= maxErrno; n++ {
		if known(n) {
			f(interp.ErrnoName(n), n)
		}
	}
	for name, n := range synonyms {
		f(name, n)
	}
	for name, n := range ownSynonyms {
		f(name, n)
	}
}
