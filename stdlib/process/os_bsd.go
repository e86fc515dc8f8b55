//go:build unix && !linux

package process

import (
	"os"

	"golang.org/x/sys/unix"
)

// memoryFolder stands for shm_open, which knows no folder on these systems.
var memoryFolder = os.TempDir()

// childDescriptors is how many it takes to wait for a child.
const childDescriptors = 0

// awaitExit leaves it to the wait that follows, which takes a thread of the system's.
func awaitExit(int) {}

// closeOnExec keeps from children what this process itself inherited; all else
// that is open here was opened so.
func closeOnExec() { closeListed("/dev/fd") }

// reopen cannot be done: opening /dev/fd/N gives a copy of the descriptor.
func reopen(int) (int, error) { return -1, unix.EOPNOTSUPP }
