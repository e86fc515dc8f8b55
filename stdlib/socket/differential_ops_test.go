//go:build linux

package socket_test

import (
	"fmt"
	"math/rand/v2"

	"golang.org/x/sys/unix"
)

// op is an operation of a sequence: a name that both drivers know, and its arguments.
type op []any

// sequences makes operations on a few registers, each of which may hold a socket.
type sequences struct {
	*rand.Rand
	six bool // there is IPv6
}

// A sequence begins with sockets of which most operations can do something.
func (g sequences) sequence() (ops []op) {
	for range 1 + g.IntN(2) {
		ops = append(ops, g.begin(2*g.IntN(3))...)
	}
	for range 5 + g.IntN(20) {
		ops = append(ops, g.next())
	}
	return ops
}

// begin has two registers hold what can talk to each other.
func (g sequences) begin(r int) []op {
	t, name := g.timeout(), fmt.Sprintf("unix:begun%d", r)
	family, host := g.internet()
	switch g.IntN(6) {
	case 0: // TCP
		return []op{{"socket", r, family, "SOCK_STREAM", t}, {"bind", r, host}, {"listen", r, 5},
			{"socket", r + 1, family, "SOCK_STREAM", 0.05}, {"connect", r + 1, fmt.Sprint("reg:", r)}, {"accept", r, r, t}}
	case 1: // UDP
		return []op{{"socket", r, family, "SOCK_DGRAM", t}, {"bind", r, host},
			{"socket", r + 1, family, "SOCK_DGRAM", t}, {"bind", r + 1, host},
			{"connect", r + 1, fmt.Sprint("reg:", r)}}
	case 2: // a server by a path
		typ := pick(g, "SOCK_STREAM", "SOCK_SEQPACKET")
		return []op{{"socket", r, "AF_UNIX", typ, t}, {"bind", r, name}, {"listen", r, 3},
			{"socket", r + 1, "AF_UNIX", typ, t}, {"connect", r + 1, name}}
	case 3:
		return []op{{"socket", r, "AF_UNIX", "SOCK_DGRAM", t}, {"bind", r, name},
			{"socket", r + 1, "AF_UNIX", "SOCK_DGRAM", t}, {"connect", r + 1, name}}
	}
	return []op{{"pair", r, r + 1, pick(g, "SOCK_STREAM", "SOCK_STREAM", "SOCK_DGRAM", "SOCK_SEQPACKET"), t}}
}

// internet picks a version of the protocol, and a name that is this machine in it.
func (g sequences) internet() (family, host string) {
	if g.six && g.IntN(3) == 0 {
		return "AF_INET6", "inet:::1"
	}
	return "AF_INET", "inet:127.0.0.1"
}

func pick[T any](g sequences, of ...T) T { return of[g.IntN(len(of))] }

func (g sequences) reg() int { return g.IntN(6) }

func (g sequences) timeout() any { return pick[any](g, 0, 0, 0.02) }

func (g sequences) data() string {
	return pick(g, "", "a", "one\n", "two\nthree", "0123456789", "\x00\x01", "x\r\n")
}

func (g sequences) size() any {
	return pick[any](g, 0, 1, 3, 5, 100, 4096, 4096, 70000, -1, "x", nil)
}

func (g sequences) recvFlags() []string {
	return pick(g, []string{}, []string{}, []string{}, []string{"MSG_PEEK"}, []string{"MSG_DONTWAIT"},
		[]string{"MSG_TRUNC"}, []string{"MSG_PEEK", "MSG_TRUNC"}, []string{"MSG_PEEK", "MSG_DONTWAIT"},
		[]string{"MSG_WAITALL"}, []string{"MSG_OOB"})
}

func (g sequences) sendFlags() []string {
	return pick(g, []string{}, []string{}, []string{}, []string{"MSG_DONTWAIT"}, []string{"MSG_NOSIGNAL"}, []string{"MSG_MORE"}, []string{"MSG_OOB"})
}

func (g sequences) address() any {
	return pick[any](g, "inet:127.0.0.1", "unix:a", "unix:b", fmt.Sprint("reg:", g.reg()), fmt.Sprint("reg:", g.reg()),
		fmt.Sprint("reg:", g.reg()), []any{"127.0.0.1", 70000}, []any{"127.0.0.1", -1}, []any{"127.0.0.1", 1}, 5, true)
}

func (g sequences) option() (level, name string) {
	at := pick(g, [2]string{"SOL_SOCKET", "SO_REUSEADDR"}, [2]string{"SOL_SOCKET", "SO_KEEPALIVE"}, [2]string{"SOL_SOCKET", "SO_BROADCAST"},
		[2]string{"SOL_SOCKET", "SO_TYPE"}, [2]string{"SOL_SOCKET", "SO_ERROR"}, [2]string{"SOL_SOCKET", "SO_ACCEPTCONN"},
		[2]string{"SOL_SOCKET", "SO_DOMAIN"}, [2]string{"SOL_SOCKET", "SO_PROTOCOL"}, [2]string{"IPPROTO_TCP", "TCP_NODELAY"},
		[2]string{"SOL_SOCKET", "SO_LINGER"}, [2]string{"IPPROTO_IP", "IP_TTL"}, [2]string{"IPPROTO_TCP", "TCP_CORK"})
	return at[0], at[1]
}

func (g sequences) mask() int {
	return pick(g, unix.POLLIN, unix.POLLOUT, unix.POLLIN|unix.POLLPRI|unix.POLLOUT, 0)
}

// next is any operation; what it needs may be missing.
func (g sequences) next() op {
	r, q, t := g.reg(), g.reg(), g.timeout()
	level, name := g.option()
	family, host := g.internet()
	return pick(g,
		op{"recv", r, g.size(), g.recvFlags()}, op{"recv", r, g.size(), g.recvFlags()}, op{"recv", r, 100, g.recvFlags()},
		op{"recvfrom", r, g.size(), g.recvFlags()}, op{"recvmsg", r, g.size(), pick[any](g, 0, 16, 100, -1), g.recvFlags()},
		op{"send", r, g.data(), g.sendFlags()}, op{"send", r, g.data(), g.sendFlags()}, op{"sendall", r, g.data()},
		op{"sendto", r, g.data(), g.sendFlags(), g.address()}, op{"sendto", r, g.data(), g.sendFlags(), g.address()},
		op{"sendmsg", r, []string{g.data(), g.data()}, []int{}, g.sendFlags()},
		op{"sendmsg", r, []string{"f" + g.data()}, []int{q, q}, g.sendFlags()},
		op{"readline", r}, op{"readline", r}, op{"makefile", r, g.data()},
		op{"shutdown", r, pick[any](g, "SHUT_RD", "SHUT_WR", "SHUT_RDWR", 7, "SHUT_WR")},
		op{"close", r}, op{"detach", r}, op{"dup", r, q, t}, op{"fromfd", r, q, t}, op{"fileno", r},
		op{"settimeout", r, pick[any](g, 0, 0.02, 0.01, -1, "x", []int{})}, op{"gettimeout", r},
		op{"setblocking", r, false}, op{"getblocking", r},
		op{"getsockopt", r, level, name}, op{"getsockbytes", r, level, name, pick[any](g, 4, 8, 1, 0, -1, 2000)},
		op{"setsockopt", r, level, name, pick[any](g, 0, 1, "\x01\x00\x00\x00\x00\x00\x00\x00", "a", 5)},
		op{"getsockname", r}, op{"getpeername", r}, op{"kind", r},
		op{"select", []int{r}, []int{q}}, op{"select", []int{r, q}, []int{r}},
		op{"accept", r, q, t}, op{"accept", r, q, t}, op{"bind", r, g.address()}, op{"bind", r, host}, op{"listen", r, pick[any](g, 0, 1, 5, -1, "x")},
		op{"poll", []int{r, q}, []int{g.mask(), g.mask()}}, op{"disconnect", r},
		op{"connect", r, g.address()}, op{"connect_ex", r, g.address()},
		op{"socket", r, pick(g, family, "AF_UNIX"), pick(g, "SOCK_STREAM", "SOCK_DGRAM", "SOCK_SEQPACKET"), t},
	)
}
