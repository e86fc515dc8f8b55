//go:build unix

package sys

import "golang.org/x/sys/unix"

// PollMasks fills in what of the events asked for, and of hang-ups, errors and numbers that are
// not open, there is at each descriptor: poll(2) without waiting.
func PollMasks(fds []unix.PollFd) error {
	for {
		if _, err := unix.Poll(fds, 0); err != unix.EINTR {
			return err
		}
	}
}
