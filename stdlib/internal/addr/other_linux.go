package addr

import (
	"encoding/binary"
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

// OtherField returns a field of an address of a family that has neither hosts nor ports: an int or a
// string; nil when there is none of that name. AF_PACKET's are Python's: the positions of its tuples,
// or their names.
func (a *Addr) OtherField(key string) any {
	switch sa := a.Other.(type) {
	case *unix.SockaddrLinklayer:
		switch key {
		case "1", "ifname":
			return ZoneName(uint32(sa.Ifindex))
		case "2", "proto":
			var order [2]byte // the network's
			binary.NativeEndian.PutUint16(order[:], sa.Protocol)
			return int(binary.BigEndian.Uint16(order[:]))
		case "3", "pkttype":
			return int(sa.Pkttype)
		case "4", "hatype":
			return int(sa.Hatype)
		case "5", "addr":
			return string(sa.Addr[:min(int(sa.Halen), len(sa.Addr))])
		}
	case *unix.SockaddrNetlink:
		switch key {
		case "1", "pid":
			return int(sa.Pid)
		case "2", "groups":
			return int(sa.Groups)
		}
	case *unix.SockaddrVM:
		switch key {
		case "1", "cid":
			return int(sa.CID)
		case "2", "port":
			return int(sa.Port)
		}
	}
	return nil
}
