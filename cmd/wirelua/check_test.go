package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// TestCheck: what --check finds in scripts with one mistake each, and that it finds nothing in those that
// are right. testdata/checks.txtar has a script NAME.lua, and NAME.err with what is said of it, or nothing of
// one that is right.
func TestCheck(t *testing.T) {
	table, err := txtar.ParseFile("testdata/checks.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir, want, names, wrong := t.TempDir(), strings.Builder{}, []string{"--check"}, 0
	for _, f := range table.Files {
		if strings.HasSuffix(f.Name, ".err") {
			want.Write(f.Data)
			wrong++
			continue
		}
		names = append(names, f.Name)
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if right := len(names) - 1 - wrong; wrong < 60 || right < 15 {
		t.Errorf("%d wrong scripts and %d that are right, of 60 and 15 at least", wrong, right)
	}
	cmd := exec.Command("wirelua", names...)
	var said strings.Builder
	cmd.Dir, cmd.Stderr = dir, &said
	if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != statusFailed {
		t.Errorf("ended with %v, and not with status %d", err, statusFailed)
	}
	if got, want := strings.Split(said.String(), "\n"), strings.Split(want.String(), "\n"); said.String() != strings.Join(want, "\n") {
		for i := range max(len(got), len(want)) {
			if i >= len(got) || i >= len(want) || got[i] != want[i] {
				t.Fatalf("line %d is\n%s\nand not\n%s", i+1, strings.Join(got[min(i, len(got)):], "\n"), strings.Join(want[min(i, len(want)):], "\n"))
			}
		}
	}
}

// TestCheckScripts: there is nothing to find in our own scripts.
func TestCheckScripts(t *testing.T) {
	names := []string{"--check"}
	for _, pattern := range []string{"*.lua", "*/*.lua", "*/*/*.lua"} {
		found, _ := filepath.Glob(filepath.Join("../../scripts", pattern))
		names = append(names, found...)
	}
	if len(names) < 40 {
		t.Fatalf("only %d scripts", len(names)-1)
	}
	if said, err := exec.Command("wirelua", names...).CombinedOutput(); err != nil || len(said) > 0 {
		t.Errorf("%v\n%s", err, said)
	}
}
