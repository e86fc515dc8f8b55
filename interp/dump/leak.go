package dump

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Leak is something that a script has opened and not closed.
type Leak struct {
	What  string // "socket #4 127.0.0.1:80 -> 127.0.0.1:41234", "file data.txt"
	Where string // the line of Lua that made it: "server.lua:12"; "?" where there is none
}

// LeakText writes leaks, a line each, in the order of the lines of Lua; of one of these three at most, and
// then how many more there are.
func LeakText(all []Leak) string {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b Leak) int {
		file, line := a.place()
		otherFile, otherLine := b.place()
		return cmp.Or(cmp.Compare(file, otherFile), cmp.Compare(line, otherLine), cmp.Compare(a.What, b.What))
	})
	const most = 3
	count := map[string]int{}
	for _, l := range all {
		count[l.Where]++
	}
	var b strings.Builder
	seen := map[string]int{}
	for _, l := range all {
		switch seen[l.Where]++; {
		case seen[l.Where] <= most:
			fmt.Fprintf(&b, "%s: %s\n", l.Where, l.What)
		case seen[l.Where] == most+1:
			fmt.Fprintf(&b, "%s: ... and %d more\n", l.Where, count[l.Where]-most)
		}
	}
	return b.String()
}

func (l *Leak) place() (file string, line int) {
	i := strings.LastIndexByte(l.Where, ':')
	if i < 0 {
		return l.Where, 0
	}
	line, _ = strconv.Atoi(l.Where[i+1:])
	return l.Where[:i], line
}
