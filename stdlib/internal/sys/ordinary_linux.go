package sys

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// ordinaryOption reports whether an option concerns but the one socket, and where
// its packets go is not changed by it.
func ordinaryOption(level, option int) bool {
	switch level {
	case unix.SOL_SOCKET:
		switch option {
		case unix.SO_ATTACH_FILTER, unix.SO_ATTACH_BPF, unix.SO_ATTACH_REUSEPORT_CBPF, unix.SO_ATTACH_REUSEPORT_EBPF,
			unix.SO_MARK, unix.SO_BINDTODEVICE, unix.SO_BINDTOIFINDEX, unix.SO_PEERPIDFD, unix.SO_PASSPIDFD:
			return false
		}
		return true
	case unix.IPPROTO_IP: // from 64 on they are the firewall's, and multicast routing's
		switch option {
		case unix.IP_OPTIONS, unix.IP_RETOPTS, unix.IP_HDRINCL, unix.IP_TRANSPARENT, unix.IP_IPSEC_POLICY, unix.IP_XFRM_POLICY,
			unix.IP_UNICAST_IF, unix.IP_ADD_SOURCE_MEMBERSHIP, unix.MCAST_JOIN_GROUP, unix.MCAST_JOIN_SOURCE_GROUP:
			return false
		}
		return option < 64
	case unix.IPPROTO_IPV6:
		switch option {
		case unix.IPV6_RTHDR, unix.IPV6_2292RTHDR, unix.IPV6_2292PKTOPTIONS, unix.IPV6_NEXTHOP,
			unix.IPV6_HOPOPTS, unix.IPV6_DSTOPTS, unix.IPV6_RTHDRDSTOPTS, unix.IPV6_2292HOPOPTS, unix.IPV6_2292DSTOPTS,
			unix.IPV6_HDRINCL, unix.IPV6_TRANSPARENT, unix.IPV6_IPSEC_POLICY, unix.IPV6_XFRM_POLICY,
			unix.IPV6_UNICAST_IF, unix.IPV6_PKTINFO, unix.IPV6_JOIN_ANYCAST, unix.MCAST_JOIN_GROUP, unix.MCAST_JOIN_SOURCE_GROUP,
			64, 65: // IP6T_SO_SET_REPLACE and IP6T_SO_SET_ADD_COUNTERS
			return false
		}
		return option < 80
	case unix.IPPROTO_TCP:
		switch option {
		case unix.TCP_REPAIR, unix.TCP_REPAIR_QUEUE, unix.TCP_REPAIR_OPTIONS, unix.TCP_REPAIR_WINDOW,
			unix.TCP_ULP, unix.TCP_ZEROCOPY_RECEIVE:
			return false
		}
		return true
	case unix.IPPROTO_UDP:
		return option != 100 // UDP_ENCAP
	}
	return false
}

// ordinaryItem is ordinaryOption for ancillary data. A packet may say which address it
// comes from; not which interface it leaves by, as there even 127.0.0.1 is another's.
func ordinaryItem(level, typ int, data []byte) bool {
	index := 0
	switch {
	case level == unix.IPPROTO_IP && typ == unix.IP_PKTINFO:
	case level == unix.IPPROTO_IPV6 && (typ == unix.IPV6_PKTINFO || typ == unix.IPV6_2292PKTINFO):
		index = 16
	default:
		return ordinaryOption(level, typ)
	}
	// The kernel refuses what is shorter.
	return len(data) < index+4 || binary.NativeEndian.Uint32(data[index:]) == 0
}

// optionUnit is how many bytes the kernel means by 1 in an option's length: a filter's
// is counted in instructions, so that it writes eight times as much as it was told.
func optionUnit(level, option int) int {
	if level == unix.SOL_SOCKET && option == unix.SO_ATTACH_FILTER { // SO_GET_FILTER, too
		return 8
	}
	return 1
}

// zeroCopy reports whether an option has sends return before the data were read.
func zeroCopy(level, option int) bool { return level == unix.SOL_SOCKET && option == unix.SO_ZEROCOPY }
