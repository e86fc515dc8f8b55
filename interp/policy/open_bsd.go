//go:build unix && !linux

package policy

import "golang.org/x/sys/unix"

// searchOnly opens a folder that may be searched and perhaps not listed.
const searchOnly = unix.O_SEARCH
