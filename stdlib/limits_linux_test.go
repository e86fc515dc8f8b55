package stdlib_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// hoards open one more of something each time, and keep it. Numbers that recv_fds and detach
// gave went past Limits.Sockets, and nothing counted files and pipes: one script had
// 19,989 of its process's 20,000 descriptors. "net" is what Limits.Sockets counts, too.
const hoards = `
net socket: keep(socket.socket())
net socketpair: keep(socket.socketpair())
net dup: first = first or socket.socket() keep(first:dup())
net detach: keep(socket.socket():detach())
net detach and dup: fd = fd or socket.socket():detach() keep(socket.fromfd(fd))
net detach and open: keep(process.fdopen(socket.socket():detach()))
net recv_fds: a = a or pair() socket.send_fds(a[1], "x", {a[1]}) local _, fds, flags = socket.recv_fds(a[2], 1, 1) keep(fds[1])
net recv_fds, many: a = a or pair() socket.send_fds(a[1], "x", {a[1], a[1], a[1], a[1], a[1]}) local _, fds, flags = socket.recv_fds(a[2], 1, 5) assert(#fds == 5 or flags >= socket.MSG_CTRUNC) keep(fds)
net recvmsg: a = a or pair() socket.send_fds(a[1], "x", {a[1], a[1]}) local _, t, flags = a[2]:recvmsg(1, 100) assert(#t == 1 and #t[1][3] == 8 or flags >= socket.MSG_CTRUNC) keep(t)
net accept: l = l or socket.create_server("127.0.0.1", 0) keep(socket.create_connection(l:getsockname())) keep(l:accept())
net accept, waiting: l = l or socket.create_server("127.0.0.1", 0) local t = thread.start(l.accept, l) thread.yield() keep(socket.create_connection(l:getsockname())) local ok, s = t:join() if not ok then error(s, 0) end keep(s)
net pipe: keep(process.pipe())
net selector: keep(selectors.new())
net TLS: local c, k = tls.self_signed{"x"} keep(tls.create_server("127.0.0.1", 0, {cert = c, key = k}))
net program's streams: keep(process.spawn({"sleep", "100"}, {stdin = "pipe", stdout = "pipe", stderr = "pipe"}))
file: keep(assert(io.open("/dev/null")))
regular file: keep(assert(io.open(file)))
temporary file: keep(assert(io.tmpfile()))
lines: keep(io.lines(file))
program by popen: keep(assert(io.popen("sleep 100")))
program: keep(process.spawn({"sleep", "100"}, {stdin = "null", stdout = "null", stderr = "null"}))
program with files: keep(process.spawn({"sleep", "100"}, {files = (function() local f, t = io.open(file), {} for i = 1, 100 do t[i] = f end return t end)()}))
memory: keep(process.shared_memory{size = 1})
file by its number: f = f or io.open(file) a = a or pair() socket.send_fds(a[1], "x", {f}) local _, fds = socket.recv_fds(a[2], 1, 1) keep(process.fdopen(fds[1]))
FIFO without a writer: later(io.open, fifo)
FIFO without a reader: later(io.open, fifo, "w")
sendfile: a = a or pair() later(a[1].sendfile, a[1], fifo)
relay: later(socket.relay, keep((socket.socketpair())), keep((socket.socketpair())))
`

const hoardScript = `
local kept = {}
function keep(...) for i = 1, select("#", ...) do kept[#kept + 1] = (select(i, ...)) end return ... end
function pair() return {socket.socketpair()} end
local failed
function later(fn, ...)
  local t = thread.daemon(function(...)
    local ok, x, message = pcall(fn, ...)
    if not ok or not x then failed = ok and message or x end
  end, ...)
  for _ = 1, 3 do thread.sleep(0.001) end
  if failed then error(failed, 0) end
end
function hoard(snippet)
  local fn = assert(loadstring(snippet))
  for i = 1, 100 do
    local ok, err = pcall(fn)
    if not ok then return tostring(err) .. " " .. tostring(type(err) ~= "string" and err.code) end
  end
  return "no end"
end`

// TestDescriptorLimits: whatever is hoarded, the process has no more open than the limit says.
func TestDescriptorLimits(t *testing.T) {
	const limit = 25
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), []byte("a\nb\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600); err != nil {
		t.Skip(err)
	}
	for line := range strings.Lines(strings.TrimSpace(hoards)) {
		name, snippet, _ := strings.Cut(strings.TrimSpace(line), ": ")
		funnel, isNet := strings.CutPrefix(name, "net ")
		t.Run(funnel, func(t *testing.T) {
			hoard(t, interp.Limits{Descriptors: limit}, "Limits.Descriptors", dir, snippet, limit)
		})
		if isNet {
			t.Run(funnel+", as sockets", func(t *testing.T) {
				beside := interp.DescriptorsToWait
				if strings.HasPrefix(funnel, "program") {
					beside += 2 * limit // what waits for the programs is no socket
				}
				hoard(t, interp.Limits{Sockets: limit}, "Limits.Sockets", dir, snippet, limit+beside)
			})
		}
	}
}

func hoard(t *testing.T, limits interp.Limits, name, dir, snippet string, limit int) {
	limits.Threads = 100
	in, err := interp.New(interp.Config{Modules: stdlib.Modules(), Policy: policy.All(), Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	_ = in.Set("file", filepath.Join(dir, "file"))
	_ = in.Set("fifo", filepath.Join(dir, "fifo"))
	if err := in.RunString(t.Context(), "hoard", hoardScript); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	before := settled()
	out, err := in.Call(t.Context(), "hoard", snippet)
	if err != nil {
		t.Fatal(err)
	}
	if got := descriptors() - before; got > limit {
		t.Errorf("%d descriptors are open, the limit is %d", got, limit)
	}
	if text := fmt.Sprint(out[0]); !strings.Contains(text, name) {
		t.Errorf("ended with %s", text)
	}
	runtime.KeepAlive(in)
}

// settled is how many descriptors are open once what was closed before is.
func settled() (n int) {
	n = descriptors()
	for range 10 {
		time.Sleep(time.Millisecond)
		n = min(n, descriptors())
	}
	return n
}

func descriptors() int {
	list, _ := os.ReadDir("/proc/self/fd")
	return len(list)
}
