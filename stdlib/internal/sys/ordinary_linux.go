package sys

import (
	"encoding/binary"
	"os"

	"golang.org/x/sys/unix"
)

// ordinaryOption reports whether an option concerns but the one socket, where its packets
// go is not changed by it, and it is there for processes without any rights: the host may
// have some, and a script has none of them. What is not known is not ordinary.
func ordinaryOption(level, option int) bool {
	switch level {
	case unix.SOL_SOCKET:
		switch option {
		case unix.SO_REUSEADDR, unix.SO_REUSEPORT, unix.SO_TYPE, unix.SO_ERROR, unix.SO_DOMAIN, unix.SO_PROTOCOL, unix.SO_ACCEPTCONN,
			unix.SO_DONTROUTE, unix.SO_BROADCAST, unix.SO_SNDBUF, unix.SO_RCVBUF, unix.SO_BUF_LOCK, unix.SO_KEEPALIVE, unix.SO_LINGER,
			unix.SO_OOBINLINE, unix.SO_NO_CHECK, unix.SO_BSDCOMPAT, unix.SO_PRIORITY, unix.SO_PASSCRED, unix.SO_PASSSEC,
			unix.SO_PEERCRED, unix.SO_PEERSEC, unix.SO_PEERGROUPS, unix.SO_PEERNAME, unix.SO_RCVLOWAT, unix.SO_SNDLOWAT,
			unix.SO_RCVTIMEO, unix.SO_RCVTIMEO_NEW, unix.SO_SNDTIMEO, unix.SO_SNDTIMEO_NEW, unix.SO_DETACH_FILTER, unix.SO_LOCK_FILTER,
			unix.SO_TIMESTAMP, unix.SO_TIMESTAMP_NEW, unix.SO_TIMESTAMPNS, unix.SO_TIMESTAMPNS_NEW, unix.SO_TIMESTAMPING, unix.SO_TIMESTAMPING_NEW,
			unix.SO_RXQ_OVFL, unix.SO_WIFI_STATUS, unix.SO_PEEK_OFF, unix.SO_SELECT_ERR_QUEUE, unix.SO_MAX_PACING_RATE,
			unix.SO_INCOMING_CPU, unix.SO_INCOMING_NAPI_ID, unix.SO_BPF_EXTENSIONS, unix.SO_MEMINFO, unix.SO_COOKIE,
			unix.SO_NETNS_COOKIE, unix.SO_TXREHASH, unix.SO_RCVPRIORITY, unix.SO_INQ:
			return true
		}
		return false
	case unix.IPPROTO_IP: // from 64 on they are the firewall's, and multicast routing's
		switch option {
		case unix.IP_OPTIONS, unix.IP_RETOPTS, unix.IP_HDRINCL, unix.IP_TRANSPARENT, unix.IP_IPSEC_POLICY, unix.IP_XFRM_POLICY,
			unix.IP_UNICAST_IF, unix.IP_ADD_SOURCE_MEMBERSHIP, unix.MCAST_JOIN_GROUP, unix.MCAST_JOIN_SOURCE_GROUP:
			return false
		}
		return option <= 52 // IP_PROTOCOL
	case unix.IPPROTO_IPV6:
		switch option {
		case unix.IPV6_RTHDR, unix.IPV6_2292RTHDR, unix.IPV6_2292PKTOPTIONS, unix.IPV6_NEXTHOP,
			unix.IPV6_HOPOPTS, unix.IPV6_DSTOPTS, unix.IPV6_RTHDRDSTOPTS, unix.IPV6_2292HOPOPTS, unix.IPV6_2292DSTOPTS,
			unix.IPV6_HDRINCL, unix.IPV6_TRANSPARENT, unix.IPV6_IPSEC_POLICY, unix.IPV6_XFRM_POLICY,
			unix.IPV6_UNICAST_IF, unix.IPV6_PKTINFO, unix.IPV6_JOIN_ANYCAST, unix.MCAST_JOIN_GROUP, unix.MCAST_JOIN_SOURCE_GROUP,
			32,     // IPV6_FLOWLABEL_MGR: labels are for all processes
			64, 65: // IP6T_SO_SET_REPLACE and IP6T_SO_SET_ADD_COUNTERS
			return false
		}
		return option < 80
	case unix.IPPROTO_TCP:
		switch option {
		// A choice of algorithm may load a module of the kernel's, and be unfair to others.
		case unix.TCP_CONGESTION, unix.TCP_ULP,
			unix.TCP_REPAIR, unix.TCP_REPAIR_QUEUE, unix.TCP_QUEUE_SEQ, unix.TCP_REPAIR_OPTIONS, unix.TCP_REPAIR_WINDOW:
			return false
		}
		return option <= unix.TCP_TX_DELAY
	case unix.IPPROTO_UDP:
		switch option {
		case unix.UDP_CORK, unix.UDP_NO_CHECK6_TX, unix.UDP_NO_CHECK6_RX, unix.UDP_SEGMENT, unix.UDP_GRO:
			return true
		}
	}
	return false
}

// ordinaryValue is ordinaryOption for what an option is set to.
func ordinaryValue(level, option, value int) bool {
	return level != unix.SOL_SOCKET || option != unix.SO_PRIORITY || value >= 0 && value <= 6 // above it needs rights
}

// ordinaryItem is ordinaryOption for ancillary data. A packet may say which address it
// comes from; not which interface it leaves by, as there even 127.0.0.1 is another's.
func ordinaryItem(level, typ int, data []byte) bool {
	index := 0
	switch {
	case level == unix.SOL_SOCKET:
		return typ == unix.SCM_CREDENTIALS && ownCredentials(data) || typ == unix.SO_TIMESTAMPING || typ == unix.SO_TIMESTAMPING_NEW
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

// ownCredentials reports whether a struct ucred says who we are. A privileged process may
// say that it is another, whom the receiver then trusts.
func ownCredentials(data []byte) bool {
	if len(data) != unix.SizeofUcred {
		return true // refused by the kernel
	}
	pid, uid, gid := binary.NativeEndian.Uint32(data), binary.NativeEndian.Uint32(data[4:]), binary.NativeEndian.Uint32(data[8:])
	return pid == uint32(os.Getpid()) &&
		(uid == uint32(os.Getuid()) || uid == uint32(os.Geteuid())) &&
		(gid == uint32(os.Getgid()) || gid == uint32(os.Getegid()))
}

// unsafeOption says why an option is for nobody, or "".
func unsafeOption(level, option int) string {
	switch {
	case level == unix.SOL_SOCKET && option == unix.SO_ZEROCOPY:
		return "the system would read what Lua has freed by then; sendfile and relay do not copy either"
	case level == unix.IPPROTO_TCP && option == unix.TCP_ZEROCOPY_RECEIVE:
		return "the system would write to memory of this process; relay does not copy either"
	}
	return ""
}
