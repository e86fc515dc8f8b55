// Package interptest runs tests that are written in Lua from Go tests: one .lua
// file is one test, whose calls of test(name, fn) are its subtests. A module's
// Go test is then five lines:
//
//	func TestLua(t *testing.T) {
//		interptest.Run(t, interp.Config{Modules: stdlib.Modules(), Policy: policy.All()}, "testdata/*.lua")
//	}
//
// It is for authors of modules anywhere: config lists the module under test beside
// whatever the files use, and has the policy they need. Each file is a subtest with an
// interpreter of its own, ended after a minute if it hangs; go test -v shows
// what it prints. Peer compares with another Lua instead.
//
// The files see these globals beside the modules:
//
//	test(name, fn)         runs fn as a subtest; a failure is reported with its traceback.
//	                       One of eq or raises counts wherever it is: in a thread that nobody
//	                       joins, inside pcall
//	eq(got, want[, note])  raises when the two differ; tables are compared by content
//	raises(want, fn, ...)  calls fn, which must raise an error object with code want, or
//	                       an error whose text contains want; returns what was raised
//	skip(reason)           ends the running subtest without a verdict
//	python                 the path of python3, or nil
package interptest

import (
	"context"
	_ "embed"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

//go:embed prelude.lua
var prelude string

// limit ends a file that hangs, well before go test's own limit would end
// everything without saying which file it was.
const limit = 60 * time.Second

// Run runs each Lua file that pattern matches as a subtest of t, on an
// interpreter of its own. The script's output goes to the test's log.
func Run(t *testing.T, config interp.Config, pattern string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files match %s (%v)", pattern, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".lua"), func(t *testing.T) { runFile(t, config, file) })
	}
}

func runFile(t *testing.T, config interp.Config, file string) {
	out := &logger{t: t}
	if config.Stdout == nil {
		config.Stdout = out
	}
	if config.Stderr == nil {
		config.Stderr = out
	}
	v := &verdicts{t: t}
	config.Modules = append(append([]*interp.Module{}, config.Modules...), v.module())
	in, err := interp.New(config)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	ctx, cancel := context.WithTimeoutCause(context.Background(), limit, errors.New("still running after "+limit.String()))
	defer cancel()
	if err := in.RunString(ctx, "interptest", prelude); err != nil {
		t.Fatal(err)
	}
	if python, err := exec.LookPath("python3"); err == nil {
		in.Set("python", python)
	}
	if err := in.RunFile(ctx, file); err != nil {
		var e *interp.Error
		if errors.As(err, &e) {
			t.Fatalf("%s\n%s", e.Message, e.Traceback)
		}
		t.Fatal(err)
	}
	if len(v.noted) > 0 {
		t.Errorf("failed when the tests had ended: %s", strings.Join(v.noted, "; "))
	}
}

// verdicts are what the prelude reports to the Go test.
type verdicts struct {
	t     *testing.T
	noted []string // failures of eq and raises that no test has ended with yet
}

func (v *verdicts) module() *interp.Module {
	return &interp.Module{
		Name: "_interptest",
		Doc:  "verdicts of Lua tests",
		Funcs: []interp.Function{{
			Name: "verdict", Args: "name, how, message", Doc: "reports how a subtest ended",
			Fn: func(s *interp.State) int {
				v.report(s.Str(1), s.Str(2), s.Str(3))
				return 0
			},
		}, {
			Name: "note", Args: "message", Doc: "notes a failure, which the subtest that runs must end with",
			Fn: func(s *interp.State) int {
				v.noted = append(v.noted, s.Str(1))
				return 0
			},
		}},
		Open: func(*interp.Engine, *lua.LTable) {},
	}
}

func (v *verdicts) report(name, how, message string) {
	v.t.Run(name, func(t *testing.T) {
		switch {
		case how == "fail":
			t.Error(message)
		case len(v.noted) > 0:
			t.Errorf("failed in a thread, or where the failure was caught: %s", strings.Join(v.noted, "; "))
		case how == "skip":
			t.Skip(message)
		}
	})
	v.noted = nil
}

type logger struct{ t *testing.T }

func (l *logger) Write(p []byte) (int, error) {
	if testing.Verbose() {
		os.Stderr.Write(p)
	}
	return len(p), nil
}
