//go:build unix

package child

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// closeListed makes the descriptors from 3 on that a folder lists close-on-exec.
func closeListed(folder string) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, e := range entries {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd > 2 {
			_, _ = unix.FcntlInt(uintptr(fd), unix.F_SETFD, unix.FD_CLOEXEC)
		}
	}
}
