//go:build unix && !darwin

package sys

import "golang.org/x/sys/unix"

const sockNonblock = unix.SOCK_NONBLOCK
