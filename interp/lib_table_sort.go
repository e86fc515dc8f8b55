package interp

import (
	"slices"

	"wirelua/interp/internal/quicksort"

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
		s.sort(&work, list, less)
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

// sort sorts by fn, or by < if that is nil.
func (s *State) sort(work *Work, list []lua.LValue, fn lua.LValue) {
	ordered := quicksort.Sort(list, func(a, b lua.LValue) bool {
		work.Spend(10)
		if fn == nil {
			return s.l.LessThan(a, b)
		}
		return lua.LVAsBool(s.call2(fn, a, b))
	})
	if !ordered {
		s.RaiseError("invalid order function for sorting")
	}
}
