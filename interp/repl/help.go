package repl

import (
	"fmt"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/interp/manual"
)

// help([value or name]) shows what the manual says of it.
func (p *Prompt) help(s *interp.State) int {
	if err := p.show(answer(s) + "\n"); err != nil {
		return s.Raise(err)
	}
	return 0
}

const more = "help(socket) lists a module, help(socket.bind) explains a function, and help(s) the\n" +
	"object s. Each can be a string, too: help \"socket.bind\", help \"socket:recv\"; a word shows all that\n" +
	"has it: help \"settimeout\". Tab completes names."

func answer(s *interp.State) string {
	in := s.Interp()
	book := manual.Of(in)
	if s.GetTop() == 0 {
		return book.Overview() + more
	}
	v := s.Get(1)
	if name, ok := v.(lua.LString); ok {
		text := book.Exact(string(name))
		if text == "" {
			if v = in.Lookup(string(name)); v == lua.LNil || in.Manual(v) == nil {
				text = book.Text(string(name))
			}
		}
		if text == "" && v == lua.LNil {
			text = "there is no '" + string(name) + "'; help() lists the modules"
		}
		if text != "" {
			return strings.TrimSuffix(text, "\n")
		}
	}
	return strings.TrimSuffix(explain(in, book, v), "\n")
}

// explain says what is known of a value.
func explain(in *interp.Engine, book *manual.Book, v lua.LValue) string {
	switch known := in.Manual(v).(type) {
	case *interp.Function:
		return book.FuncText(known)
	case *interp.Type:
		return book.TypeText(known)
	case *interp.Module:
		return book.Exact(known.Name)
	}
	switch v := v.(type) {
	case *lua.LTable:
		if text := book.Exact(in.LibraryName(v)); text != "" {
			return text
		}
		if text := functions(in, v); text != "" {
			return text
		}
	case *lua.LFunction:
		if !v.IsG {
			return fmt.Sprintf("a function, defined at %s:%d\n", v.Proto.SourceName, v.Proto.LineDefined)
		}
	}
	return fmt.Sprintf("a %s; nothing more is known of it\n", v.Type())
}

// functions lists what the manual knows of a table's functions, by name.
func functions(in *interp.Engine, t *lua.LTable) string {
	var lines []string
	t.ForEach(func(k, v lua.LValue) {
		if f, ok := in.Manual(v).(*interp.Function); ok {
			lines = append(lines, strings.TrimRight(fmt.Sprintf("  .%s(%s)  %s", k, f.Args, f.Doc), " ")+"\n")
		}
	})
	slices.Sort(lines)
	return strings.Join(lines, "")
}
