package manual

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Markdown is the whole manual as a page, after a head of its own.
func (b *Book) Markdown(head string) string {
	var t strings.Builder
	t.WriteString(head)
	names := make([]string, 0, len(b.Modules))
	for _, c := range b.Modules {
		names = append(names, fmt.Sprintf("[%s](#%s)", c.Name, c.Name))
	}
	t.WriteString("\n" + strings.Join(names, " · ") + "\n")
	for _, c := range b.Modules {
		b.chapter(&t, c)
	}
	return t.String()
}

func (b *Book) chapter(t *strings.Builder, c *Chapter) {
	fmt.Fprintf(t, "\n## %s\n\n%s.\n", c.Name, sentence(c.Doc))
	var same []*Entry
	for _, e := range c.Entries {
		if e.Same == "" {
			b.markdown(t, e)
		} else {
			same = append(same, e)
		}
	}
	if len(same) > 0 {
		t.WriteString("\nMethods that are functions of the module, too, taking the object first:\n\n| | is |\n|---|---|\n")
		for _, e := range same {
			fmt.Fprintf(t, "| `%s` | `%s` |\n", e.Call(), e.Same)
		}
	}
	for _, g := range c.Groups {
		fmt.Fprintf(t, "\n%s\n\n| constant | is |\n|---|---|\n", g.Doc)
		for _, f := range g.Fields {
			fmt.Fprintf(t, "| `%s` | %s |\n", function(c.Name, f.Name), cell(f.Doc))
		}
	}
	for _, s := range c.Types {
		b.typeOf(t, s)
	}
}

func (b *Book) typeOf(t *strings.Builder, s *Section) {
	fmt.Fprintf(t, "\n### %s\n\n%s.\n", s.Name, sentence(s.Doc))
	for _, owner := range slices.Sorted(maps.Keys(s.As)) {
		fmt.Fprintf(t, "\nAs of a %s: `%s`.\n", owner, strings.Join(s.As[owner], "` `"))
	}
	if len(s.Fields) > 0 {
		t.WriteString("\n| field | is |\n|---|---|\n")
		for _, f := range s.Fields {
			fmt.Fprintf(t, "| `%s` | %s |\n", f.Name, cell(f.Doc))
		}
	}
	for _, e := range s.own() {
		b.markdown(t, e)
	}
}

func sentence(doc string) string {
	doc = strings.TrimSuffix(strings.TrimSpace(doc), ".")
	return strings.ToUpper(doc[:1]) + doc[1:]
}

func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }

func (b *Book) markdown(t *strings.Builder, e *Entry) {
	fmt.Fprintf(t, "\n#### `%s`\n\n%s.\n", e.Call(), strings.TrimSuffix(strings.TrimSpace(sentence(e.Func.Doc)+". "+e.Text), "."))
	var items []string
	item := func(format string, args ...any) { items = append(items, fmt.Sprintf("- "+format+"\n", args...)) }
	if e.Like != "" { // said there
		e = &Entry{Name: e.Name, Func: e.Func, Like: e.Like}
	}
	for _, p := range e.Params {
		item("`%s` (`%s`%s): %s", p.Name, p.Type, strings.TrimPrefix(p.kind(), p.Type), p.Doc)
	}
	for _, p := range e.Results {
		item("→ %s", strings.TrimSuffix("`"+strings.TrimSpace(p.Type+" "+p.Name)+"`: "+p.Doc, ": "))
	}
	if e.Nothing {
		item("→ nothing")
	}
	for _, s := range e.Instead {
		item("or `%s`: %s", s.What, s.Doc)
	}
	if e.Like != "" {
		item("more: `%s`", e.Like)
	}
	for _, s := range e.Errors {
		item("raises `%s`: %s", s.What, s.Doc)
	}
	if len(items) > 0 {
		t.WriteString("\n" + strings.Join(items, ""))
	}
	if e.Example != "" {
		t.WriteString("\n```lua\n" + e.Example + "```\n")
	}
}
