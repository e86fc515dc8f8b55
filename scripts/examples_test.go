//go:build unix

package scripts

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
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
		"tls_echo.lua localhost":               "missing PORT",
		"monitor.lua localhost":                "SERVICE must be HOST:PORT, not localhost",
	} {
		args := strings.Fields(line)
		stdout, stderr, err := run(t, root, wirelua, append([]string{"scripts/examples/" + args[0]}, args[1:]...)...)
		if exitCode(err) != 2 || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("%s: %v, want %q\n%s%s", line, err, want, stdout, stderr)
		}
	}
	// What cannot be done is told in a line.
	taken := portOf(listenTCP(t))
	for line, want := range map[string]string{
		"smtp_sink.lua 127.0.0.1 " + taken:              "address already in use",
		"chat_server.lua no-such-host.invalid":          "not known: no-such-host.invalid",
		"static_http.lua /no/such/folder":               "no such folder: /no/such/folder",
		"http_client.lua http://localhost:99999/":       "not a port: 99999",
		"http_client.lua -o /no/such/file http://x/":    "/no/such/file: No such file",
		"redis_client.lua -p 1 PING":                    "127.0.0.1:1: connection refused",
		"tls_echo.lua 127.0.0.1 1":                      "127.0.0.1:1: connection refused",
		"tls_echo.lua -s -cert /no/such/file":           "/no/such/file",
		"dns_lookup.lua x A 127.0.0.1 1":                "connection refused",
		"multicast_discovery.lua -i 192.0.2.1 -t 0.1 x": "cannot assign requested address",
	} {
		args := strings.Fields(line)
		stdout, stderr, err := run(t, root, wirelua, append([]string{"scripts/examples/" + args[0]}, args[1:]...)...)
		if exitCode(err) != 1 || stdout != "" || !strings.Contains(stderr, want) || !strings.HasPrefix(stderr, args[0]+": ") || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: %v, want %q\n%s%s", line, err, want, stdout, stderr)
		}
	}
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
