package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

const watchedScript = `
local version = require "version"
local s = socket.create_server("127.0.0.1", 0)
local u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u:bind("127.0.0.1", 0)
os.remove("s.sock")
local x = socket.create_server("s.sock", {family = socket.AF_UNIX})
local function serve(l)
  for c in l:clients() do
    thread.start(function() c:sendall(version .. "\n") pcall(c.recv, c, 1) c:close() end)
  end
end
thread.start(serve, s)
thread.start(serve, x)
thread.start(function()
  while true do
    local _, from = u:recvfrom(100)
    u:sendto(version .. "\n", from)
  end
end)
print(version, s:getsockname().port, u:getsockname().port)
`

// watching is a command with --watch.
type watching struct {
	t     *testing.T
	dir   string
	cmd   *exec.Cmd
	lines chan string
}

func startWatch(t *testing.T, script string) *watching {
	w := &watching{t: t, dir: t.TempDir(), lines: make(chan string, 100)}
	w.write("server.lua", script)
	w.version("v1")
	w.cmd = exec.Command("wirelua", "--watch", "server.lua")
	w.cmd.Dir = w.dir
	r, out := io.Pipe()
	w.cmd.Stdout, w.cmd.Stderr = out, out
	go func() {
		for scan := bufio.NewScanner(r); scan.Scan(); {
			w.lines <- scan.Text()
		}
	}()
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.cmd.Process.Kill(); w.cmd.Wait(); out.Close() })
	return w
}

func (w *watching) write(name, text string) {
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o666); err != nil {
		w.t.Fatal(err)
	}
}

func (w *watching) version(v string) { w.write("version.lua", "return '"+v+"'") }

// until returns the next line of output that begins with text.
func (w *watching) until(text string) string {
	w.t.Helper()
	for late := time.After(2 * time.Minute); ; {
		select {
		case line := <-w.lines:
			if strings.HasPrefix(line, text) {
				return line
			}
			w.t.Log(line)
		case <-late:
			w.t.Fatalf("no line begins with %q", text)
		}
	}
}

func (w *watching) dial(network, address string) net.Conn {
	w.t.Helper()
	c, err := net.Dial(network, address)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(2 * time.Minute))
	return c
}

func (w *watching) says(c net.Conn, want string) {
	w.t.Helper()
	line, err := bufio.NewReader(c).ReadString('\n')
	if line != want+"\n" {
		w.t.Fatalf("%s says %q, %v; want %s", c.RemoteAddr(), line, err, want)
	}
}

// A server is changed twice, once into one that is no Lua, while clients come: what it listens on stays, and
// whoever came meanwhile is served by the next run.
func TestWatch(t *testing.T) {
	w := startWatch(t, watchedScript)
	first := w.until("v1")
	var tcp, udp int
	fmt.Sscanf(first, "v1\t%d\t%d", &tcp, &udp)
	address, unix := fmt.Sprintf("127.0.0.1:%d", tcp), filepath.Join(w.dir, "s.sock")
	stop := w.comeAndGo(address)
	old := w.dial("tcp", address)
	w.says(old, "v1")
	w.version("v2'")
	w.until("wirelua: watching; version.lua changed, running again")
	w.until("wirelua: watching; server.lua has ended with status 1, waiting for a change")
	waiting := []net.Conn{w.dial("tcp", address), w.dial("tcp", address), w.dial("unix", unix)}
	datagram := w.dial("udp", fmt.Sprintf("127.0.0.1:%d", udp))
	datagram.Write([]byte("hello"))
	if _, err := old.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("a connection of the run that ended: %v", err)
	}
	w.version("v3")
	if got := w.until("v3"); got != strings.Replace(first, "v1", "v3", 1) {
		t.Errorf("%q, and before %q", got, first)
	}
	for _, c := range append(waiting, datagram) {
		w.says(c, "v3")
	}
	w.version("v4")
	if got := w.until("v4"); got != strings.Replace(first, "v1", "v4", 1) {
		t.Errorf("%q, and before %q", got, first)
	}
	w.says(w.dial("tcp", address), "v4")
	stop()

	w.write("server.lua", "print 'bye'")
	w.until("wirelua: watching; server.lua changed, running again")
	w.until("wirelua: watching; server.lua has ended with status 0, waiting for a change")
	if _, err := net.Dial("tcp", address); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("nobody listens any more, and connecting: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(w.dir, ".*")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	w.cmd.Process.Signal(os.Interrupt)
	w.cmd.Wait()
	if code := w.cmd.ProcessState.ExitCode(); code != 130 {
		t.Errorf("status %d", code)
	}
}

// comeAndGo has a client come, read a line and go, again and again. Nobody is to be refused, and who was not accepted by
// a run that ended meanwhile gets an answer. What it returns ends that.
func (w *watching) comeAndGo(address string) (stop func()) {
	var over atomic.Bool
	ended := make(chan int)
	go func() {
		served := 0
		defer func() { ended <- served }()
		for ; !over.Load(); time.Sleep(5 * time.Millisecond) {
			c, err := net.Dial("tcp", address)
			if err != nil {
				w.t.Error(err)
				return
			}
			c.SetDeadline(time.Now().Add(2 * time.Minute))
			_, err = bufio.NewReader(c).ReadString('\n')
			c.Close()
			switch {
			case err == nil:
				served++
			case !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET):
				w.t.Error(err)
			}
		}
	}()
	return func() {
		over.Store(true)
		if served := <-ended; served < 10 {
			w.t.Errorf("only %d were served", served)
		}
	}
}

// A thread that computes is stopped, too; what the script closes itself is closed; and what it lacks may appear.
func TestWatchComputing(t *testing.T) {
	w := startWatch(t, `
		local ok, lacking = pcall(require, "lacking")
		local s = socket.create_server("127.0.0.1", 0)
		local closed = socket.create_server("127.0.0.1", 0)
		local port = closed:getsockname().port
		closed:close()
		print(ok and lacking, s:getsockname().port, port)
		while true do end`)
	var port, closed, again int
	fmt.Sscanf(w.until("false"), "false\t%d\t%d", &port, &closed)
	c := w.dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	w.write("lacking.lua", "return 'here'")
	fmt.Sscanf(w.until("here"), "here\t%d\t%d", &again, &closed)
	if again != port {
		t.Errorf("port %d, and before %d", again, port)
	}
	if _, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", closed)); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("the script has closed it, and connecting: %v", err)
	}
	w.write("server.lua", `
		local s = socket.create_server("127.0.0.1", 0)
		s:accept():sendall("served\n")`)
	w.says(c, "served")
	w.until("wirelua: watching; server.lua has ended with status 0")
	w.cmd.Process.Signal(syscall.SIGTERM)
	w.cmd.Wait()
	if code := w.cmd.ProcessState.ExitCode(); code != 143 {
		t.Errorf("status %d", code)
	}
}

// What --watch cannot do it refuses.
func TestWatchUsage(t *testing.T) {
	for _, args := range []string{"-i x.lua", "--check x.lua", "-e x", "-", "--run-example tour"} {
		out, err := exec.Command("wirelua", append([]string{"--watch"}, strings.Fields(args)...)...).CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != statusUsage || !strings.Contains(string(out), "--watch") {
			t.Errorf("%s: %v, %s", args, err, out)
		}
	}
}
