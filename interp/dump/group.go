package dump

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// maxLines is how many lines Grouped has, at most.
const maxLines = 10

// Grouped writes a dump in ten lines at most, those together that wait in the same call, the most
// first: "498 threads: recv at server.lua:12".
func Grouped(threads []Thread) string {
	groups := groupsOf(threads)
	var b strings.Builder
	left := len(threads)
	for i, g := range groups {
		if i == maxLines-1 && len(groups) > maxLines {
			fmt.Fprintf(&b, "... and %d threads more\n", left)
			break
		}
		who := fmt.Sprintf("%d threads", g.count)
		if g.count == 1 {
			who = g.first
		}
		fmt.Fprintf(&b, "%s: %s\n", who, g.what)
		left -= g.count
	}
	return b.String()
}

// group is who does the same in the same line.
type group struct {
	what, first string
	count       int
}

func groupsOf(threads []Thread) (all []*group) {
	by := map[string]*group{}
	for i := range threads {
		t := &threads[i]
		what := t.place()
		g := by[what]
		if g == nil {
			g = &group{what: what, first: t.Name}
			by[what], all = g, append(all, g)
		}
		g.count++
	}
	slices.SortStableFunc(all, func(a, b *group) int { return cmp.Compare(b.count, a.count) })
	return all
}

// place is what a thread does, and where.
func (t *Thread) place() string {
	what := t.State.String()
	if t.State == Waiting {
		what = cmp.Or(t.Op, t.For)
	}
	if at := t.Where(); at != "" {
		what += " at " + at
	}
	return what
}

// Mutual returns the pairs of threads, by their places in the dump, that wait for each other at the
// two ends of one connection: both for data, or both for room to send some.
func Mutual(threads []Thread) (pairs [][2]int) {
	type end struct {
		network, local, peer string
		number               uint64
		write                bool
	}
	waiting := map[end]int{}
	for i := range threads {
		t := &threads[i]
		s := t.Socket
		if t.State != Waiting || s == nil || s.Local == "" && t.Mate == 0 {
			continue
		}
		mine, other := end{write: t.Write}, end{write: t.Write}
		if t.Mate != 0 {
			mine.number, other.number = s.Number, t.Mate
		} else {
			mine.network, mine.local, mine.peer = s.Network, s.Local, s.Peer
			other.network, other.local, other.peer = s.Network, s.Peer, s.Local
		}
		if j, ok := waiting[other]; ok && s.Peer != "" || ok && t.Mate != 0 {
			pairs = append(pairs, [2]int{j, i})
		}
		waiting[mine] = i
	}
	return pairs
}
