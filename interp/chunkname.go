package interp

import "strings"

// Lua 5.1's limits of what errors call a chunk (its LUA_IDSIZE is 60).
const (
	maxLiteralName = 59 // of a name after "="
	maxFileName    = 52 // of a name after "@": its end
	maxSourceName  = 43 // of a piece of the source itself
)

// chunkID is what errors call a chunk that is named so: "=name" is name as it is, "@file" a
// file, and anything else is source, of which the first line is shown: [string "..."].
func chunkID(name string) string {
	if rest, ok := strings.CutPrefix(name, "="); ok {
		return rest[:min(len(rest), maxLiteralName)]
	}
	if rest, ok := strings.CutPrefix(name, "@"); ok {
		if len(rest) > maxFileName {
			rest = "..." + rest[len(rest)-maxFileName:]
		}
		return rest
	}
	line := name
	if i := strings.IndexAny(name, "\r\n\x00"); i >= 0 {
		line = name[:i]
	}
	if line = line[:min(len(line), maxSourceName)]; len(line) < len(name) {
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
func givenName(name string) chunkName { return chunkName{chunkID(name), name, true} }
