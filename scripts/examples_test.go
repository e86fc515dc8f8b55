//go:build unix

package scripts

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/pem"
	"fmt"
	"io"
	"math/rand"
	"net"
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The programs of scripts/examples, each against a program that is not ours; where
// such a one is missing, what needs it is skipped. A test waits for something to be
// said or to end, never for time to pass.

func TestExamples(t *testing.T) {
	files, _ := filepath.Glob("examples/*.lua")
	libraries, _ := filepath.Glob("examples/lib/*.lua")
	for _, file := range append(libraries, files...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(text, []byte("\n")); n >= 100 {
			t.Errorf("%s has %d lines; there are to be fewer than 100", file, n)
		}
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(strings.TrimSuffix(name, ".lua"), func(t *testing.T) {
			t.Parallel()
			stdout, stderr, err := run(t, root, wirelua, "scripts/"+file, "--help")
			if err != nil || stderr != "" || !strings.HasPrefix(stdout, "usage: "+name) {
				t.Errorf("--help: %v\n%s%s", err, stdout, stderr)
			}
			stdout, stderr, err = run(t, root, wirelua, "scripts/"+file, "--no-such-option")
			if exitCode(err) != 2 || stdout != "" || !strings.Contains(stderr, "no such option: --no-such-option\nusage: "+name) {
				t.Errorf("wrong usage: %v\n%s%s", err, stdout, stderr)
			}
		})
	}
}

// TestExamplesWrongUsage: what is said about arguments, the same for all programs.
func TestExamplesWrongUsage(t *testing.T) {
	for line, want := range map[string]string{
		"chat_server.lua 127.0.0.1 70000":      "PORT must be a number from 0 to 65535, not 70000",
		"chat_server.lua 127.0.0.1 80 more":    "one argument too many: more",
		"chat_client.lua ada 127.0.0.1":        "missing PORT",
		"tcp_proxy.lua -t":                     "-t needs SECONDS",
		"tcp_proxy.lua -t 0 a 1":               "SECONDS must be a number above 0, not 0",
		"tcp_proxy.lua a b":                    "TOPORT must be a number from 0 to 65535, not b",
		"port_scanner.lua 127.0.0.1 9-8":       "PORTS must be",
		"port_scanner.lua -j 1.5":              "COUNT must be a whole number above 0, not 1.5",
		"dns_lookup.lua example.org SOMETHING": "TYPE cannot be SOMETHING",
		"http_client.lua":                      "missing URL",
	} {
		args := strings.Fields(line)
		stdout, stderr, err := run(t, root, wirelua, append([]string{"scripts/examples/" + args[0]}, args[1:]...)...)
		if exitCode(err) != 2 || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("%s: %v, want %q\n%s%s", line, err, want, stdout, stderr)
		}
	}
	// A server that cannot listen says why, in a line.
	taken := listenTCP(t)
	_, stderr, err := run(t, root, wirelua, "scripts/examples/smtp_sink.lua", "127.0.0.1", portOf(taken))
	if exitCode(err) != 1 || !strings.Contains(stderr, "address already in use") || strings.Contains(stderr, "traceback") {
		t.Errorf("%v\n%s", err, stderr)
	}
}

func exitCode(err error) int {
	if e, ok := err.(*exec.ExitError); ok {
		return e.ExitCode()
	}
	if err != nil {
		return -1
	}
	return 0
}

// example runs a program; exampleServer one that listens.
func example(t *testing.T, script string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	stdout, stderr, err := run(t, root, wirelua, append([]string{"scripts/examples/" + script}, args...)...)
	return stdout, stderr, exitCode(err)
}

type server struct {
	t     *testing.T
	port  string
	lines chan string // of standard output
}

// exampleServer starts a server, and stops it at the end of the test with Ctrl-C. It
// must have lived until then, and have had no errors of its own.
func exampleServer(t *testing.T, script string, args ...string) *server {
	t.Helper()
	cmd := exec.Command(wirelua, append([]string{"scripts/examples/" + script}, args...)...)
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, lines: make(chan string, 10000)}
	go func() {
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			select {
			case s.lines <- lines.Text():
			default: // nobody looks at so many
			}
		}
		close(s.lines)
	}()
	t.Cleanup(func() {
		stop, status := syscall.SIGINT, 130
		if signal.Ignored(stop) { // and so it is for our children
			stop, status = syscall.SIGTERM, 143
		}
		cmd.Process.Signal(stop)
		overdue := time.AfterFunc(limit, func() { cmd.Process.Kill() })
		defer overdue.Stop()
		for range s.lines {
		}
		if err := cmd.Wait(); exitCode(err) != status || strings.Contains(stderr.String(), "traceback") || strings.Contains(stderr.String(), "attempt to") {
			t.Errorf("%s: %v, want status %d\n%s", script, err, status, stderr.String())
		}
	})
	first := s.line("listening on ")
	s.port = first[strings.LastIndex(first, ":")+1:]
	return s
}

// line waits for a line of output that has a text in it.
func (s *server) line(text string) string {
	s.t.Helper()
	overdue := time.After(limit)
	var before []string
	for {
		select {
		case line, open := <-s.lines:
			if strings.Contains(line, text) {
				return line
			}
			if before = append(before, line); open {
				continue
			}
		case <-overdue:
		}
		s.t.Fatalf("no line with %q, but %q", text, before)
	}
}

// startUntil starts a program that is not ours, and returns the line of its output that
// has a text in it; "" if it ended without one.
func startUntil(t *testing.T, text, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.Contains(lines.Text(), text) {
			go io.Copy(io.Discard, out)
			return strings.TrimSpace(lines.Text())
		}
	}
	return ""
}

func dial(t *testing.T, port string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetDeadline(time.Now().Add(limit))
	t.Cleanup(func() { conn.Close() })
	return conn.(*net.TCPConn)
}

func listenTCP(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func portOf(l net.Listener) string { return strconv.Itoa(l.Addr().(*net.TCPAddr).Port) }

// abuse is what any server has to live through: garbage, lines without an end, and
// clients that leave in all the ways there are.
func (s *server) abuse() {
	s.t.Helper()
	garbage := make([]byte, 5000)
	rand.New(rand.NewSource(1)).Read(garbage)
	inputs := [][]byte{nil, {0}, []byte("\n"), []byte("\r\n\r\n"), []byte("\xff\xff\xff\xff\xff\xff"), garbage,
		bytes.Repeat([]byte("x"), 300000), []byte(strings.Repeat("nonsense\r\n", 1000)), []byte("GET / HTTP/1.1\r\nHost: x\r\n")}
	var wg sync.WaitGroup
	for _, input := range inputs {
		for _, leave := range []func(*net.TCPConn){
			func(c *net.TCPConn) {},
			func(c *net.TCPConn) { c.SetLinger(0) }, // a reset
			func(c *net.TCPConn) { c.CloseWrite(); io.Copy(io.Discard, c) },
		} {
			conn := dial(s.t, s.port)
			wg.Go(func() {
				conn.Write(input) // which may fail: nobody has to listen to that
				leave(conn)
				conn.Close()
			})
		}
	}
	wg.Wait()
}

func needs(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("no %s here", program)
	}
}

func python(t *testing.T, code string, args ...string) string {
	t.Helper()
	needs(t, "python3")
	stdout, stderr, err := run(t, root, "python3", append([]string{"-c", code}, args...)...)
	if err != nil {
		t.Fatalf("python3: %v\n%s%s", err, stdout, stderr)
	}
	return stdout
}

// say sends, and expect reads until a text has come.
func say(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, r io.Reader, text string) string {
	t.Helper()
	var got []byte
	for b := make([]byte, 1); !bytes.HasSuffix(got, []byte(text)); got = append(got, b...) {
		if _, err := io.ReadFull(r, b); err != nil {
			t.Fatalf("waiting for %q: %v after %q", text, err, got)
		}
	}
	return string(got)
}

func TestExampleChatClientWithoutServer(t *testing.T) {
	t.Parallel()
	l := listenTCP(t)
	l.Close()
	_, stderr, status := example(t, "chat_client.lua", "ada", "127.0.0.1", portOf(l))
	if status != 1 || !strings.Contains(stderr, "connection refused") || strings.Contains(stderr, "traceback") {
		t.Errorf("status %d\n%s", status, stderr)
	}
}

// webFolder is a folder to serve, in a folder with a secret.
func webFolder(t *testing.T) (folder string, big []byte) {
	dir := t.TempDir()
	folder = filepath.Join(dir, "web")
	big = make([]byte, 5_000_000)
	rand.New(rand.NewSource(2)).Read(big)
	for name, content := range map[string]string{
		"secret.txt": "secret", "web/.hidden": "secret", "web/a b&<c>.txt": "spaced", "web/big.bin": string(big),
		"web/empty.css": "", "web/sub/index.html": "<p>index", "web/list/one.txt": "1", "web/forbidden.txt": "secret",
	} {
		name = filepath.Join(dir, name)
		os.MkdirAll(filepath.Dir(name), 0o755)
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	os.Chmod(filepath.Join(folder, "forbidden.txt"), 0)
	return folder, big
}

func TestExampleStaticHTTP(t *testing.T) {
	t.Parallel()
	folder, big := webFolder(t)
	s := exampleServer(t, "static_http.lua", folder)
	s.abuse()
	base := "http://127.0.0.1:" + s.port

	get := func(method, path string, header ...string) (*http.Response, string) {
		t.Helper()
		req, _ := http.NewRequest(method, base+path, nil)
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		resp, err := http.DefaultTransport.RoundTrip(req) // which does not follow redirects
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp, string(body)
	}
	for _, c := range []struct {
		method, path, ranges string
		status               int
		kind, body           string
	}{
		{"GET", "/a%20b&%3Cc%3e.txt?query", "", 200, "text/plain; charset=utf-8", "spaced"},
		{"GET", "/big.bin", "", 200, "application/octet-stream", string(big)},
		{"HEAD", "/big.bin", "", 200, "application/octet-stream", ""},
		{"GET", "/big.bin", "bytes=0-0", 206, "application/octet-stream", string(big[:1])},
		{"GET", "/big.bin", "bytes=4999990-", 206, "application/octet-stream", string(big[4999990:])},
		{"GET", "/big.bin", "bytes=-7", 206, "application/octet-stream", string(big[4999993:])},
		{"GET", "/big.bin", "bytes=100-2000099", 206, "application/octet-stream", string(big[100:2000100])},
		{"HEAD", "/big.bin", "bytes=1-2", 206, "application/octet-stream", ""},
		{"GET", "/big.bin", "bytes=5000000-", 416, "text/html; charset=utf-8", "416 Range Not Satisfiable"},
		{"GET", "/big.bin", "bytes=-0", 416, "text/html; charset=utf-8", "416"},
		{"GET", "/a%20b&%3Cc%3e.txt", "bytes=0-0,2-3", 200, "text/plain; charset=utf-8", "spaced"},
		{"GET", "/a%20b&%3Cc%3e.txt", "lines=1", 200, "text/plain; charset=utf-8", "spaced"},
		{"GET", "/empty.css", "", 200, "text/css", ""},
		{"GET", "/sub/", "", 200, "text/html; charset=utf-8", "<p>index"},
		{"GET", "/sub", "", 301, "text/html; charset=utf-8", "301"},
		{"GET", "/list/", "", 200, "text/html; charset=utf-8", `<a href="./one.txt">one.txt</a>`},
		{"GET", "/", "", 200, "text/html; charset=utf-8", `<a href="./a%20b%26%3Cc%3E.txt">a b&amp;&lt;c&gt;.txt</a>`},
		{"GET", "/nothing", "", 404, "text/html; charset=utf-8", "404"},
		{"GET", "/nothing/", "", 404, "text/html; charset=utf-8", "404"},
		{"GET", "/empty.css/", "", 404, "text/html; charset=utf-8", "404"},
		{"GET", "/.hidden", "", 404, "text/html; charset=utf-8", "404"},
		{"DELETE", "/empty.css", "", 405, "text/html; charset=utf-8", "405"},
	} {
		resp, body := get(c.method, c.path, "Range", c.ranges)
		if resp.StatusCode != c.status || resp.Header.Get("Content-Type") != c.kind {
			t.Errorf("%s %s %s: %s, %v", c.method, c.path, c.ranges, resp.Status, resp.Header)
		}
		if body != c.body && (c.kind != "text/html; charset=utf-8" || !strings.Contains(body, c.body)) {
			t.Errorf("%s %s %s: %d bytes, want %d: %.200q", c.method, c.path, c.ranges, len(body), len(c.body), body)
		}
		if c.status == 206 && resp.Header.Get("Content-Range") == "" || c.status == 301 && resp.Header.Get("Location") != c.path+"/" {
			t.Errorf("%s %s %s: %v", c.method, c.path, c.ranges, resp.Header)
		}
	}
	if resp, _ := get("HEAD", "/big.bin"); resp.ContentLength != int64(len(big)) {
		t.Errorf("HEAD says %d bytes", resp.ContentLength)
	}
	if os.Geteuid() != 0 { // whom no mode of a file keeps out
		if resp, _ := get("GET", "/forbidden.txt"); resp.StatusCode != 403 {
			t.Errorf("a file that cannot be read: %s", resp.Status)
		}
	}

	// What no good client sends.
	for request, want := range map[string]string{
		"GET /../secret.txt HTTP/1.0\r\n\r\n":                                       "404",
		"GET /%2e%2e/secret.txt HTTP/1.0\r\n\r\n":                                   "404",
		"GET /sub/.%2E/%2e./secret.txt HTTP/1.0\r\n\r\n":                            "404",
		"GET /..%2fsecret.txt HTTP/1.0\r\n\r\n":                                     "404",
		"GET /sub/..\\..\\secret.txt HTTP/1.0\r\n\r\n":                              "404",
		"GET ../secret.txt HTTP/1.0\r\n\r\n":                                        "400",
		"GET /secret.txt%00.html HTTP/1.0\r\n\r\n":                                  "400",
		"GET //" + folder + "/../secret.txt HTTP/1.0\r\n\r\n":                       "404",
		"GET http://x/sub/ HTTP/1.0\r\n\r\n":                                        "200",
		"GET / HTTP/2.0\r\n\r\n":                                                    "400",
		"GET / HTTP/1.1\r\nnonsense\r\n\r\n":                                        "400",
		"GET / HTTP/1.1\r\nX: " + strings.Repeat("x", 9000) + "\r\n\r\n":            "400",
		"GET / HTTP/1.1\r\n" + strings.Repeat("X: y\r\n", 200) + "\r\n":             "400",
		"POST / HTTP/1.1\r\nContent-Length: 35\r\n\r\nGET /secret.txt HTTP/1.0\r\n": "405",
		"GET /sub/ HTTP/1.1\r\n\r\nGET / HTTP/1.0\r\n\r\n":                          "200",
	} {
		answer := ask(t, s.port, request)
		if !strings.HasPrefix(answer, "HTTP/1.1 "+want) || strings.Contains(answer, "secret\n") || strings.HasSuffix(answer, "secret") {
			t.Errorf("%.60q: %.300q", request, answer)
		}
		if n := strings.Count(answer, "HTTP/1.1 "); strings.Contains(request, "POST") && n != 1 {
			t.Errorf("%.60q: %d answers", request, n)
		}
	}
	if two := ask(t, s.port, "GET /sub/ HTTP/1.1\r\n\r\nGET / HTTP/1.0\r\n\r\n"); strings.Count(two, "HTTP/1.1 200 OK") != 2 {
		t.Errorf("two requests at once: %.300q", two)
	}

	t.Run("curl", func(t *testing.T) {
		needs(t, "curl")
		out := filepath.Join(t.TempDir(), "out")
		stdout, stderr, err := run(t, root, "curl", "-sS", "-o", out, "-o", out, "-w", "%{http_code} %{num_connects}\n", base+"/sub/", base+"/big.bin")
		if got, _ := os.ReadFile(out); err != nil || stdout != "200 1\n200 0\n" || !bytes.Equal(got, big) {
			t.Errorf("%v, %d bytes\n%s%s", err, len(got), stdout, stderr)
		}
		os.WriteFile(out, big[:1_234_567], 0o644) // a download that goes on
		_, stderr, err = run(t, root, "curl", "-sS", "-C", "-", "-o", out, base+"/big.bin")
		if got, _ := os.ReadFile(out); err != nil || !bytes.Equal(got, big) {
			t.Errorf("%v, %d bytes\n%s", err, len(got), stderr)
		}
	})
}

func TestExampleHTTPClient(t *testing.T) {
	t.Parallel()
	page := strings.Repeat("0123456789abcdef", 50_000)
	mux := http.NewServeMux()
	mux.HandleFunc("/page", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(page)))
		io.WriteString(w, page)
	})
	mux.HandleFunc("/chunked", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		for part := range slices.Chunk([]byte(page), 99_999) {
			w.Write(part)
			w.(http.Flusher).Flush()
		}
	})
	mux.HandleFunc("/closed", func(w http.ResponseWriter, r *http.Request) {
		conn, _, _ := w.(http.Hijacker).Hijack()
		fmt.Fprintf(conn, "HTTP/1.0 200 OK\r\n\r\n%s", page)
		conn.Close()
	})
	mux.HandleFunc("/short", func(w http.ResponseWriter, r *http.Request) {
		conn, _, _ := w.(http.Hijacker).Hijack()
		fmt.Fprintf(conn, "HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\nnot so many")
		conn.Close()
	})
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Host+" "+r.URL.String()) })
	for from, to := range map[string]string{"/there": "/echo?x=1", "/deep/er/near": "../echo", "/deep/er/query": "?x", "/loop": "/loop"} {
		mux.HandleFunc(from, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.RawQuery == "x" {
				io.WriteString(w, "asked")
				return
			}
			w.Header().Set("Location", to)
			w.WriteHeader(302)
		})
	}
	mux.HandleFunc("/deep/echo", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "near") })
	plain, secret := httptest.NewServer(mux), httptest.NewTLSServer(mux)
	secret.Config.ErrorLog = nil
	t.Cleanup(func() { plain.Close(); secret.Close() })
	mux.HandleFunc("/secret", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", secret.URL+"/page")
		w.WriteHeader(307)
	})
	dir := t.TempDir()
	ca, out := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "out")
	os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secret.Certificate().Raw}), 0o644)
	host := strings.TrimPrefix(plain.URL, "http://")

	for _, c := range []struct {
		url    string
		status int
		want   string // of the page, or of standard error
	}{
		{plain.URL + "/page", 0, page},
		{plain.URL + "/chunked", 0, page},
		{plain.URL + "/closed", 0, page},
		{secret.URL + "/page", 0, page},
		{secret.URL + "/chunked", 0, page},
		{plain.URL + "/secret", 0, page},
		{plain.URL + "/there", 0, host + " /echo?x=1"},
		{plain.URL + "/deep/er/near", 0, "near"},
		{plain.URL + "/deep/er/query", 0, "asked"},
		{"HTTP://user@" + host + "/echo?a b#part", 0, host + " /echo?a%20b"},
		{"http://" + host + "?q", 1, "the server answered 404"},
		{plain.URL + "/loop", 1, "redirected more than 10 times"},
		{plain.URL + "/short", 1, "the page ended 89 bytes early"},
		{plain.URL + "/nothing", 1, "the server answered 404"},
		{strings.Replace(plain.URL, "http", "https", 1), 1, "not TLS"},
		{strings.Replace(secret.URL, "https", "http", 1), 1, "400"},
		{"ftp://" + host, 1, "not an http:// or https:// address"},
		{"http://127.0.0.1:1", 1, "connection refused"},
	} {
		stdout, stderr, status := example(t, "http_client.lua", "--ca", ca, c.url)
		if status != c.status || c.status == 0 && (stdout != c.want || stderr != "") || !strings.Contains(stdout+stderr, c.want) || strings.Contains(stderr, "traceback") {
			t.Errorf("%s: status %d, %d bytes, want %.100q\n%s", c.url, status, len(stdout), c.want, stderr)
		}
	}
	if _, stderr, status := example(t, "http_client.lua", secret.URL); status != 1 || !strings.Contains(stderr, "certificate") {
		t.Errorf("who is not to be trusted: status %d\n%s", status, stderr)
	}
	stdout, stderr, status := example(t, "http_client.lua", "-i", "-o", out, plain.URL+"/chunked")
	if got, _ := os.ReadFile(out); status != 0 || string(got) != page || !strings.Contains(stdout, "HTTP/1.1 200 OK\n") {
		t.Errorf("-i -o: status %d, %d bytes\n%s%s", status, len(got), stdout, stderr)
	}

	t.Run("openssl", func(t *testing.T) {
		needs(t, "openssl")
		key, cert := filepath.Join(dir, "key.pem"), filepath.Join(dir, "cert.pem")
		if _, stderr, err := run(t, dir, "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
			"-keyout", key, "-out", cert, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"); err != nil {
			t.Fatal(stderr)
		}
		line := startUntil(t, "ACCEPT ", "openssl", "s_server", "-accept", "127.0.0.1:0", "-key", key, "-cert", cert, "-www")
		port := line[strings.LastIndex(line, ":")+1:]
		stdout, stderr, status := example(t, "http_client.lua", "--ca", cert, "https://localhost:"+port+"/")
		if status != 0 || !strings.Contains(stdout, "TLSv1.3") {
			t.Errorf("status %d\n%s%s", status, stdout, stderr)
		}
	})
}

// echoOnce answers with all that a client has sent, once it has no more to say.
func echoAtEnd(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			data, _ := io.ReadAll(conn)
			conn.Write(data)
		}()
	}
}

func TestExampleTCPProxy(t *testing.T) {
	t.Parallel()
	l := listenTCP(t)
	go echoAtEnd(l)
	s := exampleServer(t, "tcp_proxy.lua", "127.0.0.1", portOf(l))
	s.abuse()
	data := strings.Repeat("there and back", 200_000)
	if got := ask(t, s.port, data); got != data {
		t.Errorf("%d bytes of %d came back", len(got), len(data))
	}
	s.line(fmt.Sprintf("%d bytes there, %d back", len(data), len(data)))

	l.Close() // those who come now find nobody, and are told so by being closed
	if got, _ := io.ReadAll(dial(t, s.port)); len(got) != 0 {
		t.Errorf("got %q from nobody", got)
	}
	t.Run("curl", func(t *testing.T) {
		folder, big := webFolder(t)
		s := exampleServer(t, "tcp_proxy.lua", "127.0.0.1", exampleServer(t, "static_http.lua", folder).port)
		needs(t, "curl")
		stdout, stderr, err := run(t, root, "curl", "-sS", "http://127.0.0.1:"+s.port+"/big.bin")
		if err != nil || stdout != string(big) {
			t.Errorf("%v, %d bytes\n%s", err, len(stdout), stderr)
		}
	})
}

func TestExamplePortScanner(t *testing.T) {
	t.Parallel()
	open := []string{portOf(listenTCP(t)), portOf(listenTCP(t))}
	closed := listenTCP(t)
	closed.Close()
	for _, port := range open {
		if stdout, stderr, status := example(t, "port_scanner.lua", "127.0.0.1", port); status != 0 || stdout != port+"\topen\t\n127.0.0.1: 1 open, 0 closed, 0 silent\n" {
			t.Errorf("status %d\n%s%s", status, stdout, stderr)
		}
	}
	stdout, stderr, status := example(t, "port_scanner.lua", "-a", "localhost", portOf(closed))
	if status != 0 || !strings.HasPrefix(stdout, portOf(closed)+"\tclosed") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	n, _ := strconv.Atoi(open[0])
	first, last := max(n-300, 1), min(n+300, 65535)
	stdout, stderr, status = example(t, "port_scanner.lua", "-j", "50", "127.0.0.1", fmt.Sprintf("%d-%d", first, last))
	if status != 0 || !strings.Contains(stdout, open[0]+"\topen") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	if _, stderr, status := example(t, "port_scanner.lua", "no-such-host.invalid"); status != 1 || strings.Contains(stderr, "traceback") {
		t.Errorf("status %d\n%s", status, stderr)
	}
}

const pythonDNS = `
import socket, struct, threading
t = socket.create_server(("127.0.0.1", 0))
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(t.getsockname())
print("port", t.getsockname()[1], flush=True)

def name(n): return b"".join(bytes([len(l)]) + l.encode() for l in n.split(".")) + b"\0"
def record(kind, data, owner=b"\xc0\x0c"): return owner + struct.pack("!HHIH", kind, 1, 60, len(data)) + data

def answer(q, udp):
    pos, labels = 12, []
    while q[pos]:
        labels.append(q[pos+1:pos+1+q[pos]].decode())
        pos += 1 + q[pos]
    asked = ".".join(labels)
    pos += 1
    kind, = struct.unpack("!H", q[pos:pos+2])
    question = q[12:pos+4]
    end = 12 + len(question)
    flags, records, count = 0x8180, [], None
    if asked == "missing.test": flags |= 3
    elif asked == "refused.test": flags |= 5
    elif asked == "circle.test": records = [record(5, struct.pack("!H", 0xc000 + end + 12))]
    elif asked == "ahead.test": records = [record(5, struct.pack("!H", 0xc000 + end + 14) + name("x"))]
    elif asked == "cut.test": records, count = [b"\xc0"], 9
    elif asked == "label.test": records = [record(5, b"\x80abc")]
    elif asked == "strange.test": records = [record(99, b"\x01\xff")]
    elif asked == "long.test" and udp: flags |= 0x200
    elif asked == "long.test": records = [record(16, b"\xc8" + b"x" * 200) for _ in range(20)]
    elif kind == 1: records = [record(5, b"\x04real\xc0\x0c"), record(1, bytes([192, 0, 2, 7]), b"\x04real\xc0\x0c")]
    elif kind == 28: records = [record(28, socket.inet_pton(socket.AF_INET6, "2001:db8::7"))]
    elif kind == 15: records = [record(15, b"\x00\x0a\x04mail\xc0\x0c"), record(15, b"\x00\x14" + name("mx.example.org"))]
    elif kind == 16: records = [record(16, b"\x05hello\x07a \"q\" \x1b")]
    return q[:2] + struct.pack("!HHHHH", flags, 1, len(records) if count is None else count, 0, 0) + question + b"".join(records)

def streams():
    while True:
        c, _ = t.accept()
        n, = struct.unpack("!H", c.recv(2))
        a = answer(c.recv(n), False)
        c.sendall(struct.pack("!H", len(a)) + a)
        c.close()

threading.Thread(target=streams, daemon=True).start()
lost = set()
while True:
    q, a = u.recvfrom(4096)
    if b"silent" in q: continue
    if b"lossy" in q and q not in lost:
        lost.add(q)
        continue
    if b"forged" in q:
        for junk in b"", b"x", b"\0\0" + answer(q, True)[2:], q, q[:2] + b"\x81\x80": u.sendto(junk, a)
    u.sendto(answer(q, True), a)
`

func TestExampleDNSLookup(t *testing.T) {
	t.Parallel()
	port := startServer(t, "python3", "-c", pythonDNS)
	for _, c := range []struct {
		name, kind, want string
		status           int
	}{
		{"www.test", "A", "www.test.\t60\tCNAME\treal.www.test.\nreal.www.test.\t60\tA\t192.0.2.7\n", 0},
		{"www.test.", "aaaa", "www.test.\t60\tAAAA\t2001:db8::7\n", 0},
		{"www.test", "MX", "www.test.\t60\tMX\t10 mail.www.test.\nwww.test.\t60\tMX\t20 mx.example.org.\n", 0},
		{"www.test", "TXT", "www.test.\t60\tTXT\t\"hello\" \"a \\\"q\\\" \\027\"\n", 0},
		{"strange.test", "A", "strange.test.\t60\tTYPE99\t01ff\n", 0},
		{"lossy.test", "AAAA", "lossy.test.\t60\tAAAA\t2001:db8::7\n", 0},
		{"forged.test", "AAAA", "forged.test.\t60\tAAAA\t2001:db8::7\n", 0},
		{"long.test", "TXT", strings.Repeat("long.test.\t60\tTXT\t\""+strings.Repeat("x", 200)+"\"\n", 20), 0},
		{"www.test", "NS", "www.test: no NS records", 1},
		{"missing.test", "A", "NXDOMAIN", 1},
		{"refused.test", "A", "REFUSED", 1},
		{"circle.test", "A", "makes no sense", 1},
		{"ahead.test", "A", "makes no sense", 1},
		{"cut.test", "A", "makes no sense", 1},
		{"label.test", "A", "makes no sense", 1},
		{"silent.test", "A", "no answer from 127.0.0.1:" + port, 1},
		{"a..test", "A", "not a name", 1},
		{strings.Repeat("x", 64) + ".test", "A", "not a name", 1},
	} {
		t.Run(c.name+" "+c.kind, func(t *testing.T) {
			t.Parallel()
			patience := "10"
			if strings.Contains("lossy.test silent.test", c.name) {
				patience = "0.2"
			}
			stdout, stderr, status := example(t, "dns_lookup.lua", "-t", patience, c.name, c.kind, "127.0.0.1", port)
			if status != c.status || status == 0 && stdout != c.want || !strings.Contains(stdout+stderr, c.want) || strings.Contains(stderr, "traceback") {
				t.Errorf("status %d, want %q\n%s%s", status, c.want, stdout, stderr)
			}
		})
	}
}

func TestExampleNTPClient(t *testing.T) {
	t.Parallel()
	port := startServer(t, "python3", "-c", `
import socket, struct, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print("port", s.getsockname()[1], flush=True)
lost = False
while True:
    q, a = s.recvfrom(1024)
    if not lost:
        lost = True
        continue
    t = time.time() + 3600.5 + 2208988800
    stamp = struct.pack("!II", int(t) % 2**32, int(t % 1 * 2**32))
    def answer(first, stratum, mark): return struct.pack("!BBbbII4s", first, stratum, 0, -20, 0, 0, b"RATE") + stamp + mark + stamp + stamp
    for forged in b"junk", q, answer(0x24, 2, bytes(8)): s.sendto(forged, a)
    first, stratum = (0x24, 0) if q[0] != 0x23 else (0x24, 2)
    s.sendto(answer(first, stratum, q[40:48]), a)
`)
	stdout, stderr, status := example(t, "ntp_client.lua", "-t", "0.5", "127.0.0.1", port)
	var offset float64
	if _, second, _ := strings.Cut(stdout, "\n"); status != 0 || second == "" {
		t.Fatalf("status %d\n%s%s", status, stdout, stderr)
	} else if fmt.Sscanf(second, "offset %f s", &offset); offset < 3600.2 || offset > 3600.8 {
		t.Errorf("3600.5 expected\n%s", stdout)
	}
	l := listenTCP(t)
	if _, stderr, status := example(t, "ntp_client.lua", "127.0.0.1", portOf(l)); status != 1 || !strings.Contains(stderr, "connection refused") {
		t.Errorf("status %d\n%s", status, stderr)
	}
}

const redisCommands = `PING
SET "a b" "hello world"
GET "a b"
get none
INCR n

RPUSH l one two three 4 5 6 7 8 9 10 11
LRANGE l 0 -1
LRANGE none 0 -1
HSET h f v
EVAL "return {1,{2,{3,'x',{}}},'y',false,{err='oops'},{11,12}}" 0
NOSUCH x
GET l
CLIENT GETNAME
SET bin 'x "quoted" \ and é'
GET bin
`

func TestExampleRedisClient(t *testing.T) {
	t.Parallel()
	needs(t, "redis-server")
	var port string
	for range 5 { // redis-server can choose no free port itself
		l := listenTCP(t)
		port = portOf(l)
		l.Close()
		if startUntil(t, "eady to accept connections", "redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", t.TempDir()) != "" {
			break
		}
	}

	for line, want := range map[string]string{
		"SET key -5": "OK\n", "GET none": "(nil)\n", "INCR count": "(integer) 1\n", "NOSUCH": "(error) ERR unknown command",
	} {
		stdout, stderr, status := example(t, "redis_client.lua", append([]string{"-p", port}, strings.Fields(line)...)...)
		if !strings.HasPrefix(stdout, want) || stderr != "" || (status == 1) != (line == "NOSUCH") {
			t.Errorf("%s: status %d\n%s%s", line, status, stdout, stderr)
		}
	}

	t.Run("as redis-cli", func(t *testing.T) {
		needs(t, "redis-cli")
		printed := map[string]string{}
		for name, args := range map[string][]string{
			"ours":  {wirelua, "scripts/examples/redis_client.lua", "-p", port},
			"redis": {"redis-cli", "--no-raw", "-p", port},
		} {
			run(t, root, "redis-cli", "-p", port, "FLUSHALL")
			cmd := exec.Command(args[0], args[1:]...)
			cmd.Dir = root
			cmd.Stdin = strings.NewReader(redisCommands)
			out, _ := cmd.Output()
			printed[name] = strings.ReplaceAll(string(out), "\n\n", "\n") // redis-cli prints a line after some errors
		}
		if printed["ours"] != printed["redis"] || len(printed["ours"]) < 500 {
			t.Errorf("printed\n%s\nand redis-cli prints\n%s", printed["ours"], printed["redis"])
		}
	})
}

// TestExampleRedisClientBadServer: what is no Redis at the other end.
func TestExampleRedisClientBadServer(t *testing.T) {
	t.Parallel()
	for reply, want := range map[string]string{
		"":                                "closed",
		"HTTP/1.1 400 Bad Request\r\n":    "not Redis",
		"$5\r\nab":                        "EOF", // the code is not shown, the message is
		"$9999999999\r\n":                 "not Redis",
		"*2\r\n:1\r\n":                    "closed",
		strings.Repeat("*1\r\n", 100_000): "not Redis",
		"$x\r\n":                          "not Redis",
		"\r\n":                            "not Redis",
	} {
		l := listenTCP(t)
		go func() {
			conn, err := l.Accept()
			if err == nil {
				conn.Read(make([]byte, 1000))
				io.WriteString(conn, reply)
				conn.Close()
			}
		}()
		if want == "EOF" {
			want = "closed after 2 bytes"
		}
		stdout, stderr, status := example(t, "redis_client.lua", "-p", portOf(l), "GET", "x")
		if status != 1 || !strings.Contains(stderr, want) || strings.Contains(stderr, "traceback") {
			t.Errorf("%.30q: status %d, want %q\n%s%s", reply, status, want, stdout, stderr)
		}
	}
}

// frame is a client's, masked.
func frame(first byte, data string) string {
	mask := []byte{0x12, 0, 0xff, 0x9a}
	b := []byte{first}
	switch n := len(data); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 65536:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	b = append(b, mask...)
	for i := range len(data) {
		b = append(b, data[i]^mask[i%4])
	}
	return string(b)
}

// unmasked is what a server sends for the same.
func unmasked(first byte, data string) string {
	switch n := len(data); {
	case n < 126:
		return string([]byte{first, byte(n)}) + data
	case n < 65536:
		return string(binary.BigEndian.AppendUint16([]byte{first, 126}, uint16(n))) + data
	default:
		return string(binary.BigEndian.AppendUint64([]byte{first, 127}, uint64(n))) + data
	}
}

const handshake = "GET /chat HTTP/1.1\r\nHost: x\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"

func TestExampleWebSocketEcho(t *testing.T) {
	t.Parallel()
	s := exampleServer(t, "websocket_echo.lua")
	s.abuse()

	const fin, more, text, binary, closing, ping, pong = 0x80, 0, 1, 2, 8, 9, 10
	bye := unmasked(fin|closing, "\x03\xe8")
	long := strings.Repeat("grüße ", 20_000)
	for name, c := range map[string]struct{ sent, want string }{
		"text":                  {frame(fin|text, "hello") + frame(fin|closing, "\x03\xe8"), unmasked(fin|text, "hello") + bye},
		"nothing":               {frame(fin|text, "") + frame(fin|closing, ""), unmasked(fin|text, "") + unmasked(fin|closing, "")},
		"long":                  {frame(fin|text, long) + frame(fin|closing, "\x03\xe8"), unmasked(fin|text, long) + bye},
		"middling":              {frame(fin|binary, long[:200]) + frame(fin|closing, "\x03\xe8"), unmasked(fin|binary, long[:200]) + bye},
		"all bytes":             {frame(fin|binary, "\x00\xff\x80") + frame(fin|closing, "\x0f\xa0why"), unmasked(fin|binary, "\x00\xff\x80") + unmasked(fin|closing, "\x0f\xa0why")},
		"fragments with a ping": {frame(text, "gr\xc3") + frame(fin|ping, "?") + frame(more, "") + frame(fin|more, "\xbc\xc3\x9fe") + frame(fin|closing, "\x03\xe8"), unmasked(fin|pong, "?") + unmasked(fin|text, "grüße") + bye},
		"a pong nobody wants":   {frame(fin|pong, "x") + frame(fin|closing, "\x03\xe8"), bye},
		"not masked":            {unmasked(fin|text, "hello"), unmasked(fin|closing, "\x03\xeanot masked")},
		"reserved bit":          {frame(fin|0x40|text, "x"), unmasked(fin|closing, "\x03\xeaan extension nobody agreed on")},
		"unknown opcode":        {frame(fin|3, "x"), unmasked(fin|closing, "\x03\xeano such kind of frame")},
		"unknown control":       {frame(fin|11, "x"), unmasked(fin|closing, "\x03\xeano such kind of frame")},
		"ping in parts":         {frame(ping, "x"), unmasked(fin|closing, "\x03\xeaa control frame too long")},
		"ping too long":         {frame(fin|ping, long[:126]), unmasked(fin|closing, "\x03\xeaa control frame too long")},
		"end without beginning": {frame(fin|more, "x"), unmasked(fin|closing, "\x03\xeaa message within a message")},
		"beginning twice":       {frame(text, "x") + frame(fin|text, "y"), unmasked(fin|closing, "\x03\xeaa message within a message")},
		"not UTF-8":             {frame(fin|text, "\xc0\xaf"), unmasked(fin|closing, "\x03\xefnot UTF-8")},
		"a surrogate":           {frame(fin|text, "\xed\xa0\x80"), unmasked(fin|closing, "\x03\xefnot UTF-8")},
		"too long":              {frame(fin|binary, strings.Repeat("x", 1<<20+1))[:14], unmasked(fin|closing, "\x03\xf1too long")},
		"absurdly long":         {"\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff", unmasked(fin|closing, "\x03\xf1too long")},
		"too long in parts":     {frame(binary, strings.Repeat("x", 1<<20)) + frame(fin|more, "y"), unmasked(fin|closing, "\x03\xf1too long")},
		"half a status":         {frame(fin|closing, "\x03"), unmasked(fin|closing, "\x03\xeanot a way to say goodbye")},
		"status 1005":           {frame(fin|closing, "\x03\xed"), unmasked(fin|closing, "\x03\xeanot a way to say goodbye")},
		"gone within a frame":   {frame(fin|text, "hello")[:7], ""},
	} {
		answer := ask(t, s.port, handshake+c.sent)
		head, got, _ := strings.Cut(answer, "\r\n\r\n")
		if !strings.HasPrefix(head, "HTTP/1.1 101 ") || !strings.Contains(head, "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") || got != c.want {
			t.Errorf("%s: %s\n%.100q, want %.100q", name, head, got, c.want)
		}
	}
	for request, want := range map[string]string{
		"GET / HTTP/1.1\r\n\r\n":                                                           "426",
		strings.Replace(handshake, "13", "8", 1):                                           "426",
		strings.Replace(handshake, "GET", "POST", 1):                                       "405",
		strings.Replace(handshake, "dGhl", "", 1):                                          "400",
		"nonsense\r\n\r\n":                                                                 "400",
		strings.Replace(handshake, "keep-alive, Upgrade", "keep-alive", 1):                 "426",
		"GET /" + strings.Repeat("x", 10_000) + strings.TrimPrefix(handshake, "GET /chat"): "400",
	} {
		if answer := ask(t, s.port, request); !strings.HasPrefix(answer, "HTTP/1.1 "+want) {
			t.Errorf("%.40q: %.100q", request, answer)
		}
	}

	t.Run("node", func(t *testing.T) {
		needs(t, "node")
		args := []string{"--experimental-websocket"} // which version 22 has by itself, and still takes
		if _, _, err := run(t, root, "node", append(args, "-e", "WebSocket")...); err != nil {
			t.Skip("this node has no WebSocket")
		}
		stdout, stderr, err := run(t, root, "node", append(args, "-e", `
const messages = ["hello", "", "grüße 🎉", "x".repeat(70000), "y".repeat(200), Buffer.from([0, 1, 2, 255, 254])]
const s = new WebSocket("ws://127.0.0.1:`+s.port+`/chat?x=1")
s.binaryType = "arraybuffer"
s.onopen = () => s.send(messages[0])
s.onmessage = e => {
  const sent = messages.shift()
  const same = typeof sent === "string" ? e.data === sent : Buffer.compare(Buffer.from(e.data), sent) === 0
  if (!same) console.log("sent", sent, "got", e.data)
  if (messages.length) s.send(messages[0]); else s.close(3001, "done")
}
s.onclose = e => console.log("closed", e.code, e.reason, e.wasClean)
s.onerror = e => console.log("error", e.message)`)...)
		if err != nil || stdout != "closed 3001 done true\n" {
			t.Errorf("%v\n%s%s", err, stdout, stderr)
		}
	})
}

func TestExampleMulticastDiscovery(t *testing.T) {
	t.Parallel()
	s := exampleServer(t, "multicast_discovery.lua", "-p", "0", "printer", "631")
	exampleServer(t, "multicast_discovery.lua", "-p", s.port, "chat", "5000")
	find := func(args ...string) (string, string, int) {
		return example(t, "multicast_discovery.lua", append([]string{"-t", "0.3", "-p", s.port}, args...)...)
	}
	stdout, stderr, status := find()
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	slices.Sort(lines)
	if status != 0 || !slices.Equal(lines, []string{"chat\t127.0.0.1:5000", "printer\t127.0.0.1:631"}) {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	if stdout, stderr, status := find("chat"); status != 0 || stdout != "chat\t127.0.0.1:5000\n" {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	if stdout, stderr, status := find("nobody"); status != 1 || stdout != "" || !strings.Contains(stderr, "nobody answered") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	stdout = python(t, `
import json, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
s.settimeout(20)
group = ("239.255.42.99", int(sys.argv[1]))
for junk in b"", b"junk", b"[]", b"{}", b'{"name": 1}', b"\xff" * 1000, b"[" * 2000: s.sendto(junk, group)
s.sendto(json.dumps({"name": "printer"}).encode(), group)
data, address = s.recvfrom(2048)
print(json.loads(data)["port"], address[0])`, s.port)
	if stdout != "631 127.0.0.1\n" {
		t.Errorf("Python gets %s", stdout)
	}

	// Answers are not to be trusted, either.
	stdout = python(t, `
import socket, subprocess, struct, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("239.255.42.99", 0))
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton("239.255.42.99") + socket.inet_aton("127.0.0.1"))
s.settimeout(20)
p = subprocess.Popen(sys.argv[1:] + ["-t", "0.5", "-p", str(s.getsockname()[1])], stdout=subprocess.PIPE)
_, asker = s.recvfrom(2048)
for answer in b"", b"{", b'{"name": "no port"}', b'{"name": "x", "port": "y"}', b'{"name": "a\\nb", "port": 7}': s.sendto(answer, asker)
print(p.communicate()[0].decode(), end="")`, wirelua, filepath.Join(root, "scripts/examples/multicast_discovery.lua"))
	if stdout != "a?b\t127.0.0.1:7\n" {
		t.Errorf("answers of another's: %q", stdout)
	}
}

func TestExampleSyslogSink(t *testing.T) {
	t.Parallel()
	s := exampleServer(t, "syslog_sink.lua")
	udp, err := net.Dial("udp", "127.0.0.1:"+s.port)
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	for sent, want := range map[string]string{
		"<34>Oct 11 22:14:15 mymachine su: 'su root' failed":                                                                      "auth.crit Oct 11 22:14:15 mymachine su: 'su root' failed",
		"<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!":                                                                              "user.notice Feb  5 17:32:18 - -: 10.0.0.99 Use the BFG!",
		"<30>Oct 11 22:14:15 prog[7]: no host":                                                                                    "daemon.info Oct 11 22:14:15 - prog[7]: no host",
		"<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \xef\xbb\xbf'su root' failed":                           "auth.crit 2003-10-11T22:14:15.003Z mymachine.example.com su: 'su root' failed",
		"<165>1 2003-10-11T22:14:15.003Z h evntslog 12 ID47 [x@3 iut=\"3\" source=\"App\\]\\\"lication\"][b c=\"d\"] text [here]": "local4.notice 2003-10-11T22:14:15.003Z h evntslog[12]: text [here]",
		"<165>1 2003-10-11T22:14:15.003Z h evntslog - - [open":                                                                    "local4.notice - 127.0.0.1 -: 1 2003-10-11T22:14:15.003Z h evntslog - - [open",
		"no priority \x1b[31m, and\ntwo lines\x00":                                                                                "user.notice - 127.0.0.1 -: no priority \\027[31m, and\\010two lines",
		"<999>beyond": "?.debug - 127.0.0.1 -: beyond",
		"":            "user.notice - 127.0.0.1 -:",
	} {
		io.WriteString(udp, sent)
		if got := s.line(""); got != want {
			t.Errorf("%q:\n%s\nwant\n%s", sent, got, want)
		}
	}
	s.abuse()
	conn := dial(t, s.port)
	say(t, conn, "<14>Oct 11 22:14:15 h p: a line\n36 <14>Oct 11 22:14:15 h p: two\nlines!!"+"<14>Oct 11 22:14:15 h p: the last")
	conn.CloseWrite()
	s.line("user.info Oct 11 22:14:15 h p: a line")
	s.line("user.info Oct 11 22:14:15 h p: two\\010lines!")
	s.line("user.info Oct 11 22:14:15 h p: the last")

	t.Run("logger", func(t *testing.T) {
		needs(t, "logger")
		for i, kind := range []string{"-d --rfc3164", "-d --rfc5424", "-T --rfc3164", "-T --rfc5424", "-T --octet-count --rfc5424"} {
			mark := fmt.Sprintf("prog[12]: message %d", i)
			args := append(strings.Fields(kind), "-n", "127.0.0.1", "-P", s.port, "-p", "mail.crit", "-t", "prog", "--id=12", fmt.Sprintf("message %d", i))
			if _, stderr, err := run(t, root, "logger", args...); err != nil {
				t.Skipf("this logger cannot do %s: %s", kind, stderr)
			}
			if line := s.line(mark); !strings.HasPrefix(line, "mail.crit ") {
				t.Errorf("%s: %s", kind, line)
			}
		}
	})
	t.Run("python", func(t *testing.T) {
		python(t, `
import logging, logging.handlers, socket, sys
for kind in socket.SOCK_DGRAM, socket.SOCK_STREAM:
    handler = logging.handlers.SysLogHandler(("127.0.0.1", int(sys.argv[1])), facility="local3", socktype=kind)
    handler.append_nul = False
    handler.setFormatter(logging.Formatter("prog: %(message)s\n"))
    logger = logging.getLogger(str(kind))
    logger.addHandler(handler)
    logger.error("from Python")`, s.port)
		s.line("local3.err - 127.0.0.1 -: prog: from Python")
		s.line("local3.err - 127.0.0.1 -: prog: from Python")
	})
}

func TestExampleSMTPSink(t *testing.T) {
	t.Parallel()
	s := exampleServer(t, "smtp_sink.lua")
	s.abuse()

	mail := "Subject: a test\r\n\r\n.one dot\r\n..two\r\n.\r\nthe end, grüße\r\n"
	if err := smtp.SendMail("127.0.0.1:"+s.port, nil, "ada@example.org", []string{"bob@example.org", "eve@example.org"}, []byte(mail)); err != nil {
		t.Fatal(err)
	}
	s.line("--- from <ada@example.org> to <bob@example.org>, <eve@example.org>")
	for line := range strings.SplitSeq(strings.TrimSuffix(mail, "\r\n"), "\r\n") {
		if got := s.line(""); got != line {
			t.Errorf("%q became %q", line, got)
		}
	}

	conn := dial(t, s.port)
	expect(t, conn, "220 wirelua takes all mail\r\n")
	for _, c := range [][2]string{
		{"MAIL FROM:<a@b>", "503"}, {"HELO", "501"}, {"helo x", "250"}, {"RCPT TO:<a>", "503"}, {"DATA", "503"}, {"NOOP", "250"},
		{"MAIL nobody", "501"}, {"MAIL FROM:<>", "250"}, {"MAIL FROM:<a>", "503"}, {"RCPT TO:<>", "501"}, {"RCPT TO:<a>", "250"},
		{"RSET", "250"}, {"DATA", "503"}, {"MAIL FROM:<a@b> SIZE=99999999", "552"}, {"VRFY a", "252"}, {"WHAT", "500"}, {"", "500"},
		{"mail from: <a@b> BODY=8BITMIME", "250"}, {"rcpt to: <a@b>", "250"}, {"DATA", "354"},
	} {
		say(t, conn, c[0]+"\r\n")
		if reply := expect(t, conn, "\r\n"); !strings.HasPrefix(reply, c[1]) {
			t.Errorf("%q: %s", c[0], reply)
		}
	}
	line := strings.Repeat("x", 999) + "\n"
	say(t, conn, strings.Repeat(line, 11_000)+".\r\nQUIT\r\n")
	expect(t, conn, "552 too long\r\n221 bye\r\n")

	conn = dial(t, s.port) // all at once, as PIPELINING allows
	say(t, conn, "EHLO x\r\nMAIL FROM:<p@x>\r\nRCPT TO:<q@x>\r\nDATA\r\n")
	say(t, conn, "piped\r\n.\r\nQUIT\r\n")
	expect(t, conn, "250 OK\r\n221 bye\r\n")
	s.line("--- from <p@x> to <q@x>")
	s.line("piped")

	t.Run("python", func(t *testing.T) {
		python(t, `
import smtplib, sys
from email.message import EmailMessage
mail = EmailMessage()
mail["From"], mail["To"], mail["Subject"] = "ada@x.test", "bob@y.test", "from Python"
mail.set_content(".dot\n..two\nend\n")
with smtplib.SMTP("127.0.0.1", int(sys.argv[1]), timeout=20) as s:
    s.send_message(mail)
    assert s.noop()[0] == 250 and s.verify("x")[0] == 252 and s.esmtp_features["size"] == "10485760"`, s.port)
		s.line("Subject: from Python")
		for _, want := range []string{".dot", "..two", "end"} {
			if got := s.line(want); got != want {
				t.Errorf("%q became %q", want, got)
			}
		}
	})
	t.Run("curl", func(t *testing.T) {
		needs(t, "curl")
		file := filepath.Join(t.TempDir(), "mail")
		os.WriteFile(file, []byte("Subject: from curl\r\n\r\n.hello\r\n"), 0o644)
		if _, stderr, err := run(t, root, "curl", "-sS", "smtp://127.0.0.1:"+s.port, "--mail-from", "c@d", "--mail-rcpt", "e@f", "-T", file); err != nil {
			t.Fatalf("%v\n%s", err, stderr)
		}
		s.line("--- from <c@d> to <e@f>")
		s.line("Subject: from curl")
		s.line(".hello")
	})
}

func TestExampleSOCKS5Proxy(t *testing.T) {
	t.Parallel()
	s := exampleServer(t, "socks5_proxy.lua")
	s.abuse()
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "reached "+r.Host) }))
	t.Cleanup(target.Close)
	port := uint16(target.Listener.Addr().(*net.TCPAddr).Port)
	nobody := listenTCP(t)
	nobody.Close()
	there := func(kind byte, address string, port uint16) string {
		return "\x05\x01\x00\x05\x01\x00" + string([]byte{kind}) + address + string(binary.BigEndian.AppendUint16(nil, port))
	}
	closed, _ := strconv.Atoi(portOf(nobody))
	for name, c := range map[string]struct{ sent, want string }{
		"IPv4":            {there(1, "\x7f\x00\x00\x01", port), "\x05\x00\x05\x00\x00\x01\x7f\x00\x00\x01"},
		"name":            {there(3, "\x09localhost", port), "\x05\x00\x05\x00\x00\x01\x7f\x00\x00\x01"},
		"nobody there":    {there(1, "\x7f\x00\x00\x01", uint16(closed)), "\x05\x00\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00"},
		"no such host":    {there(3, "\x0fno-such.invalid", 80), "\x05\x00\x05\x04\x00\x01\x00\x00\x00\x00\x00\x00"},
		"a name of bytes": {there(3, "\x05a\x00b\nc", 80), "\x05\x00\x05\x04\x00\x01\x00\x00\x00\x00\x00\x00"},
		"bind":            {"\x05\x01\x00\x05\x02\x00\x01\x7f\x00\x00\x01\x00\x50", "\x05\x00\x05\x07\x00\x01\x00\x00\x00\x00\x00\x00"},
		"unknown kind":    {"\x05\x01\x00\x05\x01\x00\x07\x7f\x00\x00\x01\x00\x50", "\x05\x00\x05\x08\x00\x01\x00\x00\x00\x00\x00\x00"},
		"password only":   {"\x05\x01\x02", "\x05\xff"},
		"no method":       {"\x05\x00", "\x05\xff"},
		"one of many":     {"\x05\x03\x02\x01\x00", "\x05\x00"},
		"version 4":       {"\x04\x01\x00\x50\x7f\x00\x00\x01\x00", ""},
		"ends too early":  {"\x05\x01\x00\x05\x01", "\x05\x00"},
		"HTTP":            {"GET / HTTP/1.0\r\n\r\n", ""},
	} {
		conn := dial(t, s.port)
		say(t, conn, c.sent)
		conn.CloseWrite()
		if got, _ := io.ReadAll(conn); !strings.HasPrefix(string(got), c.want) || len(got) > 0 && c.want == "" {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if v6, err := net.Listen("tcp", "[::1]:0"); err == nil {
		defer v6.Close()
		go echoAtEnd(v6)
		got := ask(t, s.port, there(4, string(net.IPv6loopback), uint16(v6.Addr().(*net.TCPAddr).Port))+"over IPv6")
		if !strings.HasPrefix(got, "\x05\x00\x05\x00\x00\x04"+string(net.IPv6loopback)) || !strings.HasSuffix(got, "over IPv6") {
			t.Errorf("IPv6: %q", got)
		}
	}

	t.Run("curl", func(t *testing.T) {
		needs(t, "curl")
		host := fmt.Sprintf("localhost:%d", port)
		for _, flag := range []string{"--socks5", "--socks5-hostname"} {
			stdout, stderr, err := run(t, root, "curl", "-sS", flag, "127.0.0.1:"+s.port, "http://"+host)
			if err != nil || stdout != "reached "+host {
				t.Errorf("%s: %v\n%s%s", flag, err, stdout, stderr)
			}
		}
		_, stderr, err := run(t, root, "curl", "-sS", "--socks5", "127.0.0.1:"+s.port, "http://127.0.0.1:"+portOf(nobody))
		if err == nil || !strings.Contains(stderr, "(5)") {
			t.Errorf("%v\n%s", err, stderr)
		}
	})
}
