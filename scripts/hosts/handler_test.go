//go:build unix

package hosts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// fetch makes a request of a host, and returns the answer as a text: "200 text/plain: hello".
func fetch(ctx context.Context, h *host, method, path, body string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://"+h.addr+path, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("User-Agent", "a test")
	client := http.Client{Timeout: limit}
	answer, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return fmt.Sprintf("%d %s: %s", answer.StatusCode, answer.Header.Get("Content-Type"), text), err
}

// gives fails unless a request has this answer.
func gives(t *testing.T, h *host, method, path, body, want string) {
	t.Helper()
	if got, err := fetch(t.Context(), h, method, path, body); got != want || err != nil {
		t.Errorf("%s %s: %q, %v; want %q", method, path, got, err, want)
	}
}

// writeScript makes a file of a script, and returns its path.
func writeScript(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "script.lua")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestHandler(t *testing.T) {
	h := start(t, "handler", "--interpreters=3", "--limit=1h", "handler/handler.lua")
	gives(t, h, "POST", "/shout", "hello", "200 text/plain; charset=utf-8: HELLO")
	gives(t, h, "GET", "/agent", "", `200 application/json: {"agent":"a test"}`)
	gives(t, h, "GET", "/none", "", "404 text/plain: nothing is at /none\n")
	var visits sync.WaitGroup
	for range 50 {
		visits.Go(func() {
			if _, err := fetch(t.Context(), h, "GET", "/", ""); err != nil {
				t.Error(err)
			}
		})
	}
	visits.Wait()
	gives(t, h, "GET", "/", "", "200 text/plain: visit 51\n") // whichever interpreter served them
}

// One interpreter serves others while requests wait; the requests of clients that go away end, or the program would
// not.
func TestHandlerWaits(t *testing.T) {
	h := start(t, "handler", "--interpreters=1", "--limit=1h", "--grace=1h", writeScript(t, `
		return function(method, path)
			if path == "/wait" then visit("waiting") time.sleep(3600) end
			return 200, {}, tostring(visit("waiting"))
		end`))
	ctx, leave := context.WithCancel(t.Context())
	var waiting sync.WaitGroup
	for range 20 {
		waiting.Go(func() {
			if _, err := fetch(ctx, h, "GET", "/wait", ""); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	for asked := 1; ; asked++ { // each counts itself
		got, err := fetch(t.Context(), h, "GET", "/", "")
		if err != nil {
			t.Fatal(err)
		}
		if got == fmt.Sprintf("200 text/plain; charset=utf-8: %d", 20+asked) {
			break
		}
	}
	leave()
	waiting.Wait()
}

func TestHandlerFails(t *testing.T) {
	script := writeScript(t, `
		return function(method, path)
			if path == "/boom" then error("boom") end
			if path == "/loop" then while true do end end
			return 99
		end`)
	h := start(t, "handler", "--limit=1h", script)
	gives(t, h, "GET", "/boom", "", "500 text/plain; charset=utf-8: the script failed\n")
	h.hears(`GET /boom: script.lua:3: boom$`)
	gives(t, h, "GET", "/", "", "500 text/plain; charset=utf-8: the script failed\n")
	h.hears(`GET /: 99 is no status`)
	h = start(t, "handler", "--limit=10ms", script)
	gives(t, h, "GET", "/loop", "", "503 text/plain; charset=utf-8: this takes too long\n")
}
