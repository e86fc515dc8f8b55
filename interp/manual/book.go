package manual

import (
	"slices"
	"strings"

	"wirelua/interp"
)

// Book is the manual of an interpreter, or of a list of modules. It does not change: any goroutine
// may read it.
type Book struct {
	Modules []*Chapter // by name
	entries []*Entry
}

// Chapter is what the manual has of a module.
type Chapter struct {
	*interp.Module
	Entries []*Entry
	Types   []*Section
}

// Section is what the manual has of a type.
type Section struct {
	*interp.Type
	Entries []*Entry
	As      map[string][]string // methods that an earlier type has, too, and as it has: by its name
}

// Of makes the manual of an interpreter's modules and of Lua's own libraries. The caller must have
// the turn.
func Of(in *interp.Engine) *Book {
	libraries := in.Libraries()
	b := New(slices.Concat(libraries, in.Config().Modules))
	for _, m := range libraries {
		for _, f := range m.Funcs {
			b.Find(function(m.Name, f.Name)).ofLua = true
		}
	}
	return b
}

// New makes the manual of some modules. What has no name is not in it.
func New(modules []*interp.Module) *Book {
	b := &Book{}
	for _, m := range modules {
		b.add(m)
	}
	slices.SortStableFunc(b.Modules, func(x, y *Chapter) int { return strings.Compare(x.Name, y.Name) })
	told := map[string]string{}
	seen := map[*interp.Type]bool{}
	for _, c := range b.Modules {
		for _, f := range c.Funcs {
			c.Entries = append(c.Entries, b.entry(function(c.Name, f.Name), f))
		}
		for _, t := range c.Module.Types {
			if !seen[t] {
				seen[t] = true
				c.Types = append(c.Types, b.section(t, told))
			}
		}
	}
	return b
}

// add enters a module; one that adds to a library of Lua's is one with it.
func (b *Book) add(m *interp.Module) {
	for _, c := range b.Modules {
		if c.Name == m.Name {
			c.Module = &interp.Module{
				Name: m.Name, Doc: c.Doc, Funcs: slices.Concat(c.Funcs, m.Funcs), Groups: slices.Concat(c.Groups, m.Groups),
				Types: slices.Concat(c.Module.Types, m.Types), Constants: c.Constants,
			}
			return
		}
	}
	b.Modules = append(b.Modules, &Chapter{Module: m})
}

// function is the name of a module's function, as scripts write it.
func function(module, name string) string {
	if module == interp.Base {
		return name
	}
	return module + "." + name
}

func (b *Book) entry(name string, f interp.Function) *Entry {
	e := entry(name, &f)
	b.entries = append(b.entries, e)
	return e
}

func (b *Book) section(t *interp.Type, told map[string]string) *Section {
	s := &Section{Type: t, As: map[string][]string{}}
	for _, f := range t.Methods {
		key := f.Name + "(" + f.Args + ")" + f.Doc + f.Manual
		if owner := told[key]; owner != "" {
			s.As[owner] = append(s.As[owner], f.Name)
		} else {
			told[key] = t.Name
		}
		e := b.entry(t.Name+":"+f.Name, f)
		if owner := told[f.Manual]; f.Manual != "" && owner != "" && told[key] == t.Name {
			e.Like = owner + ":" + f.Name
		}
		if told[f.Manual] == "" {
			told[f.Manual] = t.Name
		}
		s.Entries = append(s.Entries, e)
	}
	return s
}

// own are the methods that no earlier type has likewise.
func (s *Section) own() (own []*Entry) {
	for _, e := range s.Entries {
		if !slices.ContainsFunc(values(s.As), func(name string) bool { return name == e.Func.Name }) {
			own = append(own, e)
		}
	}
	return own
}

func values(m map[string][]string) (all []string) {
	for _, names := range m {
		all = append(all, names...)
	}
	return all
}

// Entries returns all functions and methods there are.
func (b *Book) Entries() []*Entry { return b.entries }

// Find returns the entry of that name, or nil.
func (b *Book) Find(name string) *Entry {
	for _, e := range b.entries {
		if e.Name == name {
			return e
		}
	}
	return nil
}

// Of returns the entry of a function, or nil.
func (b *Book) Of(f *interp.Function) *Entry {
	for _, e := range b.entries {
		same := e.Func.Args == f.Args && e.Func.Doc == f.Doc
		if e.Func.Name == f.Name && (same || e.ofLua && f.Doc == "") {
			return e
		}
	}
	return nil
}

// said returns the entry that says what there is to say: e itself, or the method that it is.
func (b *Book) said(e *Entry) *Entry {
	for _, name := range []string{e.Same, e.Like} {
		if other := b.Find(name); other != nil {
			return other
		}
	}
	return e
}
