package quicksort

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestSort(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 200 {
		list := make([]int, n)
		for i := range list {
			list[i] = random.IntN(n/2 + 1)
		}
		want := slices.Sorted(slices.Values(list))
		if !Sort(list, func(a, b int) bool { return a < b }) || !slices.Equal(list, want) {
			t.Fatalf("%d items: %v", n, list)
		}
		if !Sort(list, func(a, b int) bool { return a > b }) { // sorted the other way
			t.Fatalf("%d items: no order", n)
		}
		if slices.Reverse(want); !slices.Equal(list, want) {
			t.Fatalf("%d items: %v", n, list)
		}
	}
}

// Whatever less says, Sort ends and loses nothing.
func TestNoOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	found := 0
	for n := range 200 {
		list := make([]int, n)
		for i := range list {
			list[i] = i
		}
		for _, less := range []func(a, b int) bool{
			func(int, int) bool { return true },
			func(int, int) bool { return false },
			func(int, int) bool { return random.IntN(2) == 0 },
			func(a, b int) bool { return a <= b },
		} {
			if !Sort(list, less) {
				found++
			}
			for i, x := range slices.Sorted(slices.Values(list)) {
				if i != x {
					t.Fatalf("%d is gone, of %d", i, n)
				}
			}
		}
	}
	if found == 0 {
		t.Error("what says true to everything was taken for an order")
	}
}
