package lookup

import (
	"encoding/binary"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
)

// otherAddr reads an address of a family that has no ports, from a table as
// Python's tuples are: {interface, protocol[, kind of packet, kind of hardware, hardware address]} for AF_PACKET, {pid, groups} for
// AF_NETLINK, {cid, port} for AF_VSOCK.
func otherAddr(s *interp.State, n int, t *lua.LTable, family int) unix.Sockaddr {
	num := func(i int) uint32 { return uint32(lua.LVAsNumber(t.RawGetInt(i))) }
	switch family {
	case unix.AF_PACKET:
		index, err := addr.ZoneIndex(t.RawGetInt(1).String())
		if err != nil {
			s.ArgError(n, "no network interface '%s'", t.RawGetInt(1))
		}
		var proto [2]byte
		binary.BigEndian.PutUint16(proto[:], uint16(num(2)))
		sa := &unix.SockaddrLinklayer{
			Ifindex: int(index), Protocol: binary.NativeEndian.Uint16(proto[:]), Pkttype: uint8(num(3)), Hatype: uint16(num(4)),
		}
		hardware := lua.LVAsString(t.RawGetInt(5))
		if len(hardware) > len(sa.Addr) {
			s.ArgError(n, "a hardware address has %d bytes at most, got %d", len(sa.Addr), len(hardware))
		}
		sa.Halen = uint8(copy(sa.Addr[:], hardware))
		return sa
	case unix.AF_NETLINK:
		return &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Pid: num(1), Groups: num(2)}
	case unix.AF_VSOCK:
		return &unix.SockaddrVM{CID: num(1), Port: num(2)}
	}
	s.ArgError(n, "no addresses of family %d are known", family)
	return nil
}
