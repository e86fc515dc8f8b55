package manual

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// Definitions are the manual as LuaCATS definition files, by their names: for lua-language-server
// and its like, which know Lua's own libraries themselves. No file of theirs is found by require.
func (b *Book) Definitions() map[string]string {
	files := map[string]string{"wirelua.d.lua": common}
	for _, c := range b.Modules {
		if text := b.definition(c); text != "" {
			files[c.Name+".d.lua"] = text
		}
	}
	return files
}

const common = `---@meta _

---An address in any of the forms that calls take: an object, a table of host and port, a path
---(AF_UNIX), or a host that the port follows.
---@alias wirelua.endpoint wirelua.address|string|{[1]:string,[2]:integer}|{host:string,port:integer}

---The script's arguments: arg[0] is its name.
---@type string[]
arg = {}
`

// additions are what Lua's own libraries have here and in Lua 5.1 have not.
var additions = []string{"debug.threads", "coroutine.isyieldable"}

// own are the libraries whose tables the language server makes.
var own = []string{interp.Base, "coroutine", "debug", "math", "package", "string", "table"}

func (b *Book) definition(c *Chapter) string {
	var t strings.Builder
	builtin := slices.Contains(own, c.Name)
	if builtin {
		t.WriteString("---@meta _\n")
	} else {
		fmt.Fprintf(&t, "---@meta %s\n\n---%s\n---@class wirelua.lib.%s\n", c.Name, c.Doc, c.Name)
		if c.Name == "select" {
			t.WriteString("---@overload fun(n: integer|\"#\", ...): any\n")
		}
		t.WriteString(c.Name + " = {}\n")
		b.constants(&t, c)
	}
	before := t.Len()
	for _, e := range c.Entries {
		if !builtin || !e.ofLua || slices.Contains(additions, e.Name) {
			b.define(&t, c.Name, e.Name, e)
		}
	}
	for _, s := range c.Types {
		b.class(&t, s)
	}
	if builtin && t.Len() == before {
		return ""
	}
	if !builtin {
		t.WriteString("\nreturn " + c.Name + "\n")
	}
	return t.String()
}

// constants defines what a module has that is not a function.
func (b *Book) constants(t *strings.Builder, c *Chapter) {
	fields, known := map[string]interp.Field{}, map[string]lua.LValue{}
	for _, g := range c.Groups {
		for _, f := range g.Fields {
			fields[f.Name], known[f.Name] = f, lua.LNil
		}
	}
	if c.Constants != nil {
		maps.Copy(known, c.Constants())
	}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		f := fields[name]
		if f.Doc != "" {
			t.WriteString("\n---" + f.Doc + "\n")
		}
		switch v := known[name].(type) {
		case lua.LNumber, lua.LBool:
			fmt.Fprintf(t, "%s.%s = %s\n", c.Name, name, v)
		default:
			fmt.Fprintf(t, "---@type %s\n%s.%s = nil\n", b.typeName(f.Type), c.Name, name)
		}
	}
}

// class defines a type of objects.
func (b *Book) class(t *strings.Builder, s *Section) {
	name := "wirelua." + strings.ReplaceAll(s.Name, " ", "_")
	fmt.Fprintf(t, "\n---%s\n---@class %s\n", s.Doc, name)
	for _, f := range s.Fields {
		fmt.Fprintf(t, "---@field %s %s %s\n", f.Name, b.typeName(f.Type), f.Doc)
	}
	local := strings.ReplaceAll(strings.ReplaceAll(s.Name, " ", "_"), ".", "_") + "_object"
	t.WriteString("local " + local + " = {}\n")
	for _, e := range s.Entries {
		b.define(t, s.Name, local+":"+e.Func.Name, e)
	}
}

// define writes a function.
func (b *Book) define(t *strings.Builder, owner, name string, e *Entry) {
	said := b.said(e)
	params := said.top()
	switch {
	case len(said.Params) == 0:
		params = arguments(said.Func.Args)
	case said.Func.Args != e.Func.Args: // a method that takes the object first
		params = slices.Insert(slices.Clone(params), 0, Param{Name: "s", Type: owner, Doc: "the object"})
	}
	if said != e && len(said.Params) == 0 {
		params = arguments(e.Func.Args)
	}
	class := strings.NewReplacer(" ", "_", ":", ".").Replace("wirelua.options." + e.Name)
	var p strings.Builder
	for _, top := range params {
		fields := said.fields(top.Name)
		if len(fields) == 0 {
			continue
		}
		t.WriteString("\n---@class " + class + "." + top.Name + "\n")
		for _, f := range fields {
			fmt.Fprintf(t, "---@field %s%s %s %s\n", f.Name, mark(f.Optional), b.typeName(f.Type), f.Doc)
		}
	}
	names := b.params(&p, said, params, class)
	fmt.Fprintf(t, "\n---%s\n", sentence(e.Func.Doc)+".")
	if said.Text != "" {
		t.WriteString("---\n---" + said.Text + "\n")
	}
	if said.Example != "" {
		t.WriteString("---\n---```lua\n---" + strings.ReplaceAll(strings.TrimSuffix(said.Example, "\n"), "\n", "\n---") + "\n---```\n")
	}
	t.WriteString(p.String())
	b.results(t, said)
	fmt.Fprintf(t, "function %s(%s) end\n", name, strings.Join(names, ", "))
}

func mark(optional bool) string {
	if optional {
		return "?"
	}
	return ""
}

// params writes the arguments' lines and returns their names. LuaCATS has no argument that may be
// left out before one that may not: from there on it is "...".
func (b *Book) params(t *strings.Builder, e *Entry, params []Param, class string) (names []string) {
	last := len(params)
	for i := range params {
		for _, p := range params[i:] {
			if params[i].Optional && !p.Optional && p.Name != "..." && last == len(params) {
				last = i
			}
		}
	}
	for i, p := range params {
		typ := b.typeName(p.Type)
		switch {
		case i == last:
			t.WriteString("---@param ... any\n")
			return append(names, "...")
		case len(e.fields(p.Name)) > 0:
			typ = class + "." + p.Name
		case p.Name == "...":
			t.WriteString(strings.TrimSpace("---@param ... "+typ+" "+p.Doc) + "\n")
			return append(names, "...")
		}
		name := variable(p.Name)
		t.WriteString(strings.TrimSpace(fmt.Sprintf("---@param %s%s %s %s", name, mark(p.Optional), typ, p.Doc)) + "\n")
		names = append(names, name)
		if p.Type == "endpoint" {
			t.WriteString("---@param port? integer|string after a host: its port\n")
			names = append(names, "port")
		}
	}
	return names
}

func (b *Book) results(t *strings.Builder, e *Entry) {
	results := e.Results
	if len(results) == 0 && !e.Nothing {
		results = []Param{{Name: "...", Type: "any"}}
	}
	for i, r := range e.instead(results) {
		r.Type = b.typeName(r.Type)
		if len(e.Instead) > 0 && i == 0 && len(e.Results) > 0 {
			r.Type += "?"
		}
		line := strings.TrimRight(fmt.Sprintf("---@return %s %s %s", r.Type, r.Name, comment(r.Doc)), " ")
		t.WriteString(strings.Join(strings.Fields(line), " ") + "\n")
	}
}

// instead joins to results what follows the nil that may be returned in their place.
func (e *Entry) instead(results []Param) []Param {
	all := slices.Clone(results)
	for _, s := range e.Instead {
		for i, what := range strings.Split(s.What, ", ") {
			typ := map[string]string{"message": "string", "errno": "integer", "sent": "integer"}[what]
			switch {
			case what[0] == '"':
				typ = what
			case typ == "":
				continue // the nil
			}
			if i >= len(all) {
				all = append(all, Param{Name: "why", Type: typ + "?", Doc: "in its place"})
			} else if !strings.Contains(all[i].Type, typ) {
				all[i].Type = typ + "|" + all[i].Type
			}
		}
	}
	return all
}

func comment(doc string) string {
	if doc == "" {
		return ""
	}
	return "# " + doc
}

// reserved are words of Lua's that stand as arguments' names in the manual.
var reserved = []string{"end", "function", "repeat", "nil", "true", "false", "or", "and", "not", "in", "local", "return", "then"}

func variable(name string) string {
	if slices.Contains(reserved, name) {
		return name + "_"
	}
	return name
}

var words = compiled(`"[^"]*"|[A-Za-z_][A-Za-z_0-9.]*:?`)

// typeName is a type as LuaCATS has it: objects are wirelua.X, coroutines threads.
func (b *Book) typeName(typ string) string {
	return words().ReplaceAllStringFunc(typ, func(word string) string {
		switch {
		case word == "coroutine":
			return "thread"
		case word == "endpoint" || b.typed(word) != nil || b.typed(strings.ReplaceAll(word, "_", " ")) != nil:
			return "wirelua." + word
		}
		return word
	})
}

var name = compiled(`^[A-Za-z_][A-Za-z_0-9]*`)

// arguments reads what a function without more of a manual says of its arguments:
// "host, port[, timeout]".
func arguments(args string) (params []Param) {
	depth, braces, quoted := 0, 0, false
	start, optional := 0, false
	add := func(to int) {
		text := strings.Trim(args[start:to], " []")
		switch m := name().FindString(text); {
		case strings.HasPrefix(text, "..."):
			params = append(params, Param{Name: "...", Type: "any"})
		case strings.HasPrefix(text, "{"):
			params = append(params, Param{Name: "options", Type: "table", Optional: optional})
		case m != "" && !strings.HasPrefix(text, "or "):
			params = append(params, Param{Name: m, Type: "any", Optional: optional || strings.HasSuffix(text, " or nil")})
		}
		start, optional = to+1, depth > 0
	}
	for i, c := range args + "," {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{':
			braces++
		case c == '}':
			braces--
		case c == '[' && braces == 0:
			depth++
			optional = optional || strings.Trim(args[start:i], " [") == ""
		case c == ']' && braces == 0:
			depth--
		case c == ',' && braces == 0:
			add(i)
		}
	}
	return params
}
