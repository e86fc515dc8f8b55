// Package bench compares servers written in Lua with plain Go ones. Each server
// is a process of its own, so that its CPU and memory can be told from the
// client's; the client is the same for both. Run with
//
//	go test -bench . ./scripts/bench
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

// wirelua is the command, built when the first benchmark needs it.
var wirelua = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "wirelua")
	if err != nil {
		return "", err
	}
	folder = dir
	path := filepath.Join(dir, "wirelua")
	out, err := exec.Command("go", "build", "-o", path, "wirelua/cmd/wirelua").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, err
})

var folder string // that wirelua is in; "" while there is none

type server struct {
	cmd  *exec.Cmd
	addr string
}

// start starts a server of ours, and startCommand any, and waits until it listens. It
// ends with the benchmark. One written in Lua is told in arguments what others are in
// the environment.
func start(tb testing.TB, role string, env ...string) *server {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), "BENCH_SERVER="+role), env...)
	if strings.HasSuffix(role, ".lua") {
		path, err := wirelua()
		if err != nil {
			tb.Fatal(err)
		}
		cmd = exec.Command(path, append([]string{role}, arguments(env)...)...)
	}
	cmd.Stderr = os.Stderr
	return startCommand(tb, cmd)
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
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	addr, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if err != nil || !ok {
		tb.Fatalf("server said %q (%v)", line, err)
	}
	return &server{cmd, addr}
}

// cpu returns the processor time the server has used.
func (s *server) cpu(tb testing.TB) time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", s.cmd.Process.Pid))
	if err == nil {
		// schedstat is one thread's; the sum over all is in task/*.
		tasks, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", s.cmd.Process.Pid))
		total := time.Duration(0)
		for _, t := range tasks {
			b, err = os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/schedstat", s.cmd.Process.Pid, t.Name()))
			if f := strings.Fields(string(b)); err == nil && len(f) > 0 {
				n, _ := strconv.ParseInt(f[0], 10, 64)
				total += time.Duration(n)
			}
		}
		return total
	}
	tb.Skip("no /proc: the server's CPU cannot be told")
	return 0
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

// peers are the servers compared.
var peers = []struct{ name, role string }{{"go", "go"}, {"lua", "echo_server.lua"}}

// BenchmarkEcho measures the server's CPU for one 64-byte echo.
func BenchmarkEcho(b *testing.B) {
	for _, n := range []int{1, 50, 500} {
		for _, p := range peers {
			b.Run(fmt.Sprintf("conns=%d/%s", n, p.name), func(b *testing.B) {
				s := start(b, p.role)
				conns := s.dial(b, n)
				defer closeAll(conns)
				echoAll(b, conns, n*20, 64)
				before := s.cpu(b)
				b.ResetTimer()
				echoAll(b, conns, b.N, 64)
				b.StopTimer()
				b.ReportMetric(float64((s.cpu(b)-before).Nanoseconds())/float64(b.N), "server-cpu-ns/echo")
			})
		}
	}
}

// echoAll makes total echoes of size bytes, spread over the connections.
func echoAll(tb testing.TB, conns []net.Conn, total, size int) {
	var wg sync.WaitGroup
	for i, c := range conns {
		n := total / len(conns)
		if i < total%len(conns) {
			n++
		}
		wg.Go(func() {
			out, in := make([]byte, size), make([]byte, size)
			for range n {
				c.Write(out)
				if _, err := io.ReadFull(c, in); err != nil {
					tb.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkIdle measures what one waiting connection, with its thread, takes of
// the server's memory.
func BenchmarkIdle(b *testing.B) {
	var lim syscall.Rlimit
	syscall.Getrlimit(syscall.RLIMIT_NOFILE, &lim)
	n := min(10000, int(lim.Cur)-200)
	for _, p := range peers {
		b.Run(fmt.Sprintf("conns=%d/%s", n, p.name), func(b *testing.B) {
			for range b.N {
				s := start(b, p.role)
				warm := s.dial(b, 50)
				echoAll(b, warm, 500, 64)
				closeAll(warm)
				before := s.rss(b)
				conns := s.dial(b, n)
				echoAll(b, conns, n, 64) // each has been through its loop once, and waits again
				b.ReportMetric(float64(s.rss(b)-before)/float64(n), "bytes/conn")
				closeAll(conns)
				s.cmd.Process.Kill()
				s.cmd.Wait()
			}
		})
	}
}

// BenchmarkAccept measures connections made, used once and closed.
func BenchmarkAccept(b *testing.B) {
	for _, p := range peers {
		b.Run(p.name, func(b *testing.B) {
			s := start(b, p.role)
			before := s.cpu(b)
			b.ResetTimer()
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					for range b.N / 8 {
						conns := s.dial(b, 1)
						echoAll(b, conns, 1, 64)
						conns[0].(*net.TCPConn).CloseWrite()
						io.Copy(io.Discard, conns[0])
						conns[0].Close()
					}
				})
			}
			wg.Wait()
			b.StopTimer()
			b.ReportMetric(float64((s.cpu(b)-before).Nanoseconds())/float64(b.N), "server-cpu-ns/conn")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "conns/s")
		})
	}
}

// BenchmarkBulk measures echoing in pieces of 64 KB.
func BenchmarkBulk(b *testing.B) {
	const size = 65536
	for _, p := range peers {
		b.Run(p.name, func(b *testing.B) {
			s := start(b, p.role, "BENCH_SIZE="+strconv.Itoa(size))
			conn := s.dial(b, 1)[0]
			defer conn.Close()
			before := s.cpu(b)
			b.SetBytes(size)
			b.ResetTimer()
			pump(b, conn, b.N, size)
			b.StopTimer()
			b.ReportMetric(float64((s.cpu(b)-before).Nanoseconds())/float64(b.N), "server-cpu-ns/64KB")
		})
	}
}

// pump sends n pieces and reads them back at the same time.
func pump(tb testing.TB, conn net.Conn, n, size int) {
	go func() {
		out := make([]byte, size)
		for range n {
			if _, err := conn.Write(out); err != nil {
				return
			}
		}
	}()
	if _, err := io.CopyN(io.Discard, conn, int64(n)*int64(size)); err != nil {
		tb.Error(err)
	}
}

// BenchmarkRelay measures a proxy between a client and an echo server: relay
// beside io.Copy both ways.
func BenchmarkRelay(b *testing.B) {
	const size = 65536
	for _, p := range []struct{ name, role string }{{"go", "goproxy"}, {"lua", "relay_server.lua"}} {
		b.Run(p.name, func(b *testing.B) {
			back := start(b, "go", "BENCH_SIZE="+strconv.Itoa(size))
			s := start(b, p.role, "BENCH_BACK="+back.addr)
			conn := s.dial(b, 1)[0]
			defer conn.Close()
			before := s.cpu(b)
			b.SetBytes(size)
			b.ResetTimer()
			pump(b, conn, b.N, size)
			b.StopTimer()
			b.ReportMetric(float64((s.cpu(b)-before).Nanoseconds())/float64(b.N), "proxy-cpu-ns/64KB")
		})
	}
}
