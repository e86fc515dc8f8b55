//go:build linux

package bench

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// goHTTPServer serves a folder as one would do it in Go.
func goHTTPServer() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("listening on %s\n", l.Addr())
	panic(http.Serve(l, http.FileServer(http.Dir(os.Getenv("BENCH_FOLDER")))))
}

// Python closes the connection after each answer unless told to speak HTTP/1.1, and then
// waits 40 ms for each unless told not to: it sends the head and the file one by one.
const pythonHTTP = `
import functools, http.server, sys
class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    def log_message(self, *args): pass
    def handle(self):
        try: super().handle()
        except ConnectionError: pass # wrk, when its time is up
http.server.ThreadingHTTPServer.request_queue_size = 100 # instead of 5
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=sys.argv[1]))
print("listening on 127.0.0.1:%d" % server.server_port, flush=True)
server.serve_forever()`

const nodeHTTP = `
const fs = require("fs"), path = require("path")
const types = { ".html": "text/html; charset=utf-8" }
const server = require("http").createServer((request, response) => {
  const name = path.normalize(decodeURIComponent(new URL(request.url, "http://x").pathname))
  fs.readFile(path.join(process.argv[1], name), (err, data) => {
    if (err) { response.writeHead(404); response.end(); return }
    response.writeHead(200, { "Content-Type": types[path.extname(name)], "Content-Length": data.length })
    response.end(data)
  })
})
server.listen(0, "127.0.0.1", () => console.log("listening on 127.0.0.1:" + server.address().port))`

// BenchmarkHTTP has wrk fetch a file of 1 KB over connections that are kept alive, from
// scripts/examples/static_http.lua and from what other languages bring along. A measurement
// takes five seconds whatever -benchtime says; how much it differs from round to round tells
// how far to believe it.
func BenchmarkHTTP(b *testing.B) {
	if _, err := exec.LookPath("wrk"); err != nil {
		b.Skip("no wrk here")
	}
	web := b.TempDir()
	if err := os.WriteFile(filepath.Join(web, "page.html"), []byte(strings.Repeat("x", 1024)), 0o644); err != nil {
		b.Fatal(err)
	}
	command := func(name string, args ...string) func(*testing.B) *server {
		return func(b *testing.B) *server {
			if _, err := exec.LookPath(name); err != nil {
				b.Skipf("no %s here", name)
			}
			// What it says on standard error nobody needs: that wrk leaves in the middle of an answer.
			return startCommand(b, exec.Command(name, append(args, web)...))
		}
	}
	lua, err := wirelua()
	if err != nil {
		b.Fatal(err)
	}
	servers := []struct {
		name  string
		start func(*testing.B) *server
	}{
		{"go", func(b *testing.B) *server { return start(b, "gohttp", "BENCH_FOLDER="+web) }},
		{"lua", command(lua, "../examples/static_http.lua")},
		{"node", command("node", "-e", nodeHTTP)},
		{"python", command("python3", "-c", pythonHTTP)},
	}
	for _, conns := range []int{1, 50} {
		for _, server := range servers {
			b.Run(fmt.Sprintf("conns=%d/%s", conns, server.name), func(b *testing.B) {
				s := server.start(b)
				wrk(b, s.addr, conns, time.Second)
				for b.Loop() {
					before := s.cpuWithEnded(b)
					r := wrk(b, s.addr, conns, 5*time.Second)
					cpu := s.cpuWithEnded(b) - before
					b.ReportMetric(float64(r.Requests)/float64(r.Microseconds)*1e6, "requests/s")
					b.ReportMetric(float64(r.P50), "p50-us")
					b.ReportMetric(float64(r.P99), "p99-us")
					b.ReportMetric(float64(cpu.Microseconds())/float64(r.Requests), "server-cpu-us/request")
				}
				b.ReportMetric(0, "ns/op") // which is how long wrk was told to go on
			})
		}
	}
}

type wrkReport struct{ Requests, Microseconds, Errors, P50, P99 int64 }

func wrk(b *testing.B, addr string, conns int, d time.Duration) (r wrkReport) {
	cmd := exec.Command("wrk", "-t", "1", "-c", strconv.Itoa(conns), "-d", strconv.Itoa(int(d.Seconds())),
		"-s", "wrk_report.lua", "http://"+addr+"/page.html")
	out, err := cmd.CombinedOutput()
	i := strings.LastIndex(string(out), "\n{")
	if err != nil || i < 0 || json.Unmarshal(out[i:], &r) != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	if r.Errors > 0 || r.Requests == 0 {
		b.Errorf("%d requests, %d errors", r.Requests, r.Errors)
	}
	return r
}

// cpuWithEnded returns the processor time the server has used, as cpu does, that of threads
// which have ended included, but only in hundredths of a second.
func (s *server) cpuWithEnded(tb testing.TB) time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	_, rest, ok := strings.Cut(string(b), ") ") // after the program's name, which may hold anything
	fields := strings.Fields(rest)
	if err != nil || !ok || len(fields) < 13 {
		tb.Skip("no /proc: the server's CPU cannot be told")
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}
