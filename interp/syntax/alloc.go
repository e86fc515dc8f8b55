package syntax

// maxBatch bounds how many nodes are made at once.
const maxBatch = 128

// slab makes nodes, many at a time once there are many.
type slab[T any] struct {
	free []T
	size int
}

func (s *slab[T]) new() *T {
	if len(s.free) == 0 {
		s.size = min(max(2*s.size, 4), maxBatch)
		s.free = make([]T, s.size)
	}
	node := &s.free[0]
	s.free = s.free[1:]
	return node
}

// list makes slices of the length that they turn out to have. What lists inside of
// others gather lies on top of what the others have.
type list[T any] struct {
	stack []T
	free  []T
	size  int
}

func (l *list[T]) add(v T) { l.stack = append(l.stack, v) }

// mark returns what take needs to take what is added from now on.
func (l *list[T]) mark() int { return len(l.stack) }

// take returns what was added since mark, which may be nothing.
func (l *list[T]) take(mark int) []T {
	n := len(l.stack) - mark
	if n == 0 {
		return nil
	}
	if n > len(l.free) {
		l.size = min(max(2*l.size, 4), maxBatch)
		l.free = make([]T, max(n, l.size))
	}
	out := l.free[:n:n]
	l.free = l.free[n:]
	copy(out, l.stack[mark:])
	l.stack = l.stack[:mark]
	return out
}
