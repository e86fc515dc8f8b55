package interp

import (
	"errors"
	"fmt"
)

const (
	// maxNesting bounds how deep tables, structs and lists may lie in each other: a
	// conversion recurses on the Go stack, whose overflow nothing can catch.
	maxNesting = 1000

	// maxValues bounds how many values one conversion makes, maxString how many bytes
	// it copies.
	maxValues = 1 << 24

	// lookEvery is after how many of them it looks whether the run was stopped.
	lookEvery = 1 << 10
)

var errNested = errors.New("values nested too deep")

// effort is what a conversion has taken so far. It has the turn: nothing else can
// stop it.
type effort struct {
	stop   *stopFlag // the run's stop flag; nil when no script has asked for it
	depth  int
	values int
	bytes  int
}

// spend counts a value, and n bytes to be copied for it.
func (e *effort) spend(n int) error {
	e.values++
	e.bytes += n
	switch {
	case e.values > maxValues:
		return &valueError{err: fmt.Errorf("more than %d values", maxValues)}
	case e.bytes > maxString:
		return &valueError{err: fmt.Errorf("more than %d bytes to copy", maxString)}
	case e.values%lookEvery == 0:
		return e.stopped()
	}
	return nil
}

func (e *effort) stopped() error {
	if e.stop != nil && e.stop.Load() {
		return &valueError{err: errStopped}
	}
	return nil
}

// down goes into a value that has others in it; up comes back.
func (e *effort) down() error {
	if e.depth++; e.depth > maxNesting {
		return &valueError{err: errNested}
	}
	return nil
}

func (e *effort) up() { e.depth-- }

// met is what a conversion has met so far, and what that became. Most meet little: for that there is no
// need of a map.
type met[K comparable, V any] struct {
	few [4]struct {
		key   K
		value V
	}
	n    int // of few
	many map[K]V
}

func (m *met[K, V]) find(key K) (v V, found bool) {
	for i := range m.few[:m.n] {
		if m.few[i].key == key {
			return m.few[i].value, true
		}
	}
	v, found = m.many[key]
	return v, found
}

func (m *met[K, V]) set(key K, v V) {
	for i := range m.few[:m.n] {
		if m.few[i].key == key {
			m.few[i].value = v
			return
		}
	}
	if m.n < len(m.few) {
		m.few[m.n].key, m.few[m.n].value = key, v
		m.n++
		return
	}
	if m.many == nil {
		m.many = map[K]V{}
	}
	m.many[key] = v
}
