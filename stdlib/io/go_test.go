//go:build unix

package io_test

import (
	"context"
	"os"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// Close was less patient with io.popen's programs than with those of the module process, which it asks
// to end before it makes them. And whichever way a script writes to a program, that gets a second to read
// the rest.
func TestCloseIsPatient(t *testing.T) {
	dir := t.TempDir() + "/"
	in, err := interp.New(interp.Config{Args: []string{dir}, Policy: policy.All(), Modules: stdlib.Modules()})
	if err != nil {
		t.Fatal(err)
	}
	err = in.RunString(context.Background(), "test.lua", `
		local dir = ...
		asked = io.popen("trap 'echo asked > " .. dir .. "asked; exit' TERM; echo ready; while :; do sleep 0.01; done")
		assert(asked:read() == "ready")
		local slow = "while read line; do sleep 0.6; echo $line > " .. dir
		popened = io.popen(slow .. "popened; done", "w")
		popened:write("fed\n")
		spawned = process.spawn({"sh", "-c", slow .. "spawned; done"}, {stdin = "pipe"})
		spawned.stdin:setvbuf("full")
		spawned.stdin:write("fed\n")`)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := in.Close(); err != nil {
		t.Error(err)
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("Close took %v", d)
	}
	for name, want := range map[string]string{"asked": "asked\n", "popened": "fed\n", "spawned": "fed\n"} {
		if got, err := os.ReadFile(dir + name); string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
