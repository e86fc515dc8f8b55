package interp

import (
	"context"

	lua "github.com/yuin/gopher-lua"
)

// Chunk is a piece of Lua source; Name is what errors call it. A name that is a
// file's path says which folder is the script's own.
type Chunk struct {
	Name, Source string

	bare bool // the name is nothing more
}

// RunChunks runs pieces of source one after the other, until one fails, as
// RunFile runs a file: together they are one script, whose threads go on
// from one piece to the next. Each gets args as "..."; arg0 is what they find as
// arg[0].
func (in *Interpreter) RunChunks(ctx context.Context, arg0 string, args []string, chunks ...Chunk) error {
	_, err := in.enter(ctx, true, func(s *State) ([]lua.LValue, *Error) {
		in.setArgs(arg0, args)
		vs := make([]lua.LValue, len(args))
		for i, a := range args {
			vs[i] = lua.LString(a)
		}
		for _, c := range chunks {
			fn, failure := s.compile(c.Source, c.Name)
			if failure != nil {
				return nil, failure
			}
			in.dir, in.ownDir = scriptDir(c.Name), !c.bare
			if _, failure := s.invoke(fn, vs); failure != nil {
				return nil, failure
			}
			s.SetTop(0)
		}
		return nil, nil
	})
	return err
}
