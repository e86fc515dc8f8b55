package syntax

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "record anew what Lua 5.1 and LuaJIT say, to testdata")

const brokenFile = "testdata/broken.txt"

// broken is a program, what Lua 5.1 says of it, and what we say if that is another thing.
type broken struct{ source, lua, ours string }

// readBroken reads the recorded programs: a line for each, Go strings with tabs between.
func readBroken(t testing.TB) (head []string, programs []broken) {
	data, err := os.ReadFile(brokenFile)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") || line == "" {
			head = append(head, line)
			continue
		}
		fields := strings.Split(line, "\t")
		for i, f := range fields {
			if fields[i], err = strconv.Unquote(f); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
		}
		fields = append(fields, "", "")
		programs = append(programs, broken{fields[0], fields[1], fields[2]})
	}
	return head, programs
}

// complaint is what Parse says of source, or "ok".
func complaint(source string) string {
	if _, err := Parse("t", source); err != nil {
		return err.Error()
	}
	return "ok"
}

// Broken programs are refused in Lua 5.1's words. Where we differ, the record says so.
func TestErrorsAsLua(t *testing.T) {
	head, programs := readBroken(t)
	if *update {
		record(t, head, programs)
	}
	if len(programs) < 100 {
		t.Errorf("only %d programs", len(programs))
	}
	for _, p := range programs {
		want := p.lua
		if p.ours != "" {
			want = p.ours
		}
		if got := complaint(p.source); got != want {
			t.Errorf("%q\n got %q\nwant %q", p.source, got, want)
		}
		if p.ours == p.lua {
			t.Errorf("%q is no exception", p.source)
		}
	}
}

// The record is what Lua 5.1 says, where there is one.
func TestErrorsRecord(t *testing.T) {
	_, programs := readBroken(t)
	sources := make([]string, len(programs))
	for i, p := range programs {
		sources[i] = p.source
	}
	for i, got := range askLua(t, "lua5.1", sources) {
		if got != programs[i].lua {
			t.Errorf("%q\nrecorded %q\nLua says %q", sources[i], programs[i].lua, got)
		}
	}
}

func record(t *testing.T, head []string, programs []broken) {
	sources := make([]string, len(programs))
	for i, p := range programs {
		sources[i] = p.source
	}
	var out bytes.Buffer
	for _, line := range head {
		fmt.Fprintln(&out, line)
	}
	for i, answer := range askLua(t, "lua5.1", sources) {
		programs[i].lua = answer
		fmt.Fprintf(&out, "%q\t%q", sources[i], answer)
		if programs[i].ours != "" {
			fmt.Fprintf(&out, "\t%q", programs[i].ours)
		}
		fmt.Fprintln(&out)
	}
	if err := os.WriteFile(brokenFile, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// loader is a program that reads sources, each after its length, and writes in the
// same way what loadstring says of them.
const loader = `
while true do
  local n = io.read("*n")
  if not n then break end
  io.read(1)
  local f, e = loadstring(n == 0 and "" or io.read(n), "=t")
  e = f and "ok" or e
  io.write(#e, "\n", e)
end`

// askLua returns what program, a Lua, says of sources. Without it the test is skipped.
func askLua(t *testing.T, program string, sources []string) []string {
	lua, err := exec.LookPath(program)
	if err != nil && os.Getenv("WIRELUA_PEERS") == "required" { // as interptest.Program has it
		t.Fatalf("no %s here, and WIRELUA_PEERS=required", program)
	}
	if err != nil {
		t.Skip("no", program, "here")
	}
	var in bytes.Buffer
	for _, s := range sources {
		fmt.Fprintf(&in, "%d\n%s", len(s), s)
	}
	cmd := exec.Command(lua, "-e", loader)
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(bytes.NewReader(out))
	answers := make([]string, len(sources))
	for i := range answers {
		size, err := r.ReadString('\n')
		n, err2 := strconv.Atoi(strings.TrimSpace(size))
		if err = errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		answer := make([]byte, n)
		if _, err := io.ReadFull(r, answer); err != nil {
			t.Fatal(err)
		}
		answers[i] = string(answer)
	}
	return answers
}
