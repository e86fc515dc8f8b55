//go:build unix

package conn

import (
	"fmt"

	"golang.org/x/sys/unix"

	"wirelua/stdlib/internal/sys"
)

// text is the socket of a descriptor as Lua prints it.
func text(fd *sys.FD, open bool) string {
	if !open {
		return fmt.Sprintf("socket(closed, %s, %s)", familyName(fd.Family), typeName(fd.Type))
	}
	text := fmt.Sprintf("socket(fd=%d, %s, %s", fd.Fileno(), familyName(fd.Family), typeName(fd.Type))
	if a, err := fd.Sockname(); err == nil && a != nil && a.String() != "" {
		text += ", " + a.String()
	}
	if a, err := fd.Peername(); err == nil && a != nil && a.String() != "" {
		text += " -> " + a.String()
	}
	return text + ")"
}

func familyName(family int) string {
	switch family {
	case unix.AF_INET:
		return "AF_INET"
	case unix.AF_INET6:
		return "AF_INET6"
	case unix.AF_UNIX:
		return "AF_UNIX"
	}
	return fmt.Sprintf("family %d", family)
}

func typeName(typ int) string {
	switch typ {
	case unix.SOCK_STREAM:
		return "SOCK_STREAM"
	case unix.SOCK_DGRAM:
		return "SOCK_DGRAM"
	case unix.SOCK_SEQPACKET:
		return "SOCK_SEQPACKET"
	case unix.SOCK_RAW:
		return "SOCK_RAW"
	}
	return fmt.Sprintf("type %d", typ)
}
