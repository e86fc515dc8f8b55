package stdlib_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// A host has many tenants in one process. Most are hostile: each runs one after the other
// of the scripts that were written to bring a host down, within limits, over and over.
// One is innocent: an echo server that has to serve all the time.
type neighbourhood struct {
	hostiles int
	rate     int // requests a second
	time     time.Duration
}

// served is what the innocent one's clients found.
type served struct {
	latencies []time.Duration // sorted
	took      time.Duration   // until the last was answered
	scripts   int64           // hostile ones that ended meanwhile
	err       error
}

func (s *served) percentile(n int) time.Duration {
	return s.latencies[min(len(s.latencies)*n/100, len(s.latencies)-1)]
}

const echoServer = `
server = socket.create_server("127.0.0.1", 0)
port = server:getsockname()[2]
function serve()
  for client in server:clients() do
    thread.start(function() for line in client:lines() do client:sendall(line .. "\n") end end)
  end
end`

func (n neighbourhood) run(tb testing.TB) served {
	innocent := newTenant(tb, interp.Config{Policy: policy.All(), Limits: interp.Limits{Memory: 32 << 20}})
	defer innocent.Close()
	must(tb, innocent.RunString(context.Background(), "innocent", echoServer))
	port, err := innocent.Get("port")
	must(tb, err)
	serving := make(chan error, 1)
	go func() {
		_, err := innocent.Call(context.Background(), "serve")
		serving <- err
	}()

	scripts := hostileSources(tb)
	var wg sync.WaitGroup
	var ended, stop atomic.Int64
	for i := range n.hostiles {
		wg.Go(func() {
			for k := i * 7; stop.Load() == 0; k++ {
				runHostile(tb, scripts[k%len(scripts)])
				ended.Add(1)
			}
		})
	}
	s := n.requests(fmt.Sprintf("127.0.0.1:%v", port))
	stop.Store(1)
	wg.Wait()
	s.scripts = ended.Load()
	select {
	case err := <-serving:
		tb.Error("the server ended:", err)
	default:
	}
	return s
}

// runHostile runs a script in an interpreter of its own that is allowed nothing.
func runHostile(tb testing.TB, source string) {
	in := newTenant(tb, interp.Config{Limits: interp.Limits{
		Threads: 100, Sockets: 20, Descriptors: 20, Output: 1 << 20, Time: time.Second, Memory: 4 << 20,
	}})
	_ = in.RunString(context.Background(), "hostile", source)
	must(tb, in.Close())
}

func newTenant(tb testing.TB, c interp.Config) *interp.Interpreter {
	c.Modules = stdlib.Modules()
	in, err := interp.New(c)
	must(tb, err)
	return in
}

func must(tb testing.TB, err error) {
	if err != nil {
		tb.Error(err)
	}
}

// hostileSources are the scripts of the corpus in interp/testdata/hostile.
func hostileSources(tb testing.TB) (all []string) {
	files, _ := filepath.Glob("../interp/testdata/hostile/*.lua")
	for _, file := range files {
		data, err := os.ReadFile(file)
		must(tb, err)
		for _, text := range strings.Split("\n"+string(data), "\n--- ")[1:] {
			_, source, _ := strings.Cut(text, "\n")
			all = append(all, source)
		}
	}
	if len(all) < 50 {
		tb.Fatal("where are the hostile scripts?")
	}
	return all
}

// requests makes requests at the rate, over some connections, whether the ones before
// have been answered or not: a request that could not even be sent in time counts from
// when it should have been.
func (n neighbourhood) requests(addr string) (s served) {
	const connections = 20
	var mu sync.Mutex
	var wg sync.WaitGroup
	fail := func(err error) {
		mu.Lock()
		s.err = err
		mu.Unlock()
	}
	start := time.Now()
	for i := range connections {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return served{err: err}
		}
		defer conn.Close()
		_ = conn.SetDeadline(start.Add(n.time + time.Minute))
		count := n.rate * int(n.time/time.Millisecond) / 1000 / connections
		every := n.time / time.Duration(count)
		due := func(k int) time.Time {
			return start.Add(time.Duration(k)*every + time.Duration(i)*every/connections)
		}
		wg.Go(func() {
			for k := range count {
				time.Sleep(time.Until(due(k)))
				if _, err := fmt.Fprintf(conn, "request %d\n", k); err != nil {
					fail(err)
					return
				}
			}
		})
		wg.Go(func() {
			r := bufio.NewReader(conn)
			for k := range count {
				line, err := r.ReadString('\n')
				if err == nil && line != fmt.Sprintf("request %d\n", k) {
					err = fmt.Errorf("request %d was answered %q", k, line)
				}
				if err != nil {
					fail(err)
					return
				}
				mu.Lock()
				s.latencies = append(s.latencies, time.Since(due(k)))
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	s.took = time.Since(start)
	slices.Sort(s.latencies)
	return s
}

// The innocent tenant is served without an error, whatever the others do.
func TestNeighbours(t *testing.T) {
	n := neighbourhood{hostiles: 20, rate: 200, time: 2 * time.Second}
	s := n.run(t)
	if want := n.rate * int(n.time/time.Second); s.err != nil || len(s.latencies) != want {
		t.Fatalf("%d requests served of %d: %v", len(s.latencies), want, s.err)
	}
	t.Logf("%d requests served beside %d hostile scripts: p50 %v, p99 %v", len(s.latencies), s.scripts, s.percentile(50), s.percentile(99))
}

// BenchmarkNeighbours is a thousand requests a second, beside a hundred hostile tenants
// and beside none.
func BenchmarkNeighbours(b *testing.B) {
	for _, hostiles := range []int{0, 100} {
		b.Run(fmt.Sprint(hostiles), func(b *testing.B) {
			for range b.N {
				n := neighbourhood{hostiles: hostiles, rate: 1000, time: 5 * time.Second}
				s := n.run(b)
				if s.err != nil {
					b.Fatal(s.err)
				}
				b.ReportMetric(float64(len(s.latencies))/s.took.Seconds(), "served/s")
				b.ReportMetric(float64(s.percentile(50))/1e6, "p50-ms")
				b.ReportMetric(float64(s.percentile(99))/1e6, "p99-ms")
				b.ReportMetric(float64(s.scripts)/s.took.Seconds(), "scripts/s")
			}
		})
	}
}
