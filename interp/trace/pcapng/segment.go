package pcapng

import (
	"net/netip"
	"time"

	"github.com/gopacket/gopacket/layers"
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

// synOptions are those of a SYN.
var synOptions = []layers.TCPOption{
	{OptionType: layers.TCPOptionKindMSS, OptionData: []byte{maxSegment >> 8, maxSegment & 0xff}},
	{OptionType: layers.TCPOptionKindNop},
	{OptionType: layers.TCPOptionKindWindowScale, OptionData: []byte{windowScale}},
}

// begin writes the handshake of a connection whose client is at an end, unless it was written.
func (c *Capture) begin(client *end) {
	if client.begun {
		return
	}
	server := client.other
	client.begun, server.begun = true, true
	c.segment(c.event.Time, client, layers.TCP{SYN: true, Options: synOptions}, nil)
	c.segment(c.now(), server, layers.TCP{SYN: true, ACK: true, Options: synOptions}, nil)
	c.segment(c.now(), client, layers.TCP{ACK: true}, nil)
}

// refused writes a connection that was not made.
func (c *Capture) refused(from, to netip.AddrPort) {
	client := c.connection(from, to, "")
	c.segment(c.event.Time, client, layers.TCP{SYN: true, Options: synOptions}, nil)
	c.segment(c.now(), client.other, layers.TCP{RST: true, ACK: true}, nil)
	c.drop(client)
}

// show writes the last bytes of data that are not in the capture yet: upTo is where in all that from
// sends they end.
func (c *Capture) show(from *end, data []byte, upTo int64, urgent bool) {
	data = data[len(data)-int(max(0, upTo-from.shown)):]
	for len(data) > 0 {
		n := min(len(data), maxSegment)
		last := n == len(data)
		t := layers.TCP{ACK: true, PSH: last}
		if urgent && last {
			t.URG, t.Urgent = true, uint16(n)
		}
		c.segment(c.now(), from, t, data[:n])
		from.shown += int64(n)
		data = data[n:]
		if from.unacked >= maxUnacked || !from.other.opened {
			c.segment(c.now(), from.other, layers.TCP{ACK: true}, nil)
		}
	}
}

// finish writes a FIN, once, which the other end acknowledges.
func (c *Capture) finish(from *end) {
	if from.over || from.reset {
		return
	}
	from.over = true
	c.segment(c.now(), from, layers.TCP{FIN: true, ACK: true}, nil)
	c.segment(c.now(), from.other, layers.TCP{ACK: true}, nil)
}

// abort writes a RST, once, unless both ends had ended before.
func (c *Capture) abort(from *end) {
	if from.reset || from.over && from.other.over {
		return
	}
	from.reset, from.other.reset, from.over = true, true, true
	c.segment(c.now(), from, layers.TCP{RST: true, ACK: true}, nil)
}

// segment writes one, with what all of them have in common.
func (c *Capture) segment(at time.Time, from *end, t layers.TCP, data []byte) {
	to := from.other
	t.SrcPort, t.DstPort = layers.TCPPort(from.addr.Port()), layers.TCPPort(to.addr.Port())
	t.Seq, t.Window = from.next, window
	if t.ACK {
		t.Ack, to.unacked = to.next, 0
	}
	if from.next += uint32(len(data)); t.SYN || t.FIN {
		from.next++
	}
	from.opened = from.opened || !t.SYN
	from.unacked++
	c.tcp = t
	c.write(at, from.addr, to.addr, &c.tcp, data, from.path)
}
