package interp

import (
	"slices"

	lua "github.com/yuin/gopher-lua"
)

// sort(list[, less]) sorts by <, or by less(a, b). The list is sorted aside: an
// error of less, or another thread while less waits, finds it as it was.
func tableSort(s *State) int {
	t := s.Table(1)
	var less lua.LValue
	if !s.Absent(2) {
		less = s.luaFunction(2)
	}
	list, work := make([]lua.LValue, t.Len()), s.Work()
	for i := range list {
		work.Spend(1)
		list[i] = t.RawGetInt(i + 1)
	}
	if less != nil || !sortAlike(&work, list) {
		q := sorter{work, list, less}
		q.sort(1, len(list))
	}
	for i, v := range list {
		t.RawSetInt(i+1, v)
	}
	return 0
}

// sortAlike sorts a list that has only numbers, or only strings, in it.
func sortAlike(work *Work, list []lua.LValue) bool {
	numbers, strings := 0, 0
	for _, v := range list {
		work.Spend(1)
		switch v := v.(type) {
		case lua.LNumber:
			if v == v { // what is no number is in no order
				numbers++
			}
		case lua.LString:
			strings++
		}
	}
	switch len(list) {
	case numbers:
		slices.SortFunc(list, func(a, b lua.LValue) int { return compare(work, a.(lua.LNumber), b.(lua.LNumber)) })
	case strings:
		slices.SortFunc(list, func(a, b lua.LValue) int { return compare(work, a.(lua.LString), b.(lua.LString)) })
	default:
		return false
	}
	return true
}

func compare[T lua.LNumber | lua.LString](work *Work, x, y T) int {
	work.Spend(1)
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// sorter is Lua's own quicksort: with it lists come out in the same order where
// less leaves that open, and functions that are no order are noticed where Lua
// notices them.
type sorter struct {
	Work
	list []lua.LValue
	fn   lua.LValue // or nil, for <
}

func (q *sorter) at(i int) lua.LValue { return q.list[i-1] } // counted from 1
func (q *sorter) swap(i, j int)       { q.list[i-1], q.list[j-1] = q.list[j-1], q.list[i-1] }

func (q *sorter) less(a, b lua.LValue) bool {
	q.Spend(10)
	if q.fn == nil {
		return q.s.l.LessThan(a, b)
	}
	return lua.LVAsBool(q.s.call2(q.fn, a, b))
}

// sort sorts the elements from lo to hi.
func (q *sorter) sort(lo, hi int) {
	for lo < hi {
		if q.less(q.at(hi), q.at(lo)) {
			q.swap(lo, hi)
		}
		if hi-lo == 1 {
			return
		}
		mid := (lo + hi) / 2
		if q.less(q.at(mid), q.at(lo)) {
			q.swap(mid, lo)
		} else if q.less(q.at(hi), q.at(mid)) {
			q.swap(mid, hi)
		}
		if hi-lo == 2 {
			return
		}
		mid = q.partition(lo, hi, mid)
		// The smaller part by recursion, which then does not get deep.
		if mid-lo < hi-mid {
			q.sort(lo, mid-1)
			lo = mid + 1
		} else {
			q.sort(mid+1, hi)
			hi = mid - 1
		}
	}
}

// partition puts what is less than the element at mid before it, and the rest
// behind it, and returns where it is then.
func (q *sorter) partition(lo, hi, mid int) int {
	pivot := q.at(mid)
	q.swap(mid, hi-1)
	i, j := lo, hi-1
	for {
		for i++; q.less(q.at(i), pivot); i++ {
			if i >= hi {
				q.s.RaiseError("invalid order function for sorting")
			}
		}
		for j--; q.less(pivot, q.at(j)); j-- {
			if j <= lo {
				q.s.RaiseError("invalid order function for sorting")
			}
		}
		if j < i {
			q.swap(hi-1, i)
			return i
		}
		q.swap(i, j)
	}
}
