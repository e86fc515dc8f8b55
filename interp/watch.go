package interp

import (
	"slices"
	"weak"
)

// Watch is what a select is woken by when there is something to read of which no descriptor tells: what
// another thread has read ahead.
type Watch struct {
	told func()
	self weak.Pointer[Watch]
}

// NewWatch returns a Watch that calls told, with the turn, when there may be something to read: told
// looks, and must not wait. Who made it holds it: no other does.
func NewWatch(told func()) *Watch {
	w := &Watch{told: told}
	w.self = weak.Make(w)
	return w
}

// Watches are those of one thing that can be read. The zero value is empty. Only who has the turn
// may use it.
type Watches struct{ list []weak.Pointer[Watch] }

// Add has w told.
func (l *Watches) Add(w *Watch) {
	l.list = slices.DeleteFunc(l.list, func(p weak.Pointer[Watch]) bool { return p.Value() == nil })
	l.list = append(l.list, w.self)
}

// Remove undoes one Add.
func (l *Watches) Remove(w *Watch) {
	if i := slices.Index(l.list, w.self); i >= 0 {
		l.list = slices.Delete(l.list, i, i+1)
	}
}

// Tell tells all of them that there may be something to read.
func (l *Watches) Tell() {
	for _, p := range l.list {
		if w := p.Value(); w != nil {
			w.told()
		}
	}
}
