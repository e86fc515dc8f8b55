//go:build unix && !linux

package child

import "golang.org/x/sys/unix"

// toWait is how many it takes to wait for a child.
const toWait = 0

// awaitExit leaves it to the wait that follows, which takes a thread of the system's.
func awaitExit(int) {}

// closeOnExec keeps from children what this process itself inherited; all else
// that is open here was opened so.
func closeOnExec() { closeListed("/dev/fd") }

// reopen cannot be done: opening /dev/fd/N gives a copy of the descriptor.
func reopen(int) (int, error) { return -1, unix.EOPNOTSUPP }
