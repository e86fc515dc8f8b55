package interp

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
)

// maxTrace is how many lines a traceback has at most; the middle is left out.
const maxTrace = 22

// traceback returns the calls that led to where s stands, innermost first, as
// Lua's debug.traceback does. It goes on through protected calls and coroutines
// to the thread's first function. level 0 begins with the running function.
func (s *State) traceback(level int) string {
	return strings.Join(append([]string{"stack traceback:"}, s.tracebackLines(level)...), "\n")
}

func (s *State) tracebackLines(level int) []string {
	lines := s.calls(level)
	if len(lines) > maxTrace {
		head, tail := lines[:maxTrace/2], lines[len(lines)-maxTrace/2:]
		lines = append(append(append([]string{}, head...), "\t..."), tail...)
	}
	return lines
}

// calls are the lines of a traceback. After a fault of the VM's a stack may be in
// ruins: then those above it are not told of.
func (s *State) calls(level int) (lines []string) {
	defer func() {
		if recover() != nil {
			lines = append(lines, "\t...")
		}
	}()
	for st := s; st != nil; st = st.up {
		unnamed := st.unnamed // of the innermost function that has no other name
		if fn, at := st.leftIn(); fn != nil {
			s.in.nameCall(at, fn, &unnamed)
			if level--; level < 0 {
				level, lines = 0, append(lines, "\t"+s.in.describe(at, fn))
			}
		}
		all := st.levels()
		for ; len(all) > 0 && level > 0; all = all[1:] {
			if !s.in.hidden(all[0].fn) {
				level -= 1 + all[0].gone
			}
		}
		for i := 0; i < len(all); i++ {
			if i == maxTrace { // a step down costs as much as the stack is deep
				i = max(i, len(all)-maxTrace)
			}
			if d, fn := st.frame(all[i].level); fn != nil && !s.in.hidden(fn) {
				d.Name = st.calledAs(all[i].level, d)
				s.in.nameCall(d, fn, &unnamed)
				lines = append(lines, "\t"+s.in.describe(d, fn))
				tails := glua.FrameOf(d).Replaced()
				for range min(tails, maxTrace) { // whose place this call has taken
					lines = append(lines, "\t(tail call): ?")
				}
			}
		}
	}
	return lines
}

// nameCall gives a call of a function that NewFunction made, unless its caller has a name for it, that which it was made
// with. A stack knows that of the innermost.
func (in *Interpreter) nameCall(d *lua.Debug, fn *lua.LFunction, unnamed **Function) {
	if *unnamed == nil || !fn.IsG || in.known(fn) != nil {
		return
	}
	d.Name = cmp.Or(d.Name, (*unnamed).Name)
	*unnamed = nil
}

// call is one of a stack: gopher-lua counts the gone, whose place it has taken by tail
// calls, as levels, too.
type call struct {
	level, gone int
	fn          *lua.LFunction
}

// levels returns the calls of s, innermost first.
func (s *State) levels() (all []call) {
	level := 0
	for f := glua.Top(s.l); f != nil; f = f.Parent {
		c := call{level, f.Replaced(), f.Fn}
		all = append(all, c)
		level += 1 + c.gone
	}
	return all
}

// frame returns what there is to know of the call at a level; fn is nil when there
// is none.
func (s *State) frame(level int) (*lua.Debug, *lua.LFunction) {
	d, ok := s.l.GetStack(level)
	if !ok {
		return nil, nil
	}
	v, err := s.l.GetInfo("fSl", d, lua.LNil)
	fn, ok := v.(*lua.LFunction)
	if err != nil || !ok {
		return nil, nil
	}
	return d, fn
}

// calledAs returns how the source calls the function at a level, where it was called;
// "" if that is not known: after a tail call, too.
func (s *State) calledAs(level int, d *lua.Debug) string {
	if glua.FrameOf(d).Replaced() > 0 {
		return ""
	}
	_, name := s.instruction(level + 1).calls()
	return name
}

// goChunk is the source of what calls the Go function that a coroutine was made of.
const goChunk = "(a Go function)"

// hidden reports whether a function is no business of the script's: of Go's, one that interpreters share, and of
// which nothing is known.
func (in *Interpreter) hidden(fn *lua.LFunction) bool {
	if !fn.IsG {
		return fn.Proto.SourceName == goChunk
	}
	return fn == in.handling || fn.Env == nil && in.known(fn) == nil
}

// eachFrame calls f for the frames of s from level on, until it returns false.
func (s *State) eachFrame(level int, f func(*lua.Debug, *lua.LFunction) bool) {
	for i := level; ; i++ {
		d, fn := s.frame(i)
		if fn == nil {
			return
		}
		hidden := !fn.IsG && fn.Proto.SourceName == goChunk
		if !hidden && !f(d, fn) {
			return
		}
		i += glua.FrameOf(d).Replaced()
	}
}

func (in *Interpreter) describe(d *lua.Debug, fn *lua.LFunction) string {
	if fn.IsG {
		name := d.Name
		if f := in.known(fn); f != nil {
			name = f.Name
		}
		if name == "" {
			return "[Go]: in a function"
		}
		return fmt.Sprintf("[Go]: in function '%s'", name)
	}
	at := fmt.Sprintf("%s:%d: in ", fn.Proto.SourceName, d.CurrentLine)
	switch {
	case fn.Proto.LineDefined == 0:
		return at + "main chunk"
	case d.Name == "":
		return at + fmt.Sprintf("function <%s:%d>", fn.Proto.SourceName, fn.Proto.LineDefined)
	}
	return at + "function '" + d.Name + "'"
}

// where returns "script.lua:12" for the function at level (0 is the running one),
// "" when that is a Go function or there is none.
func (s *State) where(level int) string {
	at := ""
	s.eachFrame(level, func(d *lua.Debug, fn *lua.LFunction) bool {
		if !fn.IsG {
			at = fn.Proto.SourceName + ":" + strconv.Itoa(d.CurrentLine)
		}
		return false
	})
	return at
}

// Where returns "script.lua:12": the line of Lua that called the running Go
// function, through protected calls and coroutines; "" when there is none. Where a module's functions are
// written in Lua, it is the line that called these, if there is one.
func (s *State) Where() string {
	at, _ := s.calledFrom()
	return at
}

// calledFrom is Where; by is the module's function in Lua that was called there, nil if that was one in Go.
func (s *State) calledFrom() (at string, by *Function) {
	inside := ""
	for st := s; st != nil && at == ""; st = st.up {
		st.eachFrame(0, func(d *lua.Debug, fn *lua.LFunction) bool {
			if fn.IsG {
				return true
			}
			line := fn.Proto.SourceName + ":" + strconv.Itoa(d.CurrentLine)
			if !s.in.defined[fn.Proto] {
				at = line
				return false
			}
			by = s.in.manuals[fn]
			inside = cmp.Or(inside, line)
			return true
		})
	}
	if s.thread != nil && s.thread.part != nil && at == "" {
		at, _ = s.thread.part.calledFrom()
	}
	return cmp.Or(at, inside), by
}

// current returns what is known of the running Go function, or nil.
func (s *State) current() *Function {
	f := s.unnamed
	s.eachFrame(0, func(_ *lua.Debug, fn *lua.LFunction) bool {
		if known := s.in.known(fn); known != nil {
			f = known
		}
		return false
	})
	return f
}

// runningGo returns the Go function that runs on s; nil when that is one of Lua's.
func (s *State) runningGo() (fn *lua.LFunction) {
	s.eachFrame(0, func(_ *lua.Debug, f *lua.LFunction) bool {
		if f.IsG {
			fn = f
		}
		return false
	})
	return fn
}

// leftIn returns the function in which a State was left that does not run, and where it stands: a
// coroutine's, one that waits in pcall, or a thread's that waits elsewhere.
func (s *State) leftIn() (*lua.LFunction, *lua.Debug) {
	if fn := s.leftFunction(); fn != nil {
		return fn, &lua.Debug{}
	}
	switch {
	case s.within != nil:
		return s.within, &lua.Debug{}
	case s.co == nil || s.co.active:
		return nil, nil
	}
	return s.co.left, &s.co.leftAt
}

// activation is one level of the stack as scripts count them: a call that has not
// returned.
type activation struct {
	s    *State // the stack it is on
	d    *lua.Debug
	fn   *lua.LFunction // nil for one whose place a tail call has taken
	line int            // of what a coroutine was left in
}

// activation returns the call at a level of the stack, looking through protected calls;
// level 0 is the running one. A coroutine's stack ends where it was resumed.
func (s *State) activation(level int) (a activation, found bool) {
	for st := s; st != nil; st = st.up {
		if fn, at := st.leftIn(); fn != nil {
			if level--; level < 0 {
				return activation{s: st, fn: fn, line: at.CurrentLine}, true
			}
		}
		at := 0 // the level as gopher-lua counts it; see levels
		for f := glua.Top(st.l); f != nil; f = f.Parent {
			gone := f.Replaced()
			if f.Fn == nil || !s.in.hidden(f.Fn) {
				if level == 0 {
					d, fn := st.frame(at)
					return activation{s: st, d: d, fn: fn}, fn != nil
				}
				if level -= 1 + gone; level < 0 {
					return a, true
				}
			}
			at += 1 + gone
		}
		if st.co != nil {
			break
		}
	}
	return a, false
}
