//go:build unix

package socket

import "wirelua/interp"

// groups are the constants that every platform has and most scripts need: for the manual.
var groups = []interp.Group{
	{Doc: "Address families:", Fields: []interp.Field{
		{Name: "AF_INET", Doc: "IPv4; addresses are host and port"},
		{Name: "AF_INET6", Doc: "IPv6; addresses are host and port, the host perhaps with its interface: \"fe80::1%eth0\""},
		{Name: "AF_UNIX", Doc: "sockets of this machine; addresses are paths"},
		{Name: "AF_UNSPEC", Doc: "any family, for getaddrinfo"},
	}},
	{Doc: "Types of sockets:", Fields: []interp.Field{
		{Name: "SOCK_STREAM", Doc: "a stream of bytes: TCP"},
		{Name: "SOCK_DGRAM", Doc: "datagrams, each by itself: UDP"},
		{Name: "SOCK_SEQPACKET", Doc: "a connection that keeps messages apart (AF_UNIX)"},
		{Name: "SOCK_RAW", Doc: "a protocol's packets as they are; needs rights"},
	}},
	{Doc: "Levels of options, for setsockopt and getsockopt; the IPPROTO_ ones are protocols, too:", Fields: []interp.Field{
		{Name: "SOL_SOCKET", Doc: "options of any socket: SO_"},
		{Name: "IPPROTO_TCP", Doc: "TCP_"},
		{Name: "IPPROTO_UDP", Doc: "UDP_"},
		{Name: "IPPROTO_IP", Doc: "IP_"},
		{Name: "IPPROTO_IPV6", Doc: "IPV6_"},
		{Name: "IPPROTO_ICMP", Doc: "a protocol, for SOCK_RAW and SOCK_DGRAM: echo requests"},
	}},
	{Doc: "Options:", Fields: []interp.Field{
		{Name: "SO_REUSEADDR", Doc: "boolean: bind takes a port that an ended connection still holds"},
		{Name: "SO_REUSEPORT", Doc: "boolean: several sockets may bind one port, and share what comes"},
		{Name: "SO_BROADCAST", Doc: "boolean: sendto may send to a broadcast address"},
		{Name: "SO_KEEPALIVE", Doc: "boolean: a connection on which nothing happens is probed"},
		{Name: "SO_LINGER", Doc: "bytes, struct.pack(\"ii\", on, seconds): how long the kernel goes on sending after close; (1, 0) resets the connection"},
		{Name: "SO_RCVBUF", Doc: "integer: the receive buffer's bytes; Linux doubles what is set"},
		{Name: "SO_SNDBUF", Doc: "integer: the send buffer's bytes; Linux doubles what is set"},
		{Name: "SO_ERROR", Doc: "integer, read only: the number of the error that came meanwhile, which reading clears; 0 is none"},
		{Name: "SO_TYPE", Doc: "integer, read only: SOCK_STREAM..."},
		{Name: "TCP_NODELAY", Doc: "boolean: small pieces are sent at once"},
		{Name: "TCP_KEEPINTVL", Doc: "integer: seconds between probes"},
		{Name: "TCP_KEEPCNT", Doc: "integer: probes before the connection is given up"},
		{Name: "IP_TTL", Doc: "integer: how many routers a packet may pass"},
		{Name: "IP_MULTICAST_TTL", Doc: "integer: the same for multicast; 1, the default, stays in the local network"},
		{Name: "IP_MULTICAST_LOOP", Doc: "boolean: this machine gets what it sends to a group, too"},
		{Name: "IP_MULTICAST_IF", Doc: "bytes, inet_aton of an address of this machine: from where multicast is sent"},
		{Name: "IP_ADD_MEMBERSHIP", Doc: "bytes, inet_aton(group) .. inet_aton(own address, or \"0.0.0.0\"): joins a group"},
		{Name: "IP_DROP_MEMBERSHIP", Doc: "bytes, the same: leaves it"},
		{Name: "IPV6_V6ONLY", Doc: "boolean: takes IPv6 alone; to be set before bind"},
	}},
	{Doc: "Flags of recv, send and their kin; they are added:", Fields: []interp.Field{
		{Name: "MSG_PEEK", Doc: "what is received is still there afterwards"},
		{Name: "MSG_DONTWAIT", Doc: "answers nil, \"EAGAIN\" rather than wait"},
		{Name: "MSG_WAITALL", Doc: "receives all n bytes, if nothing ends it before"},
		{Name: "MSG_OOB", Doc: "urgent data"},
		{Name: "MSG_TRUNC", Doc: "recvmsg's answer: the datagram was longer"},
		{Name: "MSG_CTRUNC", Doc: "recvmsg's answer: there was more ancillary data"},
	}},
	{Doc: "What shutdown ends:", Fields: []interp.Field{
		{Name: "SHUT_RD", Doc: "receiving"},
		{Name: "SHUT_WR", Doc: "sending: the peer reads to the end"},
		{Name: "SHUT_RDWR", Doc: "both"},
	}},
	{Doc: "Flags of getaddrinfo and getnameinfo; they are added:", Fields: []interp.Field{
		{Name: "AI_PASSIVE", Doc: "without a host, the address to listen on"},
		{Name: "AI_CANONNAME", Doc: "the first answer has the host's full name as canonname"},
		{Name: "AI_NUMERICHOST", Doc: "the host is an address: nothing is looked up"},
		{Name: "AI_NUMERICSERV", Doc: "the port is a number"},
		{Name: "NI_NUMERICHOST", Doc: "the host as an address"},
		{Name: "NI_NUMERICSERV", Doc: "the port as a number"},
		{Name: "NI_NAMEREQD", Doc: "an error when the host has no name"},
		{Name: "NI_DGRAM", Doc: "the service's name over UDP"},
	}},
	{Doc: "Others. All SO_, IP_, IPV6_, TCP_, UDP_, MSG_, AI_, NI_, EAI_, SCM_ and AF_ constants of the platform's are there; those of other platforms are nil:", Fields: []interp.Field{
		{Name: "SCM_RIGHTS", Doc: "the type of ancillary data that are descriptors; see send_fds"},
		{Name: "SOMAXCONN", Doc: "the largest backlog by default"},
		{Name: "INADDR_ANY", Doc: "0.0.0.0 as a number; likewise INADDR_LOOPBACK, INADDR_BROADCAST"},
		{Name: "has_ipv6", Doc: "boolean: whether the system has IPv6"},
	}},
}
