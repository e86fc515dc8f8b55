//go:build unix

package scripts

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestHelp: each script says how it is called, and in a sentence or more what it is for; it does nothing
// else then.
func TestHelp(t *testing.T) {
	for _, pattern := range []string{"*.lua", "howto/*.lua", "examples/*.lua"} {
		files, _ := filepath.Glob(pattern)
		if len(files) < 3 {
			t.Errorf("%s: %d scripts", pattern, len(files))
		}
		for _, file := range files {
			stdout, stderr, err := run(t, root, wirelua, "scripts/"+file, "--help")
			usage, about, _ := strings.Cut(stdout, "\n\n")
			if err != nil || stderr != "" || !strings.HasPrefix(usage, "usage: "+filepath.Base(file)) || len(about) < 40 {
				t.Errorf("%s --help: %v\n%s%s", file, err, stdout, stderr)
			}
		}
	}
}
