package interp

import (
	"context"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// What a prompt needs to know of names. No Lua runs for it: a script's metamethods
// are not asked, and what they would answer is not known here.

// Complete returns the names that the last name in word may be the beginning of, in
// order: globals and what EvalText keeps ("pri"), fields ("socket.cr"), or, after a colon, methods ("s:re"). It
// waits for the turn; when ctx ends first, it returns none.
func (in *Interpreter) Complete(ctx context.Context, word string) []string {
	if in.lock(ctx) != nil {
		return nil
	}
	defer in.turn.Unlock()
	at := strings.LastIndexAny(word, ".:") + 1
	prefix := word[at:]
	var owner lua.LValue = in.root.G.Global
	if at > 0 {
		owner = in.Lookup(word[:at-1])
	}
	var names []string
	add := func(name string) {
		if strings.HasPrefix(name, prefix) && isName(name) {
			names = append(names, name)
		}
	}
	method := at > 0 && word[at-1] == ':'
	for _, t := range in.indexed(owner) {
		t.ForEach(func(k, v lua.LValue) {
			name, ok := k.(lua.LString)
			if _, callable := v.(*lua.LFunction); ok && (callable || !method) {
				add(string(name))
			}
		})
	}
	if owner == in.root.G.Global {
		for name, m := range in.modules { // those, too, that nothing has used yet
			add(name)
			for _, f := range m.Funcs {
				if strings.HasPrefix(f.Name, prefix) && in.globalIn(f.Name) == m {
					add(f.Name)
				}
			}
		}
	}
	if at == 0 {
		for name := range in.kept {
			add(name)
		}
	}
	if t, ok := in.Manual(owner).(*Type); ok && !method {
		for _, f := range t.Fields {
			add(f.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Lookup returns what a name stands for, "socket.bind" or "s:recv", or nil. Of the
// fields of objects it knows methods only. It is for modules: the caller must have the
// turn, as every function that Lua called has it.
func (in *Interpreter) Lookup(name string) lua.LValue {
	var v lua.LValue = in.root.G.Global
	for i, key := range strings.Split(strings.ReplaceAll(name, ":", "."), ".") {
		if local := in.kept[key]; i == 0 && local != nil {
			v = local.Value()
		} else {
			v = in.field(v, key)
		}
		if v == lua.LNil {
			break
		}
	}
	return v
}

// Signature returns how a function is called, "socket.bind(address)", by its name as Lookup takes it;
// "" if there is no such function. It waits for the turn; when ctx ends first, it returns none.
func (in *Interpreter) Signature(ctx context.Context, name string) string {
	if in.lock(ctx) != nil {
		return ""
	}
	defer in.turn.Unlock()
	v := in.Lookup(name)
	if f, ok := in.Manual(v).(*Function); ok {
		return name + "(" + f.Args + ")"
	}
	fn, ok := v.(*lua.LFunction)
	if !ok || fn.IsG {
		return ""
	}
	args := parameters(fn.Proto)
	if strings.Contains(name, ":") && len(args) > 0 && args[0] != "..." {
		args = args[1:]
	}
	return name + "(" + strings.Join(args, ", ") + ")"
}

// parameters are those of a function of Lua's.
func parameters(p *lua.FunctionProto) (names []string) {
	for _, l := range p.DbgLocals[:min(int(p.NumParameters), len(p.DbgLocals))] {
		names = append(names, l.Name)
	}
	if p.IsVarArg != 0 {
		names = append(names, "...")
	}
	return names
}

// Manual returns what is known of a value: the *Function that it is, the *Type of an
// object, the *Module whose table it is; else nil. It is for modules: the
// caller must have the turn, as every function that Lua called has it.
func (in *Interpreter) Manual(v lua.LValue) any {
	switch v := v.(type) {
	case *lua.LFunction:
		if in.members[v] != nil {
			return in.moduleOf(v)
		}
		if f := in.known(v); f != nil {
			return f
		}
		if f := in.manuals[v]; f != nil {
			return f
		}
	case *lua.LUserData:
		if t := in.typeOf[v.Metatable]; t != nil {
			return t
		}
	case *lua.LTable:
		return in.moduleOf(v)
	}
	return nil
}

func (in *Interpreter) moduleOf(v lua.LValue) any {
	for name, m := range in.modules {
		if in.opened[name] == v {
			return m
		}
	}
	return nil
}

// indexed returns the tables in which v's fields are found: itself, and those that
// __index leads to.
func (in *Interpreter) indexed(v lua.LValue) (tables []*lua.LTable) {
	for range maxIndex {
		switch v := v.(type) {
		case *lua.LTable:
			tables = append(tables, v)
		case *lua.LFunction:
			if t := in.members[v]; t != nil {
				return append(tables, t)
			}
		case *lua.LUserData:
			if t := in.typeOf[v.Metatable]; t != nil {
				return append(tables, in.methods[t])
			}
		}
		if v = in.root.GetMetaField(v, "__index"); v == lua.LNil {
			break
		}
	}
	return tables
}
