package interp

import "context"

// Run runs a program as RunString does source, and returns its values, converted as told at Get, once all
// threads that it started have ended, but for daemons: a table that they fill is whole. args
// are its "..." and arg, and converted as told at Set; without any it has Config.Args. Waiting, errors and the end
// of ctx are as for RunFile. What it sets stays for further calls.
func (in *Interpreter) Run(ctx context.Context, prog *Program, args ...any) ([]any, error) {
	c := calling{what: "Run", name: prog.name, chunk: prog, args: args, wait: true}
	return c.values(ctx, in)
}

// RunInto is Run that stores the values in what ptr points to, as CallInto does. What the chunk does not return is the
// zero value, and no error: a handle is nil then.
//
//	var plugin *interp.Object // a handle on the table that plugin.lua returns
//	err := in.RunInto(ctx, &plugin, prog)
//	if err == nil && plugin == nil {
//		err = errors.New("plugin.lua returns no table")
//	}
func (in *Interpreter) RunInto(ctx context.Context, ptr any, prog *Program, args ...any) error {
	c := calling{what: "Run", name: prog.name, chunk: prog, args: args, wait: true, into: ptr}
	return c.run(ctx, in)
}

// Eval compiles source and runs it, as Run does a Program; name is what errors call it.
//
//	out, err := in.Eval(ctx, "sum", "return ... + 1", 41) // [42]
func (in *Interpreter) Eval(ctx context.Context, name, source string, args ...any) ([]any, error) {
	c := calling{what: "Eval", name: name, source: source, args: args, wait: true}
	return c.values(ctx, in)
}
