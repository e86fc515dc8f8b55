package stdlib_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// suiteFiles are the test files of Lua 5.1 that are about the language and its libraries.
// The others test its C API, its collector, and its command.
var suiteFiles = []string{
	"attrib", "big", "calls", "closure", "code", "constructs", "db", "errors", "events",
	"files", "literals", "locals", "math", "nextvar", "pm", "sort", "strings", "vararg",
}

// deviation is a piece of a test file that cannot hold here: lines from..to are left out.
// They are named by number, since nothing of the files is in this project; the
// module's version is go.mod's.
type deviation struct {
	file     string
	from, to int
	why      string
}

// suiteLedger is all of them. One that is no longer needed is a failure, too, so that
// the list is true.
var suiteLedger = []deviation{}

// TestLua51Suite runs the tests of Lua 5.1's own, each file to its end. They come with
// gopher-lua's module, slightly changed; what the changes hide is in
// testdata/lua51_original.lua.
func TestLua51Suite(t *testing.T) {
	source := suiteFolder(t)
	for _, name := range suiteFiles {
		t.Run(name, func(t *testing.T) {
			var mine []deviation
			for _, d := range suiteLedger {
				if d.file == name {
					mine = append(mine, d)
				}
			}
			if err := runSuiteFile(t, source, name, mine); err != nil {
				t.Fatal(err)
			}
			for i, d := range mine {
				others := append(append([]deviation{}, mine[:i]...), mine[i+1:]...)
				if runSuiteFile(t, source, name, others) == nil {
					t.Errorf("lines %d-%d hold now; strike them off the ledger: %s", d.from, d.to, d.why)
				}
			}
		})
	}
}

// suiteFolder finds the test files in the module cache.
func suiteFolder(t *testing.T) string {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/yuin/gopher-lua").Output()
	if err != nil {
		t.Skipf("go list: %v", err) // the tests were built elsewhere, and are run without Go
	}
	folder := filepath.Join(strings.TrimSpace(string(out)), "_lua5.1-tests")
	if _, err := os.Stat(folder); err != nil {
		t.Fatal(err)
	}
	return folder
}

// runSuiteFile runs one file in a copy of the folder, without the lines that cannot hold.
func runSuiteFile(t *testing.T, source, name string, without []deviation) error {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(source)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, name+".lua")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	for _, d := range without {
		for i := d.from; i <= d.to; i++ {
			lines[i-1] = "\n"
		}
	}
	os.Chmod(file, 0o644)
	if err := os.WriteFile(file, []byte(strings.Join(lines, "")), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	var out bytes.Buffer
	in, err := interp.New(interp.Config{Modules: stdlib.Modules(), Policy: policy.All(), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	return in.RunFile(ctx, name+".lua")
}
