//go:build unix

package sys

import (
	"fmt"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/chaos"
	"wirelua/stdlib/internal/addr"
)

// What is decided about a connection depends on its name. That has to be the same in each run, however
// the threads take turns, and so has nothing in it that a system or the moment chooses:
//
//   - one that was made: whom it was made to, by which of the script's threads (they are numbered as
//     they are begun), and how many such this thread has made before;
//   - one that was accepted: the listener, and how many that has accepted before;
//   - the ends of a socketpair: the thread, and how many it has made before;
//   - any other socket (of datagrams, and a listener): the address that bind was asked for, the thread
//     that made it, and how many such it has made before.
//
// Ports from firstEphemeral on, which systems hand out, and the paths of Unix sockets, which programs
// make up, are not part of it.

// firstEphemeral is the first port that Linux hands out.
const firstEphemeral = 32768

// names count the connections of a Net that would have the same name.
type names struct {
	mu   sync.Mutex
	seen map[string]int
}

// number makes a name one of its own, by how often there has been such.
func (n *names) number(name string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.seen == nil {
		n.seen = map[string]int{}
	}
	i := n.seen[name]
	n.seen[name]++
	return fmt.Sprintf("%s #%d", name, i)
}

// place is an address as a name has it.
func place(a *addr.Addr) string {
	if a == nil || !a.IP.IsValid() {
		return "unix"
	}
	if a.Port >= firstEphemeral || a.Port == 0 {
		return a.IP.String()
	}
	return netip.AddrPortFrom(a.IP, uint16(a.Port)).String()
}

// disturbance returns a new one; nil when nothing is to be disturbed.
func (n *Net) disturbance() *Disturbance {
	if n.chaos == nil {
		return nil
	}
	return &Disturbance{net: n}
}

// of notes whose thread's it is. The turn is needed.
func (d *Disturbance) of(s *interp.State) {
	if d != nil && s != nil {
		d.thread = s.Thread().ID()
	}
}

// begin begins a connection, or whatever else is decided about by a name.
func (d *Disturbance) begin(name string, meant bool) {
	d.name, d.meant, d.dead = name, meant, false
	d.sides = [2]disturbedSide{{stream: d.net.chaos.Stream(name + " in")}, {stream: d.net.chaos.Stream(name + " out")}}
}

// means reports whether an address, that was got from a name, is meant.
func (d *Disturbance) means(a *addr.Addr, name string) bool {
	switch {
	case a == nil:
		return d.net.chaos.Means(netip.AddrPort{}, name)
	case a.Family == unix.AF_UNIX:
		return d.net.chaos.MeansUnix(policyPath(a.Path))
	}
	return d.net.chaos.Means(a.AddrPort(), name)
}

// know begins what is not begun otherwise.
func (d *Disturbance) know(f *FD, fd int) {
	if d.name != "" {
		return
	}
	own, _ := sockname(fd)
	at := addr.From(own, f.Family)
	d.nameAs(f, at)
	if sa, err := peername(fd); err == nil {
		if peer := addr.From(sa, f.Family); peer != nil && (peer.Family != unix.AF_UNIX || peer.Path != "") {
			at = peer
		}
	} else if f.Type == unix.SOCK_DGRAM && f.Family != unix.AF_UNIX {
		at = nil // each goes to somebody else
	}
	d.meant = d.socket(f) && d.means(at, "")
}

// socket reports whether f is one that is disturbed: pipes are not.
func (d *Disturbance) socket(f *FD) bool {
	return f.Family != noFamily && (f.Type == unix.SOCK_STREAM || f.Type == unix.SOCK_DGRAM || f.Type == unix.SOCK_SEQPACKET)
}

// nameAs begins one of a socket that is bound to an address, of which bind was asked for f.port.
func (d *Disturbance) nameAs(f *FD, at *addr.Addr) {
	if at != nil && at.IP.IsValid() {
		asked := *at
		asked.Port = f.port
		at = &asked
	}
	d.begin(d.net.names.number(fmt.Sprintf("socket %s %s thread %d", network(f.Family, f.Type), place(at), d.thread)), false)
}

// meansOne is whether a datagram is meant, by whom it goes to.
func (d *Disturbance) meansOne(f *FD, k *packet) bool {
	return f.Type == unix.SOCK_DGRAM && k.peer != nil && d.means(addr.From(k.peer, f.Family), "")
}

// pairs begins the ends of a socketpair.
func pairs(s *interp.State, a, b *FD) {
	if a.chaos == nil || s == nil {
		return
	}
	name := a.net.names.number(fmt.Sprintf("pair thread %d", s.Thread().ID()))
	a.chaos.begin(name+" a", a.chaos.socket(a) && a.net.chaos.MeansUnix(""))
	b.chaos.begin(name+" b", b.chaos.socket(b) && b.net.chaos.MeansUnix(""))
}

// connects begins a connection to an address that was got from a name, unless it is under way. The error is
// that of one that is refused. The turn is needed.
func (d *Disturbance) connects(s *interp.State, f *FD, a *addr.Addr, name string) error {
	if d == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.connecting {
		return nil
	}
	d.begin(d.net.names.number(fmt.Sprintf("connect %s %s thread %d", network(f.Family, f.Type), place(a), s.Thread().ID())), d.means(a, name))
	stream := d.net.chaos.Stream(d.name + " connect")
	if h := stream.Next(); d.meant && h.Is(chaos.Refuse) && f.Type != unix.SOCK_DGRAM {
		return unix.ECONNREFUSED
	}
	d.connecting = true
	return nil
}

// connected notes how a call of connect ended.
func (d *Disturbance) connected(err error) {
	if d == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.connecting = err == unix.EINPROGRESS || err == unix.EALREADY || err == unix.EAGAIN
}

// accepted begins a connection that f has accepted from a peer.
func (d *Disturbance) accepted(f *FD, peer *addr.Addr) {
	if d == nil || f.chaos == nil {
		return
	}
	l := f.chaos
	l.mu.Lock()
	name := fmt.Sprintf("%s client %d", l.name, l.clients)
	l.clients++
	l.mu.Unlock()
	if peer == nil || peer.Family == unix.AF_UNIX && peer.Path == "" {
		peer, _ = f.Sockname()
	}
	d.begin(name, d.means(peer, ""))
}

// Lookup decides about looking up a host's name, or that of an address: how much longer it is to take, and
// whether it is to fail. The turn is needed.
func (n *Net) Lookup(s *interp.State, what string) (delay time.Duration, fails bool) {
	if n.chaos == nil || !n.chaos.MeansName(what) {
		return 0, false
	}
	stream := n.chaos.Stream(n.names.number(fmt.Sprintf("lookup %s thread %d", what, s.Thread().ID())))
	h := stream.Next()
	return h.DNS, h.Is(chaos.DNSFail)
}
