//go:build unix

package scripts

import (
	"bytes"
	"encoding/binary"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

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
		"GET /" + strings.Repeat("x", 10_000) + strings.TrimPrefix(handshake, "GET /chat"): "414",
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

// TestExampleWebSocketChromium has a browser open a page of ours, whose script talks to the
// server and then tells us how that went.
func TestExampleWebSocketChromium(t *testing.T) {
	t.Parallel()
	needs(t, "chromium")
	s := exampleServer(t, "websocket_echo.lua")
	report := make(chan string, 1)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /report", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		select {
		case report <- string(body):
		default:
		}
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `<script>
const messages = ["hello", "", "grüße 🎉", "x".repeat(70000), new Uint8Array([0, 1, 255]).buffer]
const text = data => typeof data === "string" ? data : new Uint8Array(data).join()
const wrong = []
const s = new WebSocket("ws://127.0.0.1:`+s.port+`/")
s.binaryType = "arraybuffer"
s.onopen = () => s.send(messages[0])
s.onmessage = e => {
  const sent = messages.shift()
  if (text(sent) !== text(e.data)) wrong.push(text(sent))
  if (messages.length) s.send(messages[0]); else s.close(3001, "done")
}
s.onclose = e => fetch("/report", { method: "POST", body: ["closed", e.code, e.reason, e.wasClean, ...wrong].join(" ") })
</script>`)
	})
	page := httptest.NewServer(mux)
	t.Cleanup(page.Close)
	cmd := exec.Command("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
		"--no-proxy-server", "--user-data-dir="+t.TempDir(), page.URL)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it is many processes
	var stderr bytes.Buffer
	cmd.Stderr, cmd.WaitDelay = &stderr, limit // and Wait waits for all that could write there
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); cmd.Wait() })
	select {
	case got := <-report:
		if got != "closed 3001 done true" {
			t.Errorf("the browser says %.300q", got)
		}
	case <-time.After(limit):
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
		t.Errorf("the browser says nothing\n%s", stderr.String())
	}
}
