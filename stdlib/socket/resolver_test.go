//go:build unix

package socket_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"wirelua/interp"
	"wirelua/interp/interptest"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// run runs a test written in Lua that a Go test sets the scene for. Each name in
// vars is a global of the script's.
func run(t *testing.T, config interp.Config, vars map[string]any, source string) {
	t.Helper()
	config.Modules = append(stdlib.Modules(), config.Modules...)
	var b strings.Builder
	for name, value := range vars {
		fmt.Fprintf(&b, "%s = %#v; ", name, value)
	}
	file := filepath.Join(t.TempDir(), "test.lua")
	if err := os.WriteFile(file, []byte(b.String()+source), 0o666); err != nil {
		t.Fatal(err)
	}
	interptest.Run(t, config, file)
}

var free = interp.Config{Policy: policy.All()}

// TestGetaddrinfoPython compares answers that need no name server with those of
// Python, which are the C library's.
func TestGetaddrinfoPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil || runtime.GOOS != "linux" {
		t.Skip("needs python3 on Linux: flags and the order of answers differ elsewhere")
	}
	const (
		passive, canon, numHost, mapped, all, numServ = 1, 2, 4, 8, 16, 1024

		inet, inet6 = 2, 10
	)
	rows := [][]any{
		{nil, 80}, {nil, 80, 0, 0, 0, passive}, {nil, "http", inet, 1}, {nil, nil}, {nil, 80, 0, 0, 0, canon},
		{nil, 80, inet6, 2, 0, passive}, {nil, 0, 0, 1},
		{"127.0.0.1", "http"}, {"127.0.0.1", "domain"}, {"127.0.0.1", "http", 0, 2}, {"127.0.0.1", "ntp", 0, 1},
		{"127.0.0.1", 80, 0, 0, 6}, {"127.0.0.1", 80, 0, 0, 17}, {"127.0.0.1", 80, 0, 1, 17}, {"127.0.0.1", 80, 0, 2, 6},
		{"127.0.0.1", nil, 0, 1}, {"127.0.0.1", "", 0, 1}, {"127.0.0.1", "8080", 0, 1}, {"127.0.0.1", "-1", 0, 1},
		{"127.0.0.1", "nope", 0, 1}, {"127.0.0.1", "http", 0, 1, 0, numServ}, {"127.0.0.1", "80", 0, 1, 0, numServ},
		{"127.0.0.1", 80, 0, 5}, {"127.0.0.1", 80, 0, 1, 132}, {"127.0.0.1", 80, 0, 99}, {"127.0.0.1", nil, 0, 3, 1},
		{"127.0.0.1", nil, 0, 3}, {"127.0.0.1", "http", 0, 3}, {"127.0.0.1", "http", 0, 0, 1},
		{"127.0.0.1", 80, inet6, 1}, {"127.0.0.1", 80, inet6, 1, 0, mapped}, {"127.0.0.1", 80, inet6, 1, 0, mapped | all},
		{"::1", 80, inet, 1}, {"::ffff:1.2.3.4", 80, inet, 1}, {"::ffff:1.2.3.4", 80, 0, 1}, {"::1", 443},
		{"127.0.0.1", 80, 1}, {"127.0.0.1", 80, 0, 0, 0, 1 << 20}, {"127.1", 80, 0, 1, 0, canon}, {"::1", 80, 0, 1, 0, canon},
		{"127.0.0.1", 80, 0, 1, 0, canon}, {"127.0.0.1", 80, 0, 0, 17, canon}, {"0x7f.1", 80, 0, 1}, {"1.2.3.4", 80, 0, 1, 0, numHost},
		{"localhost", 80, 0, 1, 0, numHost}, {"2130706433", 80, 0, 1}, {"fe80::1%lo", 80, 0, 1},
	}
	config := free
	config.Modules = stdlib.Modules()
	in, err := interp.New(config)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := in.RunString(t.Context(), "ours", `
function ask(...)
  local ok, found = pcall(socket.getaddrinfo, ...)
  if not ok then return found.code end
  for i, e in ipairs(found) do
    local a = e.address
    found[i] = table.concat({e.family, e.type, e.proto, e.canonname, (a.host:gsub("%%.*", "")), a.port, a.scope_id or "", a.flowinfo or ""}, " ")
  end
  return found
end`); err != nil {
		t.Fatal(err)
	}
	for i, want := range askPython(t, python, rows) {
		got, err := in.Call(t.Context(), "ask", rows[i]...)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got[0], want) {
			t.Errorf("getaddrinfo%v:\n got %v\nwant %v", rows[i], got[0], want)
		}
	}
}

func askPython(t *testing.T, python string, rows [][]any) (answers []any) {
	input, _ := json.Marshal(rows)
	cmd := exec.Command(python, "-c", `
import json, socket, sys
names = {getattr(socket, n): n for n in dir(socket) if n.startswith("EAI_")}
def ask(row):
    try: found = socket.getaddrinfo(*row)
    except socket.gaierror as e: return names[e.errno]
    return [" ".join(str(v) for v in (int(f), int(t), p, c, a[0].split("%")[0], a[1], a[3] if len(a) > 2 else "", a[2] if len(a) > 2 else "")) for f, t, p, c, a in found]
json.dump([ask(row) for row in json.load(sys.stdin)], sys.stdout)`)
	cmd.Stdin = strings.NewReader(string(input))
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &answers); err != nil {
		t.Fatal(err)
	}
	return answers
}

var testZone = zone{
	"both.test A":    {"A 127.0.0.2", "A 127.0.0.3"},
	"both.test AAAA": {"AAAA fd00:9::1"},
	"four.test A":    {"A 127.0.0.4"},
	"six.test AAAA":  {"AAAA fd00:9::6"},
	"alias.test A":   {"CNAME real.test", "A 127.0.0.5"},
	"real.test A":    {"A 127.0.0.5"},
	"chain.test A":   {"CNAME mid.test", "CNAME real.test", "A 127.0.0.5"},
	"mid.test A":     {"CNAME real.test", "A 127.0.0.5"},
	"round.test A":   {"CNAME trip.test", "A 127.0.0.6"}, "trip.test A": {"CNAME round.test", "A 127.0.0.6"},
	"broken.test A": {"rcode 2"}, "broken.test AAAA": {"rcode 2"},
	"never.test A": {"silence"}, "never.test AAAA": {"silence"},
	"5.0.0.127.in-addr.arpa PTR": {"PTR real.test", "PTR second"},
	"1.2.0.192.in-addr.arpa PTR": {"PTR short"},
	"9.2.0.192.in-addr.arpa PTR": {"silence"},
}

func TestLookups(t *testing.T) {
	useDNS(t, testZone)
	run(t, free, nil, `
local function hosts(...)
  local list = {}
  for i, e in ipairs(socket.getaddrinfo(...)) do list[i] = e.address.host end
  table.sort(list)
  return table.concat(list, " ")
end
local INET6, STREAM = socket.AF_INET6, socket.SOCK_STREAM

test("families", function()
  eq(hosts("both.test", 80, 0, STREAM), "127.0.0.2 127.0.0.3 fd00:9::1")
  eq(hosts("both.test", 80, socket.AF_INET, STREAM), "127.0.0.2 127.0.0.3")
  eq(hosts("both.test", 80, INET6, STREAM), "fd00:9::1")
  raises("EAI_NONAME", hosts, "four.test", 80, INET6)
  raises("EAI_NONAME", hosts, "six.test", 80, socket.AF_INET)
end)

test("AI_V4MAPPED and AI_ALL", function()
  local M, A = socket.AI_V4MAPPED, socket.AI_ALL
  eq(hosts("four.test", 80, INET6, STREAM, 0, M), "::ffff:127.0.0.4")
  eq(hosts("both.test", 80, INET6, STREAM, 0, M), "fd00:9::1")
  eq(hosts("both.test", 80, INET6, STREAM, 0, M + A), "::ffff:127.0.0.2 ::ffff:127.0.0.3 fd00:9::1")
  eq(hosts("both.test", 80, INET6, STREAM, 0, A), "fd00:9::1", "AI_ALL alone means nothing")
  eq(socket.getaddrinfo("four.test", 80, INET6, STREAM, 0, M)[1].address.family, INET6)
end)

test("AI_CANONNAME", function()
  local found = socket.getaddrinfo("alias.test", 80, socket.AF_INET, 0, 0, socket.AI_CANONNAME)
  eq({found[1].canonname, found[2].canonname, found[1].address.host}, {"real.test", "", "127.0.0.5"})
  eq(socket.getaddrinfo("chain.test", 80, socket.AF_INET, 0, 0, socket.AI_CANONNAME)[1].canonname, "real.test")
  eq(socket.getaddrinfo("chain.test.", 80, socket.AF_INET, 0, 0, socket.AI_CANONNAME)[1].canonname, "real.test")
  assert(socket.getaddrinfo("round.test", 80, socket.AF_INET, 0, 0, socket.AI_CANONNAME)[1].canonname:match("test$"))
  eq(socket.getaddrinfo("four.test", 80, socket.AF_INET, STREAM, 0, socket.AI_CANONNAME)[1].canonname, "four.test")
  eq(socket.getaddrinfo("localhost", 80, socket.AF_INET, STREAM, 0, socket.AI_CANONNAME)[1].canonname, "localhost")
end)

test("gethostbyname is for IPv4", function()
  eq(socket.gethostbyname("alias.test"), "127.0.0.5")
  raises("EAI_NONAME", socket.gethostbyname, "six.test")
  raises("EAI_ADDRFAMILY", socket.gethostbyname, "::1")
  eq(socket.gethostbyname("<broadcast>"), "255.255.255.255")
end)

test("gethostbyaddr", function()
  eq({socket.gethostbyaddr("127.0.0.5")}, {"real.test", {"second"}, {"127.0.0.5"}})
  eq({socket.gethostbyaddr("alias.test")}, {"real.test", {"second"}, {"127.0.0.5"}})
  local err = raises("EAI_NONAME", socket.gethostbyaddr, "192.0.2.77")
  eq(tostring(err), "gethostbyaddr: name or service not known: 192.0.2.77")
end)

test("getnameinfo", function()
  eq({socket.getnameinfo({"127.0.0.5", 80})}, {"real.test", "http"})
  eq({socket.getnameinfo("127.0.0.5", 80, socket.NI_NUMERICSERV)}, {"real.test", "80"})
  eq({socket.getnameinfo({"192.0.2.77", 64999})}, {"192.0.2.77", "64999"})
  raises("EAI_NONAME", socket.getnameinfo, {"192.0.2.77", 80}, socket.NI_NAMEREQD)
  raises("EAI_NONAME", socket.getnameinfo, {"four.test", 80}) -- it takes addresses only
  raises("EAI_BADFLAGS", socket.getnameinfo, {"127.0.0.5", 80}, 0x10000)
  eq({socket.getnameinfo({"::1", 514}, socket.NI_NUMERICHOST + socket.NI_DGRAM)}, {"::1", "syslog"})
  local lo = socket.if_nameindex()[1]
  eq(socket.getnameinfo({"fe80::1", 1, 0, lo.index}, socket.NI_NUMERICHOST), "fe80::1%" .. lo.name)
end)

test("getfqdn", function()
  eq(socket.getfqdn("alias.test"), "real.test")
  eq(socket.getfqdn("192.0.2.1"), "short")
  eq(socket.getfqdn("no.such.test"), "no.such.test")
  eq(type(socket.getfqdn()), "string")
end)

test("a failing server is EAI_AGAIN", function()
  local err = raises("EAI_AGAIN", socket.getaddrinfo, "broken.test", 80)
  eq(err.errno, nil)
  assert(tostring(err):find("broken.test", 1, true))
  raises("EAI_AGAIN", socket.create_connection, "broken.test", 80)
end)

test("the default timeout limits look-ups", function()
  socket.setdefaulttimeout(0.05)
  for name, call in pairs {
    getaddrinfo = function() socket.getaddrinfo("never.test", 80) end,
    gethostbyname = function() socket.gethostbyname("never.test") end,
    gethostbyaddr = function() socket.gethostbyaddr("192.0.2.9") end,
    getnameinfo = function() socket.getnameinfo({"192.0.2.9", 80}) end,
    create_server = function() socket.create_server("never.test", 80) end,
  } do
    local err = raises("ETIMEDOUT", call)
    eq({err.op, err.timeout}, {name, true})
  end
  eq(socket.getfqdn("never.test"), "never.test")
  socket.setdefaulttimeout(nil)
end)

test("other threads run meanwhile, and a cancelled look-up ends", function()
  for _, call in ipairs {
    function() socket.getaddrinfo("never.test", 80) end,
    function() socket.getfqdn("never.test") end,
    function() socket.gethostbyaddr("192.0.2.9") end,
    function() socket.create_connection("never.test", 80) end,
  } do
    local t = thread.start(call)
    thread.sleep(0.01)
    eq(t:alive(), true)
    t:cancel()
    local ok, err = t:join(5)
    eq({ok, err.code}, {false, "ECANCELED"})
  end
end)
`)
}

func TestLookupPolicy(t *testing.T) {
	useDNS(t, testZone)
	run(t, interp.Config{}, nil, `
test("nothing is asked outside", function()
  local err = raises("EACCES", socket.getaddrinfo, "four.test", 80)
  raises("EACCES", socket.gethostbyaddr, "192.0.2.1")
  raises("EACCES", socket.getnameinfo, {"192.0.2.1", 80})
  raises("EACCES", socket.getaddrinfo, "alias.test", 80, 0, 0, 0, socket.AI_CANONNAME)
  eq(socket.getfqdn("192.0.2.1"), "192.0.2.1")
end)

test("numbers are free", function()
  eq(#socket.getaddrinfo("127.0.0.1", "http", socket.AF_INET, socket.SOCK_STREAM), 1)
  eq(#socket.getaddrinfo("localhost", 80, socket.AF_INET, socket.SOCK_STREAM, 0, socket.AI_CANONNAME), 1)
  eq({socket.getnameinfo({"192.0.2.1", 80}, socket.NI_NUMERICHOST)}, {"192.0.2.1", "http"})
  eq(type(socket.getnameinfo({"127.0.0.1", 80})), "string", "localhost")
  raises("EACCES", socket.gethostbyaddr, "127.0.0.5")
end)
`)
	rules := policy.Policy{Connect: []string{"four.test"}}
	run(t, interp.Config{Policy: rules}, nil, `
test("a connect rule opens look-ups", function()
  eq(socket.gethostbyname("real.test"), "127.0.0.5")
  eq(socket.gethostbyaddr("192.0.2.1"), "short")
end)
`)
}

func TestAddrconfig(t *testing.T) {
	run(t, free, nil, `
-- What a machine has configured differs; that loopback does not count, and that the answers
-- are some of those without the flag, holds everywhere.
test("AI_ADDRCONFIG leaves families out", function()
  local families = {}
  local ok, found = pcall(socket.getaddrinfo, "localhost", 80, 0, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG)
  if not ok then eq(found.code, "EAI_NONAME") return end
  assert(#found >= 1 and #found <= #socket.getaddrinfo("localhost", 80, 0, socket.SOCK_STREAM))
end)

test("numeric hosts are as given", function()
  eq(socket.getaddrinfo("::1", 80, 0, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG)[1].address.host, "::1")
end)
`)
}
