//go:build unix

package socket_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// descriptors returns how many this process has open.
func descriptors(t *testing.T) int {
	d, err := os.Open("/dev/fd") // which makes those that Go waits with, so that they count from the beginning
	if err != nil {
		t.Skip(err)
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		t.Skip(err)
	}
	return len(names)
}

// atRest returns how many descriptors there are once what other tests have dropped is closed.
func atRest(t *testing.T) int {
	n := descriptors(t)
	for same := 0; same < 3; {
		runtime.GC()
		time.Sleep(2 * time.Millisecond)
		now := descriptors(t)
		if same++; now != n {
			n, same = now, 0
		}
	}
	return n
}

// TestTenThousand: as many threads wait in recv, then all are answered.
func TestTenThousand(t *testing.T) {
	n := 10000
	var lim syscall.Rlimit
	syscall.Getrlimit(syscall.RLIMIT_NOFILE, &lim)
	if room := int(lim.Cur) - atRest(t) - 200; 2*n > room {
		n = room / 2
		t.Logf("only %d connections: %d descriptors are allowed", n, lim.Cur)
	}
	if n <= 600 {
		t.Skip("too few descriptors allowed to go beyond 1,024")
	}
	if testing.Short() {
		n = 600
	}
	first := newFirstLine()
	done := make(chan error, 1)
	go func() {
		done <- runTo(context.Background(), first, `
local server = socket.create_server("127.0.0.1", 0, {backlog = 4096})
print(server:getsockname().port)
local left, high = tonumber((...)), 0
for client in server:clients() do -- not so many: others on this machine may connect, too
  thread.start(function()
    while true do
      local data = client:recv()
      if data == "" then break end
      client:sendall(data)
      high, left = math.max(high, client:fileno()), left - 1
      if left == 0 then server:close() end
    end
    client:close()
  end)
end
assert(high > 1024, "no descriptor above 1,024")`, itoa(n))
	}()
	var port string
	select {
	case port = <-first.line:
	case err := <-done:
		t.Fatal(err)
	}
	if err := pingAll("127.0.0.1:"+port, n); err != nil {
		t.Error(err)
		select { // why, when it is the server's fault
		case err = <-done:
			t.Error("the server ended: ", err)
		default:
		}
		return
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// pingAll makes n connections, and then has each of them answered.
func pingAll(addr string, n int) error {
	conns := make([]net.Conn, n)
	for i := range conns {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			return err
		}
		defer c.Close()
		conns[i] = c
	}
	for _, c := range conns {
		if _, err := c.Write([]byte("ping")); err != nil {
			return err
		}
	}
	answer := make([]byte, 4)
	for i, c := range conns {
		if _, err := io.ReadFull(c, answer); err != nil || string(answer) != "ping" {
			return fmt.Errorf("connection %d: %q, %w", i, answer, err)
		}
	}
	return nil
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}

// TestNothingIsLeft: after Close no goroutine and no descriptor of a script is
// left, in whatever it was when the end came.
func TestNothingIsLeft(t *testing.T) {
	for name, source := range map[string]string{
		"waiting threads": `
local l = socket.create_server("127.0.0.1", 0)
for i = 1, 20 do
  thread.start(function() l:accept() end)
  local a, b = socket.socketpair()
  thread.start(function() a:recv() end)
  thread.start(function() b:readline() end)
  thread.start(function() pcall(b.recv, b) end)
  thread.start(function() select.select({a}, {}, {}) end)
  thread.start(function() thread.sleep(1000) end)
  thread.daemon(function() thread.queue():get() end)
  thread.daemon(function() local s = selectors.new() s:register(a, 1) s:select() end)
end
ready()`,
		"relay": `local a, b = socket.socketpair() local c, d = socket.socketpair() ready() socket.relay(a, c)`,
		"connecting": `
local name = "\0wirelua" .. tostring({}) .. time.time()
local l = socket.socket(socket.AF_UNIX) l:bind(name) l:listen(0)
ready()
while true do socket.socket(socket.AF_UNIX):connect(name) end -- waits once the backlog is full`,
		"computing":     `ready() while true do end`,
		"protected":     `ready() while true do pcall(function() while true do pcall(error) end end) end`,
		"coroutine":     `ready() coroutine.wrap(function() thread.sleep(1000) end)()`,
		"detached":      `local a, b = socket.socketpair() a:detach() ready() b:recv()`,
		"left open":     `for i = 1, 50 do socket.socketpair() end ready()`,
		"received":      `local a, b = socket.socketpair() socket.send_fds(a, "x", {a, b}) socket.recv_fds(b, 1, 5) ready() thread.sleep(1000)`,
		"makefile":      `local a, b = socket.socketpair() local f = a:makefile() f:write("x") ready() f:read("*l")`,
		"looking up":    `ready() pcall(socket.gethostbyname, "name.invalid")`,
		"cancelled one": `local t = thread.start(thread.sleep, 1000) t:cancel() ready() t:join() thread.sleep(1000)`,
	} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			before := atRest(t)
			ready := make(chan struct{}, 1)
			in, err := interp.New(interp.Config{Modules: append(stdlib.Modules(), &interp.Module{
				Name: "ready_",
				Funcs: []interp.Function{{Name: "ready", Fn: func(s *interp.State) int {
					ready <- struct{}{}
					return 0
				}}},
			}), Policy: policy.All()})
			if err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() { done <- in.RunString(context.Background(), name, "ready = ready_.ready\n"+source) }()
			<-ready
			time.Sleep(5 * time.Millisecond) // let some of them begin to wait: any state must do
			in.Close()
			if err := <-done; err != nil && err != interp.ErrClosed {
				t.Errorf("run ended with %v", err)
			}
			after := descriptors(t)
			for range 100 { // what the collector found first it closes in its own time
				if after == before {
					break
				}
				time.Sleep(10 * time.Millisecond)
				after = descriptors(t)
			}
			if after != before {
				t.Errorf("%d descriptors before, %d after", before, after)
			}
			if err := in.RunString(context.Background(), "again", ""); err != interp.ErrClosed {
				t.Errorf("after Close: %v", err)
			}
		})
	}
}

// TestTimeLimitCoversLookup: a name that nobody answers for takes no longer than
// the limit, however long a resolver would go on asking.
func TestTimeLimitCoversLookup(t *testing.T) {
	out := runLua(t, context.Background(), `
local t0 = time.monotonic()
local ok, err = pcall(socket.create_connection, "nobody-has-this-name.invalid", 80, {timeout = 0.2})
print(ok, time.monotonic() - t0 < 2, err.code)`)
	if !strings.HasPrefix(out, "false\ttrue\t") {
		t.Error(out)
	}
}

// TestCollected: sockets that no script holds any more are closed.
func TestCollected(t *testing.T) {
	before := atRest(t)
	in, err := interp.New(interp.Config{Modules: stdlib.Modules(), Policy: policy.All()})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := in.RunString(context.Background(), "x", `for i = 1, 100 do socket.socketpair() end`); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); descriptors(t) > before; runtime.GC() {
		if time.Now().After(end) {
			t.Fatalf("%d descriptors before, %d still open", before, descriptors(t))
		}
		time.Sleep(time.Millisecond)
	}
}
