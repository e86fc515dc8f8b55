//go:build unix && !linux

package errno

import "syscall"

var ownSynonyms map[string]syscall.Errno
