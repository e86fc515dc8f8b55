// Package quicksort is Lua's own: with it lists come out in the same order where less leaves
// that open, and functions that are no order are noticed where Lua notices them.
package quicksort

// Sort sorts a list in place. It returns false once it finds that less is no order; the list
// has all its items then, in some order. less may panic to end it.
func Sort[T any](list []T, less func(a, b T) bool) bool {
	q := sorter[T]{list, less}
	return q.sort(1, len(list))
}

type sorter[T any] struct {
	list []T
	less func(a, b T) bool
}

func (q *sorter[T]) at(i int) T    { return q.list[i-1] } // counted from 1
func (q *sorter[T]) swap(i, j int) { q.list[i-1], q.list[j-1] = q.list[j-1], q.list[i-1] }

// sort sorts the items from lo to hi.
func (q *sorter[T]) sort(lo, hi int) bool {
	for lo < hi {
		if q.less(q.at(hi), q.at(lo)) {
			q.swap(lo, hi)
		}
		if hi-lo == 1 {
			break
		}
		mid := (lo + hi) / 2
		if q.less(q.at(mid), q.at(lo)) {
			q.swap(mid, lo)
		} else if q.less(q.at(hi), q.at(mid)) {
			q.swap(mid, hi)
		}
		if hi-lo == 2 {
			break
		}
		mid, ok := q.partition(lo, hi, mid)
		// The smaller part by recursion, which then does not get deep.
		if mid-lo < hi-mid {
			ok = ok && q.sort(lo, mid-1)
			lo = mid + 1
		} else {
			ok = ok && q.sort(mid+1, hi)
			hi = mid - 1
		}
		if !ok {
			return false
		}
	}
	return true
}

// partition puts what is less than the item at mid before it, and the rest behind it, and
// returns where it is then. ok is false if less is no order.
func (q *sorter[T]) partition(lo, hi, mid int) (at int, ok bool) {
	pivot := q.at(mid)
	q.swap(mid, hi-1)
	i, j := lo, hi-1
	for {
		for i++; q.less(q.at(i), pivot); i++ {
			if i >= hi {
				return 0, false
			}
		}
		for j--; q.less(pivot, q.at(j)); j-- {
			if j <= lo {
				return 0, false
			}
		}
		if j < i {
			q.swap(hi-1, i)
			return i, true
		}
		q.swap(i, j)
	}
}
