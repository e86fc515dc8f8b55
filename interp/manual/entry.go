// Package manual makes, of what functions, types and modules say of themselves, what people and
// tools read: the prompt's help and the command's --doc (Book.Text), the reference page
// (Book.Markdown), and definition files for language servers (Book.Definitions).
//
// A function says of itself its arguments, a line (interp.Function's Doc), and in Manual, if more
// is to be said, lines of these kinds:
//
//	Sentences begin with a capital letter, as this one does.
//	port integer: an argument: its type, and what it is; 0-65535
//	options.timeout number?: a field of an argument, a table. A "?" says that it may be left out
//	-> string data: a result, of several the next; "-> string" if there is no more to say
//	-> nothing
//	or nil, "EAGAIN": what may be returned instead
//	! ECONNREFUSED: a code that the error raised may have, and when
//	> print(("x"):rep(3)) --> xxx
//	= socket:bind
//
// The lines after ">" are an example. It runs as it is; what stands after "-->" is the line that it
// prints. Types are LuaCATS's (string, integer, number?, fun(a:string), string[], "r"|"w") without
// spaces, the names of objects among them with _ for spaces; endpoint is an address given in one of
// the forms that calls take. "=" names the method that a module's function is, taking the object
// first; it says the rest.
package manual

import (
	"regexp"
	"strings"
	"sync"

	"wirelua/interp"
)

// Entry is what the manual has of one function.
type Entry struct {
	Name string // "socket.bind", "socket:bind"
	Func *interp.Function
	Text string // sentences
	Same string // the method that says the rest; else ""
	Like string // a method of an earlier type that is the same but for the line; else ""

	Params  []Param
	Results []Param // their names, and what is said of them, may be ""
	Nothing bool    // it returns nothing
	Instead []Said  // what may be returned in place of Results
	Errors  []Said

	Example string   // Lua; else ""
	Wrong   []string // lines that are of no kind

	ofLua bool // it is of one of Lua's own libraries, as Lua has them
}

// Param is an argument, a field of one, or a result.
type Param struct {
	Name, Type, Doc string
	Optional        bool
}

// Said is something with what there is to say of it.
type Said struct{ What, Doc string }

var paramLine = compiled(`^([a-z_0-9][A-Za-z_0-9.\[\]]*|\.\.\.) (\S+): (.+)$`)
var resultLine = compiled(`^([^\s:]\S*?)(?: ([a-z_0-9]+|\.\.\.))?(?:: (.+))?$`)

// compiled compiles expr when it is first used: whoever asks for no manual does not wait for it.
func compiled(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// entry reads what a function says of itself.
func entry(name string, f *interp.Function) *Entry {
	e := &Entry{Name: name, Func: f}
	for _, line := range strings.Split(f.Manual, "\n") {
		if line = strings.TrimLeft(line, "\t "); line != "" && !e.read(line) {
			e.Wrong = append(e.Wrong, line)
		}
	}
	return e
}

// read takes a line in, and reports whether it is of a kind that there is.
func (e *Entry) read(line string) bool {
	kind, rest, _ := strings.Cut(line, " ")
	switch kind {
	case "->":
		if e.Nothing = rest == "nothing"; e.Nothing {
			return true
		}
		m := resultLine().FindStringSubmatch(rest)
		if m == nil {
			return false
		}
		e.Results = append(e.Results, param(m[2], m[1], m[3]))
	case "or", "!":
		what, doc, ok := strings.Cut(rest, ": ")
		if kind == "!" {
			e.Errors = append(e.Errors, Said{what, doc})
		} else {
			e.Instead = append(e.Instead, Said{what, doc})
		}
		return ok
	case ">":
		e.Example += rest + "\n"
	case "=":
		e.Same = rest
	default:
		if m := paramLine().FindStringSubmatch(line); m != nil {
			e.Params = append(e.Params, param(m[1], m[2], m[3]))
		} else if line[0] >= 'A' && line[0] <= 'Z' {
			e.Text = strings.TrimSpace(e.Text + " " + line)
		} else {
			return false
		}
	}
	return true
}

func param(name, typ, doc string) Param {
	plain := strings.TrimSuffix(typ, "?")
	return Param{name, plain, doc, plain != typ}
}

// Call is how the function is called: "socket.bind(s, host, port)".
func (e *Entry) Call() string { return e.Name + "(" + e.Func.Args + ")" }

// top returns the arguments themselves: those whose fields are told are tables.
func (e *Entry) top() (top []Param) {
	told := map[string]bool{}
	for _, p := range e.Params {
		root, field, dotted := strings.Cut(p.Name, ".")
		if dotted = dotted && p.Name != "..."; dotted && told[root] {
			continue
		}
		if dotted {
			_, _, optional := strings.Cut(e.Func.Args, "[, {")
			p = Param{Name: root, Type: "table", Doc: field + " and others", Optional: optional}
		}
		told[p.Name] = true
		top = append(top, p)
	}
	return top
}

// fields returns the fields of an argument that is a table.
func (e *Entry) fields(name string) (fields []Param) {
	for _, p := range e.Params {
		if field, ok := strings.CutPrefix(p.Name, name+"."); ok && p.Name != "..." {
			p.Name = field
			fields = append(fields, p)
		}
	}
	return fields
}
