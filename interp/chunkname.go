package interp

import (
	"strings"

	"wirelua/interp/syntax"
)

// What a chunk is called has room for so many bytes in Lua 5.1, its end included: in its
// code (LUA_IDSIZE), and in the errors of its compiler (MAXSRC).
const (
	nameRoom  = 60
	errorRoom = 80
)

// chunkID is what is shown of the name of a chunk: "=name" is name as it is, "@file" a file,
// of which the end is shown, and anything else is source, of which the first line is:
// [string "..."]. A zero ends a name.
func chunkID(name string, room int) string {
	name, _, _ = strings.Cut(name, "\x00")
	if rest, ok := strings.CutPrefix(name, "="); ok {
		return rest[:min(len(rest), room-1)]
	}
	if rest, ok := strings.CutPrefix(name, "@"); ok {
		if most := room - len(" '...' ") - 1; len(rest) > most {
			rest = "..." + rest[len(rest)-most:]
		}
		return rest
	}
	line := name
	if i := strings.IndexAny(name, "\r\n"); i >= 0 {
		line = name[:i]
	}
	line = line[:min(len(line), room-len(` [string "..."] `)-1)]
	if len(line) < len(name) {
		line += "..."
	}
	return `[string "` + line + `"]`
}

// chunkName is what a chunk is called: by errors, and by debug.getinfo, whose source says
// with a mark what kind of name it is.
type chunkName struct {
	display, source string
	text            bool // a first line that begins with '#' is no comment
}

// fileName is the name of a file, and of what counts as one.
func fileName(name string) chunkName { return chunkName{display: name, source: "@" + name} }

// plainName is a name that the host has given to source.
func plainName(name string) chunkName { return chunkName{display: name, source: "=" + name} }

// givenName is the name that a script gave a chunk.
func givenName(name string) chunkName { return chunkName{chunkID(name, nameRoom), name, true} }

// named returns the error of the compiler's with the name that it has there.
func (n chunkName) named(err error) error {
	e, ok := err.(*syntax.Error)
	if !ok || !n.text {
		return err
	}
	named := *e
	named.Name = chunkID(n.source, errorRoom)
	return &named
}
