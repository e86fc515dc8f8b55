package stdlib_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/chaos"
	"wirelua/interp/policy"
	"wirelua/interp/trace"
	"wirelua/stdlib"
)

// disturbed makes an interpreter whose sockets are disturbed.
func disturbed(t *testing.T, spec string, change ...func(*interp.Config)) (*interp.Interpreter, *bytes.Buffer) {
	t.Helper()
	s, err := chaos.Parse(spec)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	c := interp.Config{Modules: stdlib.Modules(), Policy: policy.All(), Stdout: &out, Stderr: &out, Chaos: s}
	for _, change := range change {
		change(&c)
	}
	in, err := interp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return in, &out
}

// runDisturbed runs a script, which has to end well, and returns what it printed.
func runDisturbed(t *testing.T, spec, script string, change ...func(*interp.Config)) string {
	t.Helper()
	in, out := disturbed(t, spec, change...)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := in.RunString(ctx, "x.lua", script); err != nil {
		t.Fatalf("%s: %v\n%s", spec, err, out)
	}
	return out.String()
}

// pair is Lua for two ends of a connection.
const pair = `
local l = socket.create_server("127.0.0.1", 0)
local near = socket.create_connection(l:getsockname())
local far = l:accept()
`

// A short read leaves something that the system tells of no more: taken for the end of what there is, it
// would have the thread wait for ever. Threads that are left in their waits begin their calls anew,
// and lose nothing by that.
func TestChaosLosesNothing(t *testing.T) {
	script := `
local l = socket.create_server("127.0.0.1", 0)
thread.daemon(function()
  for c in l:clients() do
    thread.start(function()
      for data in c:chunks(1000) do c:sendall(data) end
      c:close()
    end)
  end
end)
local threads = {}
for i = 1, 20 do
  threads[i] = thread.start(function()
    local c = socket.create_connection(l:getsockname())
    for round = 1, 5 do
      local text = (i .. " " .. round .. ";"):rep(50) .. "\n"
      c:sendall(text)
      if round == 2 then
        assert(c:readexactly(#text) == text)
      elseif round == 3 then
        assert(c:recv(#text, socket.MSG_WAITALL) == text)
      elseif round == 4 then
        local got = ""
        while #got < #text do got = got .. c:recv(100000) end
        assert(got == text)
      else
        assert(c:readline() .. "\n" == text)
      end
    end
    c:close()
  end)
end
for _, t in ipairs(threads) do assert(t:join()) end
print("all")`
	for _, spec := range []string{"short-read,short-write,seed=1", "short-read,short-write,delay=1ms=50%,seed=2", "short-read,jitter=2ms,seed=3",
		"bandwidth=1MB/s,seed=4"} {
		for what, change := range map[string]func(*interp.Config){"light": func(*interp.Config) {},
			"observed": func(c *interp.Config) { c.Observer = trace.Text(io.Discard) }} {
			if got := runDisturbed(t, spec, script, change); got != "all\n" {
				t.Errorf("%s, %s: %s", spec, what, got)
			}
		}
	}
}

// Of N calls so many are hit as the percentage says.
func TestChaosShares(t *testing.T) {
	got := runDisturbed(t, "short-read=30%,short-write=10%,seed=5", `
local near, far = socket.socketpair()
local short, reads, parts = 0, 0, 0
for i = 1, 1000 do
  local sent, there = 0, 0
  while sent < 100 do
    local n = near:send(("x"):rep(100 - sent))
    sent = sent + n
    if sent < 100 then parts = parts + 1 end
  end
  while there < 100 do
    local n = #far:recv(1000)
    reads, there = reads + 1, there + n
    if there < 100 then short = short + 1 end
  end
end
print(short / reads, parts / (1000 + parts))`)
	var short, parts float64
	if _, err := fmt.Sscan(got, &short, &parts); err != nil || short < 0.26 || short > 0.34 || parts < 0.07 || parts > 0.13 {
		t.Errorf("shares are %q, want 30%% and 10%%, %v", got, err)
	}
}

// A delay is a wait: others go on, it ends with the time limit, with cancel and with close, and what was to be
// received is still there.
func TestChaosDelay(t *testing.T) {
	began := time.Now()
	got := runDisturbed(t, "delay=10s,only=*,seed=1", `
local near, far = socket.socketpair()
local function try(...)
  local ok, err = pcall(...)
  return ok and "done" or err.code
end
near:settimeout(0.05)
local t = thread.start(function() return try(near.send, near, "x") end)
local n = 0
while t:alive() do n = n + 1 time.sleep(0.001) end
print(select(2, t:join()), n > 0)

near:settimeout(nil)
t = thread.start(function() return try(near.send, near, "x") end)
time.sleep(0.01)
t:cancel()
print(select(2, t:join()))

t = thread.start(function() return try(near.send, near, "x") end)
time.sleep(0.01)
near:close()
print(select(2, t:join()))`)
	if got != "ETIMEDOUT\ttrue\nECANCELED\nEBADF\n" {
		t.Errorf("got %s", got)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	began = time.Now()
	got = runDisturbed(t, "delay=60ms,seed=1", pair+`
far:settimeout(0.02)
near:sendall("hello")
local start = time.monotonic()
print(pcall(far.recv, far))
print(pcall(far.recv, far))
far:settimeout(5)
print(far:recv(), time.monotonic() - start < 1)`)
	if strings.Count(got, "timed out") != 2 || !strings.HasSuffix(got, "hello\ttrue\n") {
		t.Errorf("got %s", got)
	}
	if took := time.Since(began); took < 120*time.Millisecond {
		t.Errorf("one send and one recv took only %v", took)
	}
}

// A thread that is left in recv, and begins it anew when bytes have come, keeps its own time limit while
// they are delayed, and after that.
func TestChaosDelayKeepsDeadline(t *testing.T) {
	got := runDisturbed(t, "delay=30ms,short-read,seed=1", pair+`
far:settimeout(20)
local t = thread.start(function()
  return far:readexactly(20), far:readexactly(20)
end)
time.sleep(0.02)
near:sendall(("x"):rep(40))
print(t:join())
far:settimeout(0.3)
t = thread.start(function() return pcall(far.readexactly, far, 20) end)
local start = time.monotonic()
near:sendall("abc")
local _, ok, err = t:join()
print(ok, err.code, time.monotonic() - start < 5)`)
	if want := "true\t" + strings.Repeat("x", 20) + "\t" + strings.Repeat("x", 20) + "\nfalse\tETIMEDOUT\ttrue\n"; got != want {
		t.Errorf("got %s", got)
	}
}

// A socket that does not wait is answered EAGAIN by what is delayed, and select goes on to call it ready.
func TestChaosNonblocking(t *testing.T) {
	for _, spec := range []string{"delay=5ms,short-read,short-write,seed=1", "short-read,seed=2", "delay=5ms=50%,seed=3"} {
		got := runDisturbed(t, spec, pair+`
near:setblocking(false)
far:setblocking(false)
local data, sent, got, again = ("0123456789"):rep(50), 0, {}, 0
while #table.concat(got) < #data do
  local r, w = select.select({ far }, sent < #data and { near } or {}, {}, 5)
  assert(#r + #w > 0, "nothing is ready")
  if w[1] then
    local n, why = near:send(data:sub(sent + 1))
    if n then sent = sent + n else assert(why == "EAGAIN") again = again + 1 end
  end
  if r[1] then
    local piece, why = far:recv(4096)
    if piece then got[#got + 1] = piece else assert(why == "EAGAIN") again = again + 1 end
  end
end
assert(table.concat(got) == data)
print(again > 0, #got > 1)`)
		if want := fmt.Sprintf("%v\t%v\n", strings.Contains(spec, "delay"), strings.Contains(spec, "short")); got != want && !strings.Contains(spec, "50%") {
			t.Errorf("%s: %s, want %s", spec, got, want)
		}
	}
}

func TestChaosReset(t *testing.T) {
	got := runDisturbed(t, "reset,only=127.0.0.1,seed=1", pair+`
local function try(...)
  local ok, err = pcall(...)
  return ok and ("%q"):format(err) or err.code
end
print(try(near.send, near, "x"), try(near.send, near, "x"), try(near.recv, near), try(near.recv, near))
print(try(far.recv, far), try(far.recv, far), try(far.send, far, "x"))
local a, b = socket.socketpair()
a:sendall("not meant")
print(b:recv())`)
	if got != "ECONNRESET\tEPIPE\t\"\"\t\"\"\nECONNRESET\t\"\"\tEPIPE\nnot meant\n" {
		t.Errorf("got %s", got)
	}
	// Whoever waits at the other end hears of it, here a program that is not disturbed.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	heard := make(chan error, 1)
	go func() {
		c, err := l.Accept()
		if err == nil {
			_, err = c.Read(make([]byte, 10))
		}
		heard <- err
	}()
	runDisturbed(t, "reset,seed=1", fmt.Sprintf(`
local c = socket.create_connection(%q, %d)
assert(not pcall(c.send, c, "x"))`, "127.0.0.1", l.Addr().(*net.TCPAddr).Port))
	if err := <-heard; !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the other end heard %v", err)
	}
}

func TestChaosConnect(t *testing.T) {
	got := runDisturbed(t, "refuse=50%,seed=3", `
local l = socket.create_server("127.0.0.1", 0)
local refused = 0
for i = 1, 200 do
  local ok, c = pcall(socket.create_connection, l:getsockname())
  if ok then l:accept():close() c:close() else assert(c.code == "ECONNREFUSED") refused = refused + 1 end
end
local s = socket.socket()
s:setblocking(false)
local codes = {}
for i = 1, 20 do codes[s:connect_ex(l:getsockname())] = true end
print(refused)`)
	var refused int
	if fmt.Sscan(got, &refused); refused < 75 || refused > 125 {
		t.Errorf("%d of 200 were refused, want half of them", refused)
	}
	got = runDisturbed(t, "accept-delay=50ms,seed=3", `
local l = socket.create_server("127.0.0.1", 0)
local c = socket.create_connection(l:getsockname())
local start = time.monotonic()
l:accept()
local took = time.monotonic() - start
l:settimeout(0.01)
c = socket.create_connection(l:getsockname())
local ok, err = pcall(l.accept, l)
l:settimeout(5)
print(took >= 0.05, took < 2, err.code, tostring(l:accept():getpeername() == c:getsockname()))
l:setblocking(false)
c = socket.create_connection(l:getsockname())
assert(select(2, l:accept()) == "EAGAIN")`)
	if got != "true\ttrue\tETIMEDOUT\ttrue\n" {
		t.Errorf("got %s", got)
	}
}

func TestChaosLookup(t *testing.T) {
	got := runDisturbed(t, "dns-fail,dns-delay=50ms,seed=1", `
local start = time.monotonic()
local ok, err = pcall(socket.gethostbyname, "host.invalid")
local took = time.monotonic() - start
print(err.code, took >= 0.05, took < 2)
ok, err = pcall(socket.gethostbyaddr, "192.0.2.1")
print(ok or err.code)
socket.setdefaulttimeout(0.01)
ok, err = pcall(socket.gethostbyname, "host.invalid")
print(err.code)`)
	if got != "EAI_AGAIN\ttrue\ttrue\nEAI_AGAIN\nETIMEDOUT\n" {
		t.Errorf("got %s", got)
	}
}

// Datagrams get lost, twice or late when they are sent.
func TestChaosDatagrams(t *testing.T) {
	script := `
local far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
far:bind("127.0.0.1", 0)
far:settimeout(0.2)
local near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i = 1, 6 do assert(near:sendto("number " .. i, far:getsockname()) == 8) end
local got = {}
while true do
  local ok, data = pcall(far.recv, far, 100)
  if not ok then break end
  got[#got + 1] = data:match("%d+")
end
print(table.concat(got, " "))`
	for spec, want := range map[string]string{
		"drop,seed=1": "", "dup,seed=1": "1 1 2 2 3 3 4 4 5 5 6 6", "reorder,seed=1": "2 1 4 3 6 5",
		"drop,only=10.0.0.1": "1 2 3 4 5 6", "drop,only=127.0.0.1": "",
	} {
		if got := runDisturbed(t, spec, script); strings.TrimSuffix(regexp.MustCompile(`(?m)^chaos: .*\n`).ReplaceAllString(got, ""), "\n") != want {
			t.Errorf("%s: %q, want %q", spec, got, want)
		}
	}
	// One that nothing follows arrives nevertheless, also when the socket is closed at once.
	for _, ending := range []string{"", "near:close()"} {
		got := runDisturbed(t, "reorder,seed=1", `
local far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
far:bind("127.0.0.1", 0)
far:settimeout(5)
local near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
near:connect(far:getsockname())
near:send("last")
`+ending+`
print(far:recv(100))`)
		if got != "last\n" {
			t.Errorf("%q: %q", ending, got)
		}
	}
	// Unix sockets neither lose nor turn.
	if got := runDisturbed(t, "drop,reorder,seed=1", `
local a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
a:send("x") a:send("y")
print(b:recv(10), b:recv(10))`); got != "x\ty\n" {
		t.Errorf("got %q", got)
	}
}

func TestChaosBandwidth(t *testing.T) {
	for name, send := range map[string]string{"sendall": `near:sendall(("x"):rep(65536))`, "sendfrom": `
local a, b = socket.socketpair()
thread.start(function() b:sendall(("x"):rep(65536)) b:close() end)
near:sendfrom(a)`} {
		got := runDisturbed(t, "bandwidth=256KB/s,only=127.0.0.1,seed=1", pair+`
local start = time.monotonic()
local t = thread.start(function() return #far:readexactly(65536) end)
`+send+`
print(select(2, t:join()), time.monotonic() - start)`)
		var n int
		var took float64
		if fmt.Sscan(got, &n, &took); n != 65536 || took < 0.15 || took > 3 {
			t.Errorf("%s: %s, want 65536 bytes in about 0.25 s", name, got)
		}
	}
}

// Whatever moves bytes moves all of them.
func TestChaosMoves(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	data := make([]byte, 300_000)
	rand.New(rand.NewSource(1)).Read(data)
	os.WriteFile(path, data, 0o644)
	got := runDisturbed(t, "short-read,short-write,delay=1ms=20%,seed=4", fmt.Sprintf(`
local path = %q
local f = io.open(path, "rb")
local data = f:read("*a")
f:close()
local function pair()
  local l = socket.create_server("127.0.0.1", 0)
  local near = socket.create_connection(l:getsockname())
  return near, (l:accept())
end
local near, middle = pair()
local other, far = pair()
local reading = thread.start(function() return far:readexactly(#data * 3) end)
thread.start(function() assert(socket.relay(middle, other) == #data * 3) end)
assert(near:sendfile(path) == #data)
local a, b = socket.socketpair()
thread.start(function() a:sendall(data) a:close() end)
assert(near:sendfrom(b) == #data)
near:sendall(data:sub(1, 1000), data:sub(1001, 200000), data:sub(200001))
near:shutdown(socket.SHUT_WR)
local _, got = reading:join()
print(got == data:rep(3), far:recv() == "")
far:close()`, path))
	if got != "true\ttrue\n" {
		t.Errorf("got %s", got)
	}
}

// TLS over sockets that are disturbed is as good as over others.
func TestChaosTLS(t *testing.T) {
	for _, spec := range []string{"short-read,short-write,seed=1", "short-read,short-write,delay=1ms,seed=2", "jitter=2ms,bandwidth=4MB/s,seed=3"} {
		got := runDisturbed(t, spec, `
local cert, key = tls.self_signed()
local l = tls.create_server("127.0.0.1", 0, { cert = cert, key = key })
thread.daemon(function()
  for c in l:clients() do
    thread.start(function() for data in c:chunks() do c:sendall(data) end c:close() end)
  end
end)
local threads = {}
for i = 1, 4 do
  threads[i] = thread.start(function()
    local c = tls.connect("127.0.0.1", l:getsockname().port, { ca = cert, timeout = 20 })
    local text = (i .. ";"):rep(10000)
    thread.start(function() c:sendall(text) end)
    assert(c:readexactly(#text) == text)
    c:close()
  end)
end
for _, t in ipairs(threads) do assert(t:join()) end
print("all")`)
		if got != "all\n" {
			t.Errorf("%s: %s", spec, got)
		}
	}
}

// A connection of the host's is disturbed, too.
func TestChaosHosted(t *testing.T) {
	in, out := disturbed(t, "short-read,short-write,delay=1ms,seed=1")
	ours, theirs := net.Pipe()
	go io.Copy(theirs, theirs)
	if err := in.RunString(context.Background(), "x.lua", `
function echo(c)
  local text = ("0123456789"):rep(50)
  local sent, pieces, got = 0, 0, ""
  local t = thread.start(function()
    while sent < #text do sent = sent + c:send(text:sub(sent + 1)) pieces = pieces + 1 end
  end)
  local reads = 0
  while #got < #text do got, reads = got .. c:recv(1000), reads + 1 end
  t:join()
  c:settimeout(0)
  local data, why = c:recv(10)
  return got == text, pieces > 1, reads > pieces, why
end
function broken(c)
  local ok, err = pcall(c.send, c, "x")
  local also, second = pcall(c.send, c, "x")
  return err.code, second.code, c:recv()
end`); err != nil {
		t.Fatal(err)
	}
	got, err := in.Call(context.Background(), "echo", ours)
	if err != nil || !slices.Equal(got, []any{true, true, true, "EAGAIN"}) {
		t.Errorf("%v, %v\n%s", got, err, out)
	}
	in, _ = disturbed(t, "reset,seed=1")
	ours, _ = net.Pipe()
	if err := in.RunString(context.Background(), "x.lua", `function broken(c)
  local _, err = pcall(c.send, c, "x")
  local _, second = pcall(c.send, c, "x")
  return err.code, second.code, c:recv()
end`); err != nil {
		t.Fatal(err)
	}
	got, err = in.Call(context.Background(), "broken", ours)
	if err != nil || !slices.Equal(got, []any{"ECONNRESET", "EPIPE", ""}) {
		t.Errorf("%v, %v", got, err)
	}
}

// sizes notes what each call on each connection moved, by the thread that made it, in their order.
type sizes struct {
	mu    sync.Mutex
	calls map[string][]string
}

func (s *sizes) Observe(e trace.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e.Op {
	case "send", "recv", "connect":
		s.calls[e.Thread] = append(s.calls[e.Thread], fmt.Sprint(e.Op, " ", len(e.Data), " ", e.Code))
	}
}

// busy keeps the processors busy until the function that it returns is called.
func busy(yes bool) (stop func()) {
	over := make(chan bool)
	for range 2 {
		go func() {
			for yes {
				select {
				case <-over:
					return
				default:
				}
			}
		}()
	}
	return func() { close(over) }
}

// compare looks whether the traces of two runs are the same, and those of one with another seed are not.
func compare(t *testing.T, one, two, other map[string][]string) {
	t.Helper()
	differ, resets := 0, 0
	for name, calls := range one {
		if !slices.Equal(calls, two[name]) {
			t.Errorf("%s did\n%v\nand the second time\n%v", name, calls, two[name])
		}
		if !slices.Equal(calls, other[name]) {
			differ++
		}
		if slices.ContainsFunc(calls, func(c string) bool { return strings.Contains(c, "ECONN") }) {
			resets++
		}
	}
	if len(one) != 30 || differ < 20 || resets < 5 {
		t.Errorf("%d connections, of which %d did otherwise with another seed, and %d were broken", len(one), differ, resets)
	}
}

const repeating = "short-read=30%%,jitter=300us=20%%,reset=1%%,refuse=5%%,seed=%d"

// The same seed does the same to each connection that a thread makes, whatever else goes on: the traces of two
// runs are the same, though the machine is busy, and threads take turns in different orders.
func TestChaosRepeatsConnections(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				// Not by splice(2), which may send in two pieces what lies on two pages.
				io.Copy(struct{ io.Writer }{c}, struct{ io.Reader }{c})
				c.Close()
			}()
		}
	}()
	script := fmt.Sprintf(`
local threads = {}
for i = 1, 30 do
  threads[i] = thread.new(function()
    for again = 1, 3 do
      pcall(function()
        local c = socket.create_connection("127.0.0.1", %d)
        for round = 1, 10 do
          for _ = 1, math.random(200) do c:getsockname() end -- a while, another each time
          if math.random() < 0.3 then time.sleep(math.random() / 500) end
          c:send(("x"):rep(100))
          local got = 0
          while got < 100 do
            local n = #c:recv(1000)
            if n == 0 then return end
            got = got + n
          end
        end
        c:close()
      end)
    end
  end)
  threads[i].name = "thread " .. i
  threads[i]:start()
end
for _, t in ipairs(threads) do t:join() end`, l.Addr().(*net.TCPAddr).Port)
	traces := func(seed int, load bool) map[string][]string {
		defer busy(load)()
		s := &sizes{calls: map[string][]string{}}
		runDisturbed(t, fmt.Sprintf(repeating, seed), script, func(c *interp.Config) { c.Observer = s })
		return s.calls
	}
	compare(t, traces(7, false), traces(7, true), traces(8, false))
}

// Likewise of those that a listener accepts, of which each has a number.
func TestChaosRepeatsClients(t *testing.T) {
	traces := func(seed int, load bool) map[string][]string {
		defer busy(load)()
		s := &sizes{calls: map[string][]string{}}
		in, out := disturbed(t, fmt.Sprintf(repeating, seed), func(c *interp.Config) { c.Observer = s })
		if err := in.RunString(context.Background(), "x.lua", `
local l = socket.create_server("127.0.0.1", 0)
port = l:getsockname().port
threads = {}
function serve()
  for n = 1, 30 do
    local c = l:accept()
    local t = thread.new(function()
      pcall(function()
        while true do
          local got = ""
          while #got < 100 do
            local data = c:recv(1000)
            if data == "" then return end
            got = got .. data
          end
          c:send(got)
        end
      end)
      c:close()
    end)
    t.name = "client " .. n
    t:start()
    threads[n] = t
  end
  for _, t in ipairs(threads) do t:join() end
end`); err != nil {
			t.Fatal(err)
		}
		port, err := in.Get("port")
		if err != nil {
			t.Fatal(err)
		}
		var clients sync.WaitGroup
		for i := range 30 {
			c, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", port))
			if err != nil {
				t.Fatal(err)
			}
			random := rand.New(rand.NewSource(time.Now().UnixNano() + int64(i)))
			clients.Go(func() {
				defer c.Close()
				for range 10 {
					time.Sleep(time.Duration(random.Intn(2000)) * time.Microsecond)
					b := bytes.Repeat([]byte("x"), 100)
					if _, err := c.Write(b); err != nil {
						return
					}
					if _, err := io.ReadFull(c, b); err != nil {
						return
					}
				}
			})
		}
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if _, err := in.Call(ctx, "serve"); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		clients.Wait()
		return s.calls
	}
	compare(t, traces(7, false), traces(7, true), traces(8, false))
}
