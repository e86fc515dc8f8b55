package interp

import (
	"math"
	"slices"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/nearest"
)

// Options are the named arguments of a call: a table in one of its arguments, or none. What
// is wrong with one is an argument error that says what it must be:
//
//	bad argument #3 to 'create_server' (option 'backlog' must be an integer, got 1.5)
type Options struct {
	s     *State
	n     int
	table *lua.LTable
}

// Options returns the options in argument n, which may be left out. One that is not known is
// most likely misspelt: an error, which names the nearest.
func (s *State) Options(n int, known ...string) Options {
	o := Options{s, n, s.OptTable(n)}
	for k, _ := o.table.Next(lua.LNil); k != lua.LNil; k, _ = o.table.Next(k) {
		name, ok := k.(lua.LString)
		if !ok || !slices.Contains(known, string(name)) {
			s.ArgError(n, "unknown option '%.100s', there are: %s%s", s.in.keyName(k), strings.Join(known, ", "), DidYouMean(k.String(), known))
		}
	}
	return o
}

// Get returns an option as it is; nil when it is absent.
func (o Options) Get(name string) lua.LValue { return o.table.RawGetString(name) }

// Has reports whether an option is there.
func (o Options) Has(name string) bool { return o.Get(name) != lua.LNil }

// Wrong raises that an option must be something else than it is; it does not return.
func (o Options) Wrong(name, want string) {
	o.Error("option '%s' must be %s, got %s", name, want, Shown(o.Get(name)))
}

// Error raises another error about the options; it does not return.
func (o Options) Error(format string, args ...any) { o.s.ArgError(o.n, format, args...) }

// Bool returns an option that is true or false, d when it is absent.
func (o Options) Bool(name string, d bool) bool {
	switch v := o.Get(name).(type) {
	case *lua.LNilType:
		return d
	case lua.LBool:
		return bool(v)
	}
	o.Wrong(name, "true or false")
	return d
}

// number returns an option that is a number, or a string that is one, as everywhere in Lua.
func (o Options) number(name string) (x float64, ok bool) {
	return numeric(o.Get(name))
}

// Int returns an option that is an integer from min to max, d when it is absent; what says
// so in the message: "an integer".
func (o Options) Int(name string, d, min, max int, what string) int {
	if !o.Has(name) {
		return d
	}
	x, ok := o.number(name)
	if !ok || x != math.Trunc(x) || x < float64(min) || x > float64(max) {
		o.Wrong(name, what)
	}
	return int(x)
}

// Text returns an option that is a string, "" when it is absent; what says so in the message:
// "a path". The empty string is an error: nobody means that.
func (o Options) Text(name, what string) string {
	v, ok := o.Get(name).(lua.LString)
	if !ok && o.Has(name) {
		o.Wrong(name, what)
	}
	if ok && v == "" {
		o.Error("option '%s' must not be empty", name)
	}
	return string(v)
}

// Table returns an option that is a table, nil when it is absent; what says so in the message:
// "an array of names".
func (o Options) Table(name, what string) *lua.LTable {
	t, ok := o.Get(name).(*lua.LTable)
	if !ok && o.Has(name) {
		o.Wrong(name, what)
	}
	return t
}

// Timeout returns an option that is a time limit, as settimeout takes it: 0 is not to wait, and
// negative is none. given is false when it is absent.
func (o Options) Timeout(name string) (d time.Duration, given bool) {
	if !o.Has(name) {
		return -1, false
	}
	x, ok := o.number(name)
	if !ok || !(x >= 0) {
		o.Wrong(name, "0 or more seconds")
	}
	if d, ok = duration(x); !ok {
		d = -1
	}
	return d, true
}

// DidYouMean is the end of a message about a word that is not known: "; did you mean 'x'?" with the
// known one that is nearest, or "" when none is near.
func DidYouMean(word string, known []string) string {
	if best := nearest.Word(word, known); best != "" {
		return "; did you mean '" + best + "'?"
	}
	return ""
}
