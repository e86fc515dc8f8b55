package interp

import lua "github.com/yuin/gopher-lua"

// extendTypes gives the values of Lua's own types the methods that modules have
// for them (Type.Of). That must be there from the start: a host may hand a
// channel to a script that never names the module.
func (in *Interpreter) extendTypes() {
	for _, m := range in.config.Modules {
		for _, t := range m.Types {
			if t.Of != nil {
				in.setMethods(t)
			}
		}
	}
}

func (in *Interpreter) setMethods(t *Type) {
	table, _ := t.made.copy(t.Methods, true, nil)
	name := lua.LString(t.Of.Type().String())
	mt := in.root.CreateTable(0, 4)
	mt.RawSetString("__index", table)
	mt.RawSetString("__name", name)
	mt.RawSetString("__metatable", name)
	in.root.SetMetatable(t.Of, mt)
}
