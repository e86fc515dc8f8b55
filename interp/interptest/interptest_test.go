package interptest_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"wirelua/interp"
	"wirelua/interp/interptest"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// TestVerdicts runs testdata/verdicts.lua in a process of its own, for most of it fails.
func TestVerdicts(t *testing.T) {
	if os.Getenv("INTERPTEST_FAIL") != "" {
		interptest.Run(t, interp.Config{Modules: stdlib.Modules(), Policy: policy.All()}, "testdata/*.lua")
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestVerdicts$", "-test.v")
	cmd.Env = append(os.Environ(), "INTERPTEST_FAIL=1")
	text, err := cmd.CombinedOutput()
	out := string(text)
	if err == nil {
		t.Error("the process succeeded")
	}
	verdicts := 0
	for line := range strings.Lines(out) {
		verdict, name, found := strings.Cut(strings.TrimSpace(line), ": TestVerdicts/verdicts/")
		if !found {
			continue
		}
		verdicts++
		word, _, _ := strings.Cut(name, "_")
		word, _, _ = strings.Cut(word, " ")
		if want := map[string]string{"passes": "--- PASS", "skips": "--- SKIP", "fails": "--- FAIL"}[word]; verdict != want {
			t.Errorf("%s: %s", verdict, name)
		}
	}
	if verdicts != 12 {
		t.Errorf("%d verdicts", verdicts)
	}
	for _, want := range []string{"verdicts.lua:12: got 1, want 2", `verdicts.lua:15: got "late", want 2`, "why not"} {
		if !strings.Contains(out, want) {
			t.Errorf("is not told: %s", want)
		}
	}
	if t.Failed() {
		t.Log(out)
	}
}
