//go:build linux

package bench

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test binary be the servers in Go, too.
func TestMain(m *testing.M) {
	switch role := os.Getenv("BENCH_SERVER"); role {
	case "":
		moreDescriptors()
		code := m.Run()
		if folder != "" {
			os.RemoveAll(folder)
		}
		os.Exit(code)
	case "go":
		goServer(echo)
	case "goproxy":
		goServer(proxy)
	case "gohttp":
		goHTTPServer()
	case "profiled":
		profiled()
	}
}

// moreDescriptors allows this process, and the servers it starts, as many descriptors as
// the system lets it have.
func moreDescriptors() {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) == nil {
		limit.Cur = limit.Max
		syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit) // unless told so, Go gives programs the old limit
	}
}

// goServer does what the Lua servers do, as one would write it in Go.
func goServer(handle func(net.Conn)) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("listening on %s\n", l.Addr())
	for {
		c, err := l.Accept()
		if err != nil {
			panic(err)
		}
		go handle(c)
	}
}

func echo(c net.Conn) {
	defer c.Close()
	size := 4096
	if n, err := strconv.Atoi(os.Getenv("BENCH_SIZE")); err == nil {
		size = n
	}
	b := make([]byte, size)
	for {
		n, err := c.Read(b)
		if err != nil {
			return
		}
		c.Write(b[:n])
	}
}

func proxy(c net.Conn) {
	defer c.Close()
	back, err := net.Dial("tcp", os.Getenv("BENCH_BACK"))
	if err != nil {
		return
	}
	defer back.Close()
	go func() {
		io.Copy(back, c)
		back.(*net.TCPConn).CloseWrite()
	}()
	io.Copy(c, back)
}

// built is a command built when the first benchmark needs it, as it is shipped.
func built(name, source string) func() (string, error) {
	return sync.OnceValues(func() (string, error) {
		if folder == "" {
			dir, err := os.MkdirTemp("", "bench")
			if err != nil {
				return "", err
			}
			folder = dir
		}
		path := filepath.Join(folder, name)
		cmd := exec.Command("go", "build", "-pgo=auto", "-trimpath", "-ldflags=-s -w", "-o", path, source)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		out, err := cmd.CombinedOutput()
		if err != nil {
			err = fmt.Errorf("go build: %w\n%s", err, out)
		}
		return path, err
	})
}

var (
	folder  string // that the built commands are in; "" while there is none
	wirelua = built("wirelua", "wirelua/cmd/wirelua")
	empty   = built("empty", "peers/empty.go")
)

type server struct {
	cmd  *exec.Cmd
	addr string
}

// start starts a server in Go, which the test binary is, or one in Lua, and startCommand
// any; both wait until it listens. It ends with the benchmark, if it is not stopped before.
// One written in Lua is told in arguments what others are in the environment.
func start(tb testing.TB, role string, env ...string) *server {
	cmd := goCommand(role, env...)
	if strings.HasSuffix(role, ".lua") {
		path, err := wirelua()
		if err != nil {
			tb.Fatal(err)
		}
		cmd = exec.Command(path, append([]string{role}, arguments(env)...)...)
	}
	return startCommand(tb, cmd)
}

func goCommand(role string, env ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), "BENCH_SERVER="+role), env...)
	return cmd
}

func arguments(env []string) []string {
	args := []string{"127.0.0.1", "0"}
	for _, variable := range env {
		switch name, value, _ := strings.Cut(variable, "="); name {
		case "BENCH_SIZE":
			args = append(args, value)
		case "BENCH_BACK":
			args = strings.Split(value, ":")
		}
	}
	return args
}

func startCommand(tb testing.TB, cmd *exec.Cmd) *server {
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // what it starts ends with it
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	s := &server{cmd: cmd}
	tb.Cleanup(s.stop)
	line, err := bufio.NewReader(out).ReadString('\n')
	addr, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if err != nil || !ok {
		tb.Fatalf("server said %q (%v)", line, err)
	}
	s.addr = addr
	return s
}

func (s *server) stop() {
	syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
	s.cmd.Wait()
}

// cpu returns the processor time that the server, with what it has started, has used.
func (s *server) cpu(tb testing.TB) time.Duration {
	// Nanoseconds of each thread; /proc/PID/stat counts in hundredths of a second.
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", s.cmd.Process.Pid))
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", s.cmd.Process.Pid))
	for _, pid := range strings.Fields(string(children)) {
		more, _ := filepath.Glob("/proc/" + pid + "/task/*/schedstat")
		tasks = append(tasks, more...)
	}
	total := time.Duration(0)
	for _, task := range tasks {
		text, err := os.ReadFile(task)
		if fields := strings.Fields(string(text)); err == nil && len(fields) > 0 {
			n, _ := strconv.ParseInt(fields[0], 10, 64)
			total += time.Duration(n)
		}
	}
	if total == 0 {
		tb.Skip("no /proc/PID/task/*/schedstat: the server's CPU cannot be told")
	}
	return total
}

// rss returns the server's resident memory in bytes.
func (s *server) rss(tb testing.TB) int {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", s.cmd.Process.Pid))
	if err != nil {
		tb.Skip("no /proc: the server's memory cannot be told")
	}
	n, _ := strconv.Atoi(strings.Fields(string(b))[1])
	return n * os.Getpagesize()
}

func (s *server) dial(tb testing.TB, n int) []net.Conn {
	conns := make([]net.Conn, n)
	for i := range conns {
		c, err := net.Dial("tcp", s.addr)
		if err != nil {
			tb.Fatal(err)
		}
		conns[i] = c
	}
	return conns
}

func closeAll(conns []net.Conn) {
	for _, c := range conns {
		c.Close()
	}
}
