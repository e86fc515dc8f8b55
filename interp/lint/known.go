package lint

import (
	"context"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/interp/manual"
)

// Known is what scripts find that they have not made: globals, modules and objects. It does not change, and any
// number of goroutines may use it.
type Known struct {
	globals map[string]*member
	book    *manual.Book
	calls   map[string]calls // by the functions' names in the book
}

// member is a name of a module's, or a global.
type member struct {
	fn     *interp.Function   // what it is a function of Go's; or nil
	names  map[string]*member // of a module
	module *interp.Module     // nil for Lua's own libraries
}

// NewKnown describes an interpreter that has these modules. Which objects their functions return, it has from
// their manual.
func NewKnown(modules []*interp.Module) (*Known, error) {
	in, err := interp.New(interp.Config{Modules: modules})
	if err != nil {
		return nil, err
	}
	defer in.Close()
	k := &Known{globals: map[string]*member{"arg": {}}, book: manual.New(modules)}
	k.learn()
	names := in.Engine().Prompt()
	for _, name := range names.Complete(context.Background(), "") {
		k.globals[name] = k.describe(in.Engine(), name)
		for _, field := range names.Complete(context.Background(), name+".") {
			k.globals[name].add(field, k.describe(in.Engine(), name+"."+field))
		}
	}
	return k, nil
}

func (m *member) add(name string, field *member) {
	if m.names == nil {
		m.names = map[string]*member{}
	}
	m.names[name] = field
}

func (k *Known) describe(in *interp.Engine, name string) (m *member) {
	m = &member{}
	in.WithTurn(func() {
		v := in.Lookup(name)
		m.module, _ = in.Manual(v).(*interp.Module)
		if _, ok := v.(*lua.LFunction); ok {
			m.fn, _ = in.Manual(v).(*interp.Function)
		}
	})
	return m
}

// strict reports whether reading another name than the known ones is an error.
func (m *member) strict() bool { return m.module != nil && !m.module.Early }

// lacks says what is wrong with a name of the module called module, or "".
func (m *member) lacks(module, name string) string {
	switch {
	case m.names == nil || m.names[name] != nil || strings.HasPrefix(name, "_"):
		return ""
	case m.module != nil && m.module.Elsewhere != nil && m.module.Elsewhere(name):
		return ""
	case m.module != nil && m.module.Foreign[name] != "":
		return m.module.Foreign[name]
	}
	return fmt.Sprintf("module '%s' has no '%s'%s", module, name, interp.DidYouMean(name, keys(m.names)))
}

func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// counts returns how many arguments a manual allows: "host, port[, timeout]" is 2 to 3.
func counts(args string) (least, most int) {
	if strings.TrimSpace(args) == "" {
		return 0, 0
	}
	args = noBlocks(regexp.MustCompile(`"[^"]*"`).ReplaceAllString(args, "x"))
	args = strings.ReplaceAll(args, ", or ", " or ")
	if strings.HasPrefix(args, "host, port") { // or an address
		defer func() { least-- }()
	}
	depth, from := 0, 0
	note := func(arg string, optional bool) {
		switch arg = strings.Trim(arg, " []"); {
		case arg == "":
			return
		case strings.HasPrefix(arg, "..."):
			most = math.MaxInt
			return
		}
		if !optional {
			least++
		}
		if most < math.MaxInt {
			most++
		}
		if strings.HasPrefix(arg, "address") && arg != "addresses" && most < math.MaxInt { // a host and a port
			most++
		}
	}
	optional := false
	for i := 0; i <= len(args); i++ {
		if i == len(args) || args[i] == ',' {
			note(args[from:i], optional)
			from, optional = i+1, depth > 0
			continue
		}
		switch args[i] {
		case '[':
			if strings.TrimSpace(args[from:i]) == "" {
				optional = true
			} else { // what stands before it is an argument of its own
				note(args[from:i], optional)
				from, optional = i, true
			}
			depth++
		case ']':
			depth--
			if depth == 0 && strings.Trim(args[from:i], " ,[") == "" {
				optional, from = false, i+1
			}
		}
	}
	return least, most
}

// noBlocks takes away what stands in braces.
func noBlocks(s string) string {
	var b strings.Builder
	depth := 0
	for _, c := range s {
		if c == '{' {
			depth++
			if depth == 1 {
				b.WriteByte('t')
			}
		}
		if depth == 0 {
			b.WriteRune(c)
		}
		if c == '}' {
			depth--
		}
	}
	return b.String()
}
