// Package pcapng has an observer that writes what scripts do on the wire as a capture, which
// Wireshark and tshark open: as the packets that would have been seen if somebody had listened,
// whatever the system made of them. It needs no rights, and sees the script's sockets alone.
package pcapng

import (
	"io"
	"net/netip"
	"sync"
	"time"

	"wirelua/interp/trace"
)

// Capture is the observer. The packets of one event are one Write; after one that failed there is none
// any more. Several interpreters may share it.
type Capture struct {
	mu     sync.Mutex
	w      io.Writer
	b      []byte    // to be written
	packet []byte    // the one that is being made
	keys   []byte    // secrets to be written before the next packet
	last   time.Time // the time of the last packet: none is before
	number uint16    // of the last IPv4 packet
	failed bool

	event   trace.Event // that is being told
	sockets map[socketKey]*socket
	half    *socket // a socketpair's first end, whose other is about to be told
	halfAt  time.Time
	names   names
	streams streams
	grams   datagrams
}

var (
	_ trace.Observer  = (*Capture)(nil)
	_ trace.KeyLogger = (*Capture)(nil)
)

// New returns an observer that writes a capture to w, which is one at any time: it may be a pipe to
// Wireshark. Each packet's comment is the thread and the line of Lua that caused it.
//
// TCP connections begin with a handshake and end with FIN or RST, as far as that was seen; the data
// have sequence numbers and checksums. Of a conversation whose two ends are observed
// each byte is there once. Unix sockets and socketpairs are TCP or UDP between addresses
// of 127.99.0.0/16, their paths a second comment. TLS is encrypted as it was, and
// the capture has the keys: whoever has it can read the connections.
func New(w io.Writer) *Capture {
	c := &Capture{w: w, sockets: map[socketKey]*socket{}, names: newNames(), streams: newStreams(), grams: newDatagrams()}
	c.head()
	c.flush()
	return c
}

// Observe writes what happened on the wire, if anything did.
func (c *Capture) Observe(e trace.Event) {
	if e.Layer != "socket" || e.Socket == nil || e.Code == "EBADF" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed {
		return
	}
	c.event = e
	switch transport(e.Socket.Network) {
	case tcp:
		c.stream(&c.event)
	case udp:
		c.datagram(&c.event)
	}
	c.flush()
	c.event = trace.Event{} // whose data are somebody's
}

// transport is what a socket's operations are shown as; 0 is nothing.
func transport(network string) protocol {
	switch network {
	case "", "ip": // raw, or of other families
		return 0
	case "udp", "udp4", "udp6", "unixgram":
		return udp
	}
	return tcp
}

// KeyLog returns what takes the secrets of TLS connections.
func (c *Capture) KeyLog() io.Writer { return (*keyLog)(c) }

type keyLog Capture

// Write keeps lines of a key log until the next packet, which they may be for.
func (k *keyLog) Write(p []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys = append(k.keys, p...)
	return len(p), nil
}

// socketKey tells sockets apart: numbers are an interpreter's.
type socketKey struct {
	run    *trace.Run
	number uint64
}

// socket is what is known of an open one.
type socket struct {
	end   *end           // of a stream, once it is connected
	at    netip.AddrPort // the address of a Unix socket that is none by itself
	pair  *socket        // the other end of a socketpair of datagrams
	port  uint16         // at which datagrams come; 0 is not known
	path  string         // likewise, a Unix socket's
	abort bool           // closing it resets the connection
}

// socket returns what is known of e's.
func (c *Capture) socket(s *trace.Socket) *socket {
	key := socketKey{s.Run, s.Number}
	k := c.sockets[key]
	if k == nil {
		k = &socket{}
		c.sockets[key] = k
	}
	return k
}

func (c *Capture) forget(s *trace.Socket) { delete(c.sockets, socketKey{s.Run, s.Number}) }

// paired returns the first of a socketpair's ends when e is about the second, else nil.
func (c *Capture) paired(e *trace.Event, k *socket) (first *socket) {
	if e.Err != nil {
		return nil
	}
	if c.half != nil && c.halfAt.Equal(e.Time) {
		first, c.half = c.half, nil
		return first
	}
	c.half, c.halfAt = k, e.Time
	return nil
}
