package interptest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"wirelua/interp"
)

// Peer runs a Lua file whose output is known from another Lua, and compares. The
// expected output is in the file of the same name that ends in ".out"; where
// program ("lua5.3") is installed, it must still print that. When there is no
// such file, program's output is recorded in it.
func Peer(t *testing.T, config interp.Config, program, file string) {
	t.Helper()
	expected := strings.TrimSuffix(file, ".lua") + ".out"
	want, err := os.ReadFile(expected)
	if path, e := exec.LookPath(program); e == nil {
		theirs, e := exec.Command(path, file).Output()
		if e != nil {
			t.Fatalf("%s %s: %v", program, file, e)
		}
		if errors.Is(err, os.ErrNotExist) {
			want, err = theirs, os.WriteFile(expected, theirs, 0o644)
		}
		compare(t, program, theirs, want)
	}
	if err != nil {
		t.Fatal(err)
	}
	var ours bytes.Buffer
	config.Stdout = &ours
	in, err := interp.New(config)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := in.RunFile(ctx, file); err != nil {
		t.Fatal(err)
	}
	compare(t, "wirelua", ours.Bytes(), want)
}

// compare reports the first lines that differ.
func compare(t *testing.T, who string, got, want []byte) {
	t.Helper()
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	differ := 0
	for i := range min(len(g), len(w)) {
		if g[i] == w[i] {
			continue
		}
		t.Errorf("line %d: %s printed\n\t%s\nexpected\n\t%s", i+1, who, g[i], w[i])
		if differ++; differ == 10 {
			return
		}
	}
	if len(g) != len(w) {
		t.Errorf("%s printed %d lines, expected %d", who, len(g), len(w))
	}
}
