//go:build unix

package scripts

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// startServer starts a command that prints "... PORT" or "...:PORT" as the end
// of its first line once it listens, and returns the port.
func startServer(t *testing.T, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("no %s here", name)
	}
	cmd := exec.Command(name, args...)
	cmd.Dir = root
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait(); r.Close() })
	lines := bufio.NewReader(r)
	line, err := lines.ReadString('\n')
	if err != nil {
		t.Fatalf("%s said %q (%v)", name, line, err)
	}
	go io.Copy(io.Discard, lines)
	fields := strings.FieldsFunc(strings.TrimSpace(line), func(c rune) bool { return c < '0' || c > '9' })
	return fields[len(fields)-1]
}

func TestCurlFetchesFromLua(t *testing.T) {
	port := startServer(t, wirelua, "scripts/http_server.lua", "127.0.0.1", "0")
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("no curl here")
	}
	url := "http://127.0.0.1:" + port
	stdout, stderr, err := run(t, root, "curl", "-sS", "-i", url+"/")
	if err != nil || !strings.HasPrefix(stdout, "HTTP/1.1 200") || len(stdout) < 100 {
		t.Errorf("%v\n%s%s", err, stdout, stderr)
	}
	stdout, _, _ = run(t, root, "curl", "-sS", "-o", "/dev/null", "-w", "%{http_code} %{num_connects}\n", url+"/", url+"/nothing-here")
	if !strings.Contains(stdout, "404") {
		t.Errorf("a page that is not there: %s", stdout)
	}
}

func TestLuaFetchesFromPython(t *testing.T) {
	dir := t.TempDir()
	page := strings.Repeat("a page served by Python\n", 5000)
	if err := os.WriteFile(filepath.Join(dir, "page.txt"), []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	port := startServer(t, "python3", "-u", "-c", `
import http.server, functools
class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory="`+dir+`"))
print("port", server.server_port)
server.serve_forever()`)
	stdout, stderr, err := run(t, root, wirelua, "scripts/http_get.lua", "127.0.0.1", port, "/page.txt")
	if err != nil || !strings.Contains(stdout, "200") || !strings.HasSuffix(stdout, page) {
		t.Errorf("%v\n%.300s\n%s", err, stdout, stderr)
	}
}
