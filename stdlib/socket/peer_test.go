//go:build unix

package socket_test

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// The same conversation with Python's socket at the other end, both ways round:
// the client sends a line, 1 MB, then shuts down; the server answers with the
// line in capitals and the number of bytes.

const pythonServer = `
import socket, sys
family, where = %s
s = socket.socket(family)
s.bind(where); s.listen()
print(s.getsockname()[1] if family != socket.AF_UNIX else "ready", flush=True)
c, _ = s.accept()
f = c.makefile("rb")
line = f.readline()
rest = f.read()
c.sendall(line.upper() + b"%%d\n" %% len(rest))
c.close()`

const luaClient = `
local family, host, port = ...
local s = socket.socket(socket[family])
s:connect(host, port ~= "" and tonumber(port) or nil)
s:sendall("a line\n")
s:sendall(("x"):rep(1000000))
s:shutdown(socket.SHUT_WR)
print(s:readline(), s:readline(), s:recv() == "")
s:close()`

const luaServer = `
local family, host, port = ...
local s = socket.socket(socket[family])
s:bind(host, port ~= "" and tonumber(port) or nil)
s:listen()
print(port ~= "" and s:getsockname().port or "ready")
local c = s:accept()
local line, n = c:readline(), 0
for piece in c:chunks(65536) do n = n + #piece end
c:sendall(line:upper() .. "\n" .. n .. "\n")
c:close()`

const pythonClient = `
import socket
s = socket.socket(%s)
s.connect(%s)
s.sendall(b"a line\n" + b"x" * 1000000)
s.shutdown(socket.SHUT_WR)
print(s.makefile().read().split())`

func python(t *testing.T, ctx context.Context, source string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 here")
	}
	return exec.CommandContext(ctx, path, "-c", source)
}

// families are what the conversation is held over: Lua's arguments, and Python's
// family and address once the port is known.
func families(t *testing.T) []struct{ name, lua, host, python, address string } {
	path := filepath.Join(t.TempDir(), "s")
	return []struct{ name, lua, host, python, address string }{
		{"IPv4", "AF_INET", "127.0.0.1", "socket.AF_INET", `("127.0.0.1", %s)`},
		{"IPv6", "AF_INET6", "::1", "socket.AF_INET6", `("::1", %s)`},
		{"Unix", "AF_UNIX", path, "socket.AF_UNIX", `"` + path + `"`},
	}
}

func TestLuaTalksToPython(t *testing.T) {
	for _, f := range families(t) {
		t.Run(f.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			cmd := python(t, ctx, fmt.Sprintf(pythonServer, "("+f.python+", "+strings.Replace(f.address, "%s", "0", 1)+")"))
			out, err := cmd.StdoutPipe()
			if err != nil || cmd.Start() != nil {
				t.Fatal(err)
			}
			defer cmd.Wait()
			var port string
			fmt.Fscanln(out, &port)
			if port == "ready" {
				port = ""
			}
			got := runLua(t, ctx, luaClient, f.lua, f.host, port)
			if got != "A LINE\t1000000\ttrue\n" {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestPythonTalksToLua(t *testing.T) {
	for _, f := range families(t) {
		t.Run(f.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			port := "0"
			if f.name == "Unix" {
				port = ""
			}
			first := newFirstLine()
			done := make(chan error, 1)
			go func() { done <- runTo(ctx, first, luaServer, f.lua, f.host, port) }()
			address := strings.Replace(f.address, "%s", <-first.line, 1)
			out, err := python(t, ctx, fmt.Sprintf(pythonClient, f.python, address)).CombinedOutput()
			if string(out) != "['A', 'LINE', '1000000']\n" || err != nil {
				t.Errorf("python: %v: %s", err, out)
			}
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}

// TestDatagramsWithPython sends a datagram each way.
func TestDatagramsWithPython(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	cmd := python(t, ctx, `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
data, peer = s.recvfrom(100)
s.sendto(data[::-1], peer)`)
	out, err := cmd.StdoutPipe()
	if err != nil || cmd.Start() != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	var port string
	fmt.Fscanln(out, &port)
	got := runLua(t, ctx, `
local port = tonumber((...))
local s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s:settimeout(10)
s:sendto("abc\0def", "127.0.0.1", port)
local data, from = s:recvfrom(100)
print(data == "fed\0cba", from.port == port)`, port)
	if got != "true\ttrue\n" {
		t.Errorf("got %q", got)
	}
}

// runLua runs a script with all modules and returns what it printed.
func runLua(t *testing.T, ctx context.Context, source string, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	if err := runTo(ctx, &out, source, args...); err != nil {
		t.Error(err)
	}
	return out.String()
}

func runTo(ctx context.Context, out interface{ Write([]byte) (int, error) }, source string, args ...string) error {
	in, err := interp.New(interp.Config{Args: args, Stdout: out, Stderr: out, Modules: stdlib.Modules(), Policy: policy.All()})
	if err != nil {
		return err
	}
	defer in.Close()
	return in.RunString(ctx, "peer.lua", source)
}

// firstLine hands out the first line written to it.
type firstLine struct{ line chan string }

func newFirstLine() *firstLine { return &firstLine{make(chan string, 1)} }

func (f *firstLine) Write(p []byte) (int, error) {
	select {
	case f.line <- strings.TrimSpace(string(p)):
	default:
	}
	return len(p), nil
}
