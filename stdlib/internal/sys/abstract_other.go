//go:build unix && !linux

package sys

import "golang.org/x/sys/unix"

// These systems know no abstract names.

func sockname(fd int) (unix.Sockaddr, error) { return unix.Getsockname(fd) }
func peername(fd int) (unix.Sockaddr, error) { return unix.Getpeername(fd) }

func bind(fd int, sa unix.Sockaddr) error    { return unix.Bind(fd, sa) }
func connect(fd int, sa unix.Sockaddr) error { return unix.Connect(fd, sa) }
