//go:build unix

package scripts

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// join starts a chat client; others are who is there then, in the order of their names.
func (s *server) join(name string, others ...string) *program {
	s.t.Helper()
	p := startExample(s.t, "chat_client.lua", name, "127.0.0.1", s.port)
	p.hears("* your nickname?", "* here: "+strings.Join(others, ", "))
	return p
}

func TestExampleChat(t *testing.T) {
	t.Parallel()
	s := exampleServer(t, "chat_server.lua")
	ada := s.join("ada", "ada")
	bob := s.join("bob", "ada", "bob")
	ada.hears("* bob joins")
	eve := dial(t, s.port) // by telnet
	expect(t, eve, "* your nickname?\n")
	say(t, eve, "bob\r\ne\x1bve\r\neve\r\n")
	expect(t, eve, "* there is a bob here already\n* 1 to 20 letters, digits, - and _, please\n")
	expect(t, eve, "* here: ada, bob, eve\n")
	ada.hears("* eve joins")
	bob.hears("* eve joins")

	// All hear what one says, but for the one.
	ada.say("hello\n")
	bob.hears("ada: hello")
	expect(t, eve, "ada: hello\n")
	bob.say("hello, ada\n\n")
	ada.hears("bob: hello, ada")
	say(t, eve, "\x1b[31mred\r\n/who\r\n")
	expect(t, eve, "bob: hello, ada\n* here: ada, bob, eve\n")
	ada.hears("eve: [31mred")
	bob.hears("eve: [31mred")

	// Who leaves in whatever way, takes nobody along.
	bob.say("/quit\n")
	bob.ends(0) // though its keyboard is still there
	ada.hears("* bob leaves")
	bob = s.join("bob", "ada", "bob", "eve")
	ada.hears("* bob joins")
	eve.SetLinger(0)
	eve.Close() // a reset
	ada.hears("* eve is gone")
	bob.hears("* eve is gone")
	bob.cmd.Process.Kill()
	bob.wait()
	ada.line("* bob ")
	bob = s.join("bob", "ada", "bob")
	ada.hears("* bob joins")
	bob.say("bye") // not a whole line
	bob.stdin.Close()
	bob.ends(0)
	ada.hears("bob: bye", "* bob leaves")

	bob = startExample(t, "chat_client.lua", "Zoë-Łúç", "127.0.0.1:"+s.port) // what the server prints
	bob.hears("* your nickname?", "* here: Zoë-Łúç, ada")
	ada.hears("* Zoë-Łúç joins")
	s.stop()
	ada.hears("* the server has gone")
	bob.hears("* the server has gone")
	ada.ends(0)
	bob.ends(0)
}

// TestExampleChatAll: -a listens on all addresses, and says how others get there. Here all addresses
// are the loopback's, lest the test is reached from elsewhere; and a fence sees that they are asked for.
func TestExampleChatAll(t *testing.T) {
	t.Parallel()
	const loopback = `local create = socket.create_server
		function socket.create_server(host, ...)
		  print("all: " .. host)
		  return create("127.0.0.1", ...)
		end`
	p := startProgram(t, wirelua, "-e", loopback, "scripts/examples/chat_server.lua", "-a")
	p.hears("all: 0.0.0.0")
	first := p.line("listening on ")
	here, _ := os.Hostname()
	p.hears("on other machines it is " + here + ":" + first[strings.LastIndex(first, ":")+1:])
	p.interrupt()
	p = startProgram(t, wirelua, "--allow-listen=127.0.0.1", "scripts/examples/chat_server.lua", "-a")
	p.ends(1)
	if said := p.stderr.String(); !strings.Contains(said, "not allowed: listen on 0.0.0.0:0") {
		t.Error(said)
	}
	s := exampleServer(t, "chat_server.lua")
	s.hears("-a listens on all addresses, for clients on other machines")
}

// TestExampleChatSlow: a client that reads nothing must go; the others miss nothing.
func TestExampleChatSlow(t *testing.T) {
	if *chaosSpec != "" && testing.Short() {
		t.Skip("what is said until a client does not read it any more takes its time then")
	}
	t.Parallel()
	s := exampleServer(t, "chat_server.lua", "-t", "2")
	ada := s.join("ada", "ada")
	bob := s.join("bob", "ada", "bob")
	ada.hears("* bob joins")
	deaf := dial(t, s.port)
	say(t, deaf, "deaf\n")
	ada.hears("* deaf joins")
	bob.hears("* deaf joins")

	gone := make(chan bool)
	said := make(chan int)
	go func() {
		n := 0
		for {
			select {
			case <-gone:
				said <- n
				return
			default:
				n++
				if _, err := fmt.Fprintf(ada.stdin, "%d %s\n", n, strings.Repeat("x", 900)); err != nil {
					return
				}
			}
		}
	}()
	heard, leaves := 0, 0
	for total := -1; heard != total; {
		select {
		case total = <-said:
			continue
		case line, open := <-bob.lines:
			if !open {
				t.Fatalf("bob was thrown out: %s", bob.stderr.String())
			}
			if line == "* deaf is gone" {
				leaves++
				close(gone)
				continue
			}
			heard++
			if want := fmt.Sprintf("ada: %d xxx", heard); !strings.HasPrefix(line, want) {
				t.Fatalf("%.30q came, want %q", line, want)
			}
		case <-time.After(limit):
			t.Fatalf("after %d lines no more, of %d", heard, total)
		}
	}
	if leaves != 1 {
		t.Errorf("%d lines tell of one client that is gone", leaves)
	}
	if said := s.stop(); !strings.HasSuffix(said, ": does not read what it is sent\n") {
		t.Errorf("the server said %q", said)
	}
}
