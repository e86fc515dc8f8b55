package interp

import (
	"net"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
)

// innermost is a function of Go's that a thread is in, as far as reports tell of it.
type innermost struct {
	name string
	args []lua.LValue // the first ones
}

// innermost returns the function that t, which does not run, waits in.
func (t *Thread) innermost() (c innermost) {
	s := t.top
	if s == nil {
		return c
	}
	fn, first := s.leftFunction(), s.l.GetTop()-int(s.args)+1
	if fn == nil {
		f := glua.Top(s.l)
		if f == nil || f.Fn == nil || !f.Fn.IsG {
			return c
		}
		fn, first = f.Fn, 1
	}
	if known := s.in.known(fn); known != nil {
		c.name = known.Name
	} else if s.unnamed != nil {
		c.name = s.unnamed.Name
	}
	for i := first; i <= s.l.GetTop() && i < first+3; i++ {
		c.args = append(c.args, s.l.Get(i))
	}
	return c
}

// aboutWhat says what a call is about, to be put behind its name: the object that it was made on, or the
// first word that it was given.
func (in *Interpreter) aboutWhat(args []lua.LValue) string {
	if len(args) == 0 {
		return ""
	}
	if text, ok := in.objectText(args[0]); ok {
		return " on " + text
	}
	switch v := args[0].(type) {
	case lua.LString:
		return prefixed(" ", shortened(string(v)))
	case lua.LChannel:
		return " on a channel"
	}
	return ""
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}

// objectText is what tostring makes of an object of a module's.
func (in *Interpreter) objectText(v lua.LValue) (text string, ok bool) {
	ud, ok := v.(*lua.LUserData)
	if !ok {
		return "", false
	}
	t := in.typeOf[ud.Metatable]
	switch {
	case t == nil:
		return "", false
	case t.String == nil:
		return "a " + t.Name, true
	}
	return shortened(t.String(ud.Value)), true
}

// addressIn is the address that s:connect was given; "" if that is not plain to see.
func (in *Interpreter) addressIn(args []lua.LValue) string {
	if len(args) < 2 {
		return ""
	}
	if text, ok := in.objectText(args[1]); ok {
		return text
	}
	host, ok := args[1].(lua.LString)
	if !ok {
		return ""
	}
	if len(args) > 2 && args[2].Type() == lua.LTNumber {
		return net.JoinHostPort(shortened(string(host)), args[2].String())
	}
	return shortened(string(host))
}

// shortened is text that a script chose, on one line.
func shortened(text string) string {
	const most = 80
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, text)
	if len(text) > most {
		text = text[:most] + "..."
	}
	return text
}

// places are the calls that led to where s stands, innermost first, without Go's indentation.
func (s *State) places() []string {
	lines := s.tracebackLines(0)
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, "\t")
	}
	return lines
}
