package interp_test

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"net"
	"net/netip"
	"os"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// lines is a module, whole: for servers that answer each line with a line.
var lines = &interp.Module{
	Name: "lines", Doc: "Asks servers that answer a line with a line.",
	Funcs: []interp.Function{
		{Name: "connect", Args: "address[, {timeout=10}]", Doc: "returns a peer once it is connected; waits", Fn: connect},
	},
	Types: []*interp.Type{peerType},
}

var peerType = &interp.Type{
	Name: "peer", Doc: "a connection of lines", Strict: true,
	Methods: []interp.Function{
		{Name: "ask", Args: "line[, timeout]", Doc: "sends a line and returns the answer; waits", Fn: ask},
		{Name: "close", Doc: "closes the connection; again it does nothing", Fn: hangUp},
	},
	String: func(self any) string { return "peer(" + self.(*peer).conn.RemoteAddr().String() + ")" },
}

// peer is what an object holds.
type peer struct {
	conn    net.Conn
	answers *bufio.Reader
	busy    interp.Mutex // one question at a time
}

// peers are those that one interpreter has open, kept under a key of that type.
type (
	peers map[*peer]struct{}
	key   struct{}
)

func peersOf(in *interp.Engine) peers {
	return in.Local(key{}, func() any {
		open := peers{}
		in.CountDescriptors(func() int { return len(open) })
		in.OnClose(func() {
			for p := range open {
				p.conn.Close()
			}
		})
		return open
	}).(peers)
}

func connect(s *interp.State) int {
	at, err := netip.ParseAddrPort(s.Str(1))
	if err != nil {
		s.ArgError(1, "an address like 127.0.0.1:80 expected, got %s", interp.Shown(s.Get(1)))
	}
	timeout := s.Options(2, "timeout").Int("timeout", 10, 1, 3600, "1-3600 seconds")
	at = policy.Destination(at)
	in := s.Interp()
	if err := in.DescriptorRoom(1); err != nil {
		s.Raise(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(timeout)*time.Second)
	defer cancel()
	p := &peer{}
	peersOf(in)[p] = struct{}{} // it counts from here on
	err = s.Thread().Wait(func() (err error) {
		if err = in.Policy().ConnectContext(ctx, "tcp", at, ""); err == nil {
			p.conn, err = new(net.Dialer).DialContext(ctx, "tcp", at.String())
		}
		return err
	}, cancel)
	if err != nil {
		delete(peersOf(in), p)
		s.Raise(interp.About(err, at.String()))
	}
	p.answers = bufio.NewReader(p.conn)
	return s.Return(s.NewObject(peerType, p))
}

func ask(s *interp.State) int {
	p, line, deadline := interp.ObjectArg[*peer](s, 1, "peer"), s.Str(2), s.Deadline(3)
	if err := p.busy.Lock(s.Thread(), deadline); err != nil {
		s.Raise(err)
	}
	defer p.busy.Unlock()
	p.conn.SetDeadline(deadline)
	var answer []byte
	err := s.Thread().Wait(func() (err error) {
		if _, err = fmt.Fprintln(p.conn, line); err == nil {
			answer, _, err = p.answers.ReadLine()
		}
		return err
	}, func() { p.conn.SetDeadline(time.Now()) })
	if err != nil {
		s.Raise(interp.About(err, p.conn.RemoteAddr().String()))
	}
	return s.Return(lua.LString(answer))
}

func hangUp(s *interp.State) int {
	p := interp.ObjectArg[*peer](s, 1, "peer")
	delete(peersOf(s.Interp()), p)
	p.conn.Close() // whoever waits for an answer finds EBADF
	return s.True()
}

// A module of one's own is what require finds, and a global of that name.
func Example_module() {
	in, err := interp.New(interp.Config{
		Modules: append(stdlib.Modules(), lines), Stdout: os.Stdout,
		Policy: policy.Policy{Connect: []string{"127.0.0.1"}, Listen: []string{"127.0.0.1"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close()
	err = in.RunString(context.Background(), "ask.lua", `
		local server = socket.create_server("127.0.0.1", 0)
		thread.start(function()
			local c = server:accept()
			c:sendall("you said " .. c:readline() .. "\n")
			c:readline() -- and no answer
		end)
		local peer = lines.connect(server:getsockname(), {timeout = 5})
		print(peer:ask("hello"))
		print(select(2, pcall(peer.ask, peer, "anybody?", 0.01)).code)
		peer:close()
		print(select(2, pcall(peer.ask, peer, "hello")).code)
		print(pcall(lines.connect, "192.0.2.1:80"))`)
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// you said hello
	// ETIMEDOUT
	// EBADF
	// false	connect 192.0.2.1:80: not allowed: connect to 192.0.2.1:80
}
