package pcapng

import (
	"net/netip"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// maxPacket is more than a packet takes with its comments.
const maxPacket = 128 << 10

// flush writes what there is.
func (c *Capture) flush() {
	if c.w.Flush() != nil {
		c.failed = true
	}
}

// now is the time of the event that is told.
func (c *Capture) now() time.Time { return c.event.Time.Add(c.event.Duration) }

// write writes a packet: at is when it went, comment what there is to say beside who caused it.
func (c *Capture) write(at time.Time, from, to netip.AddrPort, transport gopacket.SerializableLayer, payload []byte, comment string) {
	c.writeKeys()
	network := c.network(from.Addr(), to.Addr(), transport)
	c.packet.Clear()
	err := gopacket.SerializeLayers(c.packet, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true},
		network, transport, gopacket.Payload(payload))
	if at.Before(c.last) {
		at = c.last
	}
	c.last = at
	data := c.packet.Bytes()
	if err == nil {
		err = c.ng.WritePacketWithOptions(gopacket.CaptureInfo{Timestamp: at, CaptureLength: len(data), Length: len(data)}, data, c.comments(comment))
	}
	if err != nil {
		c.failed = true
	}
	if c.w.Available() < maxPacket { // the next one shall not be torn either
		c.flush()
	}
}

// network returns the IP header, which the checksum of what is below covers in part.
func (c *Capture) network(from, to netip.Addr, transport gopacket.SerializableLayer) (ip interface {
	gopacket.SerializableLayer
	gopacket.NetworkLayer
}) {
	protocol := layers.IPProtocolTCP
	if _, is := transport.(*layers.UDP); is {
		protocol = layers.IPProtocolUDP
	}
	if from.Is4() {
		c.number++
		c.ip4 = layers.IPv4{Version: 4, TTL: 64, Id: c.number, Flags: layers.IPv4DontFragment, Protocol: protocol, SrcIP: from.AsSlice(), DstIP: to.AsSlice()}
		ip = &c.ip4
	} else {
		c.ip6 = layers.IPv6{Version: 6, HopLimit: 64, NextHeader: protocol, SrcIP: from.AsSlice(), DstIP: to.AsSlice()}
		ip = &c.ip6
	}
	_ = transport.(interface {
		SetNetworkLayerForChecksum(gopacket.NetworkLayer) error
	}).SetNetworkLayerForChecksum(ip) // fails for layers that are no IP
	return ip
}

// comments are who caused a packet, and what else there is to say.
func (c *Capture) comments(more string) pcapgo.NgPacketOptions {
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
		return pcapgo.NgPacketOptions{Comments: []string{by}}
	}
	return pcapgo.NgPacketOptions{Comments: []string{by, more}}
}

// writeKeys writes the secrets that came since it last did.
func (c *Capture) writeKeys() {
	if len(c.keys) == 0 {
		return
	}
	if c.ng.WriteDecryptionSecretsBlock(pcapgo.DSB_SECRETS_TYPE_TLS, c.keys) != nil {
		c.failed = true
	}
	c.keys = c.keys[:0]
}
