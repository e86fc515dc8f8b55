//go:build unix

package sys

import (
	"strings"
	"sync"
	"unsafe"
)

// Buffers that system calls read into are taken once there is something to
// read: ten thousand waiting connections hold none.
var (
	small = sync.Pool{New: func() any { b := make([]byte, 4096); return &b }}
	large = sync.Pool{New: func() any { b := make([]byte, 65536); return &b }}
	whole = sync.Pool{New: func() any { b := uncleared(65536); return &b }} // each becomes a string
)

func buffer(n int) (*[]byte, *sync.Pool) {
	switch {
	case n <= 4096:
		return small.Get().(*[]byte), &small
	case n <= 65536:
		return large.Get().(*[]byte), &large
	}
	b := uncleared(n)
	return &b, nil
}

// uncleared returns n bytes that nobody has set to zero: of much memory that is
// about to be written that is half the cost.
func uncleared(n int) []byte {
	var b strings.Builder
	b.Grow(n)
	b.WriteByte(0) // the place of an empty string's data is nowhere
	return unsafe.Slice(unsafe.StringData(b.String()), n)
}

// spare keeps objects for the next call; it is for who has the turn.
type spare[T any] struct{ list []*T }

func (p *spare[T]) take() *T {
	if n := len(p.list); n > 0 {
		v := p.list[n-1]
		p.list = p.list[:n-1]
		return v
	}
	return new(T)
}

func (p *spare[T]) put(v *T) {
	if len(p.list) < 64 {
		p.list = append(p.list, v)
	}
}

// bytesOf returns a string's bytes, which must not be written to.
func bytesOf(str string) []byte { return unsafe.Slice(unsafe.StringData(str), len(str)) }

// Buffer lends a buffer of at least n bytes. It is given back with Put to the
// pool, unless that is nil.
func Buffer(n int) (*[]byte, *sync.Pool) { return buffer(n) }
