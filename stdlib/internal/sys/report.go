//go:build unix

package sys

import (
	"fmt"
	"slices"

	"wirelua/interp"
	"wirelua/interp/dump"
	"wirelua/interp/trace"
)

// describeAll is what reports are told of the descriptors that threads wait for; see
// interp.Engine.DescribeWaits.
func (n *Net) describeAll() func(fd int) dump.Thread {
	open := make(map[int]*FD, len(n.open))
	for t := range n.open {
		if f := t.of.Value(); f != nil && f.fd >= 0 {
			open[f.fd] = f
		}
	}
	return func(fd int) dump.Thread {
		if f := open[fd]; f != nil {
			return f.described()
		}
		return dump.Thread{For: fmt.Sprintf("descriptor %d", fd)}
	}
}

func (f *FD) described() dump.Thread {
	switch {
	case f.number > 0:
		d := dump.Thread{Socket: f.current()}
		if f.mate != 0 {
			d.Mate = f.number + uint64(int64(f.mate))
		}
		return d
	case f.polls == 1:
		return dump.Thread{For: "1 socket"}
	case f.polls > 1:
		return dump.Thread{For: fmt.Sprintf("%d sockets", f.polls)}
	}
	return dump.Thread{For: fmt.Sprintf("pipe (fd %d)", f.fd)}
}

// current is Describe for who only looks: without an observer nothing is kept of it.
func (f *FD) current() *trace.Socket {
	if f.Observed() {
		return f.Describe()
	}
	return &trace.Socket{Run: f.net.Run, Number: f.number, Network: network(f.Family, f.Type), Family: FamilyName(f.Family), Type: TypeName(f.Type),
		Local: f.named(sockname), Peer: f.named(peername)}
}

// madeBy is the line that made a descriptor, and its number.
type madeBy struct {
	where  string
	number uint64
}

// noteMaker notes the line of Lua that runs as what has made f.
func (n *Net) noteMaker(s *interp.State, f *FD) {
	if s == nil || !n.in.Config().Leaks {
		return
	}
	f.num.made = &madeBy{s.Origin(), f.number}
}

// Made notes the line of Lua that runs as what has made the Poller; one of a script's own, that is.
func (p *Poller) Made(s *interp.State) { p.f.net.noteMaker(s, p.f) }

// dropped is called when the collector has closed what nobody held any more.
func (n *Net) dropped(t *tracked) {
	if t.made != nil {
		n.forlorn = append(n.forlorn, t.leak())
	}
}

// leaks are the sockets, selectors and bare descriptors that nothing has closed.
func (n *Net) leaks() []dump.Leak {
	all := slices.Clone(n.forlorn)
	for t := range n.open {
		if t.made != nil {
			all = append(all, t.leak())
		}
	}
	for fd, g := range n.given {
		if g.made != nil {
			all = append(all, dump.Leak{What: fmt.Sprintf("descriptor %d, detached from socket #%d", fd, g.made.number), Where: g.made.where})
		}
	}
	return all
}

func (t *tracked) leak() dump.Leak {
	f, what := t.of.Value(), "selector"
	switch {
	case t.made.number == 0:
	case f != nil:
		d := dump.Thread{Socket: f.current(), Write: true}
		what = "socket " + d.Ends()
	default:
		what = fmt.Sprintf("socket #%d", t.made.number)
	}
	if f == nil {
		what += ", which nothing held any more"
	}
	return dump.Leak{What: what, Where: t.made.where}
}
