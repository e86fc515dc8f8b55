package interp_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/interptest"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// deviation is a row of the README's table of what differs from Lua 5.1.
type deviation struct{ what, program, here, lua51 string }

var deviationRow = regexp.MustCompile("(?m)^\\| (.+) \\| `(.+)` \\| `(.*)` \\| `(.*)` \\|$")

func deviations(t *testing.T) (rows []deviation) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "\n| | program | here | Lua 5.1 |\n|---|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	for _, line := range strings.Split(strings.TrimSpace(table), "\n") {
		m := deviationRow.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("no row of the table of deviations: %s", line)
		}
		rows = append(rows, deviation{m[1], m[2], m[3], m[4]})
	}
	if !found {
		t.Fatal("README.md has no table of deviations")
	}
	return rows
}

// TestDeviations holds the table to both sides: what is said of us, and of Lua 5.1. A
// deviation that is none any more is out of place there, too.
func TestDeviations(t *testing.T) {
	for _, d := range deviations(t) {
		t.Run(d.what, func(t *testing.T) {
			if d.here == d.lua51 {
				t.Error("is no deviation")
			}
			if got := deviant(t, d.program); got != d.here {
				t.Errorf("%s\n\tis   %s\n\twant %s", d.program, got, d.here)
			}
			if got := orthodox(t, d.program); got != d.lua51 {
				t.Errorf("%s\n\tin Lua 5.1 is %s\n\twant          %s", d.program, got, d.lua51)
			}
		})
	}
}

// asking is a script that runs a program and prints what it ends with, if that is an error.
func asking(program string) string {
	return "local f, e = loadstring(" + luaString(program) + `, "=x")
if f then local ok, err = pcall(f) e = err end
if e then print(e) end`
}

func deviant(t *testing.T, program string) string {
	var out bytes.Buffer
	in, err := interp.New(interp.Config{Stdout: &out, Modules: stdlib.Modules(), Policy: policy.All()})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := in.RunString(ctx, "x", asking(program)); err != nil {
		t.Fatal(err)
	}
	return oneLine(out.String())
}

func orthodox(t *testing.T, program string) string {
	cmd := exec.Command(interptest.Program(t, "lua5.1"), "-")
	cmd.Stdin = strings.NewReader(asking(program))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return oneLine(string(out))
}

// oneLine is what was printed as it stands in the table.
func oneLine(out string) string {
	return strings.NewReplacer("\n", " / ", "\t", " ").Replace(strings.TrimRight(out, "\n"))
}
