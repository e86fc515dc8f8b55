package errno

import (
	"syscall"

	"golang.org/x/sys/unix"
)

var ownSynonyms = map[string]syscall.Errno{"EDEADLOCK": unix.EDEADLOCK, "EUCLEAN": unix.EUCLEAN}
