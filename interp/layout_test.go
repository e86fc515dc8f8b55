package interp

import (
	"testing"
	"unsafe"
)

// What each step needs of a thread lies in as few lines of the cache as may be: the memory that Go's allocator has
// for such sizes begins with a line, and so do the parts that are seldom needed. See State.
func TestLayout(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("a word has not 64 bits")
	}
	for name, sizes := range map[string][2]uintptr{
		"Thread": {unsafe.Sizeof(Thread{}), 320}, "what precedes its task": {unsafe.Offsetof(Thread{}.task), 64},
		"State": {unsafe.Sizeof(State{}), 128}, "what precedes its up": {unsafe.Offsetof(State{}.up), 64},
		"Desc": {unsafe.Sizeof(Desc{}), 64},
	} {
		if (sizes[0]+15)&^15 != sizes[1] {
			t.Errorf("%s has %d bytes, not %d", name, sizes[0], sizes[1])
		}
	}
}
