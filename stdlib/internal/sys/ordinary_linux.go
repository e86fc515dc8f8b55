package sys

import "golang.org/x/sys/unix"

// ordinaryOption reports whether an option concerns but the one socket, and where
// its packets go is not changed by it.
func ordinaryOption(level, option int) bool {
	switch level {
	case unix.SOL_SOCKET:
		switch option {
		case unix.SO_ATTACH_FILTER, unix.SO_ATTACH_BPF, unix.SO_ATTACH_REUSEPORT_CBPF, unix.SO_ATTACH_REUSEPORT_EBPF,
			unix.SO_MARK, unix.SO_PEERPIDFD:
			return false
		}
		return true
	case unix.IPPROTO_IP: // from 64 on they are the firewall's, and multicast routing's
		switch option {
		case unix.IP_OPTIONS, unix.IP_RETOPTS, unix.IP_HDRINCL, unix.IP_TRANSPARENT, unix.IP_IPSEC_POLICY, unix.IP_XFRM_POLICY:
			return false
		}
		return option < 64
	case unix.IPPROTO_IPV6:
		switch option {
		case unix.IPV6_RTHDR, unix.IPV6_2292RTHDR, unix.IPV6_2292PKTOPTIONS, unix.IPV6_NEXTHOP,
			unix.IPV6_HOPOPTS, unix.IPV6_DSTOPTS, unix.IPV6_RTHDRDSTOPTS, unix.IPV6_2292HOPOPTS, unix.IPV6_2292DSTOPTS,
			unix.IPV6_HDRINCL, unix.IPV6_TRANSPARENT, unix.IPV6_IPSEC_POLICY, unix.IPV6_XFRM_POLICY,
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
