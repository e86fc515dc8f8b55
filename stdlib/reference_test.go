package stdlib_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"wirelua/interp"
	"wirelua/stdlib"
)

var update = flag.Bool("update", false, "write REFERENCE.md anew")

// TestReference keeps the reference page what the modules say of themselves.
func TestReference(t *testing.T) {
	want := reference(stdlib.Modules())
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

// TestDocumented: every function says what it returns, in one line.
func TestDocumented(t *testing.T) {
	for _, m := range stdlib.Modules() {
		if m.Doc == "" {
			t.Errorf("module %s has no Doc", m.Name)
		}
		check := func(owner string, fs []interp.Function) {
			for _, f := range fs {
				if f.Doc == "" || strings.Contains(f.Doc, "\n") {
					t.Errorf("%s.%s: Doc must be one line", owner, f.Name)
				}
			}
		}
		check(m.Name, m.Funcs)
		for _, typ := range m.Types {
			check(typ.Name, typ.Methods)
			for _, f := range typ.Fields {
				if f.Doc == "" || strings.ContainsAny(f.Name, " ,(") {
					t.Errorf("%s: field %q: a name, and a line of Doc", typ.Name, f.Name)
				}
			}
		}
	}
}

func reference(modules []*interp.Module) string {
	var b strings.Builder
	b.WriteString(`# Modules

Made from what the modules say of themselves: ` + "`go test ./stdlib -run Reference -update`" + `.

Each module is reached by ` + "`require \"name\"`" + ` and is a global of that name, too. Times are in seconds,
data are strings of bytes. A failure raises an error object with the fields ` + "`op code errno message\naddress timeout where`" + `; a call that cannot go on without waiting, on a non-blocking socket, answers
` + "`nil, \"EAGAIN\"`" + `. "Waits" means that other threads run meanwhile.
`)
	for _, m := range modules {
		fmt.Fprintf(&b, "\n## %s\n\n%s.\n", m.Name, sentence(m.Doc))
		table(&b, m.Name+".", m.Funcs)
		for _, t := range m.Types {
			fmt.Fprintf(&b, "\n### %s\n\n%s.\n", t.Name, sentence(t.Doc))
			fields(&b, t.Fields)
			table(&b, t.Name+":", t.Methods)
		}
	}
	return b.String()
}

func sentence(doc string) string {
	doc = strings.TrimSuffix(strings.TrimSpace(doc), ".")
	return strings.ToUpper(doc[:1]) + doc[1:]
}

func fields(b *strings.Builder, fs []interp.Field) {
	if len(fs) == 0 {
		return
	}
	b.WriteString("\n| field | is |\n|---|---|\n")
	for _, f := range fs {
		fmt.Fprintf(b, "| `%s` | %s |\n", f.Name, strings.ReplaceAll(f.Doc, "|", "\\|"))
	}
}

func table(b *strings.Builder, prefix string, funcs []interp.Function) {
	if len(funcs) == 0 {
		return
	}
	b.WriteString("\n| | returns |\n|---|---|\n")
	for _, f := range funcs {
		fmt.Fprintf(b, "| `%s%s(%s)` | %s |\n", prefix, f.Name, f.Args, strings.ReplaceAll(f.Doc, "|", "\\|"))
	}
}
