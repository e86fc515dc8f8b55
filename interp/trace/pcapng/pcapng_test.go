package pcapng_test

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"golang.org/x/sys/unix"

	"wirelua/interp/trace"
	"wirelua/interp/trace/pcapng"
)

var update = flag.Bool("update", false, "write testdata anew")

// run makes events of one interpreter, a millisecond each.
type run struct {
	trace.Observer
	is  trace.Run
	now time.Time
}

func newRun(o trace.Observer) *run {
	return &run{Observer: o, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
}

func (r *run) socket(number uint64, network, local, peer string) *trace.Socket {
	family := "AF_INET"
	if strings.HasPrefix(network, "unix") {
		family = "AF_UNIX"
	}
	return &trace.Socket{Run: &r.is, Number: number, Network: network, Family: family, Local: local, Peer: peer}
}

func (r *run) tell(e trace.Event) {
	r.now = r.now.Add(time.Millisecond)
	e.Time, e.Layer, e.Thread, e.Where = r.now, "socket", "main", "x.lua:7"
	if e.Code != "" {
		e.Err = errors.New(e.Code)
	}
	r.Observe(e)
}

// conversations tells of a bit of everything.
func conversations(r *run) {
	const server, client = "127.0.0.1:80", "127.0.0.1:40000"
	l, c, s := r.socket(1, "tcp", server, ""), r.socket(2, "tcp", client, server), r.socket(3, "tcp", server, client)
	r.tell(trace.Event{Op: "listen", Socket: l})
	r.tell(trace.Event{Op: "connect", Socket: c, Address: server})
	r.tell(trace.Event{Op: "send", Socket: c, Data: []byte("hello\n")})
	r.tell(trace.Event{Op: "accept", Socket: l, New: s, Address: client})
	r.tell(trace.Event{Op: "recv", Socket: s, Size: 100, Flags: unix.MSG_PEEK, Data: []byte("hello\n")})
	r.tell(trace.Event{Op: "recv", Socket: s, Size: 100, Data: []byte("hello\n")})
	r.tell(trace.Event{Op: "send", Socket: s, Data: []byte("HELLO\n")})
	r.tell(trace.Event{Op: "shutdown", Socket: s, Flags: unix.SHUT_WR})
	r.tell(trace.Event{Op: "recv", Socket: c, Size: 100, Data: []byte("HELLO\n")})
	r.tell(trace.Event{Op: "recv", Socket: c, Size: 100})
	r.tell(trace.Event{Op: "close", Socket: c})
	r.tell(trace.Event{Op: "close", Socket: s})
	r.tell(trace.Event{Op: "send", Socket: s, Code: "EBADF", FD: -1})
	// To a server elsewhere, over IPv6, which resets the connection.
	c = r.socket(4, "tcp", "[2001:db8::1]:40001", "[2001:db8::2]:443")
	r.tell(trace.Event{Op: "connect", Socket: c})
	r.tell(trace.Event{Op: "recv", Socket: c, Size: 100, Data: []byte("welcome")})
	r.tell(trace.Event{Op: "recv", Socket: c, Size: 100, Code: "ECONNRESET"})
	r.tell(trace.Event{Op: "close", Socket: c})
	r.tell(trace.Event{Op: "connect", Socket: r.socket(5, "tcp", "0.0.0.0:40002", ""), Address: "127.0.0.1:1", Code: "ECONNREFUSED"})
	// Datagrams: to one's own, which is told once, to another's, and from there.
	a, b := r.socket(6, "udp", "127.0.0.1:40010", ""), r.socket(7, "udp", "0.0.0.0:40011", "")
	r.tell(trace.Event{Op: "bind", Socket: b})
	r.tell(trace.Event{Op: "send", Socket: a, Address: "127.0.0.1:40011", Data: []byte("one")})
	r.tell(trace.Event{Op: "recv", Socket: b, Address: "127.0.0.1:40010", Size: 2, Data: []byte("on")})
	r.tell(trace.Event{Op: "send", Socket: a, Address: "127.0.0.1:40012"})
	r.tell(trace.Event{Op: "recv", Socket: b, Address: "127.0.0.1:40012", Size: 10, Data: []byte("two")})
	// A pair, closed with something unread, and a path.
	a, b = r.socket(8, "unix", "", ""), r.socket(9, "unix", "", "")
	at := trace.Event{Op: "socketpair", Socket: a}
	r.tell(at)
	at.Socket, r.now = b, r.now.Add(-time.Millisecond)
	r.tell(at)
	r.tell(trace.Event{Op: "send", Socket: a, Data: []byte("unread")})
	r.tell(trace.Event{Op: "close", Socket: b})
	r.tell(trace.Event{Op: "close", Socket: a})
	r.tell(trace.Event{Op: "send", Socket: r.socket(10, "unixgram", "", ""), Address: "/run/log", Data: []byte("line")})
}

// What is written stays as it is: tshark's word on it was good, see TestTshark in cmd/wirelua.
func TestGolden(t *testing.T) {
	var out bytes.Buffer
	capture := pcapng.New(&out)
	io.WriteString(capture.KeyLog(), "CLIENT_RANDOM 00 00\n")
	conversations(newRun(capture))
	path := filepath.Join("testdata", "conversations.pcapng")
	if *update {
		if err := os.WriteFile(path, out.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), want) {
		t.Errorf("%s differs: go test -update, and look at it with tshark", path)
	}
}

// packets reads a capture, which has to be whole.
func packets(t *testing.T, capture []byte) (all []gopacket.Packet) {
	t.Helper()
	r, err := pcapgo.NewNgReader(bytes.NewReader(capture), pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	for {
		data, _, err := r.ReadPacketData()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		p := gopacket.NewPacket(data, layers.LayerTypeIPv4, gopacket.NoCopy)
		if data[0]>>4 == 6 {
			p = gopacket.NewPacket(data, layers.LayerTypeIPv6, gopacket.NoCopy)
		}
		if failed := p.ErrorLayer(); failed != nil {
			t.Fatal(failed.Error())
		}
		all = append(all, p)
	}
}

// Each event is one Write, after which the capture is whole; one that has no packet writes nothing.
func TestWhole(t *testing.T) {
	var out bytes.Buffer
	w := &counted{w: &out}
	capture := pcapng.New(w)
	packets(t, out.Bytes())
	if w.calls != 1 {
		t.Errorf("%d writes for the head", w.calls)
	}
	r := newRun(observerFunc(func(e trace.Event) {
		before := w.calls
		capture.Observe(e)
		packets(t, out.Bytes())
		if w.calls > before+1 {
			t.Errorf("%s: %d writes", e.Op, w.calls-before)
		}
	}))
	conversations(r)
	if n := len(packets(t, out.Bytes())); n < 25 || w.calls > 25 {
		t.Errorf("%d packets in %d writes", n, w.calls)
	}
}

type observerFunc func(trace.Event)

func (f observerFunc) Observe(e trace.Event) { f(e) }

type counted struct {
	w     io.Writer
	calls int
	fail  bool
}

func (c *counted) Write(p []byte) (int, error) {
	c.calls++
	if c.fail {
		return 0, io.ErrShortWrite
	}
	return c.w.Write(p)
}

// After a write that failed there is none any more.
func TestWriteFails(t *testing.T) {
	w := &counted{w: io.Discard, fail: true}
	conversations(newRun(pcapng.New(w)))
	if w.calls != 1 {
		t.Errorf("%d writes", w.calls)
	}
}

// Whoever tells first: each byte is there once, and what is longer than a segment is several.
func TestOnce(t *testing.T) {
	const size = 300000
	data := bytes.Repeat([]byte("0123456789"), size/10)
	for name, order := range map[string]string{"sender": "sr", "receiver": "rs", "both": "srsr", "parts": "ssrsrr"} {
		var out bytes.Buffer
		r := newRun(pcapng.New(&out))
		const server, client = "127.0.0.1:80", "127.0.0.1:40000"
		c, s := r.socket(2, "tcp", client, server), r.socket(3, "tcp", server, client)
		r.tell(trace.Event{Op: "connect", Socket: c})
		r.tell(trace.Event{Op: "accept", Socket: r.socket(1, "tcp", server, ""), New: s})
		part := size / (len(order) / 2)
		done := map[rune]int{}
		for _, who := range order {
			e := trace.Event{Op: "send", Socket: c, Size: size, Data: data[done[who] : done[who]+part]}
			if who == 'r' {
				e.Op, e.Socket = "recv", s
			}
			done[who] += part
			r.tell(e)
		}
		var got []byte
		for _, p := range packets(t, out.Bytes()) {
			tcp := p.Layer(layers.LayerTypeTCP).(*layers.TCP)
			got = append(got, tcp.Payload...)
		}
		if !bytes.Equal(got, data) {
			t.Errorf("%s: %d bytes, want %d", name, len(got), size)
		}
	}
}

// The secrets of TLS come before the packets that they are for; several observers are asked for one log.
func TestKeys(t *testing.T) {
	var out bytes.Buffer
	capture := pcapng.New(&out)
	o := trace.Multi(trace.Text(io.Discard), capture)
	log := o.(trace.KeyLogger).KeyLog()
	io.WriteString(log, "first\n")
	conversations(newRun(o))
	secret, packet := bytes.Index(out.Bytes(), []byte("first\n")), bytes.Index(out.Bytes(), []byte("x.lua:7"))
	if secret < 0 || packet < secret {
		t.Errorf("the secret is at %d, the first packet's comment at %d", secret, packet)
	}
	if trace.Multi(trace.Text(io.Discard)).(trace.KeyLogger).KeyLog() != nil {
		t.Error("a log that nobody wants")
	}
}
