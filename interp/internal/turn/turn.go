// Package turn is the scheduler below an interpreter: its threads take turns, and what
// they wait for is waited for in one place.
//
// Whoever has the turn may touch what belongs to the interpreter. A Task is a thread that
// takes turns: one that Go started is a coroutine, which the runner, a goroutine of the
// Scheduler's, resumes whenever it can go on; so a wait costs a switch within that goroutine,
// and no other has to be woken. Other goroutines, such as the host's, queue for the turn. The
// runner gives it up to each of them in between, and while it waits for descriptors and
// deadlines, which nobody else does.
//
// Nothing here knows of Lua.
package turn

import (
	"context"
	"sync"
	"sync/atomic"
)

// line is the turn, and who stands in line for it. Goroutines get it in the order in which they
// came. It is handed over: between two of them it is never free, so that none can be overtaken.
type line struct {
	mu     sync.Mutex // held for nanoseconds
	held   bool
	first  *guest
	last   *guest
	wanted atomic.Int32 // how many wait
}

// guest is a goroutine that waits for the turn.
type guest struct {
	next    *guest
	granted chan struct{}
}

var guests = sync.Pool{New: func() any { return &guest{granted: make(chan struct{}, 1)} }}

// take takes the turn.
func (l *line) take() {
	if g := l.queue(); g != nil {
		<-g.granted
		guests.Put(g)
	}
}

// queue takes the turn if it is free, and returns nil; else it queues for it.
func (l *line) queue() *guest {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.held {
		l.held = true
		return nil
	}
	g := guests.Get().(*guest)
	if l.first == nil {
		l.first = g
	} else {
		l.last.next = g
	}
	l.last = g
	l.wanted.Add(1)
	return g
}

// try takes the turn if it is free.
func (l *line) try() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held {
		return false
	}
	l.held = true
	return true
}

// takeContext takes the turn, or gives up when ctx ends first.
func (l *line) takeContext(ctx context.Context) error {
	if ctx.Done() == nil {
		l.take()
		return nil
	}
	g := l.queue()
	if g == nil {
		return nil
	}
	select {
	case <-g.granted:
	case <-ctx.Done():
		if l.leave(g) {
			return ctx.Err()
		}
		<-g.granted // meanwhile
	}
	guests.Put(g)
	return nil
}

// leave takes g off the queue, and reports whether it was still there.
func (l *line) leave(g *guest) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for before, p := (*guest)(nil), l.first; p != nil; before, p = p, p.next {
		if p != g {
			continue
		}
		if before == nil {
			l.first = p.next
		} else {
			before.next = p.next
		}
		if l.last == p {
			l.last = before
		}
		l.wanted.Add(-1)
		return true
	}
	return false
}

// release hands the turn to who came first.
func (l *line) release() {
	l.mu.Lock()
	g := l.first
	if g == nil {
		l.held = false
		l.mu.Unlock()
		return
	}
	if l.first = g.next; l.first == nil {
		l.last = nil
	}
	g.next = nil
	l.wanted.Add(-1)
	l.mu.Unlock()
	g.granted <- struct{}{}
}
