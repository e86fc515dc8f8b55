package socket_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/interp/trace"
	"wirelua/stdlib"
	"wirelua/stdlib/socket"
)

// These need Linux, where all of 127.0.0.0/8 is this machine, and a listener
// whose queue is full answers nothing at all. Addresses of the tests' own keep
// their ports apart from everybody else's.

// live listens on host, and returns the port.
func live(t *testing.T, host string) int {
	t.Helper()
	l, err := net.Listen("tcp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().(*net.TCPAddr).Port
}

// deaf makes connections to hosts at port hang. Calling open lets them through:
// as TCP asks again, within a second or so.
func deaf(t *testing.T, port int, hosts ...string) (open func()) {
	t.Helper()
	var listeners []int
	for _, host := range hosts {
		sa := &unix.SockaddrInet4{Port: port, Addr: netip.MustParseAddr(host).As4()}
		l := rawSocket(t)
		if err := errors.Join(unix.Bind(l, sa), unix.Listen(l, 0)); err != nil {
			t.Fatal(err)
		}
		listeners = append(listeners, l)
		for range 2 {
			unix.Connect(rawSocket(t), sa)
		}
	}
	time.Sleep(10 * time.Millisecond)
	return func() {
		for _, l := range listeners {
			unix.Listen(l, 16)
		}
	}
}

func rawSocket(t *testing.T) int {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return fd
}

// openFiles counts this process's descriptors.
func openFiles(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

var racing = interp.Config{Policy: policy.All(), Modules: []*interp.Module{socket.RaceModule}}

func TestRace(t *testing.T) {
	port := live(t, "127.77.0.9")
	deaf(t, port, "127.77.0.1", "127.77.0.2", "127.77.0.3")
	before := openFiles(t)
	run(t, racing, map[string]any{"port": port}, `
local function race(hosts, delay, timeout)
  local list = {}
  for host in hosts:gmatch("%S+") do list[#list + 1] = {host, port} end
  return racing.race(list, delay, timeout)
end
local DEAF, REFUSED, LIVE = "127.77.0.1", "127.77.0.77", "127.77.0.9"
local function won(c)
  local host = c:getpeername().host
  eq(c:gettimeout(), nil)
  c:close()
  return host
end
-- counted counts how often a thread ran that wakes up every 10 ms.
local function counted(fn, ...)
  local n, done = 0, false
  local t = thread.start(function() while not done do thread.sleep(0.01) n = n + 1 end end)
  local ok, v = pcall(fn, ...)
  done = true
  t:join()
  return n, v
end

test("the first that succeeds wins", function()
  eq(won(race(LIVE, 5)), LIVE)
  eq(won(race(LIVE .. " " .. DEAF, 5)), LIVE)
end)

test("a failure begins the next at once", function()
  local n, c = counted(race, REFUSED .. " " .. REFUSED .. " " .. LIVE, 5)
  eq(won(c), LIVE)
  assert(n < 100)
end)

test("a slow one does not keep the next from being tried", function()
  local n, c = counted(race, "127.77.0.1 127.77.0.2 127.77.0.3 " .. LIVE, 0.05)
  eq(won(c), LIVE)
  assert(n >= 5 and n < 100, n .. " wake-ups in three delays of 50 ms")
end)

test("a failure while others go on begins the next at once", function()
  local n, c = counted(race, DEAF .. " " .. REFUSED .. " " .. LIVE, 0.05)
  eq(won(c), LIVE)
end)

test("with a long delay the next waits its turn", function()
  raises("ETIMEDOUT", race, DEAF .. " " .. LIVE, 5, 0.05)
end)

test("the limit ends all", function()
  local err = raises("ETIMEDOUT", race, "127.77.0.1 127.77.0.2 127.77.0.3", 0.01, 0.05)
  eq(err.timeout, true)
end)

test("all refused", function()
  raises("ECONNREFUSED", race, REFUSED .. " " .. REFUSED, 5)
end)

test("what this machine cannot reach tells less than a refusal", function()
  raises("ECONNREFUSED", race, REFUSED .. " 240.0.0.1", 5)
  raises("ECONNREFUSED", race, "ff00::1 " .. REFUSED, 5)
end)

test("cancelling ends one or many attempts", function()
  for _, hosts in ipairs {DEAF .. " 127.77.0.2", "127.77.0.1 127.77.0.2 127.77.0.3"} do
    local t = thread.start(race, hosts, 0.01)
    thread.sleep(0.05)
    eq(t:alive(), true)
    t:cancel()
    local ok, err = t:join(5)
    eq({ok, err.code}, {false, "ECANCELED"})
  end
end)

test("many race at once", function()
  local threads = {}
  for i = 1, 50 do threads[i] = thread.start(function() return won(race("127.77.0.1 127.77.0.2 " .. LIVE, 0.01)) end) end
  for i = 1, 50 do eq({threads[i]:join(10)}, {true, LIVE}) end
end)
`)
	if after := openFiles(t); after > before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

func TestRaceSlowWinner(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for TCP to ask again")
	}
	port := live(t, "127.77.0.9")
	open := deaf(t, port, "127.77.0.1", "127.77.0.2")
	time.AfterFunc(100*time.Millisecond, open)
	run(t, racing, map[string]any{"port": port}, `
test("an earlier attempt may win after later ones have begun", function()
  local c = racing.race({{"127.77.0.1", port}, {"127.77.0.2", port}}, 0.01, 30)
  eq(c:send("x"), 1)
  c:close()
end)
`)
}

// TestRaceStopped ends a script while attempts are under way.
func TestRaceStopped(t *testing.T) {
	port := live(t, "127.77.0.9")
	deaf(t, port, "127.77.0.1", "127.77.0.2")
	before := openFiles(t)
	config := racing
	config.Modules = append(stdlib.Modules(), socket.RaceModule)
	in, err := interp.New(config)
	if err != nil {
		t.Fatal(err)
	}
	in.Set("port", port)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	err = in.RunString(ctx, "stopped", `racing.race({{"127.77.0.1", port}, {"127.77.0.2", port}}, 0.01)`)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if after := openFiles(t); after > before+2 { // before Close, which would close them, too; two are what is waited with
		t.Errorf("%d descriptors before, %d after", before, after)
	}
	in.Close()
}

func TestCreateConnectionNames(t *testing.T) {
	useDNS(t, zone{
		"some.test A":  {"A 127.77.0.2", "A 127.77.0.9"},
		"slow.test A":  {"A 127.77.0.1", "A 127.77.0.2"},
		"dead.test A":  {"A 127.77.0.77"},
		"never.test A": {"silence"}, "never.test AAAA": {"silence"},
	})
	port := live(t, "127.77.0.9")
	deaf(t, port, "127.77.0.1", "127.77.0.2")
	run(t, free, map[string]any{"port": port}, `
test("all addresses of a name are tried", function()
  local c = socket.create_connection("some.test", port, {timeout = 5})
  eq(c:getpeername().host, "127.77.0.9")
  eq({c:gettimeout(), c.proto}, {5, socket.IPPROTO_TCP})
  c:close()
end)

test("the timeout limits look-up and connecting", function()
  local err = raises("ETIMEDOUT", socket.create_connection, "never.test", port, {timeout = 0.03})
  eq(tostring(err), "create_connection never.test:" .. port .. ": timed out")
  err = raises("ETIMEDOUT", socket.create_connection, "slow.test", port, {timeout = 0.4})
  eq(tostring(err), "create_connection slow.test:" .. port .. ": timed out")
end)

test("the default timeout does, too", function()
  socket.setdefaulttimeout(0.03)
  raises("ETIMEDOUT", socket.create_connection, "never.test", port)
  raises("ETIMEDOUT", socket.create_connection, "slow.test", port)
  local c = socket.create_connection("127.77.0.9", port)
  eq(c:gettimeout(), 0.03)
  c:close()
  socket.setdefaulttimeout(nil)
end)

test("errors name the host as it was given", function()
  local err = raises("ECONNREFUSED", socket.create_connection, "dead.test", port)
  eq(tostring(err), "create_connection dead.test:" .. port .. ": connection refused")
end)
`)
	run(t, interp.Config{Policy: policy.Policy{Connect: []string{"127.77.0.9"}}}, map[string]any{"port": port}, `
test("the fence holds for each address", function()
  local c = socket.create_connection("some.test", port)
  eq(c:getpeername().host, "127.77.0.9")
  c:close()
  local err = raises("EACCES", socket.create_connection, "dead.test", port)
  eq({err.op, err.address}, {"create_connection", "dead.test:" .. port})
end)

test("a source is the listen door's", function()
  raises("EACCES", socket.create_connection, "127.77.0.9", port, {source = {"127.77.0.1", 0}})
end)
`)
}

// watcher notes the connects that it sees.
type watcher struct{ seen []string }

func (w *watcher) Observe(e trace.Event) {
	if e.Op == "connect" {
		w.seen = append(w.seen, fmt.Sprintf("%s %v", e.Address, e.Err))
	}
}

func TestRaceObserved(t *testing.T) {
	port := live(t, "127.77.0.9")
	deaf(t, port, "127.77.0.1")
	config, w := racing, &watcher{}
	config.Observer = w
	run(t, config, map[string]any{"port": port}, `
test("attempts are told", function()
  racing.race({{"127.77.0.77", port}, {"127.77.0.1", port}, {"127.77.0.9", port}}, 0.02):close()
end)
`)
	want := fmt.Sprintf("127.77.0.9:%d %v", port, error(nil))
	if n := len(w.seen); n < 4 || w.seen[n-1] != want {
		t.Errorf("saw %q, in the end %q was to come", w.seen, want)
	}
}
