//go:build unix

package scripts

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"
)

// wirelua is the command, built once; root is the repository.
var wirelua, root string

// chaosSpec has all scripts run with --chaos.
var chaosSpec = flag.String("chaos", "", "run the command with --chaos=`SPEC`")

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "wirelua")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		wirelua = filepath.Join(dir, "wirelua")
		if root, err = filepath.Abs(".."); err != nil {
			panic(err)
		}
		build := []string{"build", "-o", wirelua}
		if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
			build = append(build, "-race") // as these tests are
			os.Setenv("GORACE", "atexit_sleep_ms=0 "+os.Getenv("GORACE"))
		}
		if out, err := exec.Command("go", append(build, "../cmd/wirelua")...).CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "building the command: %v\n%s", err, out)
			return 1
		}
		if *chaosSpec != "" {
			wirelua = disturbedCommand(wirelua, *chaosSpec)
		}
		return m.Run()
	}())
}

const limit = 30 * time.Second

// run runs a command in the repository, and returns what it printed.
func run(t *testing.T, dir, name string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	limit := limit
	if name == "go" {
		limit *= 10 // it may have all to build
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	err = cmd.Run()
	return o.String(), e.String(), err
}

// TestScripts runs each script that ends by itself. What it prints is in HOWTO.md, after
// a command that TestDocumentation runs, or else in testdata/NAME.out.
func TestScripts(t *testing.T) {
	howto, err := os.ReadFile("HOWTO.md")
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob("howto/*.lua")
	if len(files) < 24 {
		t.Errorf("only %d scripts of the HOWTO", len(files))
	}
	for _, file := range append(files, "tour.lua") {
		if strings.Contains(string(howto), "\n$ wirelua scripts/"+file+"\n") {
			continue
		}
		name := strings.TrimSuffix(filepath.Base(file), ".lua")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile("testdata/" + name + ".out")
			if err != nil {
				t.Fatal(err)
			}
			stdout, stderr, err := run(t, root, wirelua, filepath.Join("scripts", file))
			if err != nil || stderr != "" || !outputPattern(string(want)).MatchString(stdout) {
				t.Errorf("%v, %s\nprints:\n%s\nand shall print:\n%s", err, stderr, stdout, want)
			}
		})
	}
}

// outputPattern is a text in which what stands between "{" and "}" is a regular expression.
func outputPattern(text string) *regexp.Regexp {
	var b strings.Builder
	for rest, found := text, true; found; {
		var plain, varying string
		plain, rest, found = strings.Cut(rest, "{")
		b.WriteString(regexp.QuoteMeta(plain))
		if found {
			varying, rest, _ = strings.Cut(rest, "}")
			b.WriteString("(?:" + varying + ")")
		}
	}
	return regexp.MustCompile("^" + b.String() + "$")
}

// TestDocumentation runs the fenced blocks, by what they are tagged with:
//
//	lua      a script; one that begins with the comment "-- name.lua" can be run by that name later on
//	go       a program
//	console  commands after "$ ", each followed by what it prints
//	sh       commands
//
// All must end with status 0.
func TestDocumentation(t *testing.T) {
	for _, file := range []string{"../README.md", "HOWTO.md"} {
		t.Run(filepath.Base(file), func(t *testing.T) {
			dir := t.TempDir()
			for _, name := range []string{"scripts", "cmd"} {
				if err := os.Symlink(filepath.Join(root, name), filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
			blocks := fencedBlocks(t, file)
			if len(blocks) < 3 {
				t.Fatalf("only %d fenced blocks found", len(blocks))
			}
			for _, b := range blocks {
				t.Run(fmt.Sprintf("line%d", b.line), func(t *testing.T) { b.run(t, dir) })
			}
		})
	}
}

type block struct {
	line      int
	tag, text string
}

func fencedBlocks(t *testing.T, file string) (blocks []block) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var open *block
	n := 0
	for sc := bufio.NewScanner(f); sc.Scan(); {
		n++
		switch tag, fence := strings.CutPrefix(sc.Text(), "```"); {
		case fence && open == nil:
			open = &block{line: n, tag: tag}
		case fence:
			blocks = append(blocks, *open)
			open = nil
		case open != nil:
			open.text += sc.Text() + "\n"
		}
	}
	return blocks
}

func (b block) run(t *testing.T, dir string) {
	switch b.tag {
	case "lua":
		name := filepath.Join(dir, "block.lua")
		if first, _, _ := strings.Cut(b.text, "\n"); strings.HasPrefix(first, "-- ") && strings.HasSuffix(first, ".lua") {
			name = filepath.Join(dir, strings.TrimPrefix(first, "-- "))
		}
		if err := os.WriteFile(name, []byte(b.text), 0o644); err != nil {
			t.Fatal(err)
		}
		if stdout, stderr, err := run(t, dir, wirelua, filepath.Base(name)); err != nil || stderr != "" {
			t.Errorf("%v\n%s%s", err, stdout, stderr)
		}
	case "go":
		b.runGo(t)
		if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(b.text), 0o644); err != nil { // for commands that follow
			t.Fatal(err)
		}
	case "console":
		for _, command := range strings.Split("\n"+b.text, "\n$ ")[1:] {
			line, want, _ := strings.Cut(command, "\n")
			for strings.Count(line, "'")%2 == 1 { // it goes on
				rest, after, ok := strings.Cut(want, "\n")
				if line, want = line+"\n"+rest, after; !ok {
					break
				}
			}
			got := shell(t, dir, line)
			if alike(got) != alike(want) {
				t.Errorf("$ %s\nprints:\n%s\nand the page says:\n%s", line, got, want)
			}
		}
	case "sh":
		for line := range strings.Lines(b.text) {
			if line = strings.TrimSpace(line); line != "go test ./..." { // which runs this
				shell(t, dir, line)
			}
		}
	default:
		t.Errorf("a block tagged %q: nobody runs it", b.tag)
	}
}

// alike is what commands print without what differs from run to run: ports and addresses of memory, how long
// something took, and empty lines at the end.
func alike(text string) string {
	for _, m := range differing {
		text = m.from.ReplaceAllString(text, m.to)
	}
	return strings.TrimRight(text, "\n")
}

var differing = []struct {
	from *regexp.Regexp
	to   string
}{
	{regexp.MustCompile(`(127\.0\.0\.1|\[::1\]):\d{4,5}\b`), "$1:PORT"},
	{regexp.MustCompile(`\b(for|waited) \d+(\.\d+)?m?s\b`), "$1 TIME"},
	{regexp.MustCompile(`(?m)^\d\.\d{6} `), "SECONDS "},
}

// shell runs a command line, with the built command in the place of wirelua
// wherever it is spelled, and returns its output, standard error included. It must
// succeed.
func shell(t *testing.T, dir, line string) string {
	t.Helper()
	// dir is no repository: the command is built in that, and put where the page says.
	building := strings.NewReplacer("go build ", `go build -C "`+root+`" `, "-o wirelua ", `-o "$PWD/wirelua" `, "../wirelua", root)
	script := `wirelua() { "` + wirelua + `" "$@"; }` + "\n" + building.Replace(line)
	limit := limit
	if strings.Contains(line, "go build ") || strings.Contains(line, "go run ") {
		limit *= 10 // where nothing is built yet, all of Go's packages are
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", script)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", line, err, out)
	}
	return string(out)
}

// runGo runs a program that is not in the repository as if it were, since it
// imports packages of this module; what a comment "// Output:" says it prints
// is compared.
func (b block) runGo(t *testing.T) {
	dir := t.TempDir()
	source, overlay := filepath.Join(dir, "main.go"), filepath.Join(dir, "overlay.json")
	os.WriteFile(source, []byte(b.text), 0o644)
	replace, _ := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, "cmd/readme/main.go"): source}})
	os.WriteFile(overlay, replace, 0o644)
	stdout, stderr, err := run(t, root, "go", "run", "-overlay", overlay, "./cmd/readme")
	if err != nil {
		t.Fatalf("%v\n%s%s", err, stdout, stderr)
	}
	if _, want, ok := strings.Cut(b.text, "// Output:\n"); ok {
		want = strings.ReplaceAll(strings.ReplaceAll(want, "//\n", "\n"), "// ", "")
		if strings.TrimSpace(stdout) != strings.TrimSpace(want) {
			t.Errorf("prints:\n%s\nand the page says:\n%s", stdout, want)
		}
	}
}

// TestCopies runs nothing but the help of each example's copy: it has what it requires.
func TestCopies(t *testing.T) {
	for _, e := range All() {
		if e.About == "" {
			t.Errorf("%s does not say what it is for", e.Name)
		}
		dir := t.TempDir()
		script, err := e.Copy(dir)
		if err != nil {
			t.Fatal(err)
		}
		if e.Group != "examples" {
			continue
		}
		cmd := exec.Command(wirelua, filepath.Base(script), "--help")
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("usage: "+e.Name+".lua")) {
			t.Errorf("a copy of %s: %v\n%s", e.Name, err, out)
		}
	}
}
