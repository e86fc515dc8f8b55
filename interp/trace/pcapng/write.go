package pcapng

import (
	"encoding/binary"
	"net/netip"
	"time"
)

// maxBuffer is how much waits at most to be written.
const maxBuffer = 64 << 10

// flush writes what there is.
func (c *Capture) flush() {
	if len(c.b) == 0 {
		return
	}
	_, err := c.w.Write(c.b)
	c.failed = c.failed || err != nil
	c.b = c.b[:0]
}

// now is the time of the event that is told.
func (c *Capture) now() time.Time { return c.event.Time.Add(c.event.Duration) }

// write writes a packet: at is when it went, header what comes before the data, and comment what there is to say
// beside who caused it.
func (c *Capture) write(at time.Time, from, to netip.AddrPort, p protocol, header, data []byte, comment string) {
	if len(c.keys) > 0 {
		c.secrets(c.keys)
		c.keys = c.keys[:0]
	}
	c.packet = c.network(c.packet[:0], from.Addr(), to.Addr(), p, len(header)+len(data))
	at0 := len(c.packet)
	c.packet = append(append(c.packet, header...), data...)
	sum := checksum(pseudo(from.Addr(), to.Addr(), p, len(header)+len(data)), c.packet[at0:])
	if sum == 0 && p == udp { // which would say that there is none
		sum = 0xffff
	}
	binary.BigEndian.PutUint16(c.packet[at0+p.checksum():], sum)
	if at.Before(c.last) {
		at = c.last
	}
	c.last = at
	c.captured(at, c.packet, c.comments(comment))
	if len(c.b) > maxBuffer {
		c.flush()
	}
}

// protocol is what is in an IP packet, by its number there.
type protocol byte

const (
	tcp protocol = 6
	udp protocol = 17
)

// checksum is where the header has it.
func (p protocol) checksum() int {
	if p == udp {
		return 6
	}
	return 16
}

// network appends the IP header of a packet with n bytes.
func (c *Capture) network(b []byte, from, to netip.Addr, p protocol, n int) []byte {
	be := binary.BigEndian
	if !from.Is4() {
		b = be.AppendUint16(be.AppendUint32(b, 6<<28), uint16(n))
		b = append(b, byte(p), hops)
		return append(append(b, from.AsSlice()...), to.AsSlice()...)
	}
	c.number++
	start := len(b)
	b = be.AppendUint16(append(b, 4<<4|5, 0), uint16(20+n))
	b = be.AppendUint16(be.AppendUint16(b, c.number), dontFragment)
	b = append(b, hops, byte(p), 0, 0)
	b = append(append(b, from.AsSlice()...), to.AsSlice()...)
	be.PutUint16(b[start+10:], checksum(0, b[start:]))
	return b
}

const (
	hops         = 64
	dontFragment = 0x4000
)

// pseudo is the sum of what the checksums of TCP and UDP cover beside what they are in.
func pseudo(from, to netip.Addr, p protocol, n int) uint32 {
	return sum(sum(uint32(p)+uint32(n), from.AsSlice()), to.AsSlice())
}

func sum(s uint32, b []byte) uint32 {
	for ; len(b) >= 2; b = b[2:] {
		s += uint32(b[0])<<8 | uint32(b[1])
	}
	if len(b) > 0 {
		s += uint32(b[0]) << 8
	}
	return s
}

// checksum is the Internet's (RFC 1071); s is the sum of what is not in b.
func checksum(s uint32, b []byte) uint16 {
	s = sum(s, b)
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return ^uint16(s)
}

// comments are who caused a packet, and what else there is to say.
func (c *Capture) comments(more string) []string {
	e, by := &c.event, ""
	switch {
	case e.Thread != "" && e.Where != "":
		by = e.Thread + " " + e.Where
	case e.Thread != "":
		by = e.Thread
	default:
		by = "by " + e.By // the collector, or the end
	}
	if more == "" {
		return []string{by}
	}
	return []string{by, more}
}
