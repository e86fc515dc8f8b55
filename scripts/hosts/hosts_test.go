//go:build unix

package hosts

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// programs is where the programs are, built once.
var programs string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if programs, err = os.MkdirTemp("", "hosts"); err != nil {
			panic(err)
		}
		defer os.RemoveAll(programs)
		build := []string{"build", "-o", programs}
		if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
			build = append(build, "-race") // as these tests are
			os.Setenv("GORACE", "atexit_sleep_ms=0 "+os.Getenv("GORACE"))
		}
		if out, err := exec.Command("go", append(build, "./...")...).CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "building the programs: %v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

// limit is how long anything may take, on a busy machine.
const limit = 2 * time.Minute

// host is a program that runs, and what it said on its standard error.
type host struct {
	t    *testing.T
	cmd  *exec.Cmd
	addr string // where it listens

	mu    sync.Mutex
	more  *sync.Cond
	lines []string
	ended bool
}

// start starts a program, and waits until it listens.
func start(t *testing.T, name string, args ...string) *host {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	t.Cleanup(cancel)
	h := &host{t: t, cmd: exec.CommandContext(ctx, filepath.Join(programs, name), append([]string{"--listen=127.0.0.1:0"}, args...)...)}
	h.more = sync.NewCond(&h.mu)
	stderr, err := h.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go h.listen(stderr)
	t.Cleanup(h.stop)
	h.addr = h.hears(`listening on (?:https?://)?([\d.:]+)`)[1]
	return h
}

// listen takes what the program says.
func (h *host) listen(stderr io.Reader) {
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		h.mu.Lock()
		h.lines = append(h.lines, lines.Text())
		h.mu.Unlock()
		h.more.Broadcast()
	}
	h.mu.Lock()
	h.ended = true
	h.mu.Unlock()
	h.more.Broadcast()
}

// hears waits until the program has said something, and returns what the pattern found.
func (h *host) hears(pattern string) []string {
	h.t.Helper()
	re := regexp.MustCompile(pattern)
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := 0; ; i++ {
		for ; i == len(h.lines); h.more.Wait() {
			if h.ended {
				h.t.Fatalf("%s said:\n%s\nand not %s", h.cmd, strings.Join(h.lines, "\n"), pattern)
			}
		}
		if found := re.FindStringSubmatch(h.lines[i]); found != nil {
			return found
		}
	}
}

// stop ends the program as a system does: it must end by itself, with status 0.
func (h *host) stop() {
	if h.cmd.ProcessState != nil {
		return
	}
	h.cmd.Process.Signal(syscall.SIGTERM)
	h.mu.Lock()
	for !h.ended {
		h.more.Wait()
	}
	h.mu.Unlock()
	if err := h.cmd.Wait(); err != nil {
		h.t.Errorf("%s: %v\n%s", h.cmd, err, strings.Join(h.lines, "\n"))
	}
}

// client is a connection that talks in lines.
type client struct {
	net.Conn
	in *bufio.Reader
}

func dial(addr string) (client, error) {
	conn, err := net.DialTimeout("tcp", addr, limit)
	if err != nil {
		return client{}, err
	}
	return client{conn, bufio.NewReader(conn)}, conn.SetDeadline(time.Now().Add(limit))
}

// ask sends a line, and returns the one that comes back.
func (c client) ask(line string) (string, error) {
	if _, err := io.WriteString(c, line+"\n"); err != nil {
		return "", err
	}
	answer, err := c.in.ReadString('\n')
	return strings.TrimSuffix(answer, "\n"), err
}

// ask has a line answered on a connection of its own.
func (h *host) ask(line string) string {
	h.t.Helper()
	c, err := dial(h.addr)
	if err != nil {
		h.t.Fatal(err)
	}
	defer c.Close()
	answer, err := c.ask(line)
	if err != nil {
		h.t.Fatal(err)
	}
	return answer
}
