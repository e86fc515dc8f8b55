package pcapng

import (
	"encoding/binary"
	"net/netip"
	"time"
)

const (
	// maxSegment is how much data a segment has at most: what IPv6, and so IPv4, has room for.
	maxSegment = 65535 - 40 - 20
	// maxUnacked is after how many of them the other end acknowledges, if it has nothing to send.
	maxUnacked = 16
	// The window is so wide that the other end never has to open it: 65535 << 14.
	window      = 65535
	windowScale = 14
)

// Flags of TCP.
const (
	fin = 1 << iota
	syn
	rst
	psh
	ack
	urg
)

// synOptions are those of a SYN: the largest segment, nothing, the window's scale, and the end.
var synOptions = []byte{2, 4, maxSegment >> 8, maxSegment & 0xff, 1, 3, 3, windowScale}

// begin writes the handshake of a connection whose client is at an end, unless it was written.
func (c *Capture) begin(client *end) {
	if client.begun {
		return
	}
	server := client.other
	client.begun, server.begun = true, true
	c.segment(c.event.Time, client, syn, nil)
	c.segment(c.now(), server, syn|ack, nil)
	c.segment(c.now(), client, ack, nil)
}

// refused writes a connection that was not made.
func (c *Capture) refused(from, to netip.AddrPort) {
	client := c.connection(from, to, "")
	c.segment(c.event.Time, client, syn, nil)
	c.segment(c.now(), client.other, rst|ack, nil)
	c.drop(client)
}

// show writes the last bytes of data that are not in the capture yet: upTo is where in all that from
// sends they end.
func (c *Capture) show(from *end, data []byte, upTo int64, urgent bool) {
	data = data[len(data)-int(max(0, upTo-from.shown)):]
	for len(data) > 0 {
		n := min(len(data), maxSegment)
		last := n == len(data)
		flags := uint16(ack)
		if last {
			flags |= psh
		}
		if urgent && last {
			flags |= urg
		}
		c.segment(c.now(), from, flags, data[:n])
		from.shown += int64(n)
		data = data[n:]
		if from.unacked >= maxUnacked || !from.other.opened {
			c.segment(c.now(), from.other, ack, nil)
		}
	}
}

// finish writes a FIN, once, which the other end acknowledges.
func (c *Capture) finish(from *end) {
	if from.over || from.reset {
		return
	}
	from.over = true
	c.segment(c.now(), from, fin|ack, nil)
	c.segment(c.now(), from.other, ack, nil)
}

// abort writes a RST, once, unless both ends had ended before.
func (c *Capture) abort(from *end) {
	if from.reset || from.over && from.other.over {
		return
	}
	from.reset, from.other.reset, from.over = true, true, true
	c.segment(c.now(), from, rst|ack, nil)
}

// segment writes one, with what all of them have in common.
func (c *Capture) segment(at time.Time, from *end, flags uint16, data []byte) {
	be, to, options := binary.BigEndian, from.other, []byte(nil)
	if flags&syn != 0 {
		options = synOptions
	}
	header := be.AppendUint16(be.AppendUint16(make([]byte, 0, 28), from.addr.Port()), to.addr.Port())
	header = be.AppendUint32(header, from.next)
	if flags&ack != 0 {
		header = be.AppendUint32(header, to.next)
		to.unacked = 0
	} else {
		header = be.AppendUint32(header, 0)
	}
	header = be.AppendUint16(header, uint16(20+len(options))/4<<12|flags)
	header = be.AppendUint32(be.AppendUint16(header, window), 0)
	if flags&urg != 0 {
		be.PutUint16(header[18:], uint16(len(data)))
	}
	header = append(header, options...)
	if from.next += uint32(len(data)); flags&(syn|fin) != 0 {
		from.next++
	}
	from.opened = from.opened || flags&syn == 0
	from.unacked++
	c.write(at, from.addr, to.addr, tcp, header, data, from.path)
}
