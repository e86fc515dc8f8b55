package interp

import (
	"runtime"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// openBase replaces the basic functions that reach for the process's own streams
// or can take the process down.
func (in *Interpreter) openBase() {
	g := in.root.G.Global
	for _, name := range []string{"_printregs", "newproxy"} {
		g.RawSetString(name, lua.LNil) // gopher-lua's own; one prints to the process's stdout
	}
	g.RawSetString("print", in.function("print", "...", func(s *State) int {
		var b strings.Builder
		for i, n := 1, s.GetTop(); i <= n; i++ {
			if i > 1 {
				b.WriteByte('\t')
			}
			v := s.ToStringMeta(s.Get(i))
			if !lua.LVCanConvToString(v) {
				s.RaiseError("'tostring' must return a string to 'print'")
			}
			b.WriteString(v.String())
		}
		b.WriteByte('\n')
		if err := in.stdout.write(s, b.String()); err != nil {
			s.Raise(err)
		}
		return 0
	}))
	g.RawSetString("collectgarbage", in.function("collectgarbage", "what, arg", func(s *State) int {
		switch what := s.OptStr(1, "collect"); what {
		case "collect", "step":
			runtime.GC()
		case "count": // KB of the whole process: Go does not count by interpreter
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			return s.Return(lua.LNumber(float64(m.HeapAlloc) / 1024))
		case "stop", "restart", "setpause", "setstepmul": // the collector is Go's
		default:
			s.ArgError(1, "invalid option '%s'", what)
		}
		return s.Return(lua.LNumber(0))
	}))
	g.RawSetString("unpack", in.function("unpack", "table, first, last", func(s *State) int {
		t := s.Table(1)
		first := s.OptInt(2, 1)
		last := s.OptInt(3, t.Len())
		if last-first >= registryMax/2 {
			s.RaiseError("too many results to unpack")
		}
		for i := first; i <= last; i++ {
			s.Push(t.RawGetInt(i))
		}
		return max(0, last-first+1)
	}))
	// Shown by debug.getregistry in Lua 5.1: our tables of modules and types
	// are not in it, and nothing in it is of use to a script.
	math := g.RawGetString(lua.MathLibName).(*lua.LTable)
	math.RawSetString("huge", lua.LNumber(inf))
}
