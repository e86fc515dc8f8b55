package repl

import (
	"fmt"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// help([value or name]) shows what the manual says of it.
func (p *Prompt) help(s *interp.State) int {
	if err := p.show(manual(s) + "\n"); err != nil {
		return s.Raise(err)
	}
	return 0
}

func manual(s *interp.State) string {
	in := s.Interp()
	if s.GetTop() == 0 {
		return overview(in)
	}
	v := s.Get(1)
	if name, ok := v.(lua.LString); ok {
		if v = in.Lookup(string(name)); v == lua.LNil {
			return "there is no '" + string(name) + "'; help() lists the modules"
		}
	}
	return strings.TrimSuffix(explain(in, v), "\n")
}

func overview(in *interp.Interpreter) string {
	var b strings.Builder
	for _, m := range in.Config().Modules {
		fmt.Fprintf(&b, "  %-10s  %s\n", m.Name, m.Doc)
	}
	if b.Len() == 0 {
		b.WriteString("There are no modules but Lua's own.\n")
	}
	b.WriteString("help(socket) lists a module, help(socket.bind) explains a function, and help(s) the\n" +
		"object s. Each can be a string, too: help \"socket.bind\". Tab completes names.")
	return b.String()
}

func explain(in *interp.Interpreter, v lua.LValue) string {
	var b strings.Builder
	known := in.Manual(v)
	switch known := known.(type) {
	case *interp.Function:
		fmt.Fprintf(&b, "%s(%s)\n", known.Name, known.Args)
		if known.Doc != "" {
			b.WriteString("  " + known.Doc + "\n")
		}
		return b.String()
	case *interp.Type:
		fmt.Fprintf(&b, "%s: %s\n", known.Name, known.Doc)
		for _, f := range known.Fields {
			dot := "."
			if f.Name[0] == '[' {
				dot = ""
			}
			b.WriteString("  " + dot + f.Name + "  " + f.Doc + "\n")
		}
		list(&b, ":", known.Methods)
		return b.String()
	case *interp.Module:
		fmt.Fprintf(&b, "%s: %s\n", known.Name, known.Doc)
	}
	switch v := v.(type) {
	case *lua.LTable:
		list(&b, ".", functions(in, v))
		if m, ok := known.(*interp.Module); ok {
			for _, t := range m.Types {
				b.WriteString("\n" + t.Name + ": " + t.Doc + "\n")
				list(&b, ":", t.Methods)
			}
		}
	case *lua.LFunction:
		if !v.IsG {
			fmt.Fprintf(&b, "a function, defined at %s:%d\n", v.Proto.SourceName, v.Proto.LineDefined)
		}
	}
	if b.Len() == 0 {
		fmt.Fprintf(&b, "a %s; nothing more is known of it\n", v.Type())
	}
	return b.String()
}

// functions returns what the manual knows of a table's functions.
func functions(in *interp.Interpreter, t *lua.LTable) (all []interp.Function) {
	t.ForEach(func(k, v lua.LValue) {
		if f, ok := in.Manual(v).(*interp.Function); ok {
			named := *f
			named.Name = k.String() // it may be there under several names
			all = append(all, named)
		}
	})
	return all
}

// list writes a line for each function, by name.
func list(b *strings.Builder, sign string, funcs []interp.Function) {
	lines := make([]string, len(funcs))
	for i, f := range funcs {
		lines[i] = strings.TrimRight(fmt.Sprintf("  %s%s(%s)  %s", sign, f.Name, f.Args, f.Doc), " ") + "\n"
	}
	slices.Sort(lines)
	b.WriteString(strings.Join(slices.Compact(lines), ""))
}
