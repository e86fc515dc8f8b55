package interp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"wirelua/interp"
	"wirelua/stdlib"
)

// brokenPrograms are those of the parser's tests, and what we say of each: they are
// recorded there beside Lua 5.1's words.
func brokenPrograms(t *testing.T) (sources, answers []string) {
	data, err := os.ReadFile("syntax/testdata/broken.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) < 2 || strings.HasPrefix(line, "#") {
			continue
		}
		source, err := strconv.Unquote(fields[0])
		answer, err2 := strconv.Unquote(fields[len(fields)-1])
		if err = errors.Join(err, err2); err != nil {
			t.Fatal(line, err)
		}
		if answer != "ok" {
			sources, answers = append(sources, source), append(answers, answer)
		}
	}
	if len(sources) < 60 {
		t.Fatalf("only %d broken programs", len(sources))
	}
	return sources, answers
}

// What scripts and wirelua --check are told of a broken program is what the parser says of it.
func TestBrokenPrograms(t *testing.T) {
	sources, answers := brokenPrograms(t)
	got := strings.Split(luaOutput(t, saying(sources, `, "=t"`)), "\x00")
	for i, source := range sources {
		if got[i] != answers[i] {
			t.Errorf("%q\n is   %q\n want %q", source, got[i], answers[i])
		}
		if _, err := interp.Compile("t", source); err == nil || err.Error() != answers[i] {
			t.Errorf("Check: %q\n is   %v\n want %q", source, err, answers[i])
		}
	}
}

// A chunk without a name of its own is called in Lua 5.1's way.
func TestBrokenNames(t *testing.T) {
	sources := []string{"x = ", "\nx =", "x = 'a'\r\ny =", "\r=", "x = " + strings.Repeat("y", 100) + " z", ")\x00", "  ) ", "(\"]]\")]"}
	for n := range 60 {
		sources = append(sources, strings.Repeat("x", n)+" =", strings.Repeat("x", n)+" =\n")
	}
	var script, questions []string
	for _, name := range []string{"", `, "@file.lua"`, `, "=name"`, `, "a\nb"`, `, "@` + strings.Repeat("long/", 30) + `"`, `, "=` + strings.Repeat("long", 30) + `"`} {
		script = append(script, saying(sources, name))
		for _, source := range sources {
			questions = append(questions, fmt.Sprintf("%q%s", source, name))
		}
	}
	answers := func(out string) []string { return strings.Split(strings.TrimSuffix(out, "\x00"), "\x00") }
	theirs := recorded(t, "broken-names", "lua5.1", questions, func(path string) []string {
		return answers(askLua(t, path, strings.Join(script, "")))
	})
	ours := answers(luaOutput(t, strings.Join(script, "")))
	for i, q := range questions {
		if ours[i] != theirs[i] {
			t.Errorf("%s\n is   %q\n want %q", q, ours[i], theirs[i])
		}
	}
}

// saying is a script that writes what loadstring says of each source.
func saying(sources []string, name string) string {
	var script strings.Builder
	for _, source := range sources {
		fmt.Fprintf(&script, "io.write(tostring(select(2, loadstring(%s%s))), '\\0')\n", luaString(source), name)
	}
	return script.String()
}

func luaOutput(t *testing.T, script string) string {
	var out bytes.Buffer
	in, err := interp.New(interp.Config{Stdout: &out, Modules: stdlib.Modules()})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := in.RunString(context.Background(), "x", script); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
