//go:build unix

package hosts

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// load runs the load generator, and returns what it printed, and its error.
func load(t *testing.T, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	out, err := exec.CommandContext(ctx, filepath.Join(programs, "load"), args...).CombinedOutput()
	return string(out), err
}

// The scenario, for a second, on the server that it is for. What a user has set is what it gets, or it would fail.
func TestLoad(t *testing.T) {
	server := start(t, "server", "server/protocol.lua")
	out, err := load(t, "--users=100", "--duration=2s", "--interpreters=3", "load/scenario.lua", server.addr)
	if err != nil {
		t.Fatal(err, out)
	}
	counts := map[string]int{}
	for _, line := range regexp.MustCompile(`(?m)^ *(connect|SET|GET) +(\d+) +\d+( +[\d.]+(m|µ)?s){3}`).FindAllStringSubmatch(out, -1) {
		counts[line[1]], _ = strconv.Atoi(line[2])
	}
	if counts["GET"] == 0 || counts["SET"] > counts["connect"] || counts["GET"] > 10*counts["SET"] {
		t.Errorf("%v in\n%s", counts, out)
	}
	served := 0
	for id := range 100 {
		if server.ask(fmt.Sprint("GET user-", id)) == fmt.Sprint("value of ", id) {
			served++
		}
	}
	if served == 0 {
		t.Errorf("the server knows no user, after\n%s", out)
	}
}

// What fails is told, and the status says so; there is no way to anywhere but the target.
func TestLoadFails(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	script := writeScript(t, `return function(id, host, port) socket.create_connection(host, port + 1) end`)
	out, err := load(t, "--users=2", "--duration=1s", script, l.Addr().String())
	says := regexp.MustCompile(`(\d+) times: script.lua:1: create_connection 127.0.0.1:\d+: not allowed: connect to 127.0.0.1:\d+\n.*load: (\d+) of (\d+) visits failed\n$`).FindStringSubmatch(out)
	if err == nil || says == nil || says[1] != says[2] || says[2] != says[3] {
		t.Errorf("%v\n%s", err, out)
	}
	began := time.Now()
	if out, err = load(t, "--users=2", "--duration=10ms", writeScript(t, `return function() while true do end end`), l.Addr().String()); err == nil ||
		!strings.Contains(out, "0 of 0 visits failed") || time.Since(began) > limit/2 {
		t.Errorf("%v\n%s", err, out)
	}
}
