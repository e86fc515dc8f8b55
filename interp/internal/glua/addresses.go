package glua

// addresses is a set of them, in a table of twice the size: Go's maps take five times as
// long.
type addresses struct {
	slots []uintptr
	shift uint
	n     int
}

// add reports whether p is new.
func (s *addresses) add(p uintptr) bool {
	if 2*s.n >= len(s.slots) {
		s.grow()
	}
	i := s.slot(p)
	for ; s.slots[i] != 0; i = (i + 1) & (len(s.slots) - 1) {
		if s.slots[i] == p {
			return false
		}
	}
	s.slots[i] = p
	s.n++
	return true
}

func (s *addresses) slot(p uintptr) int {
	return int(uint64(p) * 0x9E3779B97F4A7C15 >> s.shift)
}

func (s *addresses) grow() {
	old := s.slots
	bits := uint(12)
	for 1<<bits <= 2*len(old) {
		bits++
	}
	s.slots, s.shift, s.n = make([]uintptr, 1<<bits), 64-bits, 0
	for _, p := range old {
		if p != 0 {
			s.add(p)
		}
	}
}
