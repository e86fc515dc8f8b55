//go:build unix && !linux

package sys

import "golang.org/x/sys/unix"

// ordinaryOption reports whether an option concerns but the one socket, and where
// its packets go is not changed by it.
func ordinaryOption(level, option int) bool {
	switch level {
	case unix.SOL_SOCKET: // SO_SETFIB and SO_RTABLE: other routes
		return option != 0x1014 && option != 0x1021
	case unix.IPPROTO_TCP: // TCP_CONGESTION and TCP_FUNCTION_BLK choose algorithms
		return option != 64 && option != 8192
	case unix.IPPROTO_UDP:
		return true
	case unix.IPPROTO_IP: // from 40 on they are the firewall's, and multicast routing's
		switch option {
		case unix.IP_OPTIONS, unix.IP_RETOPTS, unix.IP_HDRINCL,
			25, 70, 80: // IP_BOUND_IF, IP_ADD_SOURCE_MEMBERSHIP, MCAST_JOIN_GROUP
			return false
		}
		return option < 40 || option >= 65 && option <= 80
	case unix.IPPROTO_IPV6:
		switch option {
		case unix.IPV6_PKTINFO, 80, 82, 125: // MCAST_JOIN_GROUP, MCAST_JOIN_SOURCE_GROUP, IPV6_BOUND_IF
			return false
		}
		// 22 to 25, and 48 to 52 but 49 on some: extension headers and the next hop.
		return !(option >= 22 && option <= 25 || option >= 47 && option <= 52)
	}
	return false
}

// ordinaryItem is ordinaryOption for ancillary data.
func ordinaryItem(level, typ int, _ []byte) bool {
	if level == unix.IPPROTO_IP && typ == 26 { // IP_PKTINFO, which on some names an interface
		return false
	}
	return ordinaryOption(level, typ)
}

// optionUnit: lengths are in bytes.
func optionUnit(_, _ int) int { return 1 }

// ordinaryValue: what an option is set to makes no difference.
func ordinaryValue(_, _, _ int) bool { return true }

// unsafeOption: there is none.
func unsafeOption(_, _ int) string { return "" }
