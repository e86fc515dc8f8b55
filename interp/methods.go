package interp

import lua "github.com/yuin/gopher-lua"

// extendTypes gives the values of Lua's own types the methods that modules have
// for them (Type.Of). That must be there from the start: a host may hand a
// channel to a script that never names the module.
func (in *Interpreter) extendTypes() {
	for _, m := range in.config.Modules {
		for _, t := range m.Types {
			if t.Of != nil {
				in.setMethods(t.Of, t.Methods)
			}
		}
	}
}

func (in *Interpreter) setMethods(of lua.LValue, methods []Function) {
	table := in.root.CreateTable(0, len(methods))
	for i := range methods {
		f := methods[i]
		f.method = true
		table.RawSetString(f.Name, in.register(&f))
	}
	name := lua.LString(of.Type().String())
	mt := in.root.NewTable()
	mt.RawSetString("__index", table)
	mt.RawSetString("__name", name)
	mt.RawSetString("__metatable", name)
	in.root.SetMetatable(of, mt)
}
