package turn

import "time"

// What a report says of tasks is found in what the scheduler has anyway, and nothing is kept for it
// but the time that a wait began. Looking at the clock for each would cost more than many a call:
// it is the time of the last look that there was, which is before each wait of the runner's and after.
// Tasks that computed long in between are noted.

// computed are the last times that tasks ran for long, with no look at the clock.
type computed struct {
	spans [8]struct{ from, to time.Duration }
	next  int
}

// longRun is what a report would be wrong by otherwise.
const longRun = 20 * time.Millisecond

func (c *computed) add(from, to time.Duration) {
	if to-from > longRun {
		c.spans[c.next].from, c.spans[c.next].to = from, to
		c.next = (c.next + 1) % len(c.spans)
	}
}

// end returns when those had waited that began between a look at the clock and the next.
func (c *computed) end(looked time.Duration) time.Duration {
	for _, s := range c.spans {
		if s.from == looked && s.to > looked {
			return s.to
		}
	}
	return looked
}

// Waits reports whether t waits: in Park, after Suspend, or without the turn between Leave and Return.
func (t *Task) Waits() bool { return t.parked || t.away }

// Parked reports whether t waits in Park or after Suspend, and limited whether it has a deadline.
func (t *Task) Parked() (parked, limited bool) { return t.parked, t.parked && t.deadline != none }

// Waited returns how long t has waited, to some 20 ms.
func (t *Task) Waited() time.Duration { return t.sc.now() - t.sc.ran.end(t.since) }

// Waiting calls fn for each task that waits in a queue of a descriptor's, with that and the
// direction.
func (sc *Scheduler) Waiting(fn func(t *Task, fd int, write bool)) {
	sc.poller.each(func(d *Desc) {
		for t := d.r.first; t != nil; t = t.behind {
			fn(t, d.Number(), false)
		}
		for t := d.w.first; t != nil; t = t.behind {
			fn(t, d.Number(), true)
		}
	})
}
