package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// TestMistakes: what people write who come from Python, from JavaScript or from LuaSocket, and what they
// are told. testdata/mistakes.txtar has a script NAME.lua for each mistake, and in NAME.err what the
// command writes to standard error, but for the traceback.
func TestMistakes(t *testing.T) {
	table, err := txtar.ParseFile("testdata/mistakes.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range table.Files {
		files[f.Name] = string(f.Data)
	}
	if len(files) < 2*40 {
		t.Errorf("%d mistakes, of 40 at least", len(files)/2)
	}
	dir := t.TempDir()
	for name, source := range files {
		bare, isScript := strings.CutSuffix(name, ".lua")
		if !isScript {
			continue
		}
		want, said := files[bare+".err"], failing(t, dir, name, source)
		if said != want {
			t.Errorf("%s:\n%s\nis told\n%s\nand not\n%s", name, source, said, want)
		}
	}
}

// failing runs a script that fails, and returns what it is told without the traceback.
func failing(t *testing.T, dir, name, source string) string {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(source), 0o666); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "wirelua", name)
	var said strings.Builder
	cmd.Dir, cmd.Stderr = dir, &said
	if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != statusFailed {
		t.Errorf("%s ended with %v, and not with status %d", name, err, statusFailed)
	}
	text, _, _ := strings.Cut(said.String(), "stack traceback:\n")
	return text
}
