//go:build unix

package socket_test

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
)

// zone is what a test's name server knows: "name TYPE" to answers of the form
// "TYPE data", and "rcode 2" for a failure. A value of "silence" is no reply at
// all, and a name that is not there does not exist.
type zone map[string][]string

var recordTypes = map[uint16]string{1: "A", 5: "CNAME", 12: "PTR", 28: "AAAA"}

// nameServer is the address that Go's resolver asks; nil: the system's.
var nameServer atomic.Pointer[string]

// Set before any test: look-ups that were given up go on reading it for a while.
func init() {
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		if a := nameServer.Load(); a != nil {
			network, address = "udp", *a
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
}

// useDNS has Go's resolver ask a name server that knows z, until the test ends.
func useDNS(t *testing.T, z zone) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		z.serve(conn)
	}()
	address := conn.LocalAddr().String()
	nameServer.Store(&address)
	t.Cleanup(func() {
		nameServer.Store(nil)
		conn.Close()
		<-done
	})
}

func (z zone) serve(conn net.PacketConn) {
	for {
		p := make([]byte, 2048)
		n, from, err := conn.ReadFrom(p)
		if err != nil {
			return
		}
		if reply := z.reply(p[:n]); reply != nil {
			conn.WriteTo(reply, from)
		}
	}
}

// reply answers a query that has one question.
func (z zone) reply(query []byte) []byte {
	name, end := readName(query, 12)
	question := query[12 : end+4]
	typ := recordTypes[binary.BigEndian.Uint16(query[end:])]
	answers, known := z[name+" "+typ]
	head := make([]byte, 12)
	copy(head, query[:2])
	head[2], head[3], head[5] = 0x85, 0x80, 1
	body := append([]byte(nil), question...)
	for _, a := range answers {
		kind, data, _ := strings.Cut(a, " ")
		switch kind {
		case "silence":
			return nil
		case "rcode":
			head[3] |= data[0] - '0'
			continue
		}
		head[7]++
		body = append(body, record(name, kind, data)...)
		if kind == "CNAME" {
			name = data
		}
	}
	if !known && !z.has(name) {
		head[3] |= 3 // no such name
	}
	return append(head, body...)
}

func (z zone) has(name string) bool {
	for key := range z {
		if strings.HasPrefix(key, name+" ") {
			return true
		}
	}
	return false
}

func record(name, kind, data string) []byte {
	var rdata []byte
	if ip, err := netip.ParseAddr(data); err == nil {
		rdata = ip.AsSlice()
	} else {
		rdata = packName(data)
	}
	p := packName(name)
	for number, k := range recordTypes {
		if k == kind {
			p = binary.BigEndian.AppendUint16(p, number)
		}
	}
	p = append(p, 0, 1, 0, 0, 0, 60) // class IN, a minute to live
	p = binary.BigEndian.AppendUint16(p, uint16(len(rdata)))
	return append(p, rdata...)
}

func packName(name string) (p []byte) {
	for _, label := range strings.Split(name, ".") {
		p = append(append(p, byte(len(label))), label...)
	}
	return append(p, 0)
}

func readName(p []byte, at int) (string, int) {
	var labels []string
	for p[at] != 0 {
		n := int(p[at])
		labels = append(labels, string(p[at+1:at+1+n]))
		at += 1 + n
	}
	return strings.ToLower(strings.Join(labels, ".")), at + 1
}
