//go:build unix

package scripts

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

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
		"GET / HTTP/1.1\r\nX: " + strings.Repeat("x", 9000) + "\r\n\r\n":            "431",
		"GET /" + strings.Repeat("x", 9000) + " HTTP/1.1\r\n\r\n":                   "414",
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
	notTLS, only400 := "not TLS", "400"
	if *chaosSpec != "" { // then the server may close before it has been told all, and that is what is said
		notTLS, only400 = "127.0.0.1", "127.0.0.1"
	}

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
		{strings.Replace(plain.URL, "http", "https", 1), 1, notTLS},
		{strings.Replace(secret.URL, "https", "http", 1), 1, only400},
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
