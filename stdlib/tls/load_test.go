//go:build unix

package tls_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// TestMain lets the test binary be the servers, too: as processes of their own
// their memory can be told from the client's.
func TestMain(m *testing.M) {
	switch os.Getenv("TLS_SERVER") {
	case "lua":
		go onRequest()
		luaServer()
	case "go":
		go onRequest()
		goServer()
	default:
		goleak.VerifyTestMain(m)
	}
}

// onRequest tidies up for each line that comes in, so that what is measured then is
// in use.
func onRequest() {
	for sc := bufio.NewScanner(os.Stdin); sc.Scan(); {
		debug.FreeOSMemory()
		debug.FreeOSMemory()
		fmt.Println("tidy")
	}
	os.Exit(0) // the client is gone
}

// bufferSize is how much the servers read at a time.
func bufferSize() int {
	if os.Getenv("TLS_BULK") != "" {
		return 65536
	}
	return 4096
}

func luaServer() {
	in, err := interp.New(interp.Config{Stdout: os.Stdout, Stderr: os.Stderr, Modules: stdlib.Modules(), Policy: policy.All()})
	if err != nil {
		panic(err)
	}
	in.Set("size", bufferSize())
	in.Set("cert", os.Getenv("TLS_CERT"))
	in.Set("key", os.Getenv("TLS_KEY"))
	panic(in.RunString(context.Background(), "server", `
		local srv = tls.create_server("127.0.0.1", 0, {cert = cert, key = key, backlog = 1024})
		print("listening on " .. srv:getsockname())
		local function echo(c)
			for data in c:chunks(size) do c:sendall(data) end
			c:close()
		end
		for c in srv:clients() do thread.start(echo, c) end`))
}

func goServer() {
	pair, err := tls.X509KeyPair([]byte(os.Getenv("TLS_CERT")), []byte(os.Getenv("TLS_KEY")))
	if err != nil {
		panic(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}})
	if err != nil {
		panic(err)
	}
	fmt.Printf("listening on %s\n", l.Addr())
	size := bufferSize()
	for {
		c, err := l.Accept()
		if err != nil {
			panic(err)
		}
		go func() {
			defer c.Close()
			b := make([]byte, size)
			for {
				n, err := c.Read(b)
				if err != nil {
					return
				}
				c.Write(b[:n])
			}
		}()
	}
}

type serverProcess struct {
	*peer
	address string
	config  *tls.Config
}

func startServer(t testing.TB, kind string) *serverProcess {
	ca := newAuthority(t, "ca")
	cert, key := ca.issue("localhost", -hour, hour)
	for k, v := range map[string]string{"TLS_SERVER": kind, "TLS_CERT": cert, "TLS_KEY": key} {
		t.Setenv(k, v)
	}
	p := start(t, os.Args[0])
	os.Unsetenv("TLS_SERVER")
	line := strings.TrimSpace(p.until(t, "listening on "))
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(ca.PEM))
	return &serverProcess{p, strings.TrimPrefix(line, "listening on "), &tls.Config{RootCAs: pool, ServerName: "localhost"}}
}

// memory returns the bytes that the process has in memory.
func (p *serverProcess) memory(t testing.TB) int {
	fmt.Fprintln(p.stdin, "tidy up")
	p.until(t, "tidy")
	out, err := exec.Command("ps", "-o", "rss=", "-p", strconv.Itoa(p.cmd.Process.Pid)).Output()
	n, _ := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil || n == 0 {
		t.Skipf("no ps here that tells memory: %v", err)
	}
	return n * 1024
}

// connect opens n connections, each of which has been echoed something.
func (p *serverProcess) connect(t testing.TB, n int) []*tls.Conn {
	conns, errs := make([]*tls.Conn, n), make(chan error, n)
	var wg sync.WaitGroup
	room := make(chan bool, 20)
	for i := range conns {
		wg.Add(1)
		room <- true
		go func() {
			defer wg.Done()
			defer func() { <-room }()
			c, err := tls.Dial("tcp", p.address, p.config)
			if err == nil {
				conns[i] = c
				err = exchange(c, fmt.Sprintf("hello from %d", i))
			}
			errs <- err
		}()
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	return conns
}

func exchange(c *tls.Conn, text string) error {
	if _, err := io.WriteString(c, text); err != nil {
		return err
	}
	b := make([]byte, len(text))
	if _, err := io.ReadFull(c, b); err != nil {
		return err
	}
	if string(b) != text {
		return fmt.Errorf("sent %q, got %q", text, b)
	}
	return nil
}

func closeAll(conns []*tls.Conn) {
	for _, c := range conns {
		c.Close()
	}
}

// TestThousand has a thousand connections at once, each with its thread.
func TestThousand(t *testing.T) {
	p := startServer(t, "lua")
	conns := p.connect(t, 1000)
	for i, c := range conns {
		if err := exchange(c, fmt.Sprintf("again from %d", i)); err != nil {
			t.Fatal(err)
		}
	}
	closeAll(conns)
}

// BenchmarkMemory tells what a waiting connection takes in the server, ours beside
// a plain Go one.
func BenchmarkMemory(b *testing.B) {
	for _, kind := range []string{"lua", "go"} {
		b.Run(kind, func(b *testing.B) {
			for range b.N {
				p := startServer(b, kind)
				closeAll(p.connect(b, 50)) // what comes once and for all
				before := p.memory(b)
				conns := p.connect(b, 1000)
				b.ReportMetric(float64(p.memory(b)-before)/1000/1024, "KB/conn")
				closeAll(conns)
			}
		})
	}
}

// BenchmarkEcho is a round trip of 64 bytes; BenchmarkBulk is a megabyte each way.
func BenchmarkEcho(b *testing.B) { benchmarkExchange(b, 64) }
func BenchmarkBulk(b *testing.B) {
	b.Setenv("TLS_BULK", "1")
	benchmarkExchange(b, 1<<20)
}

func benchmarkExchange(b *testing.B, size int) {
	for _, kind := range []string{"lua", "go"} {
		b.Run(kind, func(b *testing.B) {
			p := startServer(b, kind)
			c := p.connect(b, 1)[0]
			defer c.Close()
			text, got := strings.Repeat("x", size), make([]byte, size)
			b.SetBytes(int64(size))
			b.ResetTimer()
			for range b.N {
				go io.WriteString(c, text)
				if _, err := io.ReadFull(c, got); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkHandshake connects and closes.
func BenchmarkHandshake(b *testing.B) {
	for _, kind := range []string{"lua", "go"} {
		b.Run(kind, func(b *testing.B) {
			p := startServer(b, kind)
			b.ResetTimer()
			for range b.N {
				closeAll(p.connect(b, 1))
			}
		})
	}
}
