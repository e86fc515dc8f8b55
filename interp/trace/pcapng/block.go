package pcapng

import (
	"encoding/binary"
	"time"
)

// Blocks of a pcapng file (draft-ietf-opsawg-pcapng), all little-endian.
const (
	sectionHeader     = 0x0A0D0D0A
	interfaceHeader   = 1
	enhancedPacket    = 6
	decryptionSecrets = 10

	byteOrder  = 0x1A2B3C4D
	linkRaw    = 101 // each packet begins with its IP header
	tlsKeyLog  = 0x544c534b
	nanosecond = 9 // the negative power of ten

	optEnd         = 0
	optComment     = 1
	optApplication = 4 // of a section
	optName        = 2 // of an interface
	optDescription = 3
	optResolution  = 9
)

var order = binary.LittleEndian

// block appends a block, whose length stands before and behind its body.
func (c *Capture) block(kind uint32, body func(b []byte) []byte) {
	start := len(c.b)
	c.b = order.AppendUint32(order.AppendUint32(c.b, kind), 0)
	c.b = body(c.b)
	length := uint32(len(c.b) - start + 4)
	order.PutUint32(c.b[start+4:], length)
	c.b = order.AppendUint32(c.b, length)
}

// option appends an option.
func option(b []byte, code uint16, value string) []byte {
	value = value[:min(len(value), 1<<16-1)]
	b = order.AppendUint16(order.AppendUint16(b, code), uint16(len(value)))
	return pad(append(b, value...), len(value))
}

// pad appends what n bytes lack of a multiple of four.
func pad(b []byte, n int) []byte { return append(b, make([]byte, -n&3)...) }

func endOptions(b []byte) []byte { return order.AppendUint32(b, optEnd) }

// head appends what a capture begins with.
func (c *Capture) head() {
	c.block(sectionHeader, func(b []byte) []byte {
		b = order.AppendUint32(b, byteOrder)
		b = order.AppendUint16(order.AppendUint16(b, 1), 0)
		b = order.AppendUint64(b, 1<<64-1) // the section's length is not known
		return endOptions(option(b, optApplication, "wirelua"))
	})
	c.block(interfaceHeader, func(b []byte) []byte {
		b = order.AppendUint32(order.AppendUint32(b, linkRaw), 0) // packets of any length
		b = option(option(b, optName, "wirelua"), optDescription, "the script's sockets")
		return endOptions(option(b, optResolution, string(rune(nanosecond))))
	})
}

// secrets appends lines of a key log.
func (c *Capture) secrets(lines []byte) {
	c.block(decryptionSecrets, func(b []byte) []byte {
		b = order.AppendUint32(order.AppendUint32(b, tlsKeyLog), uint32(len(lines)))
		return pad(append(b, lines...), len(lines))
	})
}

// captured appends a packet.
func (c *Capture) captured(at time.Time, packet []byte, comments []string) {
	c.block(enhancedPacket, func(b []byte) []byte {
		ns := uint64(at.UnixNano())
		b = order.AppendUint32(b, 0) // the interface
		b = order.AppendUint32(order.AppendUint32(b, uint32(ns>>32)), uint32(ns))
		b = order.AppendUint32(order.AppendUint32(b, uint32(len(packet))), uint32(len(packet)))
		b = pad(append(b, packet...), len(packet))
		for _, text := range comments {
			b = option(b, optComment, text)
		}
		return endOptions(b)
	})
}
