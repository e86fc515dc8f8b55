//go:build unix

package os

import (
	"time"

	"golang.org/x/sys/unix"
)

// cpuTime returns how long the process has been computing.
func cpuTime() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
