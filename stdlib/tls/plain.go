//go:build unix

package tls

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// TLS is laid over the objects of the module socket, as a script would do it that
// requires both: what is below is got by its name, from the interpreter's modules.

func socketModule(s *interp.State) *interp.Module {
	for _, m := range s.Interp().Config().Modules {
		if m.Name == "socket" {
			return m
		}
	}
	s.RaiseError("tls needs the module socket, which this interpreter does not have")
	return nil
}

func socketFunc(s *interp.State, name string) func(*interp.State) int {
	return find(s, socketModule(s).Funcs, name)
}

func socketMethod(s *interp.State, name string) func(*interp.State) int {
	for _, t := range socketModule(s).Types {
		if t.Name == "socket" {
			return find(s, t.Methods, name)
		}
	}
	return find(s, nil, name)
}

func find(s *interp.State, fs []interp.Function, name string) func(*interp.State) int {
	for _, f := range fs {
		if f.Name == name {
			return f.Fn
		}
	}
	s.RaiseError("the module socket has no %s", name)
	return nil
}

// call calls a function of the module socket as part of one of ours, which errors
// name instead, and leaves its results on the stack.
func call(s *interp.State, as string, fn func(*interp.State) int, results int, args ...lua.LValue) {
	s.Push(s.NewFunction(as, fn))
	for _, a := range args {
		s.Push(a)
	}
	s.Call(len(args), results)
}

// arguments returns the first n arguments.
func arguments(s *interp.State, n int) []lua.LValue {
	var args []lua.LValue
	for i := 1; i <= n; i++ {
		args = append(args, s.Get(i))
	}
	return args
}
