package turn

// Desc is a descriptor that tasks wait for, which must not block. The scheduler is told by the system
// when it becomes readable or writable, once for each time that something came, so that a
// call that would have to wait says more than the system does: until the first, and after the
// system has told, calls are simply made.
type Desc struct {
	sc     *Scheduler
	fd     int32
	known  bool // to the poller
	hup    bool // the other end is gone, of which the system tells once
	urgent bool // there were urgent data, at which receiving stops short
	r, w   side
}

// side is one direction of a descriptor.
type side struct {
	ready       bool // a call may succeed
	first, last *Task
}

// Init makes d the descriptor fd.
func (d *Desc) Init(sc *Scheduler, fd int) {
	*d = Desc{sc: sc, fd: int32(fd), r: side{ready: true}, w: side{ready: true}}
}

func (d *Desc) side(write bool) *side {
	if write {
		return &d.w
	}
	return &d.r
}

// May reports whether t may make a call now: it may succeed, and nobody came before.
func (d *Desc) May(t *Task, write bool) bool {
	s := d.side(write)
	return s.ready && (s.first == nil || s.first == t)
}

// Missed notes that a call would have had to wait. The error is the system's, when that
// cannot tell of the descriptor.
func (d *Desc) Missed(write bool) error {
	d.side(write).ready = false
	if d.known || d.fd < 0 {
		return nil
	}
	return d.sc.poller.add(d.sc, d)
}

// Drained notes that a call has read less than it had room for: on a stream the next would
// have to wait, unless something is there that the system tells of only once.
func (d *Desc) Drained() {
	if tellsUrgent && d.known && !d.hup && !d.urgent {
		d.r.ready = false
	}
}

// Enqueue puts t behind those that wait for a call already. It must be taken off by Task.Dequeue.
func (d *Desc) Enqueue(t *Task, write bool) {
	s := d.side(write)
	d.sc.queued++
	t.side = s
	if s.first == nil {
		s.first = t
	} else {
		s.last.behind = t
	}
	s.last = t
}

// Queued reports whether t is in a queue.
func (t *Task) Queued() bool { return t.side != nil }

// Dequeue takes t off the queue that it is in, and has the next go on if there may be something for it.
func (t *Task) Dequeue() {
	s := t.side
	if s.first == t && s.last == t {
		t.sc.queued--
		t.side, s.first, s.last = nil, nil, nil
		return
	}
	for before, p := (*Task)(nil), s.first; p != nil; before, p = p, p.behind {
		if p != t {
			continue
		}
		if before == nil {
			s.first = p.behind
		} else {
			before.behind = p.behind
		}
		if s.last == p {
			s.last = before
		}
		break
	}
	t.sc.queued--
	t.side, t.behind = nil, nil
	s.wake()
}

// Busy reports whether a task waits to receive or, with write, to send.
func (d *Desc) Busy(write bool) bool {
	return d.side(write).first != nil
}

// Number returns the descriptor's number; -1 once it is forgotten.
func (d *Desc) Number() int { return int(d.fd) }

func (s *side) wake() {
	if s.first != nil {
		s.first.Unpark()
	}
}

// Wake has all go on that wait.
func (d *Desc) Wake() {
	for _, s := range []*side{&d.r, &d.w} {
		s.ready = true
		for t := s.first; t != nil; t = t.behind {
			t.Unpark()
		}
	}
}

// tell notes what the system told.
func (d *Desc) tell(readable, writable, hup, urgent bool) {
	d.hup = d.hup || hup
	d.urgent = d.urgent || urgent
	if readable || hup {
		d.r.ready = true
		d.r.wake()
	}
	if writable || hup {
		d.w.ready = true
		d.w.wake()
	}
}

// Forget is called before the descriptor is closed, or given away: nothing more is told of it, and
// those that wait go on. copied says that there may be copies of it, which the system would
// go on telling of.
func (d *Desc) Forget(copied bool) {
	if d.known {
		d.sc.poller.remove(d, copied)
		d.known = false
	}
	d.fd = -1
	d.Wake()
}

// table are the descriptors that the system was asked to tell of, by their numbers. What it
// tells may come late, when a number is another's by now: that makes a call for nothing, and no
// more. An entry that was never forgotten, since nobody holds it any more, stays until then.
type table []*Desc

func (t *table) add(d *Desc) {
	for int(d.fd) >= len(*t) {
		*t = append(*t, make([]*Desc, max(64, len(*t)))...)
	}
	(*t)[d.fd] = d
	d.known = true
}

func (t table) remove(d *Desc) {
	if t[d.fd] == d {
		t[d.fd] = nil
	}
}

func (t table) each(fn func(*Desc)) {
	for _, d := range t {
		if d != nil {
			fn(d)
		}
	}
}

func (t table) find(fd int) *Desc {
	if fd < 0 || fd >= len(t) {
		return nil
	}
	return t[fd]
}
