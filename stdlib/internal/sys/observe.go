//go:build unix

package sys

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/trace"
	"wirelua/stdlib/internal/addr"
)

// observed is Net.run for what the observer hears of.
func (n *Net) observed(s *interp.State, lim Limit, o *op) error {
	waited := s.Thread().Waited()
	if o.Time.IsZero() {
		o.Time = time.Now()
	}
	o.refresh()
	if b, ok := n.observer.(trace.Beginner); ok {
		if over := b.Begin(o.of(s, o.Event)); over != nil {
			defer over()
		}
	}
	err := o.perform(s, lim)
	if o.Op != "" { // see Connecting
		o.Err, o.Duration, o.Waited = err, time.Since(o.Time), s.Thread().Waited()-waited
		n.report(s, o)
	}
	return err
}

// report tells how an operation ended.
func (n *Net) report(s *interp.State, o *op) {
	o.refresh()
	if o.events == nil {
		n.tell(o.of(s, o.Event))
		return
	}
	for _, e := range o.events(o.Err) {
		n.tell(o.of(s, e))
	}
}

// of completes an event of o's with what all of them have in common.
func (o *op) of(s *interp.State, e trace.Event) trace.Event {
	t := s.Thread()
	e.Thread, e.ThreadID, e.Where = t.Name, t.ID(), s.Where()
	e.Time, e.Duration, e.Waited = o.Time, o.Duration, o.Waited
	if e.Layer == "" {
		e.Layer = "socket"
	}
	if e.Err != nil {
		e.Code = interp.AsOpError(e.Err).Code
	}
	return e
}

// refresh notes what is known by now of whom an operation is about.
func (o *op) refresh() {
	switch {
	case o.to.addr != nil:
		o.Address = o.to.addr.String()
	case o.addr != nil:
		o.Address = o.addr.String()
	}
	switch {
	case o.f == nil:
	case o.f.settled(o.Op):
		o.Socket = o.f.seen
	default:
		o.Socket = o.f.Describe()
	}
	if o.made == nil {
		return
	}
	if o.FD = o.made.fd; o.f == nil && o.Socket == nil {
		o.Socket = o.made.Describe()
	} else {
		o.New = o.made.Describe()
	}
}

// Describe returns what the observer is told of a descriptor, which gets its number by that. Of one
// that is closed it is what was last known.
func (f *FD) Describe() *trace.Socket {
	if f.number == 0 { // a pipe, that is told of all the same
		f.number = f.net.Number()
	}
	if f.seen == nil {
		f.seen = &trace.Socket{Run: f.net.Run, Number: f.number, Network: network(f.Family, f.Type),
			Family: cmp.Or(FamilyName(f.Family), strconv.Itoa(f.Family)), Type: cmp.Or(TypeName(f.Type), strconv.Itoa(f.Type))}
	}
	if f.fd < 0 {
		return f.seen
	}
	now := *f.seen
	now.Local, now.Peer = f.named(sockname), f.named(peername)
	if now != *f.seen {
		f.seen = &now
	}
	f.num.seen = f.seen
	return f.seen
}

// settled reports whether an operation leaves what the observer was told of a descriptor as it is, so that
// the system need not be asked again.
func (f *FD) settled(name string) bool {
	switch name {
	case "send", "recv", "sendmsg", "recvmsg":
		at := f.seen
		return at != nil && (f.Family == unix.AF_UNIX || at.Local != "" && (at.Peer != "" || f.Type == unix.SOCK_DGRAM))
	}
	return false
}

// named returns an address as text; "" when there is none.
func (f *FD) named(get func(fd int) (unix.Sockaddr, error)) string {
	sa, err := get(f.fd)
	if err != nil {
		return ""
	}
	a := addr.From(sa, f.Family)
	if a == nil || a.Port == 0 && a.IP.IsValid() && a.IP.IsUnspecified() { // it is bound to nothing yet
		return ""
	}
	return a.String()
}

// Number returns the next number for a socket, or for what the host has in the place of one.
func (n *Net) Number() uint64 {
	n.numbers++
	return n.numbers
}

// lost tells the observer of what was closed, but not by the script: none is left to hear of what
// the observer does wrong, whose goroutine is therefore not ours.
func (n *Net) lost(t *tracked, by string) {
	if n.observer == nil || t.seen == nil {
		return
	}
	told := make(chan struct{})
	interp.Aside(func() error {
		n.tell(trace.Event{Time: time.Now(), Layer: "socket", Op: "close", Socket: t.seen, FD: -1, By: by})
		return nil
	}, func(error) { close(told) })
	<-told
}

// closeOpen closes what is open when the interpreter ends.
func (n *Net) closeOpen() {
	var told []*tracked
	for t := range n.open {
		if t.seen != nil {
			told = append(told, t)
		}
		if f := t.of.Value(); f != nil {
			_ = f.close(func() error { f.num.discard(); return nil })
		}
	}
	slices.SortFunc(told, func(a, b *tracked) int { return cmp.Compare(a.seen.Number, b.seen.Number) })
	for _, t := range told {
		n.lost(t, "end")
	}
}

// network is what package net calls a kind of socket; "" for those that it has no name for.
func network(family, typ int) string {
	switch {
	case family == unix.AF_UNIX && typ == unix.SOCK_STREAM:
		return "unix"
	case family == unix.AF_UNIX && typ == unix.SOCK_DGRAM:
		return "unixgram"
	case family == unix.AF_UNIX && typ == unix.SOCK_SEQPACKET:
		return "unixpacket"
	case family != unix.AF_INET && family != unix.AF_INET6:
	case typ == unix.SOCK_STREAM:
		return "tcp"
	case typ == unix.SOCK_DGRAM:
		return "udp"
	}
	return ""
}

// FamilyName is the name of an address family; "" for one that has none here.
func FamilyName(family int) string {
	switch family {
	case unix.AF_UNIX:
		return "AF_UNIX"
	case unix.AF_INET:
		return "AF_INET"
	case unix.AF_INET6:
		return "AF_INET6"
	}
	return ""
}

// TypeName is the name of a socket's type; "" for one that has none here.
func TypeName(typ int) string {
	switch typ {
	case unix.SOCK_STREAM:
		return "SOCK_STREAM"
	case unix.SOCK_DGRAM:
		return "SOCK_DGRAM"
	case unix.SOCK_RAW:
		return "SOCK_RAW"
	case unix.SOCK_SEQPACKET:
		return "SOCK_SEQPACKET"
	}
	return ""
}
