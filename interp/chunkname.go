package interp

import "strings"

// Lua 5.1's limits of what errors call a chunk (its LUA_IDSIZE is 60).
const (
	maxLiteralName = 59 // of a name after "="
	maxSourceName  = 43 // of a piece of the source itself
)

// chunkID is what errors call a chunk that is named so: "=name" is name as it is, "@file" a
// file, which is named whole, and anything else is source, of which the first line is
// shown: [string "..."].
func chunkID(name string) string {
	if rest, ok := strings.CutPrefix(name, "="); ok {
		return rest[:min(len(rest), maxLiteralName)]
	}
	if rest, ok := strings.CutPrefix(name, "@"); ok {
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
