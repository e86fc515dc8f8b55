package stdlib_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wirelua/interp"
	"wirelua/interp/interptest"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

var regressName = regexp.MustCompile(`^[0-9]{3}-[a-z0-9-]+\.lua$`)

// TestRegress runs a file for each bug that scripts met and that was mended. It begins with
// a comment that tells the story: what went wrong, for whom, and why.
func TestRegress(t *testing.T) {
	numbers := map[string]string{}
	files, _ := filepath.Glob("testdata/regress/*")
	for _, file := range files {
		name := filepath.Base(file)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		story, _, _ := strings.Cut(string(text), "\n\n")
		if !regressName.MatchString(name) || !strings.HasPrefix(story, "-- ") || len(story) < 80 {
			t.Errorf("%s: shall be called NNN-what-it-was.lua, and begin with the story, a comment, and an empty line", file)
		}
		if other := numbers[name[:3]]; other != "" {
			t.Errorf("%s has the number of %s", name, other)
		}
		numbers[name[:3]] = name
	}
	interptest.Run(t, interp.Config{Modules: stdlib.Modules(), Policy: policy.All()}, "testdata/regress/*.lua")
}
