package manual

import (
	"fmt"
	"slices"
	"strings"

	"wirelua/interp"
)

// Text is what the manual has under a name, for a terminal: of a module, a function, a type, a
// method ("socket:recv"), or else of all that has the word in its name or in what is said of it. An
// empty name gives the list of modules. It is "" when there is nothing.
func (b *Book) Text(name string) string {
	if name == "" {
		return b.Overview()
	}
	if text := b.Exact(name); text != "" {
		return text
	}
	return strings.Join(b.word(name), "\n")
}

// Exact is what the manual has of a module, function, type or method of just that name.
func (b *Book) Exact(name string) string {
	var parts []string
	for _, c := range b.Modules {
		if c.Name == name {
			parts = append(parts, c.text())
		}
	}
	if e := b.Find(name); e != nil {
		parts = append(parts, b.EntryText(e))
	}
	if s := b.typed(name); len(parts) == 0 && s != nil {
		parts = append(parts, s.text())
	}
	return strings.Join(parts, "\n")
}

// TypeText is what the manual has of a type of objects.
func (b *Book) TypeText(t *interp.Type) string {
	if s := b.typed(t.Name); s != nil {
		return s.text()
	}
	return ""
}

// word returns the entries that have a word: as their name, or, when none has, in what they say.
func (b *Book) word(word string) []string {
	if _, last, ok := strings.Cut(word, ":"); ok { // a method of a variable's
		word = last
	}
	var parts []string
	told := map[string]bool{}
	for _, e := range b.entries {
		head, text := e.Call(), b.EntryText(e)
		if body := strings.TrimPrefix(text, head); e.Func.Name == word && e.Same == "" && !told[body] {
			told[body] = true
			parts = append(parts, b.heads(e)+body)
		}
	}
	for _, line := range b.named(word) {
		parts = append(parts, line)
	}
	if len(parts) > 0 {
		return parts
	}
	var lines strings.Builder
	for _, e := range b.entries {
		text := strings.ToLower(e.Name + " " + e.Func.Args + " " + e.Func.Doc + " " + e.Func.Manual)
		if e.Same == "" && strings.Contains(text, strings.ToLower(word)) {
			lines.WriteString(line(e.Call(), e.Func.Doc))
		}
	}
	if lines.Len() > 0 {
		parts = append(parts, lines.String())
	}
	return parts
}

// heads are the calls of all methods that are e: a line each.
func (b *Book) heads(e *Entry) string {
	var heads []string
	for _, other := range b.entries {
		if other.Func.Name == e.Func.Name && other.Func.Args == e.Func.Args && other.Func.Doc == e.Func.Doc && other.Same == "" {
			heads = append(heads, other.Call())
		}
	}
	return strings.Join(heads, "\n")
}

// named returns the fields and constants of a name, a line each.
func (b *Book) named(name string) (lines []string) {
	last := name[strings.LastIndexAny(name, ".:")+1:]
	for _, c := range b.Modules {
		for _, g := range c.Groups {
			for _, f := range g.Fields {
				if c.Name+"."+f.Name == name || f.Name == name {
					lines = append(lines, line(c.Name+"."+f.Name, f.Doc))
				}
			}
		}
		for _, s := range c.Types {
			for _, f := range s.Fields {
				if f.Name == last && (last == name || s.Name+"."+last == name) {
					lines = append(lines, line(s.Name+"."+f.Name, f.Doc))
				}
			}
		}
	}
	return lines
}

func (b *Book) typed(name string) *Section {
	for _, c := range b.Modules {
		for _, s := range c.Types {
			if s.Name == name {
				return s
			}
		}
	}
	return nil
}

// Overview lists the modules.
func (b *Book) Overview() string {
	var t strings.Builder
	for _, c := range b.Modules {
		fmt.Fprintf(&t, "  %-10s  %s\n", c.Name, c.Doc)
	}
	return t.String()
}

func line(head, doc string) string { return strings.TrimRight("  "+head+"  "+doc, " ") + "\n" }

func (c *Chapter) text() string {
	var t strings.Builder
	fmt.Fprintf(&t, "%s: %s\n", c.Name, c.Doc)
	list(&t, c.Entries, "")
	for _, g := range c.Groups {
		t.WriteString("\n" + g.Doc + "\n")
		for _, f := range g.Fields {
			t.WriteString(line(function(c.Name, f.Name), f.Doc))
		}
	}
	for _, s := range c.Types {
		t.WriteString("\n" + s.text())
	}
	return t.String()
}

func (s *Section) text() string {
	var t strings.Builder
	fmt.Fprintf(&t, "%s: %s\n", s.Name, s.Doc)
	for _, f := range s.Fields {
		t.WriteString(line(field(f), f.Doc))
	}
	list(&t, s.Entries, s.Name)
	return t.String()
}

func field(f interp.Field) string {
	if f.Name[0] == '[' {
		return f.Name
	}
	return "." + f.Name
}

// list writes a line for each function, by name, less what all names begin with.
func list(t *strings.Builder, entries []*Entry, owner string) {
	var lines []string
	for _, e := range entries {
		lines = append(lines, line(strings.TrimPrefix(e.Call(), owner), e.Func.Doc))
	}
	slices.Sort(lines)
	t.WriteString(strings.Join(slices.Compact(lines), ""))
}

// EntryText is what the manual has of a function, for a terminal.
func (b *Book) EntryText(e *Entry) string {
	var t strings.Builder
	t.WriteString(e.Call() + "\n  " + e.Func.Doc + "\n")
	e = b.said(e)
	if e.Text != "" {
		t.WriteString(wrap(e.Text, "  "))
	}
	for _, p := range e.Params {
		t.WriteString(wrap(fmt.Sprintf("%s (%s): %s", p.Name, p.kind(), p.Doc), "    "))
	}
	for _, p := range e.Results {
		t.WriteString(wrap(strings.TrimSuffix("returns "+strings.TrimSpace(p.Name+" ("+p.Type+")")+": "+p.Doc, ": "), "  "))
	}
	if e.Nothing {
		t.WriteString("  returns nothing\n")
	}
	for _, s := range e.Instead {
		t.WriteString(wrap("or "+s.What+": "+s.Doc, "  "))
	}
	for _, s := range e.Errors {
		t.WriteString(wrap("raises "+s.What+": "+s.Doc, "  "))
	}
	if e.Example != "" {
		t.WriteString("\n  " + strings.ReplaceAll(strings.TrimSuffix(e.Example, "\n"), "\n", "\n  ") + "\n")
	}
	return t.String()
}

// kind is the type as it is shown.
func (p Param) kind() string {
	if p.Optional {
		return p.Type + ", optional"
	}
	return p.Type
}

// wrap breaks text into lines of at most 100 characters, each after the first indented by two more.
func wrap(text, indent string) string {
	var t strings.Builder
	column := 0
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
			t.WriteString(indent)
		case column+len(word)+1 > 100:
			t.WriteString("\n" + indent + "  ")
			column = len(indent) + 2
		default:
			t.WriteString(" ")
			column++
		}
		t.WriteString(word)
		column += len(word)
	}
	return t.String() + "\n"
}

// FuncText is EntryText of a function, one that the book does not have included.
func (b *Book) FuncText(f *interp.Function) string {
	if e := b.Of(f); e != nil {
		return b.EntryText(e)
	}
	return b.EntryText(entry(f.Name, f))
}
