package interp

import "time"

// Beside calls all functions at the same time, each with a stack of its own, and waits until all have
// returned. To scripts the thread does it all itself. When one function fails, or the
// thread is interrupted, the waits of the others fail with ECANCELED; the error is what it began
// with. It is for modules whose calls wait for several things at once.
func (s *State) Beside(fns ...func(*State) error) (err error) {
	t := s.thread
	strands := make([]*Thread, len(fns))
	running := len(fns)
	end := func(why error) {
		if err == nil && why != nil {
			err = why
			for _, other := range strands {
				other.Cancel()
			}
		}
	}
	for i := range fns {
		strands[i] = t.strand(s)
	}
	for i, fn := range fns {
		strands[i].task.Go(func() {
			strands[i].call(fn, func(why error) {
				running--
				end(why)
				t.Unpark()
			})
		})
	}
	over := func() bool { return running == 0 }
	end(t.Await(over, time.Time{}))
	for !over() { // they still use what is the caller's
		t.Park(time.Time{})
	}
	return err
}

// strand makes a thread that is a part of t, which waits in s.
func (t *Thread) strand(s *State) *Thread {
	n := t.in.newThread(t.run)
	n.Name, n.id, n.started, n.part = t.Name, t.id, true, s
	return n
}

// call runs fn as all of t, and tells how it ended, be it by a panic or by ending the goroutine.
func (t *Thread) call(fn func(*State) error, ended func(error)) {
	err, s := error(errGoexit), t.in.borrow(t, nil)
	clean := false
	defer func() {
		if v := recover(); v != nil {
			err = s.recovered(v)
		}
		s.giveBack(clean)
		t.ended = true
		ended(err)
	}()
	err = fn(s)
	clean = true
}
