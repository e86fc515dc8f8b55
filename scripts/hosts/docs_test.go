//go:build unix

package hosts

import (
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What the comment of each program says how to try it is true, its --help helps, and wrong usage is a failure.
func TestDocs(t *testing.T) {
	mains, err := filepath.Glob("*/main.go")
	if err != nil || len(mains) < 5 {
		t.Fatal(mains, err)
	}
	for _, path := range mains {
		name := filepath.Dir(path)
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			t.Fatal(err)
		}
		line := regexp.MustCompile(`(?m)^\tgo run \./scripts/hosts/` + name + ` (.*)$`).FindStringSubmatch(file.Doc.Text())
		if line == nil {
			t.Errorf("%s: the comment tells no command to try it", path)
			continue
		}
		args := strings.Fields(strings.ReplaceAll(line[1], "scripts/hosts/", ""))
		program := filepath.Join(programs, name)
		if out, err := exec.Command(program, append(args, "--help")...).CombinedOutput(); err != nil || !strings.HasPrefix(string(out), "Usage of "+name) {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		if out, err := exec.Command(program).CombinedOutput(); err == nil || !strings.Contains(string(out), name+": a") && !strings.Contains(string(out), name+": one") {
			t.Errorf("%s without arguments: %v\n%s", name, err, out)
		}
		if name != "load" { // TestLoad runs that as it says
			start(t, name, args...).stop()
		}
	}
}

// The scripts use no global that neither they nor their hosts have.
func TestScripts(t *testing.T) {
	paths, err := filepath.Glob("*/*.lua")
	tenants, err2 := filepath.Glob("*/*/*.lua")
	if paths = append(paths, tenants...); err != nil || err2 != nil || len(paths) < 8 {
		t.Fatal(paths, err, err2)
	}
	args := append([]string{"run", "../../cmd/wirelua", "--check"}, paths...)
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
