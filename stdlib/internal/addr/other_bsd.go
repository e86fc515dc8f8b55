//go:build unix && !linux

package addr

import "golang.org/x/sys/unix"

func otherString(unix.Sockaddr) string { return "of an unknown family" }
