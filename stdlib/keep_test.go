package stdlib_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// Scripts run one after the other, with one Keeper: each prints, and "same" is what the last must.
func TestKeeper(t *testing.T) {
	const bindUDP = `
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s:setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, %s)
		s:bind("127.0.0.1", 0)`
	for name, c := range map[string]struct {
		scripts []string
		same    bool // the port, which each prints
	}{
		"port 0":        {[]string{`s = socket.create_server("127.0.0.1", 0)`, `s = socket.create_server("127.0.0.1", 0)`}, true},
		"three times":   {[]string{`s = socket.create_server("127.0.0.1", 0)`, `s = socket.create_server("127.0.0.1", 0)`, `s = socket.create_server("127.0.0.1", 0)`}, true},
		"in order":      {[]string{`a, s = socket.create_server("127.0.0.1", 0), socket.create_server("127.0.0.1", 0)`, `a, s = socket.create_server("127.0.0.1", 0), socket.create_server("127.0.0.1", 0)`}, true},
		"a copy":        {[]string{`a = socket.create_server("127.0.0.1", 0) s = a:dup() a:close()`, `s = socket.create_server("127.0.0.1", 0)`}, true},
		"as it failed":  {[]string{`s = socket.create_server("127.0.0.1", 0) print(s:getsockname().port) error("x")`, `s = socket.create_server("127.0.0.1", 0)`}, true},
		"another host":  {[]string{`s = socket.create_server("127.0.0.1", 0)`, `s = socket.create_server("127.0.0.2", 0)`}, false},
		"another type":  {[]string{`s = socket.create_server("127.0.0.1", 0)`, strings.Replace(bindUDP, "%s", "1", 1)}, false},
		"closed":        {[]string{`s = socket.create_server("127.0.0.1", 0) print(s:getsockname().port) s:close() s = nil`, `s = socket.create_server("127.0.0.1", 0)`}, false},
		"only bound":    {[]string{`s = socket.socket() s:bind("127.0.0.1", 0)`, `s = socket.create_server("127.0.0.1", 0)`}, false},
		"of two stacks": {[]string{`s = socket.create_server("::1", 0, {family = socket.AF_INET6, dualstack_ipv6 = true})`, `s = socket.create_server("::1", 0, {family = socket.AF_INET6})`}, false},
		"options": {[]string{strings.Replace(bindUDP, "%s", "0", 1),
			strings.Replace(bindUDP, "%s", "1", 1) + ` assert(s:getsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST) ~= 0)`}, true},
		"connected": {[]string{strings.Replace(bindUDP, "%s", "0", 1) + ` s:connect("127.0.0.1", 9)`, strings.Replace(bindUDP, "%s", "0", 1)}, false},
		"waited for before": {[]string{strings.Replace(bindUDP, "%s", "0", 1), `
			s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
			s:settimeout(0.01)
			pcall(s.recv, s, 1)
			s:bind("127.0.0.1", 0)
			s:settimeout(5)
			thread.start(function() s:sendto("x", s:getsockname()) end)
			assert(s:recv(10) == "x")`}, true},
		"a wider address": {[]string{`s = socket.create_server("127.0.0.1", 0) f = io.open(arg[1], "w") f:write(s:getsockname().port) f:close()`,
			`s = socket.create_server("0.0.0.0", tonumber(io.open(arg[1]):read("*a")))`}, true},
	} {
		t.Run(name, func(t *testing.T) {
			var keeper stdlib.Keeper
			defer keeper.Drop()
			var last string
			file := t.TempDir() + "/port"
			for i, script := range c.scripts {
				var out bytes.Buffer
				in, err := interp.New(interp.Config{Args: []string{file}, Stdout: &out, Modules: stdlib.Modules(), Policy: policy.All()})
				if err != nil {
					t.Fatal(err)
				}
				keeper.Attach(in)
				err = in.RunString(context.Background(), "x", script+"\nif s then print(s:getsockname().port) end")
				if err != nil && !strings.HasSuffix(err.Error(), "x:1: x") {
					t.Fatal(err)
				}
				keeper.Ending()
				in.Close()
				if i > 0 && (out.String() == last) != c.same {
					t.Errorf("port %sand before %s", out.String(), last)
				}
				last = out.String()
			}
		})
	}
}

// A connection made while nobody listens is accepted by the next interpreter; dropped, the port is free.
func TestKeeperUnix(t *testing.T) {
	t.Chdir(t.TempDir())
	var keeper stdlib.Keeper
	run := func(script string) {
		t.Helper()
		in, err := interp.New(interp.Config{Stdout: os.Stderr, Modules: stdlib.Modules(), Policy: policy.All()})
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		keeper.Attach(in)
		if err := in.RunString(context.Background(), "x", script); err != nil {
			t.Error(err)
		}
		keeper.Ending()
	}
	other, err := interp.New(interp.Config{Modules: stdlib.Modules(), Policy: policy.All()})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	connect := func() {
		t.Helper()
		if err := other.RunString(context.Background(), "y", `c = socket.socket(socket.AF_UNIX) c:connect("s") c:sendall("hello")`); err != nil {
			t.Error(err)
		}
	}
	const listen, accept = `s = socket.create_server("s", {family = socket.AF_UNIX})`, ` s:settimeout(5) assert(s:accept():recv(10) == "hello")`
	run(listen)
	connect()
	run(listen + accept)
	connect()
	run(`os.remove("s") ` + listen + accept)
	connect()
	run(`os.remove("s") ` + listen + accept)
	if names := entries(t); names != "s .s.kept" && names != ".s.kept s" {
		t.Errorf("there are: %s", names)
	}
	run(`os.remove("s") local f = io.open("s", "w") f:close() assert(not pcall(function() ` + listen + ` end))`)
	keeper.Drop()
	if names := entries(t); names != "s" {
		t.Errorf("there are: %s", names)
	}
}

func entries(t *testing.T) string {
	all, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range all {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}
