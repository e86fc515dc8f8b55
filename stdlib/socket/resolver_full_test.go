//go:build unix

package socket_test

import (
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// With no descriptor left the first look-up said that the name does not exist, or EAI_AGAIN, and
// did not find what is in the machine's list of hosts. The test runs itself with few descriptors.
func TestLookupFull(t *testing.T) {
	if os.Getenv("WIRELUA_FEW_DESCRIPTORS") == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestLookupFull$", "-test.count=1")
		cmd.Env = append(os.Environ(), "WIRELUA_FEW_DESCRIPTORS=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	net.DefaultResolver = &net.Resolver{} // the system's, as scripts have it
	limit := unix.Rlimit{Cur: 40, Max: 40}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	out := runLua(t, t.Context(), `
local name, held = ..., {}
while true do
  local ok, s = pcall(socket.socket)
  if not ok then assert(s.code == "EMFILE", s) break end
  held[#held + 1] = s
end
for _, ask in ipairs {
  function() return socket.getaddrinfo("nowhere.invalid", 80) end,
  function() return socket.gethostbyname("nowhere.invalid") end,
  function() return socket.gethostbyaddr("192.0.2.77") end,
} do
  local ok, err = pcall(ask)
  print(ok or err.code)
end
if name ~= "" then print(pcall(socket.gethostbyname, name)) end
`, listedHost())
	lines := strings.Split(strings.TrimSpace(out), "\n")
	for i, line := range lines {
		if i < 3 && line != "EMFILE" || i == 3 && !strings.HasPrefix(line, "true\t") {
			t.Errorf("line %d is %q", i+1, line)
		}
	}
	if len(lines) < 3 {
		t.Errorf("only %q", out)
	}
}

// listedHost returns a name with an IPv4 address from the machine's list of hosts, and not
// localhost, for which none is needed; "" when there is none.
func listedHost() string {
	list, _ := os.ReadFile("/etc/hosts")
	for line := range strings.Lines(string(list)) {
		line, _, _ = strings.Cut(line, "#")
		if f := strings.Fields(line); len(f) > 1 && !strings.Contains(f[0], ":") && !strings.HasPrefix(f[1], "localhost") {
			return f[1]
		}
	}
	return ""
}
