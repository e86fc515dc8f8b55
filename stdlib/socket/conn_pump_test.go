//go:build unix

package socket_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"testing"

	"wirelua/interp"
)

const pumpScript = `
	function start(fn, ...) t = thread.start(fn, ...) end
	function relay() start(socket.relay, from, to) end
	function ended(code)
		local ok, err = t:join()
		assert(not ok and err.code == code, tostring(err))
	end
	function cancelled() t:cancel() return ended("ECANCELED") end
	function timed_out() from:settimeout(0.02) relay() return ended("ETIMEDOUT") end
	function closed(which) which:close() return ended("EBADF") end
	function rest(n) return from:readexactly(n) end
	function between(text) to:sendall(text) end
	function some(n) start(function() return to:sendfrom(from, n) end) end
	function count() return (select(2, t:join())) end`

// pumped is an interpreter with two connections of the host's, and their other ends.
type pumped struct {
	*testing.T
	in           *interp.Interpreter
	source, sink net.Conn
	data         []byte
}

func newPumped(t *testing.T) *pumped {
	p := &pumped{T: t, in: embed(t, interp.Config{}, pumpScript), data: make([]byte, 1<<20)}
	for i := range p.data {
		p.data[i] = byte(i ^ i>>8 ^ i>>16)
	}
	var from, to net.Conn
	p.source, from = net.Pipe()
	to, p.sink = net.Pipe()
	p.set("from", from)
	p.set("to", to)
	t.Cleanup(func() { p.source.Close(); p.sink.Close() })
	return p
}

func (p *pumped) set(name string, v any) {
	if err := p.in.Set(name, v); err != nil {
		p.Fatal(err)
	}
}

func (p *pumped) call(name string, args ...any) any {
	p.Helper()
	out, err := p.in.Call(context.Background(), name, args...)
	if err != nil {
		p.Fatalf("%s: %v", name, err)
	}
	if len(out) == 0 {
		return nil
	}
	return out[0]
}

// pass has all data go through, so that it is moved without the turn by the end.
func (p *pumped) pass() {
	p.Helper()
	go p.source.Write(p.data)
	p.arrives(p.data)
}

func (p *pumped) arrives(want []byte) {
	p.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(p.sink, got); err != nil || !bytes.Equal(got, want) {
		p.Fatal("other bytes have come, or ", err)
	}
}

// Bytes between two connections of the host's go without the turn, but nothing is lost when that has to end:
// for another thread that writes, a cancel, a limit of time or a close.
func TestPumpEnds(t *testing.T) {
	for name, end := range map[string]func(*pumped){
		"by a writer": func(p *pumped) {
			sent := make(chan error, 1)
			go func() {
				_, err := p.in.Call(context.Background(), "between", "something else")
				sent <- err
			}()
			p.arrives([]byte("something else"))
			if err := <-sent; err != nil {
				p.Error(err)
			}
			p.pass()
			p.call("cancelled")
		},
		"by a cancel": func(p *pumped) { p.call("cancelled") },
		"by a close":  func(p *pumped) { p.call("closed", p.object("to")) },
		"by a limit": func(p *pumped) {
			p.call("cancelled")
			p.call("timed_out")
		},
		"by the end": func(p *pumped) {
			p.source.Close()
			if sent := p.call("count"); sent != float64(len(p.data)) {
				p.Error(sent, "bytes")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPumped(t)
			p.call("relay")
			p.pass()
			end(p)
			if name != "by the end" {
				go p.source.Write([]byte("later"))
				if got := p.call("rest", 5); got != "later" {
					t.Error(got)
				}
			}
		})
	}
}

func (p *pumped) object(name string) *interp.Object {
	var o *interp.Object
	if err := p.in.GetInto(name, &o); err != nil {
		p.Fatal(err)
	}
	return o
}

// What a Write that was given up has not taken is the source's again.
func TestPumpGivesBack(t *testing.T) {
	p := newPumped(t)
	p.call("relay")
	p.pass()
	written := make(chan struct{})
	go func() {
		p.source.Write(p.data)
		close(written)
	}()
	taken := 300_001 // in the midst of a piece, which is under way then
	p.arrives(p.data[:taken])
	p.call("cancelled")
	if got := p.call("rest", len(p.data)-taken); got != string(p.data[taken:]) {
		t.Error("other bytes are left")
	}
	<-written
}

// A number of bytes is not exceeded.
func TestPumpCounts(t *testing.T) {
	p := newPumped(t)
	n := len(p.data) - 12345
	p.call("some", n)
	go p.source.Write(p.data)
	p.arrives(p.data[:n])
	if sent := p.call("count"); sent != float64(n) {
		t.Error(sent, "bytes")
	}
	if got := p.call("rest", 12345); got != string(p.data[n:]) {
		t.Error("other bytes are left")
	}
}
