package pcapng

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"

	"wirelua/interp/trace"
)

// datagrams are those on their way to sockets of the script's own: what is received of them is in the
// capture already.
type datagrams struct {
	ports map[uint16]int         // how many of the script's sockets are bound to each port
	paths map[string]int         // likewise, of the Unix domain
	onWay map[route]*undelivered // to those
}

// route is from where to where: of the Internet's addresses the ports alone, since a socket may be bound
// to any address of the host; of Unix sockets where to, since a sender need not have a name.
type route struct{ from, to netip.AddrPort }

// undelivered are the datagrams of one route, and how many bytes they have. Those of which
// too many wait were lost by the system, too.
type undelivered struct {
	all   []string
	bytes int
}

const (
	maxUndelivered      = 4096
	maxUndeliveredBytes = 8 << 20
	maxDatagram         = 65535 - 20 - 8 // the data that one of IPv4 has room for
)

func newDatagrams() datagrams {
	return datagrams{ports: map[uint16]int{}, paths: map[string]int{}, onWay: map[route]*undelivered{}}
}

// datagram tells an event of a datagram socket.
func (c *Capture) datagram(e *trace.Event) {
	k := c.socket(e.Socket)
	if e.Op == "close" {
		c.unbind(k)
		c.forget(e.Socket)
		return
	}
	c.bound(e.Socket, k)
	switch e.Op {
	case "socketpair":
		if first := c.paired(e, k); first != nil {
			first.pair, k.pair = k, first
			first.at, k.at = c.names.fresh(), c.names.fresh()
		}
	case "dup":
		if copied := c.copyOf(e, k); copied != k && e.Err == nil {
			copied.at, copied.pair = k.at, k.pair
			c.bound(e.New, copied)
		}
	case "send", "sendmsg":
		if e.Err == nil {
			c.sent(e, k)
		}
	case "recv", "recvmsg":
		if e.Err == nil && e.Flags&ignored == 0 && (e.Size > 0 || len(e.Data) > 0) {
			c.received(e, k)
		}
	}
}

// bound notes where a socket gets its datagrams.
func (c *Capture) bound(s *trace.Socket, k *socket) {
	if s.Network == "unixgram" {
		if s.Local != k.path {
			c.unbind(k)
			k.path, k.at = s.Local, c.names.of(s.Local)
			c.grams.paths[k.path]++
		}
		return
	}
	if port := inet(s.Local).Port(); port != k.port {
		c.unbind(k)
		k.port = port
		c.grams.ports[port]++
	}
}

func (c *Capture) unbind(k *socket) {
	if k.port != 0 {
		if c.grams.ports[k.port]--; c.grams.ports[k.port] == 0 {
			delete(c.grams.ports, k.port)
			c.lose(func(r route) bool { return r.to.Port() == k.port && !r.to.Addr().IsValid() })
		}
	}
	if k.path != "" {
		if c.grams.paths[k.path]--; c.grams.paths[k.path] == 0 {
			delete(c.grams.paths, k.path)
			c.lose(func(r route) bool { return r.to == k.at })
		}
	}
	k.port, k.path = 0, ""
}

// lose forgets what was on its way to a socket that is closed.
func (c *Capture) lose(to func(route) bool) {
	for r := range c.grams.onWay {
		if to(r) {
			delete(c.grams.onWay, r)
		}
	}
}

// sent tells of a datagram that the script has sent.
func (c *Capture) sent(e *trace.Event, k *socket) {
	from, to, ours := c.ends(e, k)
	if !to.IsValid() {
		return
	}
	if ours {
		c.grams.add(between(e, from, to), string(e.Data))
	}
	c.show1(from, to, e.Data, comment(e, k))
}

// ends returns where a datagram came from and went to as its sender knows it, and whether that is a
// socket of the script's.
func (c *Capture) ends(e *trace.Event, k *socket) (from, to netip.AddrPort, ours bool) {
	local, peer := e.Ends()
	switch {
	case e.Socket.Network != "unixgram":
		to = inet(peer)
		return c.names.near(inet(local), to), to, c.grams.ports[to.Port()] > 0
	case k.pair != nil && peer == "":
		return k.at, k.pair.at, true
	case peer == "":
		return from, to, false
	}
	if !k.at.IsValid() {
		k.at = c.names.fresh()
	}
	return k.at, c.names.of(peer), c.grams.paths[peer] > 0
}

// received tells of a datagram that the script has received, unless it is one that it had sent itself.
func (c *Capture) received(e *trace.Event, k *socket) {
	local, peer := e.Ends()
	if e.Socket.Network == "unixgram" {
		if !k.at.IsValid() {
			k.at = c.names.fresh()
		}
		if c.grams.take(between(e, netip.AddrPort{}, k.at), e) {
			return
		}
		c.show1(c.names.of(peer), k.at, e.Data, comment(e, k))
		return
	}
	from := inet(peer)
	to := c.names.near(inet(local), from)
	if !from.IsValid() || c.grams.take(between(e, from, to), e) {
		return
	}
	c.show1(from, to, e.Data, "")
}

// comment is what there is to say of a Unix socket's datagram.
func comment(e *trace.Event, k *socket) string {
	local, peer := e.Ends()
	switch {
	case e.Socket.Network != "unixgram":
		return ""
	case k.pair != nil:
		return "socketpair"
	case strings.HasPrefix(e.Op, "send"):
		return peer
	}
	return local
}

// between returns the route of a datagram.
func between(e *trace.Event, from, to netip.AddrPort) route {
	if e.Socket.Network == "unixgram" {
		return route{to: to}
	}
	return route{netip.AddrPortFrom(netip.Addr{}, from.Port()), netip.AddrPortFrom(netip.Addr{}, to.Port())}
}

// show1 writes a datagram; one of the Unix domain's may be longer than any of UDP's.
func (c *Capture) show1(from, to netip.AddrPort, data []byte, comment string) {
	for first := true; first || len(data) > 0; first = false {
		n := min(len(data), maxDatagram)
		header := make([]byte, 0, 8)
		for _, v := range []uint16{from.Port(), to.Port(), uint16(8 + n), 0} {
			header = binary.BigEndian.AppendUint16(header, v)
		}
		c.write(c.now(), from, to, udp, header, data[:n], comment)
		data = data[n:]
	}
}

func (g *datagrams) add(r route, data string) {
	u := g.onWay[r]
	if u == nil {
		u = &undelivered{}
		g.onWay[r] = u
	}
	u.all, u.bytes = append(u.all, data), u.bytes+len(data)
	for len(u.all) > maxUndelivered || u.bytes > maxUndeliveredBytes {
		u.remove(0)
	}
}

// take removes the datagram that e received, of which it may have the beginning only, and reports whether
// there was one.
func (g *datagrams) take(r route, e *trace.Event) bool {
	u := g.onWay[r]
	if u == nil {
		return false
	}
	data, cut := string(e.Data), int64(len(e.Data)) == e.Size
	i := slices.IndexFunc(u.all, func(sent string) bool { return sent == data || cut && strings.HasPrefix(sent, data) })
	if i < 0 {
		return false
	}
	if to := inet(e.Socket.Local).Addr(); to.IsMulticast() || e.Socket.Network != "unixgram" && g.ports[r.to.Port()] > 1 {
		return true // others get it, too
	}
	u.remove(i)
	if len(u.all) == 0 {
		delete(g.onWay, r)
	}
	return true
}

func (u *undelivered) remove(i int) {
	u.bytes -= len(u.all[i])
	u.all = slices.Delete(u.all, i, i+1)
}
