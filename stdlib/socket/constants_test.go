//go:build unix

package socket_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"wirelua/interp"
	"wirelua/stdlib"
)

// socketConstant is what the module promises to have of the platform's names.
var socketConstant = regexp.MustCompile(`^(SCM_|AF_|SOCK_|SOL_|SO_|IPPROTO_|IP_|IPV6_|TCP_|UDP_|MSG_|SHUT_|AI_|NI_|EAI_|INADDR_|SOMAXCONN$)`)

// TestConstantsPython compares every constant that Python has, too: it takes
// them from the C headers.
func TestConstantsPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 here")
	}
	out, err := exec.Command(python, "-c", `
import json, socket
print(json.dumps({n: int(v) for n, v in vars(socket).items() if n.isupper() and isinstance(v, int)}))`).Output()
	if err != nil {
		t.Fatal(err)
	}
	var theirs map[string]float64
	if err := json.Unmarshal(out, &theirs); err != nil {
		t.Fatal(err)
	}
	ours := moduleTable(t)
	shared := 0
	for name, want := range theirs {
		got, ok := ours[name]
		switch {
		case ok && got != want:
			t.Errorf("%s is %v, Python has %v", name, got, want)
		case ok:
			shared++
		case socketConstant.MatchString(name):
			t.Errorf("%s = %v is missing", name, want)
		}
	}
	if shared < 100 {
		t.Errorf("only %d constants are in both", shared)
	}
}

// moduleTable returns the numbers of the module socket.
func moduleTable(t *testing.T) map[string]any {
	in, err := interp.New(interp.Config{Modules: stdlib.Modules()})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := in.RunString(t.Context(), "constants", `
numbers = {}
for name, value in pairs(socket) do
  if type(value) == "number" then numbers[name] = value end
end`); err != nil {
		t.Fatal(err)
	}
	table, err := in.Get("numbers")
	if err != nil {
		t.Fatal(err)
	}
	return table.(map[string]any)
}

// TestConstantsFresh fails when the generated files are not those that the
// golang.org/x/sys of go.mod gives: run go generate then.
func TestConstantsFresh(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the generator")
	}
	dir := t.TempDir()
	if out, err := exec.Command("go", "run", "gen_constants.go", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	if len(files) != 5 {
		t.Errorf("the generator wrote %d files", len(files))
	}
	for _, file := range files {
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Base(file)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is stale; run go generate (%v)", filepath.Base(file), err)
		}
	}
}

func TestConstantNames(t *testing.T) {
	run(t, free, nil, `
test("a constant that does not exist", function()
  local ok, err = pcall(function() return socket.AF_NOPE end)
  eq(ok, false)
  assert(err:find("^.*test%.lua:%d+: module 'socket' has no 'AF_NOPE'; did you mean 'AF_[A-Z]+'%?$"), err)
  raises("module 'socket' has no 'SOMAXCON'; did you mean 'SOMAXCONN'?", function() return socket.SOMAXCON end)
end)

-- Programs ask with "if socket.SO_X then" for what only some systems have.
test("a constant that only other platforms have is nil", function()
  local elsewhere = 0
  for _, name in ipairs {"SO_NOSIGPIPE", "SO_BINDTODEVICE", "IP_RECVDSTADDR", "AF_PACKET", "SO_REUSEPORT_LB", "AF_SYSTEM"} do
    if not socket[name] then elsewhere = elsewhere + 1 end
  end
  assert(elsewhere >= 2)
  raises("module 'socket' has no", function() return socket.SO_NOSIGPIP end)
  raises("module 'socket' has no", function() return socket.SO_BINDTODEVICES end)
end)

test("other names are errors, but for those that nobody writes by mistake", function()
  for _, name in ipairs {"nope", "BLOCKSIZe", "X", "", "Af_inet"} do
    raises("module 'socket' has no '" .. name .. "'", function() return socket[name] end)
    eq(rawget(socket, name), nil)
  end
  raises("module 'socket' has no 'conect'; did you mean 'connect'?", function() return socket.conect end)
  eq({socket._VERSION, socket[1]}, {})
end)

test("names of LuaSocket's say what is here instead", function()
  raises("socket.tcp is LuaSocket's; here: socket.socket() (see README, coming from LuaSocket)", function() return socket.tcp() end)
  raises("socket.select is LuaSocket's; here: select.select", function() return socket.select end)
  raises(":receive is LuaSocket's; here: recv", function() socket.socket():receive("*l") end)
  raises(":setoption is LuaSocket's; here: setsockopt", function() socket.socket():setoption("reuseaddr", true) end)
  raises("module 'socket.http' not found: socket.http is LuaSocket's", require, "socket.http")
  raises("module 'ltn12' not found: ltn12 is LuaSocket's; here: conn:chunks", require, "ltn12")
  raises("module 'ssl' not found: ssl is LuaSec's; here: tls", require, "ssl")
end)

test("the module's table is a table like any other", function()
  socket.nope = 1
  eq(socket.nope, 1)
  socket.nope = nil
  local n = 0
  for name in pairs(socket) do n = n + 1 end
  assert(n > 200)
end)
`)
}
