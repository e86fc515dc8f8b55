//go:build unix

package ladder_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// browser is a headless Chromium with one page, driven over a pipe.
type browser struct {
	t       *testing.T
	w       *os.File
	replies chan message
	id      int
	session string
	errors  []string // what went to the console as an error, and what the page threw
}

type message struct {
	ID        int                       `json:"id,omitempty"`
	SessionID string                    `json:"sessionId,omitempty"`
	Method    string                    `json:"method,omitempty"`
	Params    json.RawMessage           `json:"params,omitempty"`
	Result    json.RawMessage           `json:"result,omitempty"`
	Error     *struct{ Message string } `json:"error,omitempty"`
}

// newBrowser starts it; without one the test is skipped.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium here to open the page with")
	}
	toBrowser, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r, fromBrowser, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "chromium")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-pipe",
		"--user-data-dir="+dir, "about:blank")
	cmd.Env = append(os.Environ(), "HOME="+dir)
	cmd.ExtraFiles = []*os.File{toBrowser, fromBrowser} // 3 and 4
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	toBrowser.Close()
	fromBrowser.Close()
	b := &browser{t: t, w: w, replies: make(chan message, 1000)}
	t.Cleanup(func() {
		w.Close() // which ends it
		killed := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		killed.Stop()
		r.Close()
		_ = os.RemoveAll(dir)
	})
	go b.read(r)
	var target struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log"} {
		b.call(domain+".enable", nil, nil)
	}
	b.window(1600, 1000)
	return b
}

func (b *browser) read(r *os.File) {
	defer close(b.replies)
	in := bufio.NewReader(r)
	for {
		text, err := in.ReadBytes(0)
		if err != nil {
			return
		}
		var m message
		if json.Unmarshal(bytes.TrimSuffix(text, []byte{0}), &m) == nil {
			b.replies <- m
		}
	}
}

// call asks for something, and waits for the answer.
func (b *browser) call(method string, params map[string]any, result any) {
	b.t.Helper()
	b.id++
	p, err := json.Marshal(params)
	if err != nil {
		b.t.Fatal(err)
	}
	text, _ := json.Marshal(message{ID: b.id, SessionID: b.session, Method: method, Params: p})
	if _, err := b.w.Write(append(text, 0)); err != nil {
		b.t.Fatal(err)
	}
	m := b.until(func(m message) bool { return m.ID == b.id })
	if m.Error != nil {
		b.t.Fatalf("%s: %s", method, m.Error.Message)
	}
	if result != nil {
		if err := json.Unmarshal(m.Result, result); err != nil {
			b.t.Fatal(err)
		}
	}
}

// until waits for a message, and notes errors that are told of meanwhile.
func (b *browser) until(is func(message) bool) message {
	b.t.Helper()
	late := time.After(time.Minute)
	for {
		select {
		case m, ok := <-b.replies:
			if !ok {
				b.t.Fatal("the browser has ended")
			}
			b.note(m)
			if is(m) {
				return m
			}
		case <-late:
			b.t.Fatal("the browser does not answer")
		}
	}
}

func (b *browser) note(m message) {
	var p struct {
		Type  string
		Entry struct{ Level, Text string }
	}
	_ = json.Unmarshal(m.Params, &p)
	switch {
	case m.Method == "Runtime.exceptionThrown", m.Method == "Runtime.consoleAPICalled" && p.Type != "log",
		m.Method == "Log.entryAdded" && p.Entry.Level != "info":
		b.errors = append(b.errors, string(m.Params))
	}
}

// open loads a page from a file.
func (b *browser) open(path string) {
	b.t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		b.t.Fatal(err)
	}
	b.call("Page.navigate", map[string]any{"url": "file://" + path}, nil)
	b.until(func(m message) bool { return m.Method == "Page.loadEventFired" })
}

// eval returns the value of an expression.
func eval[T any](b *browser, expression string) (value T) {
	b.t.Helper()
	var r struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &r)
	if r.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, r.ExceptionDetails)
	}
	if err := json.Unmarshal(r.Result.Value, &value); err != nil {
		b.t.Fatal(errors.Join(fmt.Errorf("%s is %q", expression, r.Result.Value), err))
	}
	return value
}

// press presses keys, by their names.
func (b *browser) press(keys ...string) {
	b.t.Helper()
	for _, k := range keys {
		down := map[string]any{"type": "keyDown", "key": k}
		if len(k) == 1 {
			down["text"] = k
		}
		b.call("Input.dispatchKeyEvent", down, nil)
		b.call("Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": k}, nil)
	}
}

func (b *browser) window(width, height int) {
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}, nil)
}

// scheme is "light" or "dark".
func (b *browser) scheme(name string) {
	b.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": name}}}, nil)
}

// settled waits until what was asked for is drawn.
func (b *browser) settled() {
	b.t.Helper()
	eval[bool](b, "new Promise(done => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(() => done(true))), 150))")
}

// picture writes what is seen to a file of the folder that -pictures names, if it does.
func (b *browser) picture(name string) {
	b.t.Helper()
	if *pictures == "" {
		return
	}
	b.settled()
	b.save("Page.captureScreenshot", nil, name+".png")
}

func (b *browser) save(method string, params map[string]any, name string) []byte {
	b.t.Helper()
	var r struct{ Data string }
	b.call(method, params, &r)
	data, err := base64.StdEncoding.DecodeString(r.Data)
	if err != nil {
		b.t.Fatal(err)
	}
	if *pictures != "" {
		if err := os.WriteFile(filepath.Join(*pictures, name), data, 0o644); err != nil {
			b.t.Fatal(err)
		}
	}
	return data
}
