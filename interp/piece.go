package interp

import (
	"context"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/compile"
	"wirelua/interp/syntax"
)

// EvalText is what front.Prompt says.
func (in frontEnd) EvalText(ctx context.Context, exit func(code int), name, source string) ([]string, error) {
	t := typed{exit: exit, name: name, source: source}
	if err := in.enter(ctx, false, &t); err != nil {
		return nil, err
	}
	return t.results, nil
}

// typed is the visit of a piece of source that somebody has typed.
type typed struct {
	exit         func(int)
	name, source string
	results      []string
}

func (t *typed) begin(s *State) error {
	s.thread.run.exit, s.thread.run.typed = t.exit, true
	fn, keep, failure := s.piece(t.source, plainName(t.name))
	if failure != nil {
		return failure
	}
	n, failure := s.invoke(fn, nil)
	keep()
	if failure != nil {
		return failure
	}
	vs := s.values(s.GetTop() - n + 1)
	s.SetTop(0)
	if len(vs) > 0 {
		s.in.root.G.Global.RawSetString("_", vs[len(vs)-1])
	}
	_, failure = s.invoke(s.NewFunction("inspect", func(s *State) int {
		for i := range vs {
			t.results = append(t.results, s.Inspect(vs[i], Inspection{}))
		}
		return 0
	}), nil)
	if failure != nil {
		return failure
	}
	return nil
}

func (t *typed) end(*State) error { return nil }

// unset is what a variable of a piece has before its declaration is reached, where no Lua sees it.
var unset = &lua.LUserData{Metatable: lua.LNil}

// piece compiles a piece. keep keeps those of its variables that it came to declare.
func (s *State) piece(source string, name chunkName) (fn *lua.LFunction, keep func(), failure *Error) {
	in := s.in
	var ups []compile.Upvalue
	proto, failure := compileBy(func(c *syntax.Chunk, o compile.Options) (proto *lua.FunctionProto, err error) {
		proto, ups, err = compile.Piece(c, o, func(name string) bool { return in.kept[name] != nil })
		return proto, err
	}, source, name, s.stop)
	if failure != nil {
		return nil, nil, failure
	}
	fn = s.instance(proto)
	for i, up := range ups {
		if fn.Upvalues[i] = in.kept[up.Name]; up.Fresh {
			fn.Upvalues[i] = &lua.Upvalue{}
			fn.Upvalues[i].SetValue(unset)
		}
	}
	return fn, func() {
		for i, up := range ups {
			if up.Fresh && up.Name != "_" && fn.Upvalues[i].Value() != unset {
				in.keep(up.Name, fn.Upvalues[i])
			}
		}
	}, nil
}

func (in *Interpreter) keep(name string, v *lua.Upvalue) {
	if in.kept == nil {
		in.kept = map[string]*lua.Upvalue{}
	}
	in.kept[name] = v
}
