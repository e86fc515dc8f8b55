//go:build unix

package sys

import (
	"fmt"

	"wirelua/interp/dump"
	"wirelua/interp/trace"
)

// describeAll is what reports are told of the descriptors that threads wait for; see
// interp.Interpreter.DescribeWaits.
func (n *Net) describeAll() func(fd int) dump.Thread {
	open := make(map[int]*FD, len(n.open))
	for p := range n.open {
		if f := p.Value(); f != nil && f.fd >= 0 {
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
