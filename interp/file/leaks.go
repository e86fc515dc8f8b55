package file

import (
	"fmt"
	"slices"

	"wirelua/interp/dump"
)

// leaks are the files and pipes that nothing has closed; see interp.Interpreter.Leaks.
func (o *openFiles) leaks() []dump.Leak {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := slices.Clone(o.dropped)
	for t := range o.all {
		if l, ok := t.leak(); ok {
			all = append(all, l)
		}
	}
	return all
}

// leak is a tail as a leak; not if it is part of a connection, which is one itself.
func (t *tail) leak() (l dump.Leak, ok bool) {
	if _, part := t.stream.(Shared); part || t.where == "" {
		return l, false
	}
	l = dump.Leak{What: "file " + t.name, Where: t.where}
	if t.name == "" {
		l.What = "pipe"
		if d, ok := t.stream.(interface{ Fileno() int }); ok && d.Fileno() >= 0 {
			l.What = fmt.Sprintf("pipe (fd %d)", d.Fileno())
		}
	}
	return l, true
}
