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
  assert(err:find("^.*test%.lua:%d+: socket%.AF_NOPE: no such constant$"), err)
  raises("socket.SOMAXCON: no such constant", function() return socket.SOMAXCON end)
end)

-- Programs ask with "if socket.SO_X then" for what only some systems have.
test("a constant that only other platforms have is nil", function()
  local elsewhere = 0
  for _, name in ipairs {"SO_NOSIGPIPE", "SO_BINDTODEVICE", "IP_RECVDSTADDR", "AF_PACKET", "SO_REUSEPORT_LB", "AF_SYSTEM"} do
    if not socket[name] then elsewhere = elsewhere + 1 end
  end
  assert(elsewhere >= 2)
  raises("no such constant", function() return socket.SO_NOSIGPIP end)
  raises("no such constant", function() return socket.SO_BINDTODEVICES end)
end)

test("every other name is nil", function()
  for _, name in ipairs {"nope", "tcp", "_VERSION", "BLOCKSIZe", "X", "", "Af_inet", 1} do
    eq(socket[name], nil)
  end
  eq(rawget(socket, "AF_NOPE"), nil)
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
