//go:build unix

package process_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// open makes an interpreter that may do everything, if the policy says nothing else.
func open(t testing.TB, c interp.Config) *interp.Interpreter {
	t.Helper()
	c.Modules = stdlib.Modules()
	in, err := interp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return in
}

func run(t testing.TB, in *interp.Interpreter, script string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := in.RunString(ctx, "test.lua", script); err != nil {
		var e *interp.Error
		if errors.As(err, &e) {
			t.Fatalf("%v\n%s", e, e.Traceback)
		}
		t.Fatal(err)
	}
}

// descriptors lists what is open, but for the listing itself.
func descriptors(t *testing.T) map[string]string {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc")
	}
	all := map[string]string{}
	for _, e := range entries {
		if to, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil {
			all[e.Name()] = to
		}
	}
	return all
}

// children returns the states of this process's children, as ps shows them.
func children(t *testing.T) (states []string) {
	t.Helper()
	tasks, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil || len(tasks) == 0 {
		t.Skip("no /proc/self/task/*/children")
	}
	for _, name := range tasks {
		data, _ := os.ReadFile(name)
		for _, pid := range strings.Fields(string(data)) {
			stat, _ := os.ReadFile("/proc/" + pid + "/stat")
			states = append(states, string(stat))
		}
	}
	return states
}

// alive reports whether there is a process of that number.
func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

// Whatever a script leaves open, running or dropped, is gone after Close.
func TestNothingLeft(t *testing.T) {
	open(t, interp.Config{Policy: policy.All()}).Close() // what Go opens once: its poller
	warm := open(t, interp.Config{Policy: policy.All()})
	run(t, warm, `process.spawn({"true"}):wait() local a, b = socket.socketpair()`)
	warm.Close()
	before := descriptors(t)
	for range 5 {
		var out bytes.Buffer
		in := open(t, interp.Config{Policy: policy.All(), Stdout: &out})
		run(t, in, `
			keep = {}
			for i = 1, 10 do
				keep[i] = process.spawn({"cat"}, {stdin = "pipe", stdout = "pipe", stderr = "null"})
				process.spawn({"cat"}, {stdin = "pipe", stdout = "pipe"})
				process.spawn({"true"})
				pcall(process.spawn, {"no-such-program"}, {stdin = "pipe", stdout = "pipe"})
				pcall(process.spawn, {"cat"}, {stdin = "pipe", stdout = "nonsense"})
				local r, w = process.pipe()
				local a, b = socket.socketpair()
				process.spawn({"sleep", "60"}, {stdin = a, stdout = w, files = {r, b}})
				keep[i + 10] = process.shared_memory{size = 10}
				keep[i + 10]:unlink()
				thread.daemon(function() keep[i].stdout:read() end)
				thread.daemon(function() keep[i]:wait() end)
			end
			process.spawn({"sh", "-c", "sleep 60 & echo left one behind"}):wait()
			server = socket.create_server("127.0.0.1", 0)
			process.spawn({"sleep", "60"}, {stdin = server})
			thread.daemon(function() server:accept() end)`)
		runtime.GC()
		in.Close()
	}
	if states := children(t); len(states) > 0 {
		t.Errorf("children are left: %q", states)
	}
	for fd, to := range descriptors(t) {
		if before[fd] != to {
			t.Errorf("descriptor %s is left: %s", fd, to)
		}
	}
}

// A child nobody waits for is reaped all the same.
func TestNoZombies(t *testing.T) {
	in := open(t, interp.Config{Policy: policy.All()})
	run(t, in, `for i = 1, 20 do process.spawn({"true"}) end`)
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		states := children(t)
		if len(states) == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("still there: %q", states)
		}
	}
}

// Close ends children, those too that do not want to, and what they have started.
func TestCloseEndsChildren(t *testing.T) {
	var out bytes.Buffer
	in := open(t, interp.Config{Policy: policy.All(), Stdout: &out})
	run(t, in, `
		local polite = process.spawn({"sleep", "60"})
		local stubborn = process.spawn({"sh", "-c", "trap '' TERM; echo ready; while :; do sleep 60; done"}, {stdout = "pipe"})
		local parent = process.spawn({"sh", "-c", "sleep 60 & echo $!; wait"}, {stdout = "pipe"})
		stubborn.stdout:read()
		print(polite.pid, stubborn.pid, parent.pid, parent.stdout:read())`)
	var pids [4]int
	fmt.Sscan(out.String(), &pids[0], &pids[1], &pids[2], &pids[3])
	start := time.Now()
	in.Close()
	if d := time.Since(start); d > 2*time.Second {
		t.Errorf("Close took %v", d)
	}
	for i, pid := range pids {
		for end := time.Now().Add(2 * time.Second); pid == 0 || alive(pid); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Errorf("process %d (%d) goes on running", i, pid)
				break
			}
		}
	}
}

// A stopped run's waits end, and the interpreter goes on being of use.
func TestContextEndsWaits(t *testing.T) {
	in := open(t, interp.Config{Policy: policy.All()})
	run(t, in, `
		p = process.spawn({"sleep", "60"}, {stdout = "pipe", stdin = "pipe"})
		function wait() p:wait() end
		function read() p.stdout:read() end
		function write() p.stdin:write(("x"):rep(1e6)) end
		function fork() while true do process.spawn({"true"}) end end`)
	for _, name := range []string{"wait", "read", "write", "fork"} {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
		_, err := in.Call(ctx, name)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
	}
	run(t, in, `assert(p:poll() == nil) p:kill() assert(p:wait() == -15)`)
}

// Shared memory without a name ends with the interpreter, also when the script has dropped
// or closed it; one that has a name, or another by then, stays.
func TestUnnamedMemory(t *testing.T) {
	in, other := open(t, interp.Config{Policy: policy.All()}), open(t, interp.Config{Policy: policy.All()})
	run(t, in, `
		a = process.shared_memory{size = 8}
		b = process.shared_memory{size = 8} b:close()
		c = process.shared_memory{size = 8} c:unlink()
		names = a.name .. " " .. b.name
		named = "wirelua_named_" .. process.pid
		process.shared_memory{name = named, size = 8, create = true}:close()
		taken = c.name
		process.shared_memory{name = taken, size = 8, create = true}:close()
		a, b, c = nil
		collectgarbage()`)
	for _, name := range []string{"names", "named", "taken"} {
		v, err := in.Get(name)
		if err == nil {
			err = other.Set(name, v)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	const all = `function try(want)
		for name in names:gmatch("%S+") do assert(pcall(process.shared_memory, {name = name}) == want, name) end
	end`
	run(t, other, all+` try(true)`)
	in.Close()
	run(t, other, `
		try(false)
		process.shared_memory{name = named}:unlink()
		process.shared_memory{name = taken}:unlink()`)
}

// The host's streams that are no files: output is copied there, in order with what
// the script prints; input is none.
func TestHostStreams(t *testing.T) {
	var out, errs bytes.Buffer
	in := open(t, interp.Config{Policy: policy.All(), Stdin: strings.NewReader("the script's"), Stdout: &out, Stderr: &errs})
	run(t, in, `
		io.stdout:setvbuf("full")
		print("one")
		process.spawn({"sh", "-c", "echo two; cat; echo oops >&2"}):wait()
		print("three")
		local stderr, read = io.stderr, io.read
		io = nil -- what a program inherits is not the script's to say
		process.spawn({"echo", "four"}, {stdout = stderr}):wait()
		print(read("*a"))`)
	if out.String() != "one\ntwo\nthree\nthe script's\n" || errs.String() != "oops\nfour\n" {
		t.Errorf("%q, %q", out.String(), errs.String())
	}
}

// A host's pipe is on Go's poller, so it does not block; a child's copy does, and
// the host's stays as it was. The shell of os.execute and io.popen had the null device instead.
func TestHostPipes(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("such a pipe can be opened anew on Linux only")
	}
	inR, inW, _ := os.Pipe()
	outR, outW, _ := os.Pipe()
	defer inR.Close()
	in := open(t, interp.Config{Policy: policy.All(), Stdin: inR, Stdout: outW})
	go func() {
		time.Sleep(50 * time.Millisecond)
		inW.WriteString("late\nlater\nat last\n")
		inW.Close()
	}()
	run(t, in, `
		local line = "while read -r line; do echo $line; break; done"
		assert(os.execute(line) == 0)
		print(io.popen(line):read())
		assert(process.spawn({"cat"}):wait() == 0)`)
	outW.Close()
	if got, err := io.ReadAll(outR); string(got) != "late\nlater\nat last\n" {
		t.Errorf("%q, %v", got, err)
	}
	outR.Close()
}

// A child sees its three streams and what it was handed: nothing of what the host
// has, inherited without close-on-exec perhaps, nor of other connections.
func TestChildSeesWhatItWasGiven(t *testing.T) {
	descriptors(t)
	stray, err := os.Open("/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	defer stray.Close()
	if _, err := unix.FcntlInt(stray.Fd(), unix.F_SETFD, 0); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	in := open(t, interp.Config{Policy: policy.All(), Stdout: &out})
	run(t, in, `
		local all = {}
		for i = 1, 20 do all[i] = {socket.socketpair()} end
		local r, w = process.pipe()
		local server = socket.create_server("127.0.0.1", 0)
		local cat = process.spawn({"cat"}, {stdin = "pipe", stdout = "pipe"})
		local p = process.spawn({"sh", "-c", "i=0; while [ $i -lt 200 ]; do [ -e /proc/$$/fd/$i ] && echo $i; i=$((i+1)); done"},
			{stdout = "pipe", files = {all[1][1], w}})
		local seen = {}
		for fd in p.stdout:lines() do table.insert(seen, tonumber(fd)) end
		p:wait()
		print(table.concat(seen, " "))`)
	if got := strings.TrimSpace(out.String()); got != "0 1 2 3 4" {
		t.Errorf("it sees %s", got)
	}
}

func TestFence(t *testing.T) {
	t.Setenv("WIRELUA_SEEN", "yes")
	dir := t.TempDir()
	in := open(t, interp.Config{Stdout: os.Stdout, Policy: policy.Policy{
		Run: []string{"env", "cat", "pwd"}, Env: []string{"WIRELUA_SEEN"}, Read: []string{dir},
	}})
	if err := in.Set("dir", dir); err != nil {
		t.Fatal(err)
	}
	run(t, in, `
		local function denied(rule, fn, ...)
			local ok, err = pcall(fn, ...)
			assert(not ok and err.code == "EACCES", tostring(err))
			assert(tostring(err):find(rule, 1, true), tostring(err) .. " does not name " .. rule)
		end
		denied("sh", process.spawn, {"sh", "-c", "true"})
		denied("/bin/rm", process.spawn, {"/bin/rm"})
		denied("no-such-program", process.spawn, {"no-such-program"})
		local p = process.spawn({"env"}, {stdout = "pipe"})
		assert(p.stdout:read("*a") == "WIRELUA_SEEN=yes\n")
		denied("LD_PRELOAD", process.spawn, {"cat"}, {env = {LD_PRELOAD = "x.so"}})
		p = process.spawn({"env"}, {stdout = "pipe", env = {WIRELUA_SEEN = "other"}})
		assert(p.stdout:read("*a") == "WIRELUA_SEEN=other\n")
		denied("/", process.spawn, {"pwd"}, {cwd = "/"})
		p = process.spawn({"pwd"}, {cwd = dir, stdout = "pipe"})
		assert(p.stdout:read("*l"):find(dir, 1, true))
		p:wait()

		denied("descriptors it came by itself", process.fdopen, 0)
		denied("descriptors it came by itself", process.fdopen, 5)
		local r, w = process.pipe()
		process.fdopen(w:fileno()):write("x\n")
		assert(r:read() == "x")
		local a, b = socket.socketpair()
		process.fdopen(a:detach()):write("y\n")
		assert(b:readline() == "y")

		denied("", process.shared_memory, {size = 10})
		denied("wirelua-x", process.shared_memory, {name = "wirelua-x", size = 10, create = true})
		denied("wirelua-x", process.shared_memory, {name = "wirelua-x"})`)
}

func TestFenceMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("about /dev/shm")
	}
	in := open(t, interp.Config{Policy: policy.Policy{Read: []string{"/dev/shm"}, Write: []string{"/dev/shm"}}})
	run(t, in, `local m = process.shared_memory{size = 4} m:write(1, "abcd") assert(m:read() == "abcd") m:unlink() m:close()`)
	half := open(t, interp.Config{Policy: policy.Policy{Read: []string{"/dev/shm"}}})
	run(t, half, `assert(not pcall(process.shared_memory, {size = 4}))`)
}

// Limits.Sockets bounds pipes, too, and a failed spawn leaves none.
func TestLimit(t *testing.T) {
	in := open(t, interp.Config{Policy: policy.All(), Limits: interp.Limits{Sockets: 3}})
	run(t, in, `
		local ok, err = pcall(process.spawn, {"no-such-program"}, {stdin = "pipe", stdout = "pipe", stderr = "pipe"})
		assert(err.code == "ENOENT", tostring(err))
		local p = process.spawn({"cat"}, {stdin = "pipe", stdout = "pipe"})
		local ok, err = pcall(process.spawn, {"cat"}, {stdin = "pipe", stdout = "pipe"})
		assert(err.code == "EMFILE", tostring(err))
		local s = socket.socket()`)
}

// TestHammer hands sockets over while others use them, and starts and closes
// interpreters side by side.
func TestHammer(t *testing.T) {
	rounds := 4
	if testing.Short() {
		rounds = 1
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range rounds {
				in, err := interp.New(interp.Config{Policy: policy.All(), Modules: stdlib.Modules(), Stdout: new(bytes.Buffer)})
				if err != nil {
					t.Error(err)
					return
				}
				if err := in.RunString(context.Background(), "hammer.lua", hammer); err != nil {
					t.Error(err)
				}
				in.Close()
			}
		})
	}
	wg.Wait()
}

const hammer = `
local function serve(i)
	local a, b = socket.socketpair()
	b:settimeout(20)
	local reading = thread.start(function()
		local n = 0
		while n < 200 do n = n + #b:recv(1) end
		return n
	end)
	local writing = thread.start(function() for _ = 1, 200 do a:send("x") thread.yield() end end)
	for k = 1, 3 do
		local c = b:dup()
		c:settimeout(0.001)
		local p = process.spawn({"true"}, {stdin = b, stdout = k % 2 == 1 and "inherit" or a, files = {c}})
		pcall(c.recv, c, 0)
		if k == 2 then pcall(p.kill, p, "CONT") end
		assert(p:wait(20) == 0)
		c:close()
	end
	assert(writing:join(20))
	local ok, n = reading:join(20)
	assert(ok and n == 200, tostring(n))
	a:close() b:close()
end
local threads = {}
for i = 1, 8 do threads[i] = thread.start(serve, i) end
for i, t in ipairs(threads) do assert(t:join(60)) end`
