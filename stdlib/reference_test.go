package stdlib_test

import (
	"bytes"
	"context"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	pages "wirelua/interp/manual"
	"wirelua/interp/policy"
	"wirelua/interp/syntax"
	"wirelua/stdlib"
)

var update = flag.Bool("update", false, "write REFERENCE.md anew")

const referenceHead = "# Reference\n\n" +
	"Made from what the modules say of themselves: `go test ./stdlib -run Reference -update`. `wirelua --doc NAME`\n" +
	"prints the same, and so does `help \"NAME\"` at the prompt; `wirelua --types DIR` writes it for editors.\n\n" +
	"Each module is reached by `require \"name\"` and is a global of that name, too. Times are in seconds, data are\n" +
	"strings of bytes. An endpoint is an address in any of the forms that calls take: host and port, a table of the\n" +
	"two, a path (AF_UNIX), or an address object. A failure raises an error object, unless it says otherwise; a call that cannot\n" +
	"go on without waiting, on a non-blocking socket, answers `nil, \"EAGAIN\"`. \"Waits\" means that other threads run\n" +
	"meanwhile; what does not say so does not wait. Any call that waits raises `ECANCELED` when its thread is cancelled.\n"

// book calls do with the manual of all modules.
func book(t *testing.T, do func(*pages.Book)) {
	t.Helper()
	in, err := interp.New(interp.Config{Modules: stdlib.Modules()})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	in.Engine().WithTurn(func() { do(pages.Of(in.Engine())) })
}

// TestReference keeps the reference page what the modules say of themselves.
func TestReference(t *testing.T) {
	var want string
	book(t, func(b *pages.Book) { want = b.Markdown(referenceHead) })
	if *update {
		if err := os.WriteFile("REFERENCE.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("REFERENCE.md")
	if err != nil || string(got) != want {
		t.Errorf("REFERENCE.md is not what the modules say (%v): go test ./stdlib -run Reference -update", err)
	}
}

// TestDocumented: every function says in a line what it is for, and then all that the manual wants to know of it:
// its arguments and options, what it returns, whether it waits, an example.
func TestDocumented(t *testing.T) {
	book(t, func(b *pages.Book) {
		for _, e := range b.Entries() {
			if e.Func.Doc == "" || strings.Contains(e.Func.Doc, "\n") {
				t.Errorf("%s: Doc must be one line", e.Name)
			}
			for _, problem := range b.Problems(e) {
				t.Errorf("%s: %s", e.Name, problem)
			}
		}
		for _, c := range b.Modules {
			if c.Doc == "" {
				t.Errorf("module %s has no Doc", c.Name)
			}
			for _, s := range c.Types {
				for _, f := range s.Fields {
					if f.Doc == "" || f.Type == "" || strings.ContainsAny(f.Name, " ,(") || len(b.Unknown(f.Type)) > 0 {
						t.Errorf("%s: field %q (%s): a name, a type that there is, and a line of Doc", s.Name, f.Name, f.Type)
					}
				}
			}
		}
	})
}

// TestManualConstants: the constants that the manual explains are there, and it explains those that there are,
// unless a group says that there are others.
func TestManualConstants(t *testing.T) {
	in, err := interp.New(interp.Config{Modules: stdlib.Modules()})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	book(t, func(b *pages.Book) {
		for _, c := range b.Modules {
			told, others, has := map[string]bool{}, false, valuesOf(in, c.Name)
			for _, g := range c.Groups {
				others = others || strings.HasPrefix(g.Doc, "Others.")
				for _, f := range g.Fields {
					told[f.Name] = true
					if !has[f.Name] && !strings.HasSuffix(f.Type, "?") {
						t.Errorf("%s.%s is not there", c.Name, f.Name)
					}
					if bad := b.Unknown(f.Type); f.Doc == "" || len(bad) > 0 || f.Type == "" && c.Constants == nil {
						t.Errorf("%s.%s: a line of Doc, and a type, without %q", c.Name, f.Name, bad)
					}
				}
			}
			for name := range has {
				if !told[name] && !others {
					t.Errorf("%s.%s is not explained", c.Name, name)
				}
			}
		}
	})
}

// valuesOf are the names of a module's values that are neither functions nor modules.
func valuesOf(host *interp.Interpreter, module string) map[string]bool {
	names, prefix, in := map[string]bool{}, module+".", host.Engine()
	if module == interp.Base {
		prefix = ""
	}
	for _, name := range host.Engine().Prompt().Complete(context.Background(), prefix) {
		in.WithTurn(func() {
			v := in.Lookup(prefix + name)
			table, _ := v.(*lua.LTable)
			_, isModule := in.Manual(v).(*interp.Module)
			if v.Type() != lua.LTFunction && !isModule && in.LibraryName(table) == "" {
				names[name] = true
			}
		})
	}
	return names
}

var shows = regexp.MustCompile(`--> (.*)`)

// TestManualExamples runs the manual's examples: they print what they say.
func TestManualExamples(t *testing.T) {
	t.Chdir(t.TempDir())
	book(t, func(b *pages.Book) {
		for _, e := range b.Entries() {
			if e.Example != "" {
				example(t, e)
			}
		}
	})
}

func example(t *testing.T, e *pages.Entry) {
	var out, want bytes.Buffer
	for _, m := range shows.FindAllStringSubmatch(e.Example, -1) {
		want.WriteString(m[1] + "\n")
	}
	in, err := interp.New(interp.Config{
		Modules: stdlib.Modules(), Policy: policy.All(), Stdout: &out, Globals: []string{"proto"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := in.RunString(ctx, e.Name, e.Example); err != nil {
		t.Errorf("%s: %v\n%s", e.Name, err, e.Example)
	} else if out.String() != want.String() {
		t.Errorf("%s prints\n%sand says it prints\n%s", e.Name, &out, &want)
	}
}

var (
	annotation = regexp.MustCompile(`^---@(?:` + strings.Join([]string{
		`meta (?:_|[a-z0-9]+)`, `class [a-z][A-Za-z_0-9.]*`, `alias [a-z.]+ \S+`, `type \S+`, `overload fun\(.*`,
		`field (?:\[\d+\]|[A-Za-z_0-9]+\??) \S+ \S.*`, `param (?:[A-Za-z_][A-Za-z_0-9]*\??|\.\.\.) \S+(?: .*)?`,
		`return \S+( [a-z_0-9]+| \.\.\.)?( #.+)?`,
	}, "|") + `)$`)
	defined = regexp.MustCompile(`(?m)^function ([A-Za-z_0-9]+)[.:]([A-Za-z_0-9]+)\(`)
)

// TestDefinitions: the definition files for language servers are Lua, each annotation is one that there is, and what
// scripts use is defined, or Lua's own.
func TestDefinitions(t *testing.T) {
	names, members := map[string]bool{}, map[string]bool{}
	book(t, func(b *pages.Book) {
		for name, text := range b.Definitions() {
			if _, err := syntax.Parse(name, text); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			for i, line := range strings.Split(text, "\n") {
				if strings.HasPrefix(line, "---@") && !annotation.MatchString(line) {
					t.Errorf("%s:%d: %s", name, i+1, line)
				}
			}
			for _, m := range defined.FindAllStringSubmatch(text, -1) {
				names[m[1]+"."+m[2]], members[m[2]] = true, true
			}
		}
		for _, e := range b.Entries() {
			names[e.Name], members[e.Func.Name] = true, true
		}
		for _, m := range stdlib.Modules() {
			for _, f := range m.Funcs {
				if !names[m.Name+"."+f.Name] {
					t.Errorf("%s.%s is not defined", m.Name, f.Name)
				}
			}
		}
	})
	used := regexp.MustCompile(`\b([a-z0-9]+)\.([a-z_0-9]+)\(`)
	for file, text := range luaFiles(t, "../scripts") {
		for _, m := range used.FindAllStringSubmatch(text, -1) {
			if strings.Contains(text, "local "+m[1]+"\n") || !stdlibHas(m[1]) { // a variable of its own
				continue
			}
			if !names[m[1]+"."+m[2]] {
				t.Errorf("%s: %s.%s is not defined", file, m[1], m[2])
			}
		}
	}
}

func stdlibHas(module string) bool {
	for _, m := range stdlib.Modules() {
		if m.Name == module {
			return true
		}
	}
	return false
}

func luaFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".lua") {
			var text []byte
			text, err = os.ReadFile(path)
			files[path] = string(text)
		}
		return err
	})
	if err != nil || len(files) < 20 {
		t.Fatalf("%d scripts, %v", len(files), err)
	}
	return files
}
