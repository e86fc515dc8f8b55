package turn

import "time"

// timers are the tasks that wait with a deadline: a heap with four children to a node, which
// is half as deep as one with two, the earliest on top.
type timers []*Task

// none is the deadline of who has none.
const none = time.Duration(1<<63 - 1)

func (h timers) earliest() time.Duration {
	if len(h) == 0 {
		return none
	}
	return h[0].deadline
}

func (h *timers) add(t *Task) {
	t.place = int32(len(*h))
	*h = append(*h, t)
	h.up(t.place)
}

// remove takes t off, if it is there.
func (h *timers) remove(t *Task) {
	i := t.place
	if i < 0 {
		return
	}
	last := len(*h) - 1
	moved := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	t.place = -1
	if moved != t {
		(*h)[i], moved.place = moved, i
		h.up(i)
		h.down(moved.place)
	}
}

func (h timers) up(i int32) {
	t := h[i]
	for i > 0 {
		parent := (i - 1) / 4
		if h[parent].deadline <= t.deadline {
			break
		}
		h[i] = h[parent]
		h[i].place = i
		i = parent
	}
	h[i], t.place = t, i
}

func (h timers) down(i int32) {
	t := h[i]
	for {
		least := 4*i + 1
		if least >= int32(len(h)) {
			break
		}
		for c := least + 1; c < min(4*i+5, int32(len(h))); c++ {
			if h[c].deadline < h[least].deadline {
				least = c
			}
		}
		if t.deadline <= h[least].deadline {
			break
		}
		h[i] = h[least]
		h[i].place = i
		i = least
	}
	h[i], t.place = t, i
}
