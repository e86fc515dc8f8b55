//go:build unix && !linux

package sys

import "golang.org/x/sys/unix"

// ordinaryOption reports whether an option concerns but the one socket, and where
// its packets go is not changed by it.
func ordinaryOption(level, option int) bool {
	switch level {
	case unix.SOL_SOCKET, unix.IPPROTO_TCP, unix.IPPROTO_UDP:
		return true
	case unix.IPPROTO_IP: // from 40 on they are the firewall's, and multicast routing's
		switch option {
		case unix.IP_OPTIONS, unix.IP_RETOPTS, unix.IP_HDRINCL:
			return false
		}
		return option < 40 || option >= 65 && option <= 80
	case unix.IPPROTO_IPV6:
		// 22 to 25, and 48 to 52 but 49 on some: extension headers and the next hop.
		return !(option >= 22 && option <= 25 || option >= 47 && option <= 52)
	}
	return false
}
