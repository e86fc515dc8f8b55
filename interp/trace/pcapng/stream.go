package pcapng

import (
	"encoding/binary"
	"net/netip"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"wirelua/interp/trace"
)

// end is one end of a connection.
type end struct {
	other   *end
	addr    netip.AddrPort
	path    string // a Unix socket's
	next    uint32 // the sequence number of what it sends next
	unacked int    // how many packets the other has not answered
	sockets int    // how many of the script's are open there
	ours    bool   // one was, or is
	begun   bool   // the handshake is written; both ends have the same
	opened  bool   // it has sent more than a SYN, whose window is a narrow one
	over    bool   // FIN or RST was sent
	reset   bool   // the connection is; both ends have the same

	// How many bytes of what it sends are in the capture, and how many its own events, and
	// those of the other end, have told of. The two tell of the same: what is not in the
	// capture yet is written, whoever tells first.
	shown, told, heard int64
	urgent             int64 // how many of them need not be read, to be taken as read
}

// client is one that nobody has accepted yet.
type client struct {
	*end
	name string // the path that it is bound to, if it is
}

// streams are the connections that are known.
type streams struct {
	byAddress map[[2]netip.AddrPort]*end // each end, by its own address and the other's
	leaving   []*end                     // those of which all the script's ends are closed, but another may turn up
	backlog   map[string][]client        // those that wait, by the path of a Unix socket that listens
	sequence  uint32
}

// maxLeaving is how many such are kept, and how long a backlog is.
const maxLeaving = 4096

func newStreams() streams {
	return streams{byAddress: map[[2]netip.AddrPort]*end{}, backlog: map[string][]client{}}
}

// connection makes one that is not in the capture yet, and returns the end at from.
func (c *Capture) connection(from, to netip.AddrPort, path string) *end {
	a := &end{addr: from, path: path, next: c.isn()}
	b := &end{addr: to, path: path, next: c.isn(), other: a}
	a.other = b
	c.streams.byAddress[[2]netip.AddrPort{from, to}] = a
	c.streams.byAddress[[2]netip.AddrPort{to, from}] = b
	return a
}

// isn returns the sequence number that an end begins with: another one each time, or Wireshark takes
// a new connection between old addresses for the old one.
func (c *Capture) isn() uint32 {
	c.streams.sequence += 64000
	return c.streams.sequence
}

// drop forgets a connection.
func (c *Capture) drop(e *end) {
	for _, e := range []*end{e, e.other} {
		if key := [2]netip.AddrPort{e.addr, e.other.addr}; c.streams.byAddress[key] == e {
			delete(c.streams.byAddress, key)
		}
	}
}

// stream tells an event of a stream socket.
func (c *Capture) stream(e *trace.Event) {
	k := c.socket(e.Socket)
	switch e.Op {
	case "socketpair":
		if first := c.paired(e, k); first != nil {
			a := c.connection(c.names.fresh(), c.names.fresh(), "socketpair")
			c.take(first, a)
			c.take(k, a.other)
			c.begin(a)
		}
	case "listen":
		if e.Err == nil && strings.HasPrefix(e.Socket.Network, "unix") {
			c.streams.backlog[e.Socket.Local] = nil
		}
	case "connect":
		c.connect(e, k)
	case "accept":
		if e.Err == nil && e.New != nil {
			c.accept(e)
		}
	case "dup":
		if to := c.copyOf(e, k); e.Err == nil && k.end != nil {
			c.take(to, k.end)
		}
	case "setsockopt":
		if e.Level == unix.SOL_SOCKET && e.Option == unix.SO_LINGER && len(e.Data) == 8 && e.Err == nil {
			k.abort = binary.NativeEndian.Uint32(e.Data) != 0 && binary.NativeEndian.Uint32(e.Data[4:]) == 0
		}
	case "close":
		c.closed(e, k)
	case "send", "sendmsg", "recv", "recvmsg", "shutdown":
		c.moved(e, k)
	}
}

// copyOf returns the socket that a copy is.
func (c *Capture) copyOf(e *trace.Event, k *socket) *socket {
	if e.New == nil {
		return k
	}
	return c.socket(e.New)
}

// take notes that a socket of the script's is at an end.
func (c *Capture) take(k *socket, at *end) {
	if k.end == nil {
		k.end = at
		at.sockets++
		at.ours = true
	}
}

// connect tells of a connection that was made, or was refused. One that is still being made is told of
// later, when it is used at the latest.
func (c *Capture) connect(e *trace.Event, k *socket) {
	switch {
	case e.Err == nil && k.end == nil:
		if client := c.found(e.Socket); client != nil && !client.ours {
			c.take(k, client)
			return
		}
		c.take(k, c.fromTo(e.Socket))
		c.queue(k.end, e.Socket.Local)
		c.begin(k.end)
	case e.Code == "ECONNREFUSED" && k.end == nil:
		from, to := inet(e.Socket.Local), inet(e.Address)
		if from = c.names.near(from, to); from.Port() > 0 && to.IsValid() {
			c.refused(from, to)
		}
	}
}

// found returns the end that a socket of the Internet's is at; nil when it is not known.
func (c *Capture) found(s *trace.Socket) *end {
	local, peer := inet(s.Local), inet(s.Peer)
	if !local.IsValid() || !peer.IsValid() {
		return nil
	}
	return c.streams.byAddress[[2]netip.AddrPort{local, peer}]
}

// fromTo makes a connection between a socket's addresses, and returns its end.
func (c *Capture) fromTo(s *trace.Socket) *end {
	if local, peer := inet(s.Local), inet(s.Peer); local.IsValid() && peer.IsValid() {
		return c.connection(local, peer, "")
	}
	path, from, to := s.Peer, c.names.fresh(), c.names.of(s.Peer)
	if s.Peer == "" { // an end that was accepted, or of a pair
		path, from, to = s.Local, c.names.of(s.Local), c.names.fresh()
	}
	return c.connection(from, to, path)
}

// queue has a client wait for the one that accepts it, if that is the script itself.
func (c *Capture) queue(at *end, name string) {
	if waiting, listens := c.streams.backlog[at.path]; listens && at.path != "" && len(waiting) < maxLeaving {
		c.streams.backlog[at.path] = append(waiting, client{at, name})
	}
}

// accept tells of a connection that was accepted.
func (c *Capture) accept(e *trace.Event) {
	k := c.socket(e.New)
	waiting := c.streams.backlog[e.Socket.Local]
	if i := slices.IndexFunc(waiting, func(w client) bool { return w.name == e.Address }); i >= 0 {
		c.take(k, waiting[i].other)
		c.streams.backlog[e.Socket.Local] = slices.Delete(waiting, i, i+1)
		return
	}
	if server := c.found(e.New); server != nil && !server.ours {
		c.take(k, server)
		return
	}
	server := c.fromTo(e.New)
	c.take(k, server)
	c.begin(server.other)
}

// moved tells of data, and of ends.
func (c *Capture) moved(e *trace.Event, k *socket) {
	if k.end == nil && !c.join(e, k) {
		return
	}
	me := k.end
	switch {
	case e.Flags&ignored != 0 && e.Op != "shutdown":
	case e.Code == "ECONNRESET", e.Code == "EPIPE" && !me.over:
		c.abort(me.other)
	case e.Op == "shutdown":
		if e.Err == nil && e.Flags != unix.SHUT_RD {
			c.finish(me)
		}
	case e.Op == "send" || e.Op == "sendmsg":
		if e.Flags&unix.MSG_OOB != 0 {
			me.urgent++
		}
		me.told += int64(len(e.Data))
		c.show(me, e.Data, me.told, e.Flags&unix.MSG_OOB != 0)
	case len(e.Data) > 0:
		me.other.heard += int64(len(e.Data))
		c.show(me.other, e.Data, me.other.heard, false)
	case e.Err == nil && (e.Size > 0 || e.Carried) && e.Socket.Network != "unixpacket":
		c.finish(me.other)
	}
}

// ignored are the flags of what does not take data off the connection: MSG_ERRQUEUE is Linux's.
var ignored = func() int {
	if runtime.GOOS == "linux" {
		return unix.MSG_PEEK | 0x2000
	}
	return unix.MSG_PEEK
}()

// join finds the end that a socket is at of which the capture has not seen how it came to be there. It
// reports false when that is nowhere.
func (c *Capture) join(e *trace.Event, k *socket) bool {
	if e.Err != nil || e.Socket.Local == "" && e.Socket.Peer == "" && e.Socket.Family != "AF_UNIX" {
		return false
	}
	at := c.found(e.Socket)
	if at == nil || at.sockets > 0 && at.over {
		at = c.fromTo(e.Socket)
	}
	c.take(k, at)
	c.begin(at)
	return true
}

// closed tells that a socket was closed: the connection ends with the last one at an end.
func (c *Capture) closed(e *trace.Event, k *socket) {
	c.forget(e.Socket)
	if waiting, listens := c.streams.backlog[e.Socket.Local]; listens && k.end == nil && e.Socket.Peer == "" {
		delete(c.streams.backlog, e.Socket.Local)
		for _, client := range waiting {
			c.abort(client.other)
		}
	}
	me := k.end
	if me == nil {
		return
	}
	if me.sockets--; me.sockets > 0 {
		return
	}
	if k.abort || me.other.ours && me.other.shown-me.other.urgent > me.other.heard { // what was not read is lost
		c.abort(me)
	}
	c.finish(me)
	switch {
	case me.other.sockets > 0:
	case me.other.ours:
		c.drop(me)
	default:
		c.leave(me)
	}
}

// leave keeps a connection for the case that its other end, too, turns out to be the script's.
func (c *Capture) leave(e *end) {
	c.streams.leaving = append(c.streams.leaving, e)
	if len(c.streams.leaving) < 2*maxLeaving {
		return
	}
	for _, old := range c.streams.leaving[:maxLeaving] {
		if old.sockets+old.other.sockets == 0 {
			c.drop(old)
		}
	}
	c.streams.leaving = append([]*end(nil), c.streams.leaving[maxLeaving:]...)
}
