//go:build unix

package scripts

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// everything is what all scripts have to live through: whatever they receive and send comes and goes in
// parts, and late.
const everything = "short-read,short-write,delay=1ms"

// seeds is how many the scripts of the HOWTO are run with.
var seeds = flag.Int("seeds", 2, "run the HOWTO's scripts with so many seeds of --chaos")

// disturbedCommand returns a command that is another one with --chaos.
func disturbedCommand(command, spec string) string {
	name := command + "-disturbed"
	script := fmt.Sprintf("#!/bin/sh\nexec '%s' --chaos '%s' \"$@\"\n", command, spec)
	if err := os.WriteFile(name, []byte(script), 0o755); err != nil {
		panic(err)
	}
	return name
}

// ofParts are the scripts that print what single calls gave, or how long they took.
var ofParts = []string{"10-end-of-stream", "14-following-message", "15-length-prefix", "18-shutdown-and-close", "21-select", "24-ipc-compared"}

// TestChaosHowto: the HOWTO's scripts do the same with any seed, but for the one that shall not.
func TestChaosHowto(t *testing.T) {
	files, _ := filepath.Glob("howto/*.lua")
	for _, file := range append(files, "tour.lua") {
		name := strings.TrimSuffix(filepath.Base(file), ".lua")
		if name == "25-forgotten-loop" || name == "24-ipc-compared" && testing.Short() {
			continue // a hundred megabytes in parts take their time
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, _, err := run(t, root, wirelua, "scripts/"+file)
			if err != nil {
				t.Fatal(err)
			}
			for seed := 1; seed <= *seeds; seed++ {
				spec := fmt.Sprintf("%s,seed=%d", everything, seed)
				stdout, stderr, err := run(t, root, wirelua, "--chaos", spec, "scripts/"+file)
				if err != nil || stderr != "" || stdout != want && !slices.Contains(ofParts, name) {
					t.Errorf("--chaos %s: %v, %s\nprints:\n%s\nand prints otherwise:\n%s", spec, err, stderr, stdout, want)
				}
			}
		})
	}
}

// TestChaosForgottenLoop: the script whose reader forgets the loop around recv breaks, as HOWTO.md says, where
// the seed says, and with more seeds than one.
func TestChaosForgottenLoop(t *testing.T) {
	broken := 0
	for seed := range 10 {
		stdout, stderr, err := run(t, root, wirelua, "--chaos", fmt.Sprintf("short-read=1%%,seed=%d", seed), "scripts/howto/25-forgotten-loop.lua")
		if err != nil || stderr != "" {
			t.Errorf("seed %d: %v\n%s", seed, err, stderr)
		}
		if strings.HasSuffix(stdout, " was not understood\n") {
			broken++
		}
	}
	if broken < 2 {
		t.Errorf("it breaks with %d seeds of ten", broken)
	}
}

// TestChaosExamples runs the tests of the examples once more, with all their programs disturbed.
func TestChaosExamples(t *testing.T) {
	if *chaosSpec != "" {
		t.Skip("this is such a run")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for seed := 1; seed <= 2; seed++ {
		t.Run(fmt.Sprint("seed", seed), func(t *testing.T) {
			t.Parallel()
			if seed > 1 && testing.Short() {
				t.Skip("one is enough for the short run")
			}
			ctx, cancel := context.WithTimeout(context.Background(), 4*limit)
			defer cancel()
			var out bytes.Buffer
			cmd := exec.CommandContext(ctx, self, "-test.run=^TestExample", "-test.short", fmt.Sprintf("-chaos=%s,seed=%d", everything, seed))
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Run(); err != nil {
				t.Errorf("%v\n%s", err, out.String())
			}
		})
	}
}
