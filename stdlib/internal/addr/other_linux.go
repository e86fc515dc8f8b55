package addr

import (
	"fmt"

	"golang.org/x/sys/unix"
)

func otherString(sa unix.Sockaddr) string {
	switch sa := sa.(type) {
	case *unix.SockaddrLinklayer:
		return fmt.Sprintf("packet:%s:%d", ZoneName(uint32(sa.Ifindex)), sa.Protocol)
	case *unix.SockaddrNetlink:
		return fmt.Sprintf("netlink:%d:%d", sa.Pid, sa.Groups)
	case *unix.SockaddrVM:
		return fmt.Sprintf("vsock:%d:%d", sa.CID, sa.Port)
	}
	return "of an unknown family"
}
