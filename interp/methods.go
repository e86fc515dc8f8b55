package interp

// extendTypes gives the values of Lua's own types the methods that modules have
// for them (Type.Of). That must be there from the start: a host may hand a
// channel to a script that never names the module.
func (in *Interpreter) extendTypes() {
	for _, m := range in.config.Modules {
		for _, t := range m.Types {
			if t.Of != nil {
				in.root.SetMetatable(t.Of, t.metatable())
			}
		}
	}
}
